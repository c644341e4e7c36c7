// SPDX-License-Identifier: MIT
// ProDy itself reads what `modesweep modes` writes, and finds its own numbers in it.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <set>
#include <vector>

#include "golden/golden_table.hpp"
#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

/// Debian's, which is the one with python3-prody; a python3 in PATH may be another.
constexpr const char* python = "/usr/bin/python3";
constexpr int no_prody = 77;
constexpr std::size_t entries = 24;

/// Files that ProDy computes quickly, over all sizes.
std::vector<golden::Row> files_to_compare() {
  std::vector<golden::Row> rows;
  std::set<std::string> names;
  for (const golden::Row& row : golden::read_table("prody.tsv")) {
    const bool package =
        row.at("package") == "theseus-examples" || row.at("package") == "python3-prody-tests";
    const std::string& file = row.at("file");
    if (package && (file.ends_with(".pdb") || file.ends_with(".pdb.gz")) && row.has_modes() &&
        row.number("n_modes") == 20 && row.number("residues") <= 400 && row.missing().empty() &&
        names.insert(row.path().filename().string()).second)
      rows.push_back(row);
  }
  std::vector<golden::Row> chosen;
  for (std::size_t i = 0; i < std::min(entries, rows.size()); ++i)
    chosen.push_back(rows[i * rows.size() / std::min(entries, rows.size())]);
  return chosen;
}

TEST(ModesFiles, AgreeWithProDy) {
  const test_support::TempDir folder;
  std::vector<std::string> command = {"modes"};
  for (const golden::Row& row : files_to_compare()) command.push_back(row.path().string());
  if (command.size() <= 20)
    GTEST_SKIP() << "only " << command.size() - 1 << " of the files are here";
  std::vector<std::string> check = {
      python, (test_support::source_dir() / "tests/golden/check_modes_files.py").string(),
      folder.path().string()};
  check.insert(check.end(), command.begin() + 1, command.end());
  command.insert(command.end(),
                 {"--format", "nmd,npz,pdb", "--mode", "2,1", "--amplitude", "1.5", "--frames", "8",
                  "--b-column", "displacement", "-o", folder.path().string()});
  const auto written = test_support::run_modesweep(command);
  ASSERT_EQ(written.exit_code, 0) << written.err;

  const auto result = test_support::run(check);
  if (result.exit_code == no_prody || result.exit_code == 127)
    GTEST_SKIP() << python << " has no ProDy: " << result.err;
  ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
  // A line for each entry, and the largest differences.
  EXPECT_GE(std::count(result.out.begin(), result.out.end(), '\n'), 20 + 1) << result.out;
  std::cout << result.out.substr(result.out.find("largest"));
}

}  // namespace
