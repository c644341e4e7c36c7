// SPDX-License-Identifier: MIT
// A whole archive as far as folders and names go: hard links to a few files, a gigabyte to read in
// all. Results are right, and memory goes with the number of files, not with what is in them.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

namespace fs = std::filesystem;
using test_support::helix;
using test_support::pdb_text;
using test_support::RunOptions;
using test_support::RunResult;

constexpr int files = TREE_FILES;
constexpr int sources = 12;                           // inodes
constexpr int needles = 3;                            // links to the last of them
constexpr std::uint64_t program_bytes = 100'000'000;  // whatever the tree holds
constexpr int needle_every = files / needles;

/// The number as the ID of an entry: 1000, 1001 ... 100a ...
std::string entry_id(int number) {
  constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string id;
  for (int i = 0; i < 3; ++i, number /= 36) id.insert(0, 1, digits[std::size_t(number % 36)]);
  return std::to_string(1 + number) + id;
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// `modesweep ARGUMENTS...` with a cache in the folder; says what it took.
RunResult timed(std::vector<std::string> arguments, const test_support::TempDir& folder,
                std::map<std::string, std::string> environment = {}) {
  const std::string what = arguments.at(1) + ' ' + arguments.at(2);
  arguments.insert(arguments.end(), {"--format", "tsv", "--columns", "pdb_id,residues"});
  RunOptions options;
  options.environment = std::move(environment);
  options.environment["MODESWEEP_CACHE_DIR"] = (folder.path() / "cache").string();
  options.limit = std::chrono::seconds(1200);
  const auto start = std::chrono::steady_clock::now();
  RunResult result = test_support::run_modesweep(arguments, options);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  std::cout << what << ": " << time.count() << " s, "
            << static_cast<double>(result.peak_bytes) * 1e-6 << " MB\n";
  return result;
}

class TreeTest : public testing::Test {
 protected:
  TreeTest() {
    std::string remarks;
    while (remarks.size() < 1'000'000'000u / files)
      remarks += "REMARK 999 " + std::string(69, '.') + "\n";
    for (int i = 0; i < sources; ++i) {
      const bool needle = i == sources - 1;
      // With 8 residues there are fewer modes than asked for: nothing is solved.
      std::string text = pdb_text(helix(needle ? 20 : 8), "", needle ? "A NEEDLE" : "HAY");
      text.insert(text.find("ATOM  "), remarks);
      folder_.write("sources/" + std::to_string(i), text);
    }
    for (int i = 0; i < files; ++i) {
      const std::string id = entry_id(i);
      const fs::path to = tree() / "divided/pdb" / id.substr(1, 2) / ("pdb" + id + ".ent");
      fs::create_directories(to.parent_path());
      fs::create_hard_link(source(is_needle(i) ? sources - 1 : i % (sources - 1)), to);
    }
  }

  static bool is_needle(int number) {
    return number % needle_every == 0 && number / needle_every < needles;
  }
  fs::path tree() const { return folder_.path() / "tree"; }
  fs::path source(int i) const { return folder_.path() / "sources" / std::to_string(i); }

  /// Expects the needles, with `prefix` before their IDs, and `words` in the summary. What is taken
  /// for the memory of the program and of each file is several times what was measured.
  void expect_needles(const std::vector<std::string>& arguments, const std::string& prefix,
                      const std::string& words, std::uint64_t bytes_per_file) const {
    SCOPED_TRACE(arguments.at(1) + " " + arguments.at(2));
    const RunResult result = timed(arguments, folder_, {{"PDB_DIR", tree().string()}});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::string rows = "pdb_id\tresidues\n";
    for (int i = 0; i < needles; ++i) rows += prefix + entry_id(i * needle_every) + "\t20\n";
    EXPECT_EQ(lower(result.out), rows);
    EXPECT_NE(result.err.find(words), std::string::npos) << result.err;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    EXPECT_LT(result.peak_bytes, program_bytes + bytes_per_file * files);
#endif
  }

  const test_support::TempDir folder_;
};

TEST_F(TreeTest, IsSearchedLookedUpAndListed) {
  for (int i = 0; i < 2; ++i)  // the first time it is indexed
    expect_needles({"rank", "needle", "--archive", tree()}, "pdb",
                   "(" + std::to_string(files) + " files)", 512);
  std::string ids;
  for (int i = 0; i < needles; ++i) ids += entry_id(i * needle_every) + ",";
  expect_needles({"rank", "--ids", ids, "--offline"}, "", "3 from mirrors", 0);
  expect_needles({"rank", "--files", tree()}, "pdb",
                 "left out    " + std::to_string(files - needles) + ": ", 2048);
}

/// What the ranking keeps of an entry, all of them known to the result cache.
TEST(Rows, TakeLessThanTwoAndAHalfKilobytesEach) {
  const test_support::TempDir folder;
  constexpr int few = files / 5;
  std::vector<fs::path> copies;  // a file system allows 65,000 links to a file, or fewer
  for (int i = 0; i < sources; ++i)
    copies.push_back(folder.write("sources/" + std::to_string(i), pdb_text(helix(30))));
  for (const char* name : {"few", "all"}) fs::create_directory(folder.path() / name);
  for (int i = 0; i < files; ++i) {
    const std::string name = "entry" + std::to_string(i) + ".pdb";
    const fs::path& file = copies[static_cast<std::size_t>(i % sources)];
    fs::create_hard_link(file, folder.path() / "all" / name);
    if (i < few) fs::create_hard_link(file, folder.path() / "few" / name);
  }
  ASSERT_EQ(timed({"rank", "--files", copies[0]}, folder).exit_code, 0);
  std::map<std::string, std::uint64_t> peak;
  for (const auto& [name, count] : {std::pair{"few", few}, std::pair{"all", files}}) {
    const RunResult result = timed({"rank", "--files", folder.path() / name}, folder);
    EXPECT_NE(result.err.find("(" + std::to_string(count) + " from the result cache)"),
              std::string::npos)
        << result.err;
    peak[name] = result.peak_bytes;
  }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(peak["all"], peak["few"] + 2560u * (files - few));
#endif
}

}  // namespace
