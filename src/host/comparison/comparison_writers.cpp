// SPDX-License-Identifier: MIT
// A comparison as text.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <array>

#include <modesweep/comparison.hpp>

#include "base/text.hpp"
#include "results/text_fields.hpp"

namespace modesweep {
namespace {

constexpr std::size_t modes_shown = 10;

Value number(const std::optional<double>& value) { return value ? Value{*value} : Value{}; }
Value count(std::size_t value) { return static_cast<std::int64_t>(value); }
Value at(const std::vector<double>& values, std::size_t i) {
  return i < values.size() ? Value{values[i]} : Value{};
}

struct ComparisonColumn {
  const char* name;
  const char* help;
  Value (*get)(const Comparison& all, std::size_t i);
};

using C = const Comparison&;

constexpr std::array<ComparisonColumn, 15> columns = {{
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

std::string shown(const std::vector<double>& values, std::size_t i) {
  return i < values.size() ? fmt::format("{:.4f}", values[i]) : "-";
}

}  // namespace

void write_comparison_tsv(std::ostream& out, const Comparison& comparison) {
  const auto write_line = [&](auto&& field) {
    for (const ComparisonColumn& column : columns)
      out << (&column == &columns.front() ? "" : "\t") << field(column);
    out << '\n';
  };
  write_line([](const ComparisonColumn& column) { return column.name; });
  for (std::size_t i = 0; i < comparison.overlaps.size(); ++i)
    write_line(
        [&](const ComparisonColumn& column) { return tsv_field(column.get(comparison, i)); });
}

void write_comparison_jsonl(std::ostream& out, const Comparison& comparison) {
  for (std::size_t i = 0; i < comparison.overlaps.size(); ++i) {
    Fields fields;
    for (const ComparisonColumn& column : columns)
      fields.emplace_back(column.name, column.get(comparison, i));
    out << json_line(fields);
  }
}

void write_comparison_table(std::ostream& out, const Comparison& all) {
  fmt::print(out, "A  {}, {}\nB  {}, {}\n", printable(all.first),
             counted(all.first_nodes, "residue"), printable(all.second),
             counted(all.second_nodes, "residue"));
  fmt::print(out, "matched residues  {}, {:.1f} % identical\nRMSD              {:.3f} angstrom\n",
             all.matched, 100 * all.identity, all.rmsd);
  const std::size_t common = all.common_modes();
  fmt::print(out, "RMSIP             {}{:.4f} of {}\n",
             all.rmsip10 ? fmt::format("{:.4f} of 10 modes, ", *all.rmsip10) : "", all.rmsip,
             counted(common, "mode"));

  out << "\nOverlap with the deformation from A to B\n"
         "  mode       A  cumulative       B  cumulative\n";
  for (std::size_t i = 0; i < std::min(common, modes_shown); ++i)
    fmt::print(out, "  {:>4}  {:>6}  {:>10}  {:>6}  {:>10}\n", i + 1,
               shown(all.first_deformation, i), shown(all.first_cumulative, i),
               shown(all.second_deformation, i), shown(all.second_cumulative, i));

  const std::size_t of_b = std::min(all.second_eigenvalues.size(), modes_shown);
  out << "\nOverlaps of the modes of A (lines) and of B (columns)\n      ";
  for (std::size_t j = 0; j < of_b; ++j) fmt::print(out, "  {:>6}", j + 1);
  out << '\n';
  for (std::size_t i = 0; i < std::min(all.overlaps.size(), modes_shown); ++i) {
    fmt::print(out, "  {:>4}", i + 1);
    for (std::size_t j = 0; j < of_b; ++j) fmt::print(out, "  {:.4f}", all.overlaps[i][j]);
    out << '\n';
  }
}

std::string comparison_column_help() {
  std::string text;
  for (const ComparisonColumn& column : columns)
    text += fmt::format("\n  {:<15}{}", column.name, column.help);
  return text;
}

}  // namespace modesweep
