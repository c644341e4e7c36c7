// SPDX-License-Identifier: MIT
// ProDy's recorded numbers, and how near to them ours must be. README.md has the reasons.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <modesweep/structure.hpp>

namespace golden {

/// One line of a table by column.
struct Row : std::map<std::string, std::string> {
  /// File and whatever parameters are not the usual ones.
  std::string label() const;
  double number(const std::string& column) const;
  /// "" where the recorded file is here, else why it is not.
  std::string missing() const;
  std::filesystem::path path() const;
  modesweep::NodeRule node_rule() const;
  /// Entries without modes are in the tables too.
  bool has_modes() const { return at("status") == "ok" && number("n_modes") > 0; }
};

/// What CTest calls the case.
void PrintTo(const Row& row, std::ostream* stream);
std::string case_name(const Row& row);

/// A table of this folder.
std::vector<Row> read_table(const std::string& name);

/// So many files of those with at most `residues` that no class before has.
struct SizeClass {
  int residues;
  int files;  ///< or as many as there are
};

/// Rows of prody.tsv with modes, by size: evenly over the sizes of each class, its largest always.
std::vector<Row> choose_by_size(const std::vector<SizeClass>& classes);

/// What is compared; modes 1 to 3 in `shares` and `collectivities` at least.
struct Numbers {
  int zero_modes = 0;
  std::vector<double> eigenvalues;
  std::vector<double> shares;
  std::vector<double> collectivities;
};

/// GoogleTest expectations, each with its tolerance. `gamma` is that of the row.
void expect_same(const Numbers& numbers, const Row& row);

}  // namespace golden
