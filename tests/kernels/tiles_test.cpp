// SPDX-License-Identifier: MIT
// Products with the Hessian in single precision, by spring tiles, against the dense matrix.
#include "kernels/device/tiles.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "kernels/device/hessian.hpp"
#include "kernels/networks.hpp"
#include "kernels/subspace_data.hpp"
#include "solver/dense/dense.hpp"

namespace kernel_test {
namespace {

using namespace modesweep;
using Values = std::vector<double>;

/// Of one node and of none that touches another, of odd numbers, of a whole block and more, and in
/// pieces.
const std::vector<Network>& networks() {
  static const std::vector<Network> all = [] {
    std::vector<Network> some;
    for (const int nodes : {1, 2, 7}) some.push_back(network_of(shapes::helix(nodes)));
    some.push_back(network_of(shapes::isolated_node()));
    some.push_back(network_of({{0, 0, 0}, {16, 0, 0}, {32, 0, 0}}));
    some.push_back(network_of(shapes::bodies(2)));
    some.push_back(demo_network("ubiquitin/pdb1ubi.pdb.gz"));
    some.push_back(demo_network("trypsin/1TAB_E.pdb.gz", {12.0, 2.5}));
    return some;
  }();
  return all;
}

/// A step's input and output beside a batch, of random values.
class Steps {
 public:
  Steps(int columns, int nodes, std::vector<int> degrees = {})
      : data(networks(), columns, std::move(degrees), nodes) {
    const std::size_t rows = data.first_row.back() + data.rows(networks().size() - 1);
    std::size_t contacts = 0;
    for (const Network& network : data.sorted) contacts += network.neighbours.size();
    const std::size_t values = rows * data.columns();
    tiles = {nodes, data.make<gpu::Spring<float>>(contacts * static_cast<std::size_t>(nodes)),
             data.make<std::int32_t>(rows / 3), data.make<float>(2 * rows)};
    std::mt19937 random(7);
    std::uniform_real_distribution<float> uniform(-1, 1);
    for (float** array : {&z, &before, &out}) {
      *array = data.make<float>(values);
      std::generate_n(*array, values, [&] { return uniform(random); });
    }
    std::generate_n(data.s.residuals, values, [&] { return uniform(random); });
    EXPECT_EQ(data.orders_that_differ(
                  [&](cudaStream_t t) { return gpu::launch_spring_tiles(data.s, tiles, t); }),
              0);
  }

  /// H z of network k.
  Values product(std::size_t k) const {
    const Values hessian = dense::unit_hessian(data.sorted[k]);
    const std::vector<float> block = data.block(z, k);
    const std::size_t n = data.rows(k), p = data.columns();
    Values result(n * p);
    for (std::size_t row = 0; row < n; ++row)
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t c = 0; hessian[row * n + i] != 0 && c < p; ++c)
          result[row * p + c] += hessian[row * n + i] * double{block[i * p + c]};
    return result;
  }
  void expect_out(std::size_t k, const Values& expected, double tolerance) const {
    const std::vector<float> found = data.block(out, k);
    ASSERT_EQ(found.size(), expected.size());
    double worst = 0;
    for (std::size_t i = 0; i < found.size(); ++i)
      if (!(std::abs(double{found[i]} - expected[i]) <= worst))
        worst = std::abs(double{found[i]} - expected[i]);
    EXPECT_LT(worst, tolerance) << k;
  }
  /// Of single precision: a sum of as many terms as a node of network k has contacts, and three.
  double rounding(std::size_t k) const {
    std::int64_t most = 0;
    for (std::size_t i = 0; i + 1 < data.sorted[k].offsets.size(); ++i)
      most = std::max(most, data.sorted[k].offsets[i + 1] - data.sorted[k].offsets[i]);
    return static_cast<double>(most + 3) * std::numeric_limits<float>::epsilon();
  }

  SubspaceData data;
  gpu::SpringTiles tiles{};
  float *z, *before, *out;
};

/// Columns and nodes of a tile.
class Tiles : public testing::TestWithParam<std::tuple<int, int>> {
 protected:
  void SetUp() override { standin::start({}); }
  void TearDown() override {
    EXPECT_EQ(standin::complaints(), "");
    EXPECT_EQ(standin::alive(), 0);
  }
  static int columns() { return std::get<0>(GetParam()); }
  static int nodes() { return std::get<1>(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Shape, Tiles,
                         testing::Combine(testing::Values(8, 32, 40), testing::Values(2, 4)),
                         [](const auto& shape) {
                           return std::to_string(std::get<0>(shape.param)) + "ColumnsBy" +
                                  std::to_string(std::get<1>(shape.param)) + "Nodes";
                         });

TEST_P(Tiles, HoldEachContactOnce) {
  const Steps steps(columns(), nodes());
  for (std::size_t k = 0; k < networks().size(); ++k) {
    SCOPED_TRACE(k);
    const Network& network = steps.data.sorted[k];
    const gpu::BatchEntry& entry = steps.data.s.batch.entries[k];
    std::size_t found = 0;
    for (std::int32_t first = 0; first < entry.nodes; first += nodes()) {
      const gpu::Spring<float>* spring =
          steps.tiles.springs + (entry.first_contact + network.offsets[first]) * nodes();
      for (int i = 0; i < steps.tiles.neighbours[entry.first_node + first]; ++i)
        for (int n = 0; n < nodes(); ++n, ++spring) {
          const float(&e)[3] = spring->direction;
          const double square = double{e[0]} * e[0] + double{e[1]} * e[1] + double{e[2]} * e[2];
          if (square == 0) continue;
          ++found;
          EXPECT_NEAR(square, 1, 1e-6);
          const auto begin = network.neighbours.begin();
          EXPECT_TRUE(std::binary_search(begin + network.offsets[first + n],
                                         begin + network.offsets[first + n + 1], spring->other));
        }
    }
    EXPECT_EQ(found, network.neighbours.size());
  }
}

TEST_P(Tiles, GiveTheProductsOfTheDenseMatrix) {
  Steps steps(columns(), nodes());
  EXPECT_EQ(steps.data.orders_that_differ([&](cudaStream_t t) {
    return gpu::launch_tile_step(steps.data.s, steps.tiles,
                                 {steps.z, nullptr, steps.out, nullptr, -1}, t);
  }),
            0);
  for (std::size_t k = 0; k < networks().size(); ++k)
    steps.expect_out(k, steps.product(k), steps.rounding(k));
}

TEST_P(Tiles, StepTheRecurrenceWhereTheFilterHasSuchAStep) {
  std::vector<int> degrees(networks().size(), 3);
  degrees[5] = 2;
  Steps steps(columns(), nodes(), degrees);
  gpu::Subspaces& s = steps.data.s;
  const std::size_t row = gpu::table_row(steps.data.columns());
  std::mt19937 random(5);
  std::uniform_real_distribution<float> uniform(0.5, 1.5);
  std::generate_n(s.table, networks().size() * 3 * row, [&] { return uniform(random); });
  for (const bool with_residuals : {true, false}) {
    SCOPED_TRACE(with_residuals);
    std::vector<std::vector<float>> old;
    for (std::size_t k = 0; k < networks().size(); ++k)
      old.push_back(steps.data.block(steps.out, k));
    // In place of what came before.
    steps.data.run([&](cudaStream_t t) {
      return gpu::launch_tile_step(
          s, steps.tiles,
          {steps.z, steps.out, steps.out, with_residuals ? s.residuals : nullptr, 2}, t);
    });
    const std::size_t p = steps.data.columns();
    for (std::size_t k = 0; k < networks().size(); ++k) {
      const float* const scalars = s.table + (k * 3 + 2) * row;
      const std::vector<float> z = steps.data.block(steps.z, k);
      const std::vector<float> residual = steps.data.block(s.residuals, k);
      Values expected = steps.product(k);
      for (std::size_t i = 0; i < expected.size(); ++i) {
        const double weighed = with_residuals ? double{residual[i]} * double{scalars[i % p]} : 0.0;
        expected[i] =
            double{scalars[p]} * (expected[i] - double{scalars[p + 2]} * double{z[i]} + weighed) -
            double{scalars[p + 1]} * double{old[k][i]};
      }
      if (k == 5) expected = Values(old[k].begin(), old[k].end());
      steps.expect_out(k, expected, k == 5 ? 1e-30 : 4 * steps.rounding(k));
    }
  }
}

}  // namespace
}  // namespace kernel_test
