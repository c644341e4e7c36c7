// SPDX-License-Identifier: MIT
// The numbers of each residue, for tables.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include <modesweep/mode_files.hpp>
#include <modesweep/properties.hpp>

#include "results/text_fields.hpp"

namespace modesweep {
namespace {

constexpr std::size_t modes_shown = 3;

/// What the columns need of a whole entry.
struct Numbers {
  explicit Numbers(const EntryModes& source)
      : entry(source),
        fluctuations(square_fluctuations(source.modes.eigenvalues, source.modes.eigenvectors,
                                         axes(source.model.network.model))),
        degenerate(to_string(degenerate_modes(source.modes.eigenvalues))) {
    for (std::size_t k = 0; k < std::min(modes_shown, source.modes.eigenvalues.size()); ++k)
      lengths.push_back(source.model.network.model == ElasticModel::gnm
                            ? std::vector<double>(source.mode(k).begin(), source.mode(k).end())
                            : displacements(source.mode(k)));
  }

  const EntryModes& entry;
  std::vector<double> fluctuations;
  std::vector<std::vector<double>> lengths;  ///< of each node, of gnm signed, mode by mode
  std::string degenerate;
};

Value text_or_nothing(const std::string& text) { return text.empty() ? Value() : Value(text); }

template <std::size_t mode>
Value length(const Numbers& numbers, std::size_t i) {
  return mode < numbers.lengths.size() ? Value(numbers.lengths[mode][i]) : Value();
}

const Node& node(const Numbers& numbers, std::size_t i) { return numbers.entry.structure.nodes[i]; }

struct ResidueColumn {
  const char* name;
  const char* help;
  Value (*get)(const Numbers& numbers, std::size_t i);
};

constexpr std::array<ResidueColumn, 12> columns = {{
    {"entry", "its ID, or the file's name without its ending",
     [](const Numbers& all, std::size_t) { return Value(all.entry.structure.header.id); }},
    {"chain", "author's chain",
     [](const Numbers& all, std::size_t i) { return text_or_nothing(node(all, i).chain); }},
    {"residue_number", "author's residue number; none where the file states none",
     [](const Numbers& all, std::size_t i) {
       const std::optional<int>& number = node(all, i).number;
       return number ? Value(std::int64_t{*number}) : Value();
     }},
    {"insertion_code", "of the residue number",
     [](const Numbers& all, std::size_t i) {
       const char code = node(all, i).insertion;
       return code == ' ' ? Value() : Value(std::string(1, code));
     }},
    {"residue_name", "of the residue",
     [](const Numbers& all, std::size_t i) { return text_or_nothing(node(all, i).residue); }},
    {"atom_name", "of the node, CA as a rule",
     [](const Numbers& all, std::size_t i) { return text_or_nothing(node(all, i).atom); }},
    {"b_factor", "of the file, angstrom^2 (pLDDT of a predicted model); none where it states none",
     [](const Numbers& all, std::size_t i) {
       const std::optional<double>& b_factor = node(all, i).b_factor;
       return b_factor ? Value(*b_factor) : Value();
     }},
    {"sq_fluct", "square fluctuation: sum of |v|^2 / eigenvalue over the modes computed",
     [](const Numbers& all, std::size_t i) { return Value(all.fluctuations[i]); }},
    {"displacement1",
     "length of the residue's part of mode 1, a vector of length 1; of gnm its part with its sign",
     length<0>},
    {"displacement2", "the same of mode 2", length<1>},
    {"displacement3", "the same of mode 3", length<2>},
    {"degenerate_modes", "groups of equal eigenvalues in the entry, such as 1-2 5-7",
     [](const Numbers& all, std::size_t) { return text_or_nothing(all.degenerate); }},
}};

void write_lines(std::ostream& out, const EntryModes& entry, bool with_header,
                 const Delimiter& delimiter) {
  const Numbers numbers(entry);
  const auto write_line = [&](auto&& field) {
    for (const ResidueColumn& column : columns) {
      if (&column != &columns.front()) out << delimiter.mark;
      out << field(column);
    }
    out << '\n';
  };
  if (with_header) write_line([](const ResidueColumn& column) { return column.name; });
  for (std::size_t i = 0; i < entry.structure.nodes.size(); ++i)
    write_line(
        [&](const ResidueColumn& column) { return delimiter.field(column.get(numbers, i)); });
}

}  // namespace

void write_residues_tsv(std::ostream& out, const EntryModes& entry, bool with_header) {
  write_lines(out, entry, with_header, by_tabs);
}

void write_residues_csv(std::ostream& out, const EntryModes& entry, bool with_header) {
  write_lines(out, entry, with_header, by_commas);
}

void write_residues_jsonl(std::ostream& out, const EntryModes& entry) {
  const Numbers numbers(entry);
  for (std::size_t i = 0; i < entry.structure.nodes.size(); ++i) {
    Fields fields;
    for (const ResidueColumn& column : columns)
      fields.emplace_back(column.name, column.get(numbers, i));
    out << json_line(fields);
  }
}

std::string residue_column_help() {
  std::string text;
  for (const ResidueColumn& column : columns)
    text += fmt::format("\n  {:<18}{}", column.name, column.help);
  return text;
}

}  // namespace modesweep
