// SPDX-License-Identifier: MIT
// What is told of modes on the device, against what the host makes of the same vectors.
#include "kernels/device/mode_properties.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include <modesweep/properties.hpp>

#include "device/grid.hpp"
#include "kernels/device_data.hpp"

namespace kernel_test {
namespace {

using namespace modesweep;

/// Some columns of random numbers for each network, of which some are its modes.
struct Vectors {
  int nodes;
  gpu::Selection selection;
  unsigned seed;

  std::size_t rows() const { return 3 * static_cast<std::size_t>(nodes); }
  std::vector<double> random(std::size_t count, double least) const {
    std::mt19937 generator(seed);
    std::uniform_real_distribution<double> values(least, 1);
    std::vector<double> all(count);
    for (double& value : all) value = values(generator);
    return all;
  }
  /// Column after column; a node that stands still in all of them is among them.
  std::vector<double> columns(std::size_t count) const {
    std::vector<double> all = random(rows() * count, -1);
    for (std::size_t c = 0; c < count && nodes > 2; ++c)
      for (std::size_t a = 0; a < 3; ++a) all[c * rows() + 3 + a] = 0;
    return all;
  }
  std::vector<double> values(std::size_t count) const { return random(count, 0.1); }
  Modes expected(std::size_t count) const {
    const std::vector<double> all = columns(count), eigenvalues = this->values(count);
    Modes modes;
    for (std::int32_t c = selection.first; c < selection.first + selection.count; ++c) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(rows()) * c;
      modes.eigenvalues.push_back(eigenvalues[static_cast<std::size_t>(c)]);
      modes.eigenvectors.insert(modes.eigenvectors.end(), begin,
                                begin + static_cast<std::ptrdiff_t>(rows()));
    }
    finish_modes(modes, {});
    return modes;
  }
};

/// Networks as solver chebyshev has their vectors, side by side, or as jacobi has, one by one.
class ModePropertyKernels : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override { standin::start({}); }
  void TearDown() override {
    device_host::set_thread_order(0);
    EXPECT_EQ(standin::complaints(), "");
    EXPECT_EQ(standin::alive(), 0);
  }

  static constexpr std::size_t width = 40;
  static constexpr std::size_t edge = 672;  // of jacobi's matrices

  struct Results {
    std::vector<double> square_amplitudes, square_fluctuations, collectivities;
    bool operator==(const Results&) const = default;
  };

  /// Of each network.
  std::vector<Results> run(const std::vector<Vectors>& batch, std::uint64_t order = 0,
                           bool fluctuations = true) const {
    const std::size_t count = batch.size();
    std::vector<Network> shapes;
    std::vector<gpu::Selection> selections;
    std::size_t nodes = 0;
    for (const Vectors& network : batch) {
      Network& shape = shapes.emplace_back();
      shape.positions.resize(static_cast<std::size_t>(network.nodes));
      shape.offsets.assign(shape.positions.size() + 1, 0);
      selections.push_back(network.selection);
      nodes += shape.positions.size();
    }
    const bool side_by_side = GetParam();
    std::vector<double> vectors(side_by_side ? 3 * nodes * width : count * edge * edge);
    std::vector<double> values(count * (side_by_side ? width : edge));
    std::size_t first_node = 0;
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t rows = batch[k].rows();
      const std::vector<double> own = batch[k].columns(width);
      for (std::size_t c = 0; c < width; ++c)
        for (std::size_t row = 0; row < rows; ++row)
          vectors[side_by_side ? (3 * first_node + row) * width + c : (k * edge + c) * edge + row] =
              own[c * rows + row];
      std::ranges::copy(batch[k].values(width), &values[k * (side_by_side ? width : edge)]);
      first_node += rows / 3;
    }
    const BatchOnDevice on_device(shapes);
    const DeviceArray<double> block(vectors), eigenvalues(values);
    const DeviceArray<gpu::Selection> chosen(selections);
    const DeviceArray<double> amplitudes(nodes), sums(nodes), collectivities(3 * count);
    const DeviceArray<double> partial(6 * gpu::node_runs(nodes, count));
    std::fill_n(amplitudes.data(), nodes, -5.0);
    std::fill_n(sums.data(), nodes, -5.0);
    gpu::ModeArrays modes{on_device.view(),   chosen.data(), block.data(), 0, 3 * width, width, 1,
                          eigenvalues.data(), width};
    if (!side_by_side)
      modes = {on_device.view(),   chosen.data(), block.data(), edge * edge, 0, 1, edge,
               eigenvalues.data(), edge};
    const TestStream stream;
    device_host::set_thread_order(order);
    require(gpu::launch_mode_properties(
        modes,
        {amplitudes.data(), fluctuations ? sums.data() : nullptr, collectivities.data(),
         partial.data(), static_cast<int>(gpu::node_runs(nodes, count))},
        stream));
    stream.wait();
    std::vector<Results> results;
    std::size_t first = 0;
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t own = shapes[k].positions.size();
      const auto part = [](const DeviceArray<double>& all, std::size_t begin, std::size_t size) {
        return std::vector<double>(all.data() + begin, all.data() + begin + size);
      };
      results.push_back(
          {part(amplitudes, first, own), part(sums, first, own), part(collectivities, 3 * k, 3)});
      first += own;
    }
    return results;
  }

  // About the ends of runs; modes that lie anywhere, few, none.
  const std::vector<Vectors> networks = {{63, {0, 20}, 1},  {64, {7, 20}, 2}, {1, {0, 3}, 3},
                                         {65, {20, 20}, 4}, {200, {3, 0}, 5}, {129, {39, 1}, 6},
                                         {224, {6, 2}, 7},  {2, {1, 5}, 8}};
};
INSTANTIATE_TEST_SUITE_P(Layout, ModePropertyKernels, testing::Bool(),
                         [](const auto& side_by_side) {
                           return side_by_side.param ? "SideBySide" : "OneByOne";
                         });

TEST_P(ModePropertyKernels, AreThoseOfTheHost) {
  const std::vector<Results> results = run(networks);
  for (std::size_t k = 0; k < networks.size(); ++k) {
    SCOPED_TRACE(networks[k].nodes);
    const auto count = static_cast<std::size_t>(networks[k].selection.count);
    const Modes expected = networks[k].expected(width);
    const std::size_t nodes = networks[k].rows() / 3;
    for (std::size_t j = 0; j < 3; ++j)
      EXPECT_NEAR(results[k].collectivities[j], j < count ? expected.collectivities[j] : 0, 1e-13);
    for (std::size_t i = 0; i < nodes; ++i) {
      const double amplitude = count > 0 ? expected.square_amplitudes[i] : -5;
      const double fluctuation = count > 0 ? expected.square_fluctuations[i] : -5;
      EXPECT_NEAR(results[k].square_amplitudes[i], amplitude, 1e-15);
      EXPECT_NEAR(results[k].square_fluctuations[i], fluctuation, 1e-12);
    }
  }
}

TEST_P(ModePropertyKernels, HaveTheSameBitsInAnyOrderAndCompany) {
  const std::vector<Results> first = run(networks);
  for (const std::uint64_t order : {1, 2}) EXPECT_EQ(run(networks, order), first);
  const std::vector<Vectors> reversed(networks.rbegin(), networks.rend());
  const std::vector<Results> other_way = run(reversed);
  for (std::size_t k = 0; k < networks.size(); ++k) {
    EXPECT_EQ(run({networks[k]})[0], first[k]);
    EXPECT_EQ(other_way[networks.size() - 1 - k], first[k]);
  }
}

TEST_P(ModePropertyKernels, LeaveFluctuationsOutWhereNobodyWantsThem) {
  const std::vector<Results> all = run(networks), without = run(networks, 0, false);
  for (std::size_t k = 0; k < networks.size(); ++k) {
    EXPECT_EQ(without[k].square_amplitudes, all[k].square_amplitudes);
    EXPECT_EQ(without[k].collectivities, all[k].collectivities);
    EXPECT_EQ(without[k].square_fluctuations, std::vector<double>(networks[k].rows() / 3, -5.0));
  }
}

}  // namespace
}  // namespace kernel_test
