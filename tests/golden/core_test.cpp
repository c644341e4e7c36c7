// SPDX-License-Identifier: MIT
// The core against its definition worked out apart: core.tsv is from numpy and LAPACK, by the
// formulas alone, and has the files of data/demo.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include <modesweep/core.hpp>
#include <modesweep/solve_entry.hpp>

#include "base/text.hpp"
#include "golden/golden_table.hpp"
#include "support/data_files.hpp"

namespace modesweep {
namespace {

constexpr double relative = 1e-7;  // the table has nine digits
constexpr double absolute = 1e-6;  // six decimals

/// "1-17" is 17 labels; a chain is named where there are several.
std::vector<std::string> labels(const std::string& ranges) {
  std::vector<std::string> all;
  for (const std::string& range : split(ranges, ',')) {
    const std::size_t digit = range.find_first_of("0123456789");
    const std::size_t hyphen = range.find('-');
    if (range.empty()) continue;
    if (hyphen == std::string::npos) {
      all.push_back(range);
      continue;
    }
    const std::string chain = range.substr(0, digit);
    for (int number = std::stoi(range.substr(digit)); number <= std::stoi(range.substr(hyphen + 1));
         ++number)
      all.push_back(chain + std::to_string(number));
  }
  return all;
}

std::string label(const Node& node, bool with_chain) {
  std::string text = with_chain ? node.chain : "";
  text += std::to_string(node.number.value());
  if (node.insertion != ' ') text += node.insertion;
  return text;
}

/// A row of the table, by its file's name.
struct Recorded {
  golden::Row row;
};
void PrintTo(const Recorded& recorded, std::ostream* stream) { *stream << recorded.row.at("file"); }

std::vector<Recorded> recorded() {
  std::vector<Recorded> rows;
  for (golden::Row& row : golden::read_table("core.tsv")) rows.push_back({std::move(row)});
  return rows;
}

class GoldenCore : public testing::TestWithParam<Recorded> {};

TEST_P(GoldenCore, IsThatOfTheDefinition) {
  const golden::Row& row = GetParam().row;
  Model model;
  model.core = true;
  const auto solved = solve_entry(test_support::source_dir() / "data/demo" / row.at("file"), model);
  ASSERT_TRUE(solved) << solved.error().message;
  const EntryModes& entry = solved->modes;
  EXPECT_EQ(solved->row.residues, row.number("nodes"));
  const Core& core = entry.core;
  EXPECT_EQ(core.whole, row.number("nodes"));
  const CoreOfRow& numbers = solved->row.core.value();
  ASSERT_EQ(numbers.coreless, row.at("residues_core").empty());
  if (numbers.coreless) {
    EXPECT_FALSE(numbers.modes || numbers.outside1);
    return;
  }
  EXPECT_EQ(numbers.residues, row.number("residues_core"));
  EXPECT_EQ(numbers.linkers, 0);

  const std::string chains = row.at("outside");
  const bool with_chain = !chains.empty() && !std::isdigit(static_cast<unsigned char>(chains[0]));
  std::vector<std::string> outside;
  for (std::size_t i = 0; i < entry.structure.nodes.size(); ++i)
    if (!std::binary_search(core.nodes.begin(), core.nodes.end(), static_cast<std::int32_t>(i)))
      outside.push_back(label(entry.structure.nodes[i], with_chain));
  EXPECT_EQ(outside, labels(chains));

  ASSERT_TRUE(numbers.modes);
  const CoreModes& modes = *numbers.modes;
  const auto expect = [&](double ours, const char* column) {
    EXPECT_NEAR(ours, row.number(column), relative * row.number(column)) << column;
  };
  expect(modes.eigenvalues[0], "ev1_core");
  expect(modes.shares[0], "fv1_core");
  expect(modes.collectivities[0], "coll1_core");
  expect(numbers.outside1.value(), "outside1");
  EXPECT_EQ(modes.mode, row.number("mode_core"));
  EXPECT_NEAR(modes.overlap, row.number("overlap_core"), absolute);
  EXPECT_EQ(modes.rigid.has_value(), !row.at("rigid1_core").empty());
  if (modes.rigid) {
    EXPECT_NEAR(*modes.rigid, row.number("rigid1_core"), absolute);
  }
  EXPECT_EQ(modes.zero_modes, 6);
  EXPECT_EQ(modes.components, 1);
}

INSTANTIATE_TEST_SUITE_P(Demo, GoldenCore, testing::ValuesIn(recorded()), [](const auto& test) {
  std::string name = test.param.row.at("file");
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
});

}  // namespace
}  // namespace modesweep
