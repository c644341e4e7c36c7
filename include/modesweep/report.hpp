// SPDX-License-Identifier: MIT
// A ranking, or a comparison, as one HTML page that needs nothing beside it: tables, charts and
// moving structures.
#pragma once

#include <cstddef>
#include <filesystem>
#include <ostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include <modesweep/comparison.hpp>
#include <modesweep/core.hpp>
#include <modesweep/modes.hpp>
#include <modesweep/ranking.hpp>
#include <modesweep/shape_null.hpp>
#include <modesweep/structure.hpp>

namespace modesweep {

/// What the page draws of one entry, a JSON object as text: nodes, the B factors that the file
/// states, square fluctuations over the modes given and the first three modes, each with the sign
/// of `orient_mode`. It is quantised for the eye (coordinates to 0.01 angstrom, a mode to 1/2047 of
/// its largest component) and compressed, to about 25 bytes a node. `nodes` and `modes` hold one at
/// least. Which nodes lie outside of the core network is told where there is one.
std::string pack_shape(std::span<const Node> nodes, const Modes& modes, const Core& core = {});

/// Its text, or a sentence on why there is none.
using PackedShape = tl::expected<std::string, std::string>;

/// A JavaScript library that goes into the page.
struct ReportLibrary {
  std::string name;
  std::string version;
  std::string licence;
  std::string script;
};

/// Those that tools/install-deps.sh fetched into a folder, in the order in which they load. None is
/// needed: the page says what it lacks.
std::vector<ReportLibrary> read_report_libraries(const std::filesystem::path& folder);

struct ReportContent {
  std::string command;  ///< as typed
  std::string date;     ///< UTC, ISO 8601
  /// Names and values in the order shown: where the entries come from, and what the numbers depend
  /// on.
  std::vector<std::pair<std::string, std::string>> origin, parameters;
  bool core = false;  ///< the page ranks by mode 1 of the core, and its notes judge it
  Ranking ranking;
  std::vector<PackedShape> shapes;  ///< of the rows, as many
  /// Of the core of the first rows, where asked for; a sentence on why there is none.
  std::vector<tl::expected<ShapeNull, std::string>> nulls;
  std::vector<ReportLibrary> libraries;
};

/// Writes the page. Text of files is data in it and never markup.
void write_report(std::ostream& out, const ReportContent& content);

struct ComparisonReport {
  std::string command;                                          ///< as typed
  std::string date;                                             ///< UTC, ISO 8601
  std::vector<std::pair<std::string, std::string>> parameters;  ///< in the order shown
  Comparison comparison;
  StepOfResidues step;  ///< of the same two structures
  std::vector<ReportLibrary> libraries;
};

/// The same of two structures, quantised for the eye: lengths to 0.001 angstrom.
void write_comparison_report(std::ostream& out, const ComparisonReport& content);

}  // namespace modesweep
