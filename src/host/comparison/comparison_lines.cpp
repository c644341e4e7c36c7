// SPDX-License-Identifier: MIT
// Comparisons as lines for programs.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <span>

#include <modesweep/comparison.hpp>

#include "results/text_fields.hpp"

namespace modesweep {
namespace {

Value number(const std::optional<double>& value) { return value ? Value{*value} : Value{}; }
Value count(std::size_t value) { return static_cast<std::int64_t>(value); }
Value text(const std::string& text) { return text.empty() ? Value{} : Value{text}; }
Value at(const std::vector<double>& values, std::size_t i) {
  return i < values.size() ? Value{values[i]} : Value{};
}

/// Of lines that tell of places i in a source.
template <class Source>
struct LineColumn {
  const char* name;
  const char* help;
  Value (*get)(const Source& all, std::size_t i);
};

using C = const Comparison&;

constexpr std::array<LineColumn<Comparison>, 15> mode_columns = {{
    {"first", "entry A", [](C all, std::size_t) { return Value(all.first); }},
    {"second", "entry B", [](C all, std::size_t) { return Value(all.second); }},
    {"matched", "residues that are in both", [](C all, std::size_t) { return count(all.matched); }},
    {"identity", "part of them that is the same amino acid",
     [](C all, std::size_t) { return Value(all.identity); }},
    {"rmsd", "of them, once superposed, in angstrom",
     [](C all, std::size_t) { return Value(all.rmsd); }},
    {"rmsip10", "root-mean-square inner product of the first ten modes of A and of B",
     [](C all, std::size_t) { return number(all.rmsip10); }},
    {"rmsip", "the same of all modes computed",
     [](C all, std::size_t) { return Value(all.rmsip); }},
    {"mode", "number k of the line, from 1", [](C, std::size_t i) { return count(i + 1); }},
    {"ev_a", "eigenvalue of A's mode k",
     [](C all, std::size_t i) { return at(all.first_eigenvalues, i); }},
    {"deformation_a", "overlap of A's mode k with the deformation from A to B",
     [](C all, std::size_t i) { return at(all.first_deformation, i); }},
    {"cumulative_a", "cumulative overlap of A's modes 1 to k with it",
     [](C all, std::size_t i) { return at(all.first_cumulative, i); }},
    {"ev_b", "as ev_a, of B", [](C all, std::size_t i) { return at(all.second_eigenvalues, i); }},
    {"deformation_b", "as deformation_a, of B",
     [](C all, std::size_t i) { return at(all.second_deformation, i); }},
    {"cumulative_b", "as cumulative_a, of B",
     [](C all, std::size_t i) { return at(all.second_cumulative, i); }},
    {"overlaps", "of A's mode k with each mode of B",
     [](C all, std::size_t i) { return Value(all.overlaps[i]); }},
}};

/// What lines of residues have beside the step itself.
struct ResidueLines {
  explicit ResidueLines(const StepOfResidues& source) : all(source) {
    for (const MatchedPiece& piece : source.pieces)
      pieces.insert(pieces.end(), piece.residues, &piece);
  }
  const StepOfResidues& all;
  std::vector<const MatchedPiece*> pieces;  // of each residue
};

using R = const ResidueLines&;

Value number_of(const Node& node) {
  return node.number ? Value(std::int64_t{*node.number}) : Value();
}
Value insertion_of(const Node& node) {
  return node.insertion == ' ' ? Value() : Value(std::string(1, node.insertion));
}

constexpr std::array<LineColumn<ResidueLines>, 14> residue_columns = {{
    {"first", "entry A", [](R lines, std::size_t) { return Value(lines.all.first); }},
    {"second", "entry B", [](R lines, std::size_t) { return Value(lines.all.second); }},
    {"chain_a", "chain of A: author's name; _ has none, A-2 is the second that is called A",
     [](R lines, std::size_t i) { return Value(lines.pieces[i]->first); }},
    {"residue_number_a", "author's residue number in A; none where the file states none",
     [](R lines, std::size_t i) { return number_of(lines.all.first_nodes[i]); }},
    {"insertion_code_a", "of that number",
     [](R lines, std::size_t i) { return insertion_of(lines.all.first_nodes[i]); }},
    {"residue_name_a", "of the residue in A",
     [](R lines, std::size_t i) { return text(lines.all.first_nodes[i].residue); }},
    {"chain_b", "as chain_a, of B",
     [](R lines, std::size_t i) { return Value(lines.pieces[i]->second); }},
    {"residue_number_b", "as residue_number_a, of B",
     [](R lines, std::size_t i) { return number_of(lines.all.second_nodes[i]); }},
    {"insertion_code_b", "as insertion_code_a, of B",
     [](R lines, std::size_t i) { return insertion_of(lines.all.second_nodes[i]); }},
    {"residue_name_b", "as residue_name_a, of B",
     [](R lines, std::size_t i) { return text(lines.all.second_nodes[i].residue); }},
    {"displacement", "from A to B, once superposed, in angstrom",
     [](R lines, std::size_t i) { return Value(lines.all.displacement[i]); }},
    {"sq_fluct_a", "square fluctuation in A: sum of |v|^2 / eigenvalue over the modes computed",
     [](R lines, std::size_t i) { return Value(lines.all.first_fluctuations[i]); }},
    {"sq_fluct_b", "the same in B",
     [](R lines, std::size_t i) { return Value(lines.all.second_fluctuations[i]); }},
    {"held", "displacement by the part of the step that all modes of A hold, in angstrom",
     [](R lines, std::size_t i) { return at(lines.all.held_displacement, i); }},
}};

/// They follow the other columns of residues, one a mode.
constexpr const char* mode_column_help =
    "mode1, mode2 ...  the same of the part that one mode of A holds";

using M = const ComparisonMatrix&;

constexpr std::array<LineColumn<ComparisonMatrix>, 12> pair_columns = {{
    {"first", "entry A of the pair",
     [](M all, std::size_t i) { return Value(all.names[all.pairs[i].first]); }},
    {"second", "entry B of the pair",
     [](M all, std::size_t i) { return Value(all.names[all.pairs[i].second]); }},
    {"common", "residues that all structures have, over which all of this is",
     [](M all, std::size_t) { return count(all.common); }},
    {"identity", "part of them that is the same amino acid in A and in B",
     [](M all, std::size_t i) { return Value(all.pairs[i].identity); }},
    {"rmsd", "once B lies on A, in angstrom",
     [](M all, std::size_t i) { return Value(all.pairs[i].rmsd); }},
    {"rmsip10", "of the first ten modes",
     [](M all, std::size_t i) { return number(all.pairs[i].rmsip10); }},
    {"rmsip", "of all modes computed",
     [](M all, std::size_t i) { return Value(all.pairs[i].rmsip); }},
    {"overlap", "of mode 1 of A with mode 1 of B",
     [](M all, std::size_t i) { return Value(all.pairs[i].overlap); }},
    {"deformation_a", "overlap of A's mode 1 with the step from A to B",
     [](M all, std::size_t i) { return number(all.pairs[i].first_deformation); }},
    {"cumulative_a", "cumulative overlap of A's first ten modes with it",
     [](M all, std::size_t i) { return number(all.pairs[i].first_cumulative); }},
    {"deformation_b", "as deformation_a, of B",
     [](M all, std::size_t i) { return number(all.pairs[i].second_deformation); }},
    {"cumulative_b", "as cumulative_a, of B",
     [](M all, std::size_t i) { return number(all.pairs[i].second_cumulative); }},
}};

void write_separated(std::ostream& out, const std::vector<std::string>& fields, char separator) {
  for (std::size_t c = 0; c < fields.size(); ++c) {
    if (c > 0) out << separator;
    out << fields[c];
  }
  out << '\n';
}

/// `fields(i)` of each line, all with the names of `names`.
template <class LineFields>
void write_lines(std::ostream& out, std::size_t lines, const std::vector<std::string>& names,
                 const LineFields& values, LineFormat format) {
  const char separator = format == LineFormat::csv ? ',' : '\t';
  if (format != LineFormat::jsonl) write_separated(out, names, separator);
  for (std::size_t i = 0; i < lines; ++i) {
    const std::vector<Value> line = values(i);
    if (format == LineFormat::jsonl) {
      Fields fields;
      for (std::size_t c = 0; c < names.size(); ++c) fields.emplace_back(names[c], line[c]);
      out << json_line(fields);
    } else {
      std::vector<std::string> fields;
      for (const Value& value : line)
        fields.push_back(format == LineFormat::csv ? csv_field(value) : tsv_field(value));
      write_separated(out, fields, separator);
    }
  }
}

template <class Columns>
std::vector<std::string> names_of(const Columns& columns) {
  std::vector<std::string> names;
  for (const auto& column : columns) names.emplace_back(column.name);
  return names;
}

template <class Columns, class Source>
std::vector<Value> values_of(const Columns& columns, const Source& source, std::size_t i) {
  std::vector<Value> values;
  for (const auto& column : columns) values.push_back(column.get(source, i));
  return values;
}

template <class Columns>
std::string help_of(const Columns& columns) {
  std::string text;
  for (const auto& column : columns) text += fmt::format("\n  {:<18}{}", column.name, column.help);
  return text;
}

}  // namespace

void write_comparison_lines(std::ostream& out, const Comparison& comparison, LineFormat format) {
  write_lines(
      out, comparison.overlaps.size(), names_of(mode_columns),
      [&](std::size_t i) { return values_of(mode_columns, comparison, i); }, format);
}

void write_comparison_lines(std::ostream& out, const StepOfResidues& step, LineFormat format) {
  const ResidueLines lines(step);
  std::vector<std::string> names = names_of(residue_columns);
  for (std::size_t k = 0; k < step.mode_displacements.size(); ++k)
    names.push_back(fmt::format("mode{}", k + 1));
  write_lines(
      out, step.displacement.size(), names,
      [&](std::size_t i) {
        std::vector<Value> values = values_of(residue_columns, lines, i);
        for (const std::vector<double>& mode : step.mode_displacements)
          values.emplace_back(mode[i]);
        return values;
      },
      format);
}

void write_comparison_lines(std::ostream& out, const ComparisonMatrix& matrix, LineFormat format) {
  write_lines(
      out, matrix.pairs.size(), names_of(pair_columns),
      [&](std::size_t i) { return values_of(pair_columns, matrix, i); }, format);
}

std::string comparison_column_help() { return help_of(mode_columns); }

std::string comparison_residue_column_help() {
  return help_of(residue_columns) + "\n  " + mode_column_help;
}

std::string comparison_pair_column_help() { return help_of(pair_columns); }

}  // namespace modesweep
