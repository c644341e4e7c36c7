// SPDX-License-Identifier: MIT
// Instruction sets: digits that do not depend on the processor, and runs that keep to one set.
#include <gtest/gtest.h>

#include <modesweep/isa.hpp>

#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::helix;
using test_support::pdb_text;
using test_support::run_modesweep;
using test_support::RunOptions;
using test_support::RunResult;
using test_support::TempDir;

/// Structures of 46 to 330 residues.
std::vector<std::string> files() {
  std::vector<std::string> folders;
  for (const char* name : {"crambin", "ubiquitin", "aspartic-protease"})
    folders.push_back((test_support::source_dir() / "data" / "demo" / name).string());
  return folders;
}

/// As on a processor of 2006: the C library and OpenBLAS take their oldest kernels.
RunOptions old_processor() {
  RunOptions options;
  options.environment["GLIBC_TUNABLES"] =
      "glibc.cpu.hwcaps=-AVX,-AVX2,-FMA,-FMA4,-AVX512F,-AVX512VL,-SSE4_1,-SSE4_2";
  options.environment["OPENBLAS_CORETYPE"] = "Prescott";
  return options;
}

RunResult ranked(std::vector<std::string> more, const RunOptions& options = {}) {
  more.insert(more.begin(), {"rank", "--no-result-cache", "--top", "0", "--format", "tsv"});
  more.emplace_back("--files");
  for (const std::string& folder : files()) more.push_back(folder);
  return run_modesweep(more, options);
}

TEST(InstructionSet, PortableDigitsDoNotDependOnTheProcessor) {
  for (const char* columns :
       {"pdb_id,shares,eigenvalues,coll1,coll2,coll3,solver",
        "pdb_id,fv1,fv1_core,coll1_core,outside1,overlap_core,rigid1_core,pct_core,stability_core",
        "pdb_id,fv1_all,trace_all,bfactor_corr,bfactor_corr_all,hinges,sq_flucts"})
    for (const char* solver : {"auto", "shift-invert"}) {
      const std::vector<std::string> arguments = {"--columns", columns, "--solver",
                                                  solver,      "--isa", "portable"};
      const RunResult here = ranked(arguments);
      ASSERT_EQ(here.exit_code, 0) << here.err;
      EXPECT_EQ(here.out, ranked(arguments, old_processor()).out) << columns << ' ' << solver;
    }
}

TEST(InstructionSet, ARunKeepsToItsOwn) {
  const TempDir folder;
  folder.write("in/a.pdb", pdb_text(helix(120)));
  const std::string in = (folder.path() / "in").string(), run = (folder.path() / "run").string();
  const auto rank = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"rank", "--files", in, "--run", run});
    return run_modesweep(more);
  };
  EXPECT_EQ(rank({"--isa", "portable"}).exit_code, 0);
  EXPECT_EQ(run_modesweep({"resume", run}).exit_code, 0);
  EXPECT_EQ(rank({"--isa", "portable"}).exit_code, 0);
  if (modesweep::best_isa() == modesweep::Isa::portable)
    GTEST_SKIP() << "this processor has no other";
  const RunResult other = rank({});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_NE(other.err.find("has isa \"portable\""), std::string::npos) << other.err;
}

TEST(InstructionSet, WhatCannotBePortableIsRefused) {
  for (const char* solver : {"lapack", "chebyshev"}) {
    const RunResult refused = ranked({"--isa", "portable", "--solver", solver});
    EXPECT_EQ(refused.exit_code, 2) << solver;
    EXPECT_NE(refused.err.find("--isa portable"), std::string::npos) << refused.err;
  }
  EXPECT_EQ(ranked({"--isa", "portable", "--backend", "cuda"}).exit_code, 2);
  EXPECT_EQ(ranked({"--isa", "mmx"}).exit_code, 2);
  for (const modesweep::Isa isa : {modesweep::Isa::avx2, modesweep::Isa::avx512}) {
    const RunResult result = ranked({"--isa", std::string(to_string(isa))});
    EXPECT_EQ(result.exit_code, modesweep::is_supported(isa) ? 0 : 4) << result.err;
  }
}

}  // namespace
