// SPDX-License-Identifier: MIT
// Solver chebyshev's budget of products, on real entries of all sizes.
#include <gtest/gtest.h>

#include <iterator>
#include <memory>
#include <vector>

#include <modesweep/modes.hpp>

#include "golden/golden_table.hpp"
#include "kernels/engine.hpp"
#include "kernels/networks.hpp"
#include "standin/standin.hpp"

namespace {

using namespace modesweep;

constexpr int most_single = 200, most_double = 12;
constexpr double least_part = 0.95;

TEST(ChebyshevBudget, ProductsAVectorOnRealEntries) {
  standin::Settings settings;
  settings.device.memory = std::size_t{4} << 30;
  standin::start(settings);
  std::vector<golden::Row> rows;
  std::vector<Network> networks;
  for (const golden::Row& row :
       golden::choose_by_size({{60, 5}, {120, 6}, {240, 8}, {400, 4}, {3500, 3}})) {
    if (!row.missing().empty()) continue;
    networks.push_back(kernel_test::network_of_file(row.path()));
    rows.push_back(row);
  }
  if (networks.size() < 20) GTEST_SKIP() << "too few of the recorded files are here";
  const auto outcomes = gpu::make_engine(gpu::Method::chebyshev, {0})->solve(networks, {});
  std::size_t counted = 0, within = 0;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    ASSERT_TRUE(outcomes[i]) << rows[i].label() << ": " << outcomes[i].error().message;
    const Modes& modes = *outcomes[i];
    if (modes.solver != "chebyshev") continue;  // too small for a subspace
    ++counted;
    const bool good = modes.single_products <= most_single && modes.double_products <= most_double;
    within += good;
    std::printf("%-45s %5d residues %4d single %3d double%s\n", rows[i].label().c_str(),
                static_cast<int>(networks[i].nodes()), modes.single_products, modes.double_products,
                good ? "" : "  over the budget");
  }
  EXPECT_GE(counted, 20u);
  EXPECT_GE(static_cast<double>(within), least_part * static_cast<double>(counted));
}

}  // namespace
