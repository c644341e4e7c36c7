// SPDX-License-Identifier: MIT
// The counting itself, and the budget of solver chebyshev on what can be counted quickly.
#include "counting/cost.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/device/subspace.hpp"
#include "kernels/networks.hpp"
#include "solver/cpu_solvers.hpp"

namespace counting {
namespace {

using namespace modesweep;

// What a product with the Hessian costs for each contact and vector: three differences, a scalar
// product of five operations, and three times a product and a sum.
constexpr std::int64_t flops_per_contact = 14;
// Looking up springs comes on top, once for each group of vectors, and the filter's recurrence.
constexpr double most_overhead = 1.35;

const Network& ubiquitin() {
  static const Network network = kernel_test::demo_network("ubiquitin/pdb1ubi.pdb.gz");
  return network;
}

TEST(Counting, AKernelThatCanBeCountedByHand) {
  const SolveCost cost = count_solve(gpu::Method::jacobi, ubiquitin(), {});
  // Each of 20 vectors of 256 values, 228 and padding: a product, two differences, a square, a sum,
  // then the sum over 128 threads and a root. The values, of which each thread reads one.
  const Cost& norms = cost.kernels.at("residual_norms");
  EXPECT_EQ(norms.launches, 1);
  EXPECT_EQ(norms.double_flops, 20 * (256 * 4 + 127 + 1));
  EXPECT_EQ(norms.single_flops, 0);
  EXPECT_EQ(norms.bytes_written, 20 * 8);
  EXPECT_EQ(norms.bytes_read, 20 * (256 * 2 * 8 + 128 * (8 + 8)));
  EXPECT_EQ(norms.distinct_bytes, 20 * (256 * 2 * 8) + 20 * 8 + 20 * 8 + 8);
  // Two assemblies: each writes all, and nothing else.
  EXPECT_EQ(cost.kernels.at("dense_hessians").launches, 2);
  EXPECT_EQ(cost.kernels.at("dense_hessians").bytes_written, 2 * 256 * 256 * 8);
}

/// What a ranking asks for.
ModeRequest of_rows() {
  ModeRequest request;
  request.vectors = request.residuals = false;
  return request;
}

const SolveCost& chebyshev_on_ubiquitin() {
  static const SolveCost cost = count_solve(gpu::Method::chebyshev, ubiquitin(), of_rows());
  return cost;
}

TEST(Counting, ChangesNoResult) {
  const SolveCost& cost = chebyshev_on_ubiquitin();
  const auto expected = make_lapack_solver()->solve({&ubiquitin(), 1}, {});
  ASSERT_TRUE(expected[0]);
  for (std::size_t i = 0; i < 20; ++i)
    EXPECT_NEAR(cost.modes.eigenvalues[i], expected[0]->eigenvalues[i],
                1e-9 * expected[0]->eigenvalues[i]);
}

TEST(Counting, VectorsAreCopiedWhereTheyAreAskedForAlone) {
  const SolveCost cost = count_solve(gpu::Method::jacobi, ubiquitin(), of_rows());
  EXPECT_EQ(cost.waits, 1);
  EXPECT_LE(cost.bytes_to_host, 64 * ubiquitin().nodes());
  // In matrices of 256 rows.
  EXPECT_EQ(count_solve(gpu::Method::jacobi, ubiquitin(), {}).bytes_to_host,
            cost.bytes_to_host + 20 * 256 * 8);
}

void expect_within_budget(const SolveCost& cost, const Network& network) {
  const int outer = cost.modes.double_products;
  EXPECT_LE(cost.modes.single_products, 200);
  EXPECT_LE(outer, 12);
  // What the engine says of itself is what its kernels did.
  const auto contacts = static_cast<std::int64_t>(network.neighbours.size());
  const auto one = static_cast<double>(flops_per_contact * contacts * cost.modes.block_vectors);
  const double single = static_cast<double>(cost.total.single_flops) / one;
  EXPECT_GE(single, cost.modes.single_products);
  EXPECT_LE(single, most_overhead * cost.modes.single_products);
  const double in_double = static_cast<double>(cost.kernels.at("products").double_flops) / one;
  EXPECT_GE(in_double, outer);
  EXPECT_LE(in_double, most_overhead * outer);
  // Once an iteration, and once for the modes.
  EXPECT_LE(cost.waits, outer + 1);
  // What rows are made of.
  EXPECT_LE(cost.bytes_to_host, 64 * network.nodes());
  EXPECT_LE(cost.device_bytes, 4096 * static_cast<std::size_t>(network.nodes()));
}

/// Of solver filtered: the goal of a third, the products that it says it made, and what comes back.
void expect_filtered_within_budget(const SolveCost& cost, const SolveCost& chebyshev,
                                   const Network& network) {
  ASSERT_EQ(cost.modes.solver, "filtered");
  EXPECT_LE(3 * cost.total.double_flops, chebyshev.total.double_flops);
  EXPECT_LE(cost.total.single_flops, chebyshev.total.single_flops);
  EXPECT_LE(cost.modes.double_products, 3);
  // Twelve operations a contact and vector; slots of tiles without a contact take as many.
  const auto contacts = static_cast<double>(network.neighbours.size());
  const double one = 12 * contacts * cost.modes.block_vectors;
  const double tiles = static_cast<double>(cost.kernels.at("tile_step").single_flops) / one;
  EXPECT_GE(tiles, cost.modes.single_products - 1);
  EXPECT_LE(tiles, most_overhead * cost.modes.single_products);
  EXPECT_LE(cost.bytes_to_host, 64 * network.nodes());
  EXPECT_LE(cost.device_bytes, 8192 * static_cast<std::size_t>(network.nodes()));
}

TEST(CountedBudget, FilteredOf76Residues) {
  expect_filtered_within_budget(count_solve(gpu::Method::filtered, ubiquitin(), of_rows()),
                                chebyshev_on_ubiquitin(), ubiquitin());
}

TEST(CountedBudget, FilteredOf108Residues) {
  const Network network = kernel_test::demo_network("cytochrome-c/d1yeb__.pdb.gz");
  expect_filtered_within_budget(count_solve(gpu::Method::filtered, network, of_rows()),
                                count_solve(gpu::Method::chebyshev, network, of_rows()), network);
}

TEST(CountedBudget, Of76Residues) { expect_within_budget(chebyshev_on_ubiquitin(), ubiquitin()); }

TEST(CountedBudget, Of108Residues) {
  const Network network = kernel_test::demo_network("cytochrome-c/d1yeb__.pdb.gz");
  expect_within_budget(count_solve(gpu::Method::chebyshev, network, of_rows()), network);
}

}  // namespace
}  // namespace counting
