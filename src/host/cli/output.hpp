// SPDX-License-Identifier: MIT
// How a ranking is written.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include <modesweep/ranked_rows.hpp>

namespace modesweep::cli {

enum class Format { table, tsv, csv, jsonl };

/// Which rows or numbers are written, how, and where to.
struct Output {
  RowOrder order{{}, {}, false, 10};
  bool core = false;            ///< the core's columns, and notes that judge it
  std::vector<Column> columns;  ///< empty: the default
  Format format = Format::table;
  std::filesystem::path file;      ///< empty: standard output
  std::filesystem::path failures;  ///< empty: none
  std::optional<int> width{};      ///< that lines of a table fit, 0: any; none: the terminal's
  bool captions = true;            ///< below a table
  bool strict = false;
  bool allow_empty = false;  ///< nothing to rank is no failure
  bool stream = false;       ///< rows to standard output as they are solved
};

}  // namespace modesweep::cli
