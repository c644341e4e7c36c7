// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::helix;
using test_support::pdb_text;
using test_support::run_modesweep;
using test_support::TempDir;

std::string demo() { return (test_support::source_dir() / "data" / "demo").string(); }

void expect_usage(const std::vector<std::string>& arguments, const char* words) {
  const auto result = run_modesweep(arguments);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(result.out.empty());
  EXPECT_NE(result.err.find(words), std::string::npos) << result.err;
}

TEST(Usage, WhatCannotBeMeant) {
  expect_usage({}, "subcommand");
  expect_usage({"rnak"}, "rnak");
  expect_usage({"rank"}, "nothing to rank");
  expect_usage({"rank", ""}, "term is empty");
  expect_usage({"rank", "  \t"}, "term is empty");
  expect_usage({"search", " "}, "term is empty");
  expect_usage({"rank", "a", "--ids", "1UBI"}, "one input");
  expect_usage({"rank", "--ids", "1UBI", "--files", "x.pdb"}, "one input");
  expect_usage({"rank", "a", "--archive", "x", "--ids", "1UBI"}, "one input");
  expect_usage({"rank", "--archive", "x"}, "needs a TERM");
  expect_usage({"rank", "--ids", "1AKE_A"}, "names a chain");
  expect_usage({"rank", "--ids", "../../etc/passwd"}, "not a PDB ID");
  expect_usage({"rank", "--ids", std::string(200, 'A')}, "not a PDB ID");
  expect_usage({"rank", "--ids", "@/nonexistent/list"}, "cannot read the list");
  expect_usage({"fetch", "1UBI;rm"}, "not a PDB ID");
  expect_usage({"rank", "a", "--retmax", "-3"}, "--retmax");
  expect_usage({"rank", "a", "--retmax", "many"}, "--retmax");
  expect_usage({"rank", "a", "--cutoff", "3.9"}, "cutoff");
  expect_usage({"rank", "a", "--gamma", "0"}, "gamma");
  expect_usage({"rank", "a", "--columns", "fv1,nonsense"}, "no column \"nonsense\"");
  expect_usage({"rank", "a", "--sort", "nonsense:asc"}, "no column \"nonsense\"");
  expect_usage({"rank", "a", "--api-key-file", "/nonexistent/key"}, "API key file");
  expect_usage({"rank", "trypsin", "--archive", "/nonexistent/folder"}, "/nonexistent/folder");
}

TEST(Inputs, CudaIsASentenceAndExitCode4) {
  const auto result = run_modesweep({"rank", "--files", demo(), "--backend", "cuda"});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
}

TEST(Inputs, TheArchiveIsSearchedAndRanked) {
  const auto result = run_modesweep({"rank", "trypsin", "--archive", demo(), "--format", "tsv"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 11) << result.out;
  EXPECT_NE(result.err.find("shown       10 of 16 rows"), std::string::npos) << result.err;
}

TEST(Inputs, NothingFoundIsExitCode3) {
  const auto result = run_modesweep({"rank", "phlogiston", "--archive", demo()});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_TRUE(result.out.empty());
  EXPECT_NE(result.err.find("nothing was found for \"phlogiston\""), std::string::npos);
}

TEST(Inputs, FoldersAreWalkedAndOneIdTwiceIsTwoRows) {
  const TempDir folder;
  folder.write("a/x.pdb", pdb_text(helix(20), "1ABC"));
  folder.write("b/deep/y.pdb", pdb_text(helix(30), "1ABC"));
  folder.write("b/notes.txt", "not a structure");
  const auto result = run_modesweep(
      {"rank", "--files", folder.path().string(), "--format", "tsv", "--columns", "pdb_id,file"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 3) << result.out;
  EXPECT_NE(result.out.find("1ABC\t" + (folder.path() / "a/x.pdb").string()), std::string::npos);
  EXPECT_NE(result.out.find("1ABC\t" + (folder.path() / "b/deep/y.pdb").string()),
            std::string::npos);
}

TEST(Inputs, IdsFromAListAreReadFromAMirrorOffline) {
  const TempDir mirror;
  mirror.write("divided/pdb/ab/pdb1abc.ent", pdb_text(helix(20), "1ABC"));
  test_support::RunOptions options;
  options.environment["PDB_DIR"] = mirror.path().string();
  options.input = "1abc\n2XYZ pdb_00001abc\n";
  const auto result =
      run_modesweep({"rank", "--ids", "-", "--offline", "--format", "tsv"}, options);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("\n1\t1ABC\t"), std::string::npos) << result.out;
  EXPECT_NE(result.err.find("download: offline"), std::string::npos) << result.err;
}

TEST(Inputs, MoreThanHalfOfTheDownloadsFailedIsExitCode4) {
  const auto result = run_modesweep({"rank", "--ids", "1UBI,2LZM", "--offline"});
  EXPECT_EQ(result.exit_code, 4) << result.err;
}

TEST(Inputs, AnUnwritableCacheIsOneSentenceAndExitCode4) {
  const TempDir folder;
  folder.write("file", "");
  for (const std::string command : {"ids", "archive"}) {
    std::vector<std::string> arguments = {"rank", "--cache-dir",
                                          (folder.path() / "file" / "cache").string()};
    if (command == "ids")
      arguments.insert(arguments.end(), {"--ids", "1UBI"});
    else
      arguments.insert(arguments.end(), {"trypsin", "--archive", demo()});
    const auto result = run_modesweep(arguments);
    EXPECT_EQ(result.exit_code, 4) << result.err;
    EXPECT_NE(result.err.find("cache"), std::string::npos) << result.err;
  }
}

}  // namespace
