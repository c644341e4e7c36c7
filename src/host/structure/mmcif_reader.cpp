// SPDX-License-Identifier: MIT
#include "structure/mmcif_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "structure/atom_site_columns.hpp"
#include "structure/cif_scanner.hpp"
#include "structure/decimal.hpp"
#include "structure/model_choice.hpp"
#include "structure/pdb_lines.hpp"
#include "structure/residue_number.hpp"
#include "structure/text_format.hpp"

namespace modesweep {
namespace {

using namespace atom_columns;

constexpr std::string_view atom_site = "_atom_site.";

bool is_atom_site(std::string_view tag) {
  return tag.size() > atom_site.size() && starts_with_ignoring_case(tag, atom_site);
}

/// A value that is a name: blanks around it are none of it, and an empty one is none.
CifValue name_value(std::string_view raw) {
  const char first = raw[0];
  const bool is_plain = first > '\'' && first != ';' && first != '.' && first != '?';
  if (is_plain) return raw;  // the usual one, of which this is called for each residue's names
  const CifValue value = cif_value(raw);
  if (!value || (raw[0] != '"' && raw[0] != '\'' && raw[0] != ';')) return value;
  const std::string_view name = without_blanks(*value);
  return name.empty() ? std::nullopt : CifValue(name);
}

/// The `_atom_site` table, row by row.
class AtomTable {
 public:
  AtomTable(std::string_view text, std::optional<int> model, NodeCollector& collector)
      : text_(text), models_(model), collector_(collector) {}

  bool set_columns(const std::vector<std::string_view>& tags);
  bool row(const std::string_view* values);
  bool line(const CifLine& line);
  bool refuse(const char* code, std::string message) {
    problem_ = ReadProblem{code, std::move(message)};
    return false;
  }

  int models() const { return models_.count(); }
  bool empty() const { return models_.count() == 0; }
  std::size_t columns() const { return values_.size(); }
  const std::optional<ReadProblem>& problem() const { return problem_; }
  std::size_t line_number(const char* at) const {
    return 1 + static_cast<std::size_t>(std::count(text_.data(), at, '\n'));
  }

 private:
  static constexpr std::size_t missing = ~std::size_t{0};

  bool has(Column column) const { return at_[column] != missing; }
  CifValue value(const std::string_view* values, Column column) const {
    return has(column) ? name_value(values[at_[column]]) : std::nullopt;
  }
  bool bad_field(const char* code, std::string_view raw, Column column) {
    return refuse(
        code, fmt::format(
                  "line {}: {}{} \"{}\" of atom {} {} is not {}", line_number(raw.data()),
                  atom_site, names[column], cif_value(raw).value_or(raw), site_.name, current_atom_,
                  column == author_number || column == label_number ? "an integer" : "a number"));
  }
  bool in_step(const std::string_view* values);
  bool enter_model(std::string_view raw);
  bool enter_residue(const std::string_view* values);
  bool read_number(const std::string_view* values);
  bool read_coordinate(std::string_view raw, Column column, double& position);
  /// Takes the atom of a row if it is wanted; `raw` gives the row's values as they stand.
  template <class Raw>
  bool atom(Raw&& raw);
  void note_constant_columns(const CifLine& line);

  std::string_view text_;
  std::array<std::size_t, column_count> at_{};
  std::size_t atom_ = missing;  // the author's name where there is a column of it
  ModelChoice models_;
  std::string_view model_;  // of the row before, as it stands
  bool in_wanted_model_ = false;
  NodeCollector& collector_;
  std::optional<ReadProblem> problem_;

  bool takes_calpha_ = false, takes_others_ = false;  // of the current residue and altloc
  bool number_is_bad_ = false;
  std::size_t rows_ = 0;  // that are not read as lines
  bool rows_begin_lines_ = false;
  char altloc_ = ' ';
  ResidueSite site_;
  std::string_view current_atom_;

  // Bytes of a line that are the same as in the line before where it goes on with the residue.
  std::array<std::uint64_t, CifLine::words> constant_{};
  std::vector<std::string_view> values_;
};

bool AtomTable::set_columns(const std::vector<std::string_view>& tags) {
  at_.fill(missing);
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (!is_atom_site(tags[i]))
      return refuse("not_a_structure", fmt::format("line {}: {} is among the columns of atoms",
                                                   line_number(tags[i].data()), tags[i]));
    const std::uint64_t name = tag_hash(tags[i].substr(atom_site.size()));
    for (std::size_t column = 0; column < column_count; ++column) {
      if (name != tag_hash(names[column])) continue;
      if (at_[column] != missing)
        return refuse("not_a_structure", fmt::format("line {}: {} is there twice",
                                                     line_number(tags[i].data()), tags[i]));
      at_[column] = i;
    }
  }
  const std::string_view lacks = missing_column([this](Column column) { return has(column); });
  if (!lacks.empty()) return refuse("not_a_structure", fmt::format("_atom_site has no {}", lacks));
  atom_ = has(author_atom) ? at_[author_atom] : at_[label_atom];
  values_.resize(tags.size());
  return true;
}

/// What cannot be read is no fault until an atom of the residue is taken.
bool AtomTable::read_number(const std::string_view* values) {
  site_.number = std::nullopt;
  bool bad = false;
  for (const Column column : {author_number, label_number}) {
    const CifValue number = value(values, column);
    if (!number || says_no_number(*number)) continue;
    if (parse_residue_number(*number, site_.number, site_.insertion)) return true;
    bad = true;
  }
  return !bad;
}

/// Rows of one model stand together, as a rule.
bool AtomTable::enter_model(std::string_view raw) {
  if (raw == model_) return true;
  std::optional<int> model;
  char no_letter = '.';
  if (const CifValue number = name_value(raw); number && !says_no_number(*number))
    if (!parse_residue_number(*number, model, no_letter))
      return refuse("not_a_structure",
                    fmt::format("line {}: the model number \"{}\" is not an integer",
                                line_number(raw.data()), *number));
  in_wanted_model_ = models_.enter(model);
  model_ = raw;
  return true;
}

bool AtomTable::enter_residue(const std::string_view* values) {
  takes_calpha_ = takes_others_ = false;
  if (!enter_model(has(model_number) ? values[at_[model_number]] : "?")) return false;
  if (!in_wanted_model_) return true;
  const auto value_of = [&](Column column) { return value(values, column); };
  read_residue(value_of, site_);
  number_is_bad_ = !read_number(values);
  altloc_ = read_altloc(value_of);
  collector_.enter(site_, altloc_);
  takes_calpha_ = collector_.takes_calpha();
  takes_others_ = collector_.takes_others();
  return true;
}

bool AtomTable::read_coordinate(std::string_view raw, Column column, double& position) {
  if (parse_decimal(raw, position)) return true;
  const CifValue value = cif_value(raw);
  return (value && parse_cif_number(*value, position)) || bad_field("bad_coordinates", raw, column);
}

template <class Raw>
bool AtomTable::atom(Raw&& raw) {
  AtomSite taken;
  CifValue name = name_value(raw(author_atom));
  if (!name) name = name_value(raw(label_atom));
  taken.name = current_atom_ = name.value_or("");
  if (!collector_.takes(taken.name)) return true;
  taken.altloc = altloc_;
  if (!collector_.needs_positions()) {
    collector_.add(taken);
    return true;
  }
  if (number_is_bad_)
    return cif_value(raw(author_number))
               ? bad_field("not_a_structure", raw(author_number), author_number)
               : bad_field("not_a_structure", raw(label_number), label_number);
  for (const auto& [axis, column] : {std::pair(0, x), {1, y}, {2, z}})
    if (!read_coordinate(raw(column), column, taken.position[static_cast<std::size_t>(axis)]))
      return false;
  if (!collector_.needs_values(taken.name)) {
    collector_.add(taken);
    return true;
  }
  double number;
  if (const std::string_view b = raw(b_factor); parse_decimal(b, number)) {
    taken.b_factor = number;
  } else if (const CifValue value = cif_value(b); value && !says_no_number(*value)) {
    if (!parse_cif_number(*value, number)) return bad_field("not_a_structure", b, b_factor);
    taken.b_factor = number;
  }
  if (const CifValue value = cif_value(raw(occupancy)))
    if (parse_cif_number(*value, number)) taken.occupancy = number;
  collector_.add(taken);
  return true;
}

/// A value too many or too few moves all that come after it into other columns. Rows stand in lines
/// of their own, as a rule: once that is known, a row that begins elsewhere is such. Where rows are
/// filled into lines their coordinates tell.
bool AtomTable::in_step(const std::string_view* values) {
  const char* before = values[0].data();
  while (before != text_.data() && (before[-1] == ' ' || before[-1] == '\t')) --before;
  const bool begins_line = before == text_.data() || before[-1] == '\n';
  if (++rows_ <= 2) rows_begin_lines_ = begins_line && (rows_ == 1 || rows_begin_lines_);
  if (begins_line) return true;
  bool in_step = !rows_begin_lines_;
  for (const Column axis : {x, y, z}) {
    const CifValue value = cif_value(values[at_[axis]]);
    double unused;
    in_step = in_step && (!value || says_no_number(*value) || parse_cif_number(*value, unused));
  }
  return in_step ||
         refuse("not_a_structure",
                fmt::format("line {}: the table of atoms has a value too many or too few before",
                            line_number(values[0].data())));
}

bool AtomTable::row(const std::string_view* values) {
  if (!in_step(values)) return false;
  if (!enter_residue(values)) return false;
  if (!takes_calpha_ && !takes_others_) return true;
  return atom([&](Column column) { return has(column) ? values[at_[column]] : "?"; });
}

void AtomTable::note_constant_columns(const CifLine& line) {
  constant_.fill(0);
  for (const Column constant : residue_columns) {
    const std::size_t column = at_[constant];
    if (column == missing) continue;
    const std::size_t end =  // of the last column with the newline, or "1" could grow to "12"
        column + 1 < line.columns.size() ? line.columns[column + 1] : line.length + 1;
    for (std::size_t i = line.columns[column]; i < end; ++i)
      constant_[i / mask_bytes] |= std::uint64_t{1} << i % mask_bytes;
  }
}

bool AtomTable::line(const CifLine& line) {
  bool same_residue = line.same_columns;
  if (same_residue)
    for (std::size_t w = 0; w < CifLine::words && same_residue; ++w)
      same_residue = constant_[w] == 0 ||
                     (differences(line.begin + w * mask_bytes, line.line_before + w * mask_bytes) &
                      constant_[w]) == 0;
  else
    note_constant_columns(line);
  if (!same_residue) {
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i] = line.value(i);
    return row(values_.data());
  }
  if (!takes_calpha_ && !takes_others_) return true;
  const char* const name = line.begin + line.columns[atom_];
  const bool maybe_calpha = name[0] == 'C' && name[1] == 'A' && name[2] <= ' ';
  const bool odd_name = name[0] == '"' || name[0] == '\'' || name[0] == '?' || name[0] == '.';
  if (!maybe_calpha && !takes_others_ && !odd_name) return true;
  return atom([&](Column column) { return has(column) ? line.value(at_[column]) : "?"; });
}

/// What the scanner hands out, sorted into items and atoms.
class Reader {
 public:
  Reader(std::string_view text, std::optional<int> model, NodeCollector& collector)
      : atoms_(text, model, collector) {}

  bool block() {
    if (!end_single_atom()) return false;
    done_ = done_ || !atoms_.empty();
    if (!done_) {
      items_.clear();
      model_cif_ = false;
    }
    return true;
  }

  bool pair(std::string_view tag, std::string_view value) {
    strays_ = 0;
    if (is_atom_site(tag)) return single_atom(tag, value);
    if (done_) return true;
    model_cif_ |= is_of_model_cif(tag);
    if (const Item item = find_item(tag_hash(tag)); item != Item::none)
      items_.add(item, cif_value(value));
    return has_room() && end_single_atom();
  }

  bool loop(const std::vector<std::string_view>& tags) {
    strays_ = 0;
    if (tags.size() > most_columns) return too_wide();
    if (!end_single_atom()) return false;
    columns_.clear();
    in_atom_site_ = is_atom_site(tags.front());
    if (in_atom_site_) {
      if (done_) return true;
      if (!atoms_.empty()) return two_tables(tags.front());
      return atoms_.set_columns(tags);
    }
    if (done_) return true;
    model_cif_ |= is_of_model_cif(tags.front());
    for (std::size_t i = 0; i < tags.size(); ++i)
      if (const Item item = find_item(tag_hash(tags[i])); item != Item::none)
        columns_.push_back({i, item});
    return true;
  }

  bool row(const std::string_view* values) {
    if (in_atom_site_ && !done_) return atoms_.row(values);
    more_blocks_ |= in_atom_site_;
    for (const auto& [column, item] : columns_) items_.add(item, cif_value(values[column]));
    return has_room();
  }

  bool line(const CifLine& line) {
    if (in_atom_site_ && !done_) return atoms_.line(line);
    for (const auto& [column, item] : columns_) items_.add(item, cif_value(line.value(column)));
    return has_room();
  }

  bool cut_row() {
    return !in_atom_site_ || done_ ||
           atoms_.refuse("not_a_structure", "the table of atoms is cut: its last row lacks values");
  }

  /// A few are words of a text without quotes. What begins as a row of the table of atoms, or goes
  /// on for rows, is of that table, which something cut in two.
  bool stray(std::string_view value) {
    if (!single_tags_.empty())
      return atoms_.refuse("not_a_structure",
                           fmt::format("line {}: the table of atoms lacks its loop_",
                                       atoms_.line_number(value.data())));
    if (done_ || atoms_.empty()) return true;
    constexpr std::size_t more_than_words = 4;  // times the columns
    const bool is_row = value == "ATOM" || value == "HETATM";
    if (++strays_ < more_than_words * atoms_.columns() && !is_row) return true;
    return atoms_.refuse("not_a_structure",
                         fmt::format("line {}: values without a tag after the table of atoms",
                                     atoms_.line_number(value.data())));
  }

  bool end() { return end_single_atom(); }
  AtomTable& atoms() { return atoms_; }
  FileContents contents() const {
    FileContents contents = contents_of(items_, model_cif_);
    contents.models = atoms_.models();
    contents.more_blocks = more_blocks_;
    return contents;
  }

 private:
  bool has_room() {
    return !items_.too_many() || atoms_.refuse("not_a_structure", Items::complaint);
  }

  bool too_wide() {
    return atoms_.refuse("not_a_structure",
                         fmt::format("a table has more than {} columns", most_columns));
  }

  bool two_tables(std::string_view tag) {
    return atoms_.refuse("not_a_structure",
                         fmt::format("line {}: a second table of atoms in one data block",
                                     atoms_.line_number(tag.data())));
  }

  /// A table of one atom may be written as pairs.
  bool single_atom(std::string_view tag, std::string_view value) {
    if (done_) {
      more_blocks_ = true;
      return true;
    }
    if (single_tags_.empty() && !atoms_.empty()) return two_tables(tag);
    single_tags_.push_back(tag);
    single_values_.push_back(value);
    return single_tags_.size() <= most_columns || too_wide();
  }

  bool end_single_atom() {
    if (single_tags_.empty()) return true;
    const std::vector<std::string_view> tags = std::move(single_tags_);
    single_tags_.clear();
    return atoms_.set_columns(tags) && atoms_.row(single_values_.data());
  }

  std::vector<std::pair<std::size_t, Item>> columns_;  // of the current loop
  std::size_t strays_ = 0;                             // since the last tag
  bool in_atom_site_ = false;
  bool done_ = false;  // the block with the atoms has ended
  bool more_blocks_ = false, model_cif_ = false;
  std::vector<std::string_view> single_tags_, single_values_;
  AtomTable atoms_;
  Items items_;
};

/// What a CIF is that has no atoms.
std::string why_without_atoms(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> kinds[] = {
      {"_refln.", "structure factors"},
      {"_chem_comp_atom.", "a dictionary of ligands"},
      {"_atom_site_fract_x", "a crystal structure of a small molecule"},
      {"_atom_site_label", "a crystal structure of a small molecule"},
      {"_item_description.", "a dictionary of CIF"},
  };
  std::string why = "there is no atom in the _atom_site table of the file";
  if (text.find("_atom_site.") == std::string_view::npos)
    why = "a CIF without atoms: there is no _atom_site table in the file";
  for (const auto& [tag, kind] : kinds)
    if (text.find(tag) != std::string_view::npos) return fmt::format("{} ({})", why, kind);
  return why;
}

}  // namespace

tl::expected<FileContents, ReadProblem> read_mmcif(std::string_view text, std::optional<int> model,
                                                   NodeCollector& collector) {
  Reader reader(text, model, collector);
  const ScanEnd end = scan_cif(text, reader);
  if (end == ScanEnd::whole) reader.end();
  if (reader.atoms().problem()) return tl::unexpected(*reader.atoms().problem());
  if (end == ScanEnd::open_text_field)
    return tl::unexpected(ReadProblem{"not_a_structure", "the file is cut within a text field"});
  if (reader.atoms().empty())
    return tl::unexpected(ReadProblem{"not_a_structure", why_without_atoms(text)});
  return reader.contents();
}

}  // namespace modesweep
