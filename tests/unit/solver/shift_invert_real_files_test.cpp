// SPDX-License-Identifier: MIT
// The shift-invert solver against LAPACK on real structures, at cutoffs that leave them loose and
// at one that nearly fills the Hessian. Built twice: with sixty files, and with all there are.
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <set>
#include <vector>

#include <modesweep/structure.hpp>

#include "solver/cpu_solvers.hpp"
#include "support/data_files.hpp"
#include "unit/solver/shift_invert_check.hpp"

namespace {

using modesweep::Modes;
using modesweep::Network;
using namespace shift_invert_check;

constexpr bool all_files = REAL_FILES_ALL;
// LAPACK takes a tenth of a second at the smaller size and fifteen seconds at the larger one.
constexpr std::size_t most_nodes = all_files ? 1500 : 300;
constexpr std::size_t most_files = all_files ? 100'000 : 60;
// Below, networks with equal modes are LAPACK's by right (shift_invert_solver.cpp).
constexpr std::size_t always_sparse_nodes = 150;

/// Nothing for what is no structure with nodes that has at most `most_nodes` of them.
std::optional<std::vector<modesweep::Vec3>> positions_of(const std::filesystem::path& file) {
  const auto structure = modesweep::read_structure(file, {});
  if (!structure || structure->nodes.size() > most_nodes) return std::nullopt;
  std::vector<modesweep::Vec3> positions;
  for (const modesweep::Node& node : structure->nodes) positions.push_back(node.position);
  return positions;
}

class ShiftInvertCutoff : public testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(Angstrom, ShiftInvertCutoff, testing::Values(7, 10, 15, 25),
                         testing::PrintToStringParamName());

TEST_P(ShiftInvertCutoff, RealFilesAgreeWithLapack) {
  const std::vector<std::filesystem::path> files = test_support::package_structure_files();
  if (files.empty()) GTEST_SKIP() << "no package with structure files is installed";
  const auto solver = modesweep::make_shift_invert_solver();
  const auto oracle = modesweep::make_lapack_solver();
  std::size_t compared = 0, large = 0, loose = 0;
  std::set<std::string> fallbacks;
  for (std::size_t i = 0; i < files.size() && compared < most_files; ++i) {
    // In leaps that reach every file once: some of each package.
    constexpr std::size_t leap = 7919;  // prime
    const std::filesystem::path& file = files[i * leap % files.size()];
    const auto positions = positions_of(file);
    if (!positions) continue;
    const auto network =
        modesweep::build_network(*positions, {static_cast<double>(GetParam()), 1.0});
    if (!network) continue;  // two nodes in one place
    SCOPED_TRACE(file.string());
    const Modes modes = solve(*solver, *network);
    expect_same_modes(*network, modes, solve(*oracle, *network));
    expect_eigenpairs(*network, modes);
    EXPECT_FALSE(modes.uncertain_zero);
    ++compared;
    loose += modes.zero_modes > 6;
    if (positions->size() <= always_sparse_nodes) continue;
    ++large;
    if (modes.solver != "shift-invert") fallbacks.insert(file.filename().string());
  }
  RecordProperty("files", static_cast<int>(compared));
  RecordProperty("loose", static_cast<int>(loose));
  std::printf("%zu files, %zu with more than six zero modes, %zu of %zu large ones by LAPACK\n",
              compared, loose, fallbacks.size(), large);
  for (const std::string& name : fallbacks) std::printf("by LAPACK: %s\n", name.c_str());
  EXPECT_GT(compared, 0u);
  EXPECT_LE(100 * fallbacks.size(), 2 * large) << "fell back to LAPACK too often";
}

}  // namespace
