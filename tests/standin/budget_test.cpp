// SPDX-License-Identifier: MIT
// Solver chebyshev's budget of products and of memory, on real entries of all sizes and, since few
// are large, on touching copies of some.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <modesweep/modes.hpp>

#include "golden/golden_table.hpp"
#include "kernels/engine/chebyshev.hpp"
#include "kernels/engine/engine.hpp"
#include "kernels/networks.hpp"
#include "measure/samples.hpp"
#include "standin/standin.hpp"

namespace {

using namespace modesweep;

constexpr int most_single = 200, most_double = 12;
constexpr double least_part = 0.95;
constexpr std::size_t most_bytes = 4096;  // a residue
constexpr std::int64_t most_residues = 3500, near_most = 3300;

std::vector<measure::Sample> samples() {
  std::vector<measure::Sample> all;
  for (const golden::Row& row :
       golden::choose_by_size({{60, 8}, {120, 10}, {240, 14}, {400, 12}, {most_residues, 10}}))
    if (row.missing().empty())
      all.push_back({row.label(), kernel_test::network_of_file(row.path())});
  const std::size_t entries = all.size();
  for (std::size_t i = 0; i < entries; ++i) {
    if (all[i].network.nodes() <= 400) continue;
    const auto add_copies = [&](std::int64_t copies) {
      all.push_back({fmt::format("{} x{}", all[i].name, copies),
                     kernel_test::network_of(measure::joined_copies(all[i].network.positions,
                                                                    static_cast<int>(copies)))});
    };
    const std::int64_t most_copies = most_residues / all[i].network.nodes();
    if (most_copies >= 2) add_copies(2);
    if (most_copies > 2 && most_copies * all[i].network.nodes() > near_most)
      add_copies(most_copies);
  }
  return all;
}

TEST(ChebyshevBudget, ProductsAVectorAndMemoryAResidue) {
  standin::Settings settings;
  settings.device.memory = std::size_t{4} << 30;
  standin::start(settings);
  const auto engine = gpu::make_engine(gpu::Method::chebyshev, {0});
  std::size_t counted = 0, within = 0;
  std::int64_t largest = 0;
  for (const measure::Sample& sample : samples()) {
    const auto outcome = engine->solve({&sample.network, 1}, {})[0];
    ASSERT_TRUE(outcome) << sample.name << ": " << outcome.error().message;
    const Modes& modes = *outcome;
    if (modes.solver != "chebyshev") continue;  // too small for a subspace
    ++counted;
    const std::int64_t residues = sample.network.nodes();
    largest = std::max(largest, residues);
    const bool good = modes.single_products <= most_single && modes.double_products <= most_double;
    within += good;
    const std::size_t bytes =
        gpu::chebyshev_bytes(sample.network, {}) / static_cast<std::size_t>(residues);
    EXPECT_LE(bytes, most_bytes) << sample.name;
    std::printf("%-45s %5d residues %4d single %3d double %5d bytes a residue%s\n",
                sample.name.c_str(), static_cast<int>(residues), modes.single_products,
                modes.double_products, static_cast<int>(bytes), good ? "" : "  over the budget");
  }
  if (counted < 20) GTEST_SKIP() << "too few of the recorded files are here";
  EXPECT_GE(largest, near_most);
  EXPECT_GE(static_cast<double>(within), least_part * static_cast<double>(counted));
}

}  // namespace
