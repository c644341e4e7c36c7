// SPDX-License-Identifier: MIT
// The quick readers against gemmi's on every real file at hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "reader_comparison.hpp"
#include "support/data_files.hpp"

namespace modesweep {
namespace {

using reader_comparison::compare;
using reader_comparison::difference;
using reader_comparison::Verdict;

/// Real files: all of them, or each tenth and all mmCIF files.
std::vector<std::filesystem::path> real_files() {
  std::vector<std::filesystem::path> files = test_support::real_structure_files();
  if (REAL_FILES_ALL) return files;
  std::vector<std::filesystem::path> some;
  for (std::size_t i = 0; i < files.size(); ++i)
    if (i % 10 == 0 || files[i].string().find(".cif") != std::string::npos)
      some.push_back(files[i]);
  return some;
}

TEST(ReadersAgree, OnRealFiles) {
  const std::vector<std::filesystem::path> files = real_files();
  int compared = 0, quick = 0;
  for (const std::filesystem::path& file : files) {
    const Outcome<std::string> text = read_maybe_gzipped(file);
    if (!text || not_a_structure(*text)) continue;
    ++compared;
    bool taken = false;
    for (const ReadOptions options :
         {ReadOptions{NodeRule::prody, {}}, ReadOptions{NodeRule::prody_app, {}},
          ReadOptions{NodeRule::polymer, {}}, ReadOptions{NodeRule::prody, 2}}) {
      const Verdict verdict = compare(*text, file, options);
      EXPECT_EQ(verdict.problem, "") << file << " by rule " << to_string(options.nodes);
      taken |= verdict.quick;
    }
    quick += taken;
    if (is_mmcif_text(*text)) {
      const std::optional<Header> header = read_mmcif_header(*text, file);
      ASSERT_TRUE(header) << file;
      Structure quick_header, oracle;
      quick_header.header = *header;
      oracle.header = read_header_with_gemmi(*text, file).value();
      EXPECT_EQ(difference(quick_header, oracle), "") << file;
    }
    if (!taken) std::printf("left to gemmi: %s\n", file.c_str());
  }
  std::printf("%d real files compared, %d of them read without gemmi\n", compared, quick);
  ASSERT_GT(compared, 10);
  EXPECT_GT(quick, compared / 2);
}

}  // namespace
}  // namespace modesweep
