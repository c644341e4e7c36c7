// SPDX-License-Identifier: MIT
#include <modesweep/solve_entry.hpp>

#include <gtest/gtest.h>

#include <modesweep/rank_job.hpp>

#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

using test_support::helix;
using test_support::pdb_text;

TEST(SolveEntry, BytesGiveTheRowOfARankJobAndItsModes) {
  const test_support::TempDir folder;
  SilentReporter reporter;
  const auto file = folder.write("h.pdb", pdb_text(helix(80)));
  RankRequest request;
  request.input.source = Source::files;
  request.input.files = {file};
  request.access.store.cache_dir = folder.path() / "cache";
  request.machine.backend = Backend::cpu;
  request.model.hinges = request.model.square_fluctuations = true;
  const RankResult ranked = RankJob(request, reporter).run();
  const auto solved = solve_entry(pdb_text(helix(80)), file, request.model, request.machine);
  ASSERT_TRUE(solved) << solved.error().message;
  int rows = 0;
  ranked.rows->for_each([&](const Row& row) {
    ++rows;
    EXPECT_EQ(solved->row.shares, row.shares);
    EXPECT_EQ(solved->row.collectivities, row.collectivities);
    EXPECT_EQ(solved->row.hinges, row.hinges);
    EXPECT_EQ(solved->row.sq_flucts, row.sq_flucts);
    EXPECT_EQ(solved->row.sha256, row.sha256);
    EXPECT_EQ(solved->row.header.id, row.header.id);
  });
  EXPECT_EQ(rows, 1);
  EXPECT_EQ(solved->modes.structure.nodes.size(), 80u);
  EXPECT_EQ(solved->modes.modes.eigenvalues, solved->row.eigenvalues);
  EXPECT_EQ(solve_entry(file, request.model, request.machine)->row.shares, solved->row.shares);
}

TEST(SolveEntry, FailuresAreValues) {
  EXPECT_EQ(solve_entry("<html>", "a.pdb").error().code, "not_a_structure");
  EXPECT_EQ(solve_entry(std::filesystem::path("/nowhere/a.pdb")).error().code, "unreadable");
  EXPECT_EQ(solve_entry(pdb_text(helix(5)), "a.pdb").error().code, "few_modes");
  Model model;
  model.min_residues = 1;
  EXPECT_TRUE(solve_entry(pdb_text(helix(5)), "a.pdb", model));
  EXPECT_EQ(solve_entry(pdb_text(helix(80)), "a.pdb", model, {.max_memory = 1000}).error().code,
            "out_of_memory");
}

}  // namespace
}  // namespace modesweep
