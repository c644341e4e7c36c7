// SPDX-License-Identifier: MIT
// The bundled archive: what SOURCES.tsv says of it is true, and its trypsins are found.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <modesweep/archive.hpp>
#include <modesweep/pdb_id.hpp>
#include <modesweep/structure.hpp>

#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

const fs::path demo = test_support::source_dir() / "data" / "demo";

using Row = std::map<std::string, std::string>;

std::vector<std::string> fields(const std::string& line) {
  std::vector<std::string> result;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, '\t');) result.push_back(field);
  return result;
}

std::vector<Row> sources() {
  std::istringstream stream(test_support::read_file(demo / "SOURCES.tsv"));
  std::string line;
  std::getline(stream, line);
  const std::vector<std::string> names = fields(line);
  std::vector<Row> rows;
  while (std::getline(stream, line)) {
    const std::vector<std::string> values = fields(line);
    EXPECT_EQ(values.size(), names.size()) << line;
    Row row;
    for (std::size_t i = 0; i < std::min(names.size(), values.size()); ++i)
      row[names[i]] = values[i];
    rows.push_back(row);
  }
  return rows;
}

TEST(DemoArchive, HoldsExactlyTheFilesOfItsListWithTheirHashes) {
  std::set<std::string> listed, present;
  std::uintmax_t bytes = 0;
  for (const Row& row : sources()) {
    const std::string& file = row.at("file");
    EXPECT_TRUE(listed.insert(file).second) << file;
    EXPECT_TRUE(normalise_pdb_id(row.at("entry"))) << file;
    const Outcome<std::string> hash = file_sha256(demo / file);
    ASSERT_TRUE(hash) << file;
    EXPECT_EQ(*hash, row.at("sha256")) << file;
  }
  for (const auto& item : fs::recursive_directory_iterator(demo))
    if (item.is_regular_file()) {
      bytes += item.file_size();
      if (is_structure_file_name(item.path()))
        present.insert(item.path().lexically_relative(demo).string());
    }
  EXPECT_EQ(present, listed);
  EXPECT_GE(listed.size(), 30U);
  EXPECT_LT(bytes, 4'000'000U);
}

TEST(DemoArchive, EveryEntryIsReadableAndLargeEnoughToRank) {
  for (const Row& row : sources()) {
    const Outcome<Structure> structure = read_structure(demo / row.at("file"), {});
    ASSERT_TRUE(structure) << row.at("file") << ": " << structure.error().message;
    EXPECT_GT(structure->nodes.size(), 26U) << row.at("file");
    if (structure->header.id_is_entry) {
      EXPECT_EQ(structure->header.id, row.at("entry")) << row.at("file");
    }
  }
}

TEST(DemoArchive, FindsItsEntriesByIdAndFamily) {
  const test_support::TempDir cache;
  SilentReporter silent;
  const auto archive = open_archive(demo, cache.path(), silent);
  const auto found = [&](const std::string& term) {
    const auto files = archive->search(term).files;
    return std::set<fs::path>(files.begin(), files.end());
  };
  for (const Row& row : sources()) {
    EXPECT_TRUE(found(row.at("entry")).contains(demo / row.at("file"))) << row.at("entry");
    const std::string family = fs::path(row.at("file")).parent_path().string();
    EXPECT_TRUE(found(family).contains(demo / row.at("file"))) << family;
  }
  EXPECT_GE(found("trypsin").size(), 14U);
}

TEST(DemoArchive, IsRebuiltByteForByteFromThePackages) {
  for (const Row& row : sources())
    if (!fs::exists(row.at("path")))
      GTEST_SKIP() << "the package " << row.at("package") << " is not installed";
  const test_support::TempDir copy;
  const test_support::RunResult result =
      test_support::run({(test_support::source_dir() / "tools" / "make-demo-archive.sh").string(),
                         copy.path().string()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const Row& row : sources())
    EXPECT_EQ(test_support::read_file(copy.path() / row.at("file")),
              test_support::read_file(demo / row.at("file")))
        << row.at("file");
}

}  // namespace
}  // namespace modesweep
