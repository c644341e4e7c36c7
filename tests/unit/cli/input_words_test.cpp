// SPDX-License-Identifier: MIT
#include "cli/input_words.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string_view>

#include <modesweep/outcome.hpp>

#include "support/temp_dir.hpp"

namespace modesweep::cli {
namespace {

using Words = std::vector<std::string>;

TEST(InputWords, ArePathsOrEntriesOrATermByTheirForm) {
  const test_support::TempDir folder;
  const std::string file = folder.write("in/a", "");
  const auto input_of = [](const Words& words, bool is_term = false) {
    Input input;
    EXPECT_EQ(take_words(words, is_term, input), "");
    return input;
  };
  const auto expect = [&](const Words& words, Source source, std::string_view term = {}) {
    const Input input = input_of(words);
    EXPECT_EQ(input.source, source) << words.front();
    EXPECT_EQ(input.term, term);
    return input;
  };
  expect({"1ubi", "pdb_00001AKE"}, Source::ids);
  EXPECT_EQ(input_of({"1ubi", "1AKE", "1UBI"}).ids, (Words{"1UBI", "1AKE"}));
  expect({"2019"}, Source::ncbi, "2019");  // a year, though entries may be named so
  expect({"heat", "shock"}, Source::ncbi, "heat shock");
  expect({"heat shock 1UBI"}, Source::ncbi, "heat shock 1UBI");
  expect({"protein/RNA complex"}, Source::ncbi, "protein/RNA complex");  // nothing of that name
  expect({"1AKE_A"}, Source::ncbi, "1AKE_A");                            // as NCBI names a chain
  expect({"d1dlwa_"}, Source::ncbi, "d1dlwa_");
  const std::vector<std::filesystem::path> files = {file, folder.path() / "in", "nosuch.cif.gz",
                                                    "./nosuch"};
  EXPECT_EQ(expect({files[0], files[1], files[2], files[3]}, Source::files).files, files);

  Input searched = input_of({"1UBI", "x.pdb"}, true);  // with --archive or --source
  EXPECT_EQ(searched.term, "1UBI x.pdb");
  EXPECT_TRUE(searched.ids.empty());
  for (const Words& mixed : {Words{"trypsin", "1UBI"}, Words{"1UBI", "x.pdb"},
                             Words{file, "trypsin"}, Words{"2019", "1UBI"}})
    EXPECT_THROW(input_of(mixed), RunError) << mixed.front();
}

}  // namespace
}  // namespace modesweep::cli
