// SPDX-License-Identifier: MIT
// What is known of each entry, in which order entries stand, and how they are written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <modesweep/modes.hpp>
#include <modesweep/outcome.hpp>
#include <modesweep/structure.hpp>

namespace modesweep {

/// One ranked entry. Everything that a column can show comes from here.
struct Row {
  Header header;
  std::filesystem::path file;
  std::string sha256;  ///< of the file as it lies on disk
  ElasticModel enm = ElasticModel::anm;
  int chains = 0;
  int residues = 0;  ///< nodes of the network
  int models = 0;    ///< in the file
  int components = 0;
  int zero_modes = 0;
  bool nucleic_left_out = false;
  bool partial_assembly = false;
  bool more_blocks = false;            ///< other data blocks of the file have atoms as well
  bool uncertain_zero = false;         ///< an eigenvalue within its error of the border of zero
  bool fallback = false;               ///< a device could not finish it, the CPU did
  bool few_modes = false;              ///< fewer non-zero modes than were asked for
  std::vector<double> eigenvalues;     ///< of the non-zero modes, ascending, in units of gamma
  std::vector<double> shares;          ///< fractional variance of each of them
  std::vector<double> collectivities;  ///< of modes 1 to 3
  std::vector<double> residuals;       ///< of the modes, as Modes has them
  /// Pearson's of the B factors that the file states and square fluctuations over the modes
  /// computed, and over all; nothing where fewer than three are stated or they do not vary, of
  /// predicted models, or where nobody asked for all modes.
  std::optional<double> bfactor_corr, bfactor_corr_all;
  std::optional<double> plddt_mean;  ///< of a predicted model's nodes, from 0 to 100
  std::optional<double> trace_all;   ///< sum of 1 / eigenvalue over all modes, where asked for
  std::vector<double> sq_flucts;     ///< of each node over the modes computed, where asked for
  /// Hinge residues of the slowest GNM mode (A45 and the like), where asked for.
  std::optional<std::vector<std::string>> hinges;
  int entries = 1;  ///< of the same protein that `keep_best_of_each_protein` made one row of
  std::string solver;
  std::string backend;
  bool from_cache = false;     ///< solved by an earlier run; the seconds are those it took then
  double seconds_parse = 0;    ///< reading, choosing nodes, hashing
  double seconds_network = 0;  ///< contacts and components
  double seconds_modes = 0;    ///< Hessian and modes
};

/// An entry that is not in the ranking.
struct LeftOut {
  std::string id;
  std::filesystem::path file;  ///< empty where there is none
  Failure failure;
};

struct Ranking {
  std::vector<Row> rows;
  std::vector<LeftOut> left_out;
};

/// A mode of a smaller collectivity moves a tail or another small part alone.
inline constexpr double tail_collectivity = 0.1;

/// Codes that never change the order: `tail` (coll1 < `tail_collectivity`), `pieces` (more than one
/// component), `loose` (more than six zero modes a component, of a GNM one), `nucleic` (nucleic
/// acid in the file, not in the network), `part` (the asymmetric unit is not assembly 1), `blocks`
/// (the first data block with atoms was read, and others of the file have atoms as well), `unsure`
/// (an eigenvalue lies within its error of 1e-6: one zero mode more or less), `few` (fewer modes
/// than asked for), `fallback` (a device could not finish it, the CPU did).
std::vector<std::string_view> notes(const Row& row);

/// A value of a column: nothing, text, a count, a number, a list of numbers or of texts.
using Value = std::variant<std::monostate, std::string, std::int64_t, double, std::vector<double>,
                           std::vector<std::string>>;

/// What must have been asked for, so that a row has a column: `ModeRequest::all_fluctuations`,
/// `PipelineOptions::hinges`, `PipelineOptions::square_fluctuations`.
enum class Need { nothing, all_modes, hinges, square_fluctuations };

struct Column {
  std::string name;
  std::string help;  ///< what it is, with its unit
  Value (*get)(const Row& row, std::int64_t rank, int index);
  int index = 0;  ///< which mode, from 1, for fv<i>, ev<i>, coll<i>
  Need needs = Need::nothing;
};

/// All columns, `fv1` standing for fv1, fv2 ... up to the number of modes, and likewise `ev1`.
const std::vector<Column>& known_columns();

/// The column of this name (fv7 and the like included). Throws RunError (`request`) with the names
/// that exist.
Column find_column(std::string_view name);

/// rank pdb_id chains residues fv1 fv2 fv3 coll1 ev1 zero_modes components notes title
std::vector<Column> default_columns();

/// Those of them that people look at first, so that a line fits a terminal: the notes say where
/// zero modes or components are not as they should be.
std::vector<Column> table_columns();

/// The order of a ranking: by the share of mode 1 rounded to 9 significant digits, the largest
/// first, then by ID, then by path.
void sort_rows(std::vector<Row>& rows);

/// That, and what was left out by ID, then by path.
void sort_ranking(Ranking& ranking);

/// By another column, numbers from the largest, text from A; `descending` overrules. Rows without
/// a value come last; ties stand in the order of `sort_rows`.
void sort_rows(std::vector<Row>& rows, const Column& column, std::optional<bool> descending);

/// Of rows in the order of their ranking: leaves the first of each protein (`Header::protein`; a
/// row without one stays), which counts those that it stands for.
void keep_best_of_each_protein(std::vector<Row>& rows);

/// A protein, and how many of the rows are of it.
struct ProteinCount {
  std::string protein;
  std::size_t rows = 0;
};

/// The protein that two or more of the rows, and more than half of them, are of.
std::optional<ProteinCount> dominant_protein(std::span<const Row> rows);

/// Tab-separated with a header line, 12 significant digits, no comment lines.
void write_tsv(std::ostream& out, std::span<const Row> rows, const std::vector<Column>& columns);

/// One JSON object a line with all columns (`columns` empty) or the given ones.
void write_jsonl(std::ostream& out, std::span<const Row> rows, const std::vector<Column>& columns);

/// For people: aligned, four decimals, the last column cut so that lines fit `width` (0: not cut).
void write_table(std::ostream& out, std::span<const Row> rows, const std::vector<Column>& columns,
                 int width, bool bold_header);

/// id, file, stage, code and message of each entry that is not in the ranking, tab-separated.
void write_failures(std::ostream& out, const std::vector<LeftOut>& left_out);

}  // namespace modesweep
