// SPDX-License-Identifier: MIT
// Bounds and dense Hessians against the host's.
#include "kernels/device/hessian.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include <modesweep/modes.hpp>

#include "device/grid.hpp"
#include "kernels/device_data.hpp"
#include "kernels/networks.hpp"
#include "solver/cpu_solvers.hpp"
#include "solver/dense/dense.hpp"

namespace kernel_test {
namespace {

using namespace modesweep;

std::vector<Network> mixed_networks() {
  std::vector<Network> networks;
  networks.push_back(demo_network("ubiquitin/pdb1ubi.pdb.gz"));
  networks.push_back(network_of(shapes::helix(1)));
  networks.push_back(demo_network("trypsin/1TAB_E.pdb.gz", {12.0, 2.5}));
  networks.push_back(network_of(shapes::isolated_node()));
  networks.push_back(demo_network("zinc-finger/1ard.pdb"));
  return networks;
}

class HessianKernels : public testing::Test {
 protected:
  void SetUp() override { standin::start({}); }
  void TearDown() override {
    device_host::set_thread_order(0);
    EXPECT_EQ(standin::complaints(), "");
    EXPECT_EQ(standin::alive(), 0);
  }
};

TEST_F(HessianKernels, BoundsAreAboveTheSpectrumAndBelowTwiceTheLargestBlock) {
  const std::vector<Network> networks = mixed_networks();
  const BatchOnDevice batch(networks);
  const DeviceArray<double> bounds(networks.size());
  const TestStream stream;
  std::vector<double> first;
  for (std::uint64_t order = 0; order < 4; ++order) {
    device_host::set_thread_order(order);
    require(gpu::launch_spectral_bounds(batch.view(), bounds.data(), stream));
    stream.wait();
    if (order == 0) first = bounds.values();
    EXPECT_EQ(bounds.values(), first);
  }
  for (std::size_t k = 0; k < networks.size(); ++k) {
    SCOPED_TRACE(k);
    const auto all = make_eigen_solver()->solve({&networks[k], 1}, {100000});
    ASSERT_TRUE(all[0]);
    const double largest =
        all[0]->eigenvalues.empty() ? 0 : all[0]->eigenvalues.back() / networks[k].gamma;
    EXPECT_GE(first[k], largest);
    // The trace of a diagonal block is its number of contacts.
    std::int64_t most = 0;
    for (std::int64_t i = 0; i < networks[k].nodes(); ++i)
      most = std::max(most, networks[k].offsets[i + 1] - networks[k].offsets[i]);
    EXPECT_LE(first[k], 2 * static_cast<double>(most) * (1 + 1e-9));
    if (largest > 0) {
      EXPECT_LT(first[k], 2.01 * largest);
    }
  }
}

TEST_F(HessianKernels, DenseHessiansAreTheHostsToTheBit) {
  const std::vector<Network> networks = mixed_networks();
  const BatchOnDevice batch(networks);
  const DeviceArray<double> bounds(std::vector<double>{50, 0, 130, 20, 30});
  const TestStream stream;
  for (const int edge : {672, 769, 773}) {
    const std::size_t size = static_cast<std::size_t>(edge) * edge;
    const DeviceArray<double> matrices(networks.size() * size);
    for (std::uint64_t order = 0; order < 3; ++order) {
      std::memset(matrices.data(), 0xFF, matrices.size() * sizeof(double));
      device_host::set_thread_order(order);
      require(
          gpu::launch_dense_hessians(batch.view(), bounds.data(), edge, matrices.data(), stream));
      stream.wait();
      for (std::size_t k = 0; k < networks.size(); ++k) {
        SCOPED_TRACE(k);
        const std::vector<double> expected = dense::unit_hessian(networks[k]);
        const auto n = static_cast<std::size_t>(networks[k].degrees_of_freedom());
        const double* const matrix = matrices.data() + k * size;
        std::size_t wrong = 0;
        for (std::size_t column = 0; column < static_cast<std::size_t>(edge); ++column)
          for (std::size_t row = 0; row < static_cast<std::size_t>(edge); ++row) {
            const double value = matrix[column * edge + row];
            const double pad = row == column ? 1.05 * bounds.data()[k] : 0;
            wrong += value != (row < n && column < n ? expected[column * n + row] : pad);
          }
        EXPECT_EQ(wrong, 0u);
      }
    }
  }
}

}  // namespace
}  // namespace kernel_test
