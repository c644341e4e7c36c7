// SPDX-License-Identifier: MIT
// The records before the atoms.
#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <modesweep/pdb_id.hpp>

#include "base/text.hpp"
#include "structure/decimal.hpp"
#include "structure/pdb_lines.hpp"
#include "structure/pdb_reader.hpp"
#include "structure/protein_identity.hpp"
#include "structure/text_format.hpp"

namespace modesweep {
namespace {

/// "09-JAN-07" as 2007-01-09; empty where it is no date. Years from 70 on are of the last century.
std::string iso_date(std::string_view date) {
  static constexpr std::array<std::string_view, 12> months = {
      "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
  if (date.size() != 9) return {};
  const std::string month = ascii_lower(date.substr(3, 3));
  const auto found = std::find(months.begin(), months.end(), month);
  int day, year;
  if (found == months.end() || !parse_integer(date.substr(0, 2), day) ||
      !parse_integer(date.substr(7, 2), year))
    return {};
  const auto number = found - months.begin() + 1;
  std::string text = std::to_string(year + (year >= 70 ? 1900 : 2000)) + "-00-00";
  text[5] = static_cast<char>('0' + number / 10);
  text[6] = static_cast<char>('0' + number % 10);
  text[8] = date[0];
  text[9] = date[1];
  return text;
}

/// Values of `key` in a specification list ("MOL_ID: 1; MOLECULE: UBIQUITIN;"), joined by "; ".
std::string specified(std::string_view list, std::string_view key) {
  std::string values;
  while (!list.empty()) {
    const std::size_t end = list.find(';');
    std::string_view item = without_blanks(list.substr(0, end));
    if (item.starts_with(key) && without_blanks(item.substr(key.size())).starts_with(':')) {
      item = without_blanks(item.substr(item.find(':') + 1));
      if (!values.empty()) values += "; ";
      values += item;
    }
    if (end == std::string_view::npos) break;
    list.remove_prefix(end + 1);
  }
  return clean(values);
}

/// REMARK 350. An operator whose rows are not all there, in order and readable makes the assembly
/// one that cannot be read.
class AssemblyRemarks {
 public:
  AssemblyRemarks() { assemblies_.of_chains = true; }

  void line(std::string_view line) {
    const std::string_view text = line.size() > 10 ? line.substr(10) : std::string_view{};
    const std::size_t colon = text.find(':');
    const std::string_view label = without_blanks(text.substr(0, colon));
    const std::string_view value = colon == std::string_view::npos
                                       ? std::string_view{}
                                       : without_blanks(text.substr(colon + 1));
    const bool list_goes_on = std::exchange(list_is_open_, false);
    if (label.starts_with("BIOMT")) return add_row(label.substr(5));
    end_operator();
    if (label == "BIOMOLECULE") {
      begin(value);
    } else if (label.ends_with("APPLY THE FOLLOWING TO CHAINS")) {
      first_ = assemblies_.generators.size();
      for (const std::string& name : current_)
        if (++kept_ <= most_kept) assemblies_.generators.push_back({name, "", {}, {}});
      add_chains(value);
    } else if (label == "AND CHAINS" ||
               (list_goes_on && colon == std::string_view::npos && !label.empty())) {
      add_chains(colon == std::string_view::npos ? label : value);
    }
  }

  Assemblies take() {
    end_operator();
    if (kept_ > most_kept)  // what is missing may be of any of them
      for (Generator& generator : assemblies_.generators)
        generator.expression = unreadable_operators;
    return std::move(assemblies_);
  }

 private:
  static constexpr std::string_view separators = ",; \t";

  void begin(std::string_view names) {
    current_.clear();
    for (const std::string_view name : words(names, separators))
      if (++kept_ <= most_kept) current_.emplace_back(name);
    for (const std::string& name : current_)
      if (known_.insert(name).second) assemblies_.names.push_back(name);
    first_ = assemblies_.generators.size();
  }

  void add_chains(std::string_view list) {
    // A list that ends in a comma, or is empty yet, goes on in the next line.
    list_is_open_ = list.empty() || list.ends_with(',') || list.ends_with(';');
    for (std::string_view name : words(list, separators)) {
      if (!has_room()) return spoil();
      if (name == "NULL") name = {};  // a blank chain
      for (std::size_t i = first_; i < assemblies_.generators.size(); ++i)
        assemblies_.generators[i].parts.emplace_back(name);
    }
  }

  /// "2   1  0.0 1.0 0.0  0.0", which is "21000 ..." of the operator 1000.
  void add_row(std::string_view text) {
    std::vector<std::string_view> fields = words(text, separators);
    if (!fields.empty() && fields[0].size() > 1) {
      fields.insert(fields.begin() + 1, fields[0].substr(1));
      fields[0] = fields[0].substr(0, 1);
    }
    const std::size_t row = fields.empty() ? 9 : static_cast<std::size_t>(fields[0][0] - '1');
    if (row == 0) {
      end_operator();
      op_ = Operator{std::string(fields.size() > 1 ? fields[1] : std::string_view{})};
    }
    bool readable = fields.size() == 6 && row == rows_ && fields[1] == op_.name;
    for (std::size_t i = 0; readable && i < 4; ++i)
      readable = parse_number(fields[i + 2], op_.matrix[row][i]);
    if (!readable) return spoil();
    if (++rows_ < 3) return;
    rows_ = 0;
    if (!has_room()) return spoil();
    for (std::size_t i = first_; i < assemblies_.generators.size(); ++i)
      assemblies_.generators[i].operators.push_back(op_);
  }

  /// For what is to be added to each generator of the lines: a list of names may multiply what
  /// follows it.
  bool has_room() {
    kept_ += assemblies_.generators.size() - first_;
    return kept_ <= most_kept;
  }

  /// Another line than a row comes.
  void end_operator() {
    if (rows_ > 0) spoil();
  }

  void spoil() {
    rows_ = 0;
    for (std::size_t i = first_; i < assemblies_.generators.size(); ++i)
      assemblies_.generators[i].expression = unreadable_operators;
  }

  Assemblies assemblies_;
  std::set<std::string> known_;       // the names of assemblies_
  std::vector<std::string> current_;  // those that the lines are of
  std::size_t first_ = 0;             // of the generators that the lines are of
  bool list_is_open_ = false;         // of chains, in the line before
  Operator op_;
  std::size_t rows_ = 0;                             // of the operator so far
  static constexpr std::size_t most_kept = 400'000;  // some 50 MB
  std::size_t kept_ = 0;                             // names, chains and operators
};

/// Before 1996 columns 73-80 held the entry's ID and a number of the line.
std::string_view without_line_number(std::string_view line, std::string_view id) {
  constexpr std::size_t before = 72;
  if (line.size() < before + 8 || begins_with(line.substr(before), "        ") || id.empty() ||
      columns(line, 73, 76) != id)
    return line;
  int number;
  return parse_integer(columns(line, 77, 80), number) ? line.substr(0, before) : line;
}

class Head {
 public:
  void line(std::string_view full) {
    const std::string_view line = without_line_number(full, id_);
    const auto text = [&] { return line.size() > 10 ? line.substr(10) : std::string_view{}; };
    if (begins_with(line, "REMARK")) {
      remark(line);
    } else if (begins_with(line, "HEADER")) {
      id_ = columns(line, 63, 74);  // of twelve characters, or of four
      if (!normalise_pdb_id(id_)) id_ = columns(line, 63, 66);
    } else if (is_record(line, "TITLE")) {
      append(title_, text());
    } else if (begins_with(line, "KEYWDS")) {
      append(keywords_, text());
    } else if (begins_with(line, "EXPDTA")) {
      append(method_, without_blanks(text()));
    } else if (begins_with(line, "COMPND") || begins_with(line, "SOURCE")) {
      std::string& list = line[0] == 'C' ? molecules_ : source_;
      append(list, without_blanks(text()));
      list += ' ';
    } else if (begins_with(line, "REVDAT")) {
      if (!revision_) revision_ = iso_date(columns(line, 14, 22));
    } else if (begins_with(line, "SEQRES")) {
      std::vector<std::string>& sequence = sequences_[std::string(columns(line, 11, 12))];
      for (std::size_t first = 20; first <= 68; first += 4)
        if (const std::string_view name = columns(line, first, first + 2);
            !name.empty() && ++residues_ <= most_residues)
          sequence.emplace_back(name);
    } else if (begins_with(line, "DBREF")) {
      reference(line);
    }
  }

  FileContents take() {
    FileContents contents;
    Header& header = contents.header;
    header.title = clean(title_);
    header.keywords = clean(keywords_);
    header.molecules = specified(molecules_, "MOLECULE");
    header.organisms = specified(source_, "ORGANISM_SCIENTIFIC");
    header.method = clean(method_);
    header.resolution = resolution_;
    header.revision = revision_.value_or("");
    ProteinIdentity protein;
    for (const auto& [chain, sequence] : sequences_) {
      ProteinIdentity& of_chain = chain_proteins_.of_entity(chain);
      of_chain.add_sequence(sequence);
      chain_proteins_.add_chain(chain, chain);
      protein.add_sequence(sequence);
    }
    protein.add(references_of_all_);
    header.protein = protein.text();
    contents.proteins = std::move(chain_proteins_);
    if (const std::optional<std::string> id = normalise_pdb_id(id_)) {
      header.id = *id;
      header.id_is_entry = true;
    }
    contents.assemblies = assemblies_.take();
    contents.predicted = is_predicted(header, false);
    return contents;
  }

 private:
  /// Nothing once there is more than any entry has; so it is with all that the head keeps.
  static void append(std::string& text, std::string_view line) {
    constexpr std::size_t most_text = std::size_t{4} << 20;
    const std::size_t last = line.find_last_not_of(' ');
    if (last != std::string_view::npos && text.size() < most_text) text += line.substr(0, last + 1);
  }

  void remark(std::string_view line) {
    constexpr std::size_t before = 7;
    if (line.size() > before && begins_with(line.substr(before), "350"))
      return assemblies_.line(line);
    if (resolution_) return;
    const std::string_view number = columns(line, 8, 10);
    double value = 0;
    constexpr std::string_view label = "RESOLUTION.";
    if (number == "2")
      if (const std::size_t at = line.find(label); at != std::string_view::npos) {
        const std::string_view rest = without_blanks(line.substr(at + label.size()));
        parse_number(rest.substr(0, rest.find(' ')), value);
      }
    if (number == "3" && line.find("RESOLUTION RANGE HIGH (ANGSTROMS)") != std::string_view::npos)
      if (const std::size_t colon = line.find(':'); colon != std::string_view::npos)
        parse_number(without_blanks(line.substr(colon + 1)), value);
    if (value > 0) resolution_ = value;
  }

  /// An accession too long for DBREF stands in a second line.
  void reference(std::string_view line) {
    if (++references_ > most_references) return;
    const char kind = line.size() > 5 ? line[5] : ' ';
    if (kind != '2') database_ = columns(line, 27, 32);
    if (kind != ' ' && kind != '2') return;
    const std::string_view accession = kind == '2' ? columns(line, 19, 40) : columns(line, 34, 41);
    const std::string_view chain = columns(line, 12, 13);
    references_of_all_.add_reference(database_, accession);
    chain_proteins_.of_entity(chain).add_reference(database_, accession);
    chain_proteins_.add_chain(chain, chain);
  }

  static constexpr std::size_t most_residues = 1'000'000, most_references = 100'000;
  std::string_view id_, database_;
  std::string title_, keywords_, method_, molecules_, source_;
  std::optional<std::string> revision_;  // of the first record
  std::optional<double> resolution_;
  std::map<std::string, std::vector<std::string>> sequences_;  // by chain
  std::size_t residues_ = 0, references_ = 0;                  // that were there
  ProteinIdentity references_of_all_;
  ChainProteins chain_proteins_;  // an entity of each chain
  AssemblyRemarks assemblies_;
};

}  // namespace

FileContents read_pdb_head(std::string_view text, std::size_t* end) {
  Head head;
  std::size_t read = text.size();
  for_each_line(text, [&](std::string_view line) {
    if (is_atom_record(line) || is_model_record(line)) {
      read = static_cast<std::size_t>(line.data() - text.data());
      return false;
    }
    head.line(line);
    return true;
  });
  if (end) *end = read;
  return head.take();
}

}  // namespace modesweep
