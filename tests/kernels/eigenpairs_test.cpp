// SPDX-License-Identifier: MIT
// What comes after cuSOLVER's batched solver, against plain loops.
#include "kernels/device/eigenpairs.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "device/grid.hpp"
#include "kernels/device_data.hpp"

namespace kernel_test {
namespace {

using namespace modesweep;

std::vector<double> random_values(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> values(-1, 1);
  std::vector<double> all(count);
  for (double& value : all) value = values(random);
  return all;
}

class EigenpairKernels : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { standin::start({}); }
  void TearDown() override {
    device_host::set_thread_order(0);
    EXPECT_EQ(standin::complaints(), "");
    EXPECT_EQ(standin::alive(), 0);
  }

  const std::size_t edge = static_cast<std::size_t>(GetParam());
  static constexpr std::size_t modes = 7;
  // All of them, none, the last ones, some.
  const std::vector<gpu::Selection> selections = {
      {0, 7}, {6, 0}, {static_cast<std::int32_t>(edge) - 7, 7}, {6, 3}};
};
INSTANTIATE_TEST_SUITE_P(Edge, EigenpairKernels, testing::Values(32, 127, 128, 160),
                         testing::PrintToStringParamName());

TEST_P(EigenpairKernels, GatherVectors) {
  const DeviceArray<double> matrices(random_values(selections.size() * edge * edge, 1));
  const DeviceArray<gpu::Selection> chosen(selections);
  const TestStream stream;
  for (const std::uint64_t order : {0, 1, 2}) {
    const DeviceArray<double> vectors(selections.size() * modes * edge);
    device_host::set_thread_order(order);
    require(gpu::launch_gather_vectors(matrices.data(), chosen.data(),
                                       static_cast<int>(selections.size()), static_cast<int>(edge),
                                       modes, vectors.data(), stream));
    stream.wait();
    std::size_t wrong = 0;
    for (std::size_t k = 0; k < selections.size(); ++k)
      for (std::size_t j = 0; j < modes; ++j)
        for (std::size_t row = 0; row < edge; ++row) {
          const auto column = static_cast<std::size_t>(selections[k].first) + j;
          const double expected = j < static_cast<std::size_t>(selections[k].count)
                                      ? matrices.data()[(k * edge + column) * edge + row]
                                      : 0;
          wrong += vectors.data()[(k * modes + j) * edge + row] != expected;
        }
    EXPECT_EQ(wrong, 0u);
  }
}

TEST_P(EigenpairKernels, SelectModes) {
  // Rows of the network: six zero modes; all are; none; a matrix that did not converge; fewer modes
  // than are wanted. What is beyond the rows is padding.
  const int n = static_cast<int>(edge) / 3;
  const std::vector<int> zeros = {6, 3 * n, 0, 6, 3 * n - 4}, info = {0, 0, 0, 3, 0};
  const std::size_t matrices = zeros.size();
  std::vector<double> values(matrices * edge);
  std::vector<Network> networks(matrices);
  for (std::size_t k = 0; k < matrices; ++k) {
    networks[k].positions.resize(static_cast<std::size_t>(n));
    networks[k].offsets.assign(static_cast<std::size_t>(n) + 1, 0);
    for (std::size_t i = 0; i < edge; ++i)
      values[k * edge + i] = static_cast<int>(i) < zeros[k]
                                 ? 1e-9 * static_cast<double>(i) - 1e-8
                                 : 1e-6 + 0.01 * static_cast<double>(i - zeros[k]);
  }
  const BatchOnDevice batch(networks);
  const DeviceArray<double> all(values), chosen(matrices * modes);
  const DeviceArray<int> infos(info);
  const DeviceArray<gpu::Selection> found(matrices);
  const TestStream stream;
  require(gpu::launch_select_modes(all.data(), infos.data(), batch.view().entries,
                                   static_cast<int>(matrices), static_cast<int>(edge), modes, 1e-6,
                                   found.data(), chosen.data(), stream));
  stream.wait();
  const std::vector<int> counts = {7, 0, 7, 0, 4};
  for (std::size_t k = 0; k < matrices; ++k) {
    EXPECT_EQ(found.data()[k].count, counts[k]) << k;
    EXPECT_EQ(found.data()[k].first, info[k] == 0 ? zeros[k] : 0) << k;
    for (std::size_t j = 0; j < modes; ++j)
      EXPECT_EQ(chosen.data()[k * modes + j],
                static_cast<int>(j) < counts[k] ? 1e-6 + 0.01 * static_cast<double>(j) : 0);
  }
}

TEST_P(EigenpairKernels, ResidualNorms) {
  const std::size_t size = selections.size() * modes * edge;
  const DeviceArray<double> products(random_values(size, 2)), vectors(random_values(size, 3));
  const DeviceArray<double> values(random_values(selections.size() * edge, 4));
  const DeviceArray<gpu::Selection> chosen(selections);
  const DeviceArray<double> residuals(selections.size() * modes);
  const TestStream stream;
  std::vector<double> first;
  for (const std::uint64_t order : {0, 1, 2, 3}) {
    device_host::set_thread_order(order);
    require(gpu::launch_residual_norms(products.data(), vectors.data(), values.data(),
                                       chosen.data(), static_cast<int>(selections.size()),
                                       static_cast<int>(edge), modes, residuals.data(), stream));
    stream.wait();
    if (order == 0) first = residuals.values();
    EXPECT_EQ(residuals.values(), first);
  }
  for (std::size_t k = 0; k < selections.size(); ++k)
    for (std::size_t j = 0; j < modes; ++j) {
      double square = 0;
      if (j < static_cast<std::size_t>(selections[k].count)) {
        const double value =
            values.data()[k * edge + static_cast<std::size_t>(selections[k].first) + j];
        for (std::size_t row = 0; row < edge; ++row) {
          const std::size_t i = (k * modes + j) * edge + row;
          square += std::pow(products.data()[i] - value * vectors.data()[i], 2);
        }
      }
      EXPECT_NEAR(first[k * modes + j], std::sqrt(square), 1e-13);
    }
}

}  // namespace
}  // namespace kernel_test
