// SPDX-License-Identifier: MIT
// What of an entry can be shown, by the names of columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <modesweep/row.hpp>

namespace modesweep {

/// A value of a column: nothing, text, a count, a number, a list of numbers or of texts.
using Value = std::variant<std::monostate, std::string, std::int64_t, double, std::vector<double>,
                           std::vector<std::string>>;

/// What must have been asked for, so that a row has a column: `ModeRequest::all_fluctuations`,
/// `Model::hinges`, `Model::square_fluctuations`, `Model::core`, `Model::core_stability`. Residuals
/// all rows have; that they are below 1e-10 is `Model::residuals`.
enum class Need {
  nothing,
  all_modes,
  hinges,
  square_fluctuations,
  core,
  core_stability,
  residuals
};

/// What the values of a column are, where a row has one.
enum class ValueType { number, text, list };

struct Column {
  std::string name;
  std::string help;  ///< what it is, with its unit
  Value (*get)(const Row& row, std::int64_t rank, int index);
  int index = 0;  ///< which mode, from 1, for fv<i>, ev<i>, coll<i>; of notes, which `Judged`
  Need needs = Need::nothing;
  ValueType type = ValueType::number;
};

/// All columns, `fv1` standing for fv1, fv2 ... up to the number of modes, and likewise `ev1`.
const std::vector<Column>& known_columns();

/// The column of this name (fv7 and the like included). Throws RunError (`request`) with the names
/// that exist.
Column find_column(std::string_view name);

/// rank pdb_id chains residues fv1 fv2 fv3 coll1 ev1 zero_modes components notes title
std::vector<Column> default_columns();

/// Those, and what is known of the core; notes judge it.
std::vector<Column> default_core_columns();

/// Notes as they judge that network.
Column notes_column(Judged judged);

/// Those of them that people look at first, so that a line fits a terminal: the notes say where
/// zero modes or components are not as they should be.
std::vector<Column> table_columns();
/// Likewise of the core.
std::vector<Column> table_core_columns();

}  // namespace modesweep
