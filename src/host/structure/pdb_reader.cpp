// SPDX-License-Identifier: MIT
#include "structure/pdb_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "structure/decimal.hpp"
#include "structure/node_rules.hpp"
#include "structure/pdb_lines.hpp"
#include "structure/residue_names.hpp"
#include "structure/residue_number.hpp"

namespace modesweep {
namespace {

constexpr std::array<std::size_t, 3> coordinate_columns = {31, 39, 47};  // of eight columns each
constexpr std::size_t number_column = 26;                           // where a residue number ends
constexpr std::array<std::size_t, 3> point_columns = {35, 43, 51};  // of numbers of three decimals
constexpr std::size_t occupancy_point = 58, b_factor_point = 64;    // of two decimals

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter_or_digit(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// Columns 13 to 16 without the blanks around them. Names of all lengths follow each other, so that
/// nothing is decided by a branch.
std::string_view atom_name(std::string_view line) {
  constexpr std::size_t first = 13, last = 16;
  if (std::endian::native != std::endian::little || line.size() < last)
    return columns(line, first, last);
  std::uint32_t name;
  std::memcpy(&name, line.data() + first - 1, sizeof name);
  const std::uint32_t letters = name ^ 0x20202020;  // 0 where there are blanks
  const auto before = static_cast<std::size_t>(std::countr_zero(letters)) / 8;
  const auto after = static_cast<std::size_t>(std::countl_zero(letters)) / 8;
  if (letters == 0) return {};
  return {line.data() + first - 1 + before, sizeof name - before - after};
}

/// The character of a column, blank where the line is shorter.
char at(std::string_view line, std::size_t column) {
  return column <= line.size() ? line[column - 1] : ' ';
}

bool parse_based(std::string_view field, int base, int& value) {
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value, base);
  return error == std::errc() && end == field.data() + field.size() && is_letter_or_digit(field[0]);
}

/// A residue number: decimal, or beyond 9999 hybrid-36 (upper case) or hexadecimal, as programs
/// write it; nothing where there is none. False where it cannot be read. Four digits are
/// hexadecimal where they go on from `before`, the number of the residue before: 2710 after 9999.
bool read_number(std::string_view field, int before, std::optional<int>& number, char& insertion) {
  constexpr int last_decimal = 9999, longest_step = 256;
  number = std::nullopt;
  if (field.empty() || field.find_first_not_of('*') == std::string_view::npos) return true;
  int value = 0;
  if (before < last_decimal && parse_integer(field, value)) {
    number = value;
    return true;
  }
  const bool may_be_hexadecimal = field.size() == 4 && parse_based(field, 16, value);
  if (may_be_hexadecimal && before >= last_decimal && value > before &&
      value <= before + longest_step) {
    number = value;
    return true;
  }
  if (parse_integer(field, value)) {
    number = value;
    return true;
  }
  const bool lower =
      std::any_of(field.begin(), field.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (field.size() == 4 && !lower && !is_digit(field[0]) && parse_based(field, 36, value)) {
    constexpr int first_hybrid = 10 * 36 * 36 * 36;  // A000 comes after 9999
    number = value - first_hybrid + last_decimal + 1;
    return true;
  }
  if (may_be_hexadecimal && parse_based(field, 16, value)) {
    number = value;
    return true;
  }
  return parse_residue_number(field, number, insertion);
}

/// The number in the `width` columns up to `last`, which has `decimals` in files as they should be.
template <unsigned width, unsigned decimals>
bool parse_columns(std::string_view line, std::size_t last, double& value) {
  return (line.size() >= last && parse_fixed<width, decimals>(line.data() + last, value)) ||
         parse_number(columns(line, last + 1 - width, last), value);
}

/// The three coordinates in their columns, moved by a shift.
bool read_coordinates(std::string_view line, std::ptrdiff_t shift, Vec3& position) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::size_t first =
        static_cast<std::size_t>(static_cast<std::ptrdiff_t>(coordinate_columns[axis]) + shift);
    const std::string_view field = columns(line, first, first + 7);
    if (!parse_number(field, position[axis])) return false;
  }
  return true;
}

/// Whether the coordinates end where their columns do, and nothing touches them there.
bool fields_end_in_place(std::string_view line) {
  return std::all_of(coordinate_columns.begin(), coordinate_columns.end(), [&](std::size_t first) {
    return is_digit(at(line, first + 7)) && !is_digit(at(line, first + 8));
  });
}

/// By how many columns an atom's line is moved; 0 where it stands as the format has it, or nothing
/// of the kind can be told.
std::ptrdiff_t shift_of(std::string_view line) {
  Vec3 unused;
  const bool readable = read_coordinates(line, 0, unused);
  for (const std::ptrdiff_t shift : {1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6}) {
    const auto moved = [&](std::size_t column) {
      return at(line, static_cast<std::size_t>(static_cast<std::ptrdiff_t>(column) + shift));
    };
    const bool points = std::all_of(point_columns.begin(), point_columns.end(),
                                    [&](std::size_t column) { return moved(column) == '.'; });
    const bool number_ends =
        is_letter_or_digit(moved(number_column)) && !is_digit(moved(number_column + 1));
    // Where blanks were lost or put in before the coordinates alone, occupancy and B factor move
    // too.
    const bool rest_moved = moved(occupancy_point) == '.' && moved(b_factor_point) == '.' &&
                            (at(line, occupancy_point) != '.' || at(line, b_factor_point) != '.');
    if (!points || !read_coordinates(line, shift, unused)) continue;
    // An x wider than its columns moves what is behind it, but begins where it should.
    const bool begins_in_place = shift > 0 && at(line, coordinate_columns[0]) != ' ';
    if (rest_moved && !number_ends && !begins_in_place && !fields_end_in_place(line)) return shift;
    if (!number_ends) continue;
    const bool in_place =
        is_letter_or_digit(at(line, number_column)) && !is_digit(at(line, number_column + 1));
    if (!readable || !in_place) return shift;
  }
  return 0;
}

/// Whether the residue is an amino acid if its name is moved by a column, and none as it is.
bool has_misplaced_name(std::string_view line) {
  // Names of three letters fill their columns.
  if (line.size() < 21 || (line[17] != ' ' && line[19] != ' ')) return false;
  const auto is_known = [](std::string_view name) {
    return is_prody_amino_acid(name, ProdyRelease::v2_6_1);
  };
  if (is_known(columns(line, 18, 20))) return false;
  return (line[19] == ' ' && is_known(line.substr(16, 3))) ||
         (line[17] == ' ' && is_known(line.substr(18, 3)));
}

/// Whether a line holds what web pages are made of.
bool is_of_web_page(std::string_view line) {
  if (line.find('<') == std::string_view::npos) return false;
  const std::string lower = ascii_lower(line);
  for (const std::string_view tag : {"<html", "</html", "<!doctype", "<head", "<body", "<title"})
    if (lower.find(tag) != std::string::npos) return true;
  return false;
}

/// Whether coordinates wider than their columns move what comes after them: the last one then runs
/// into the occupancy.
bool overflows(std::string_view line) {
  constexpr std::size_t last = 54;
  // A point in its place leaves the digits of a fourth decimal alone behind the columns.
  if (at(line, point_columns[2]) == '.') return false;
  if (at(line, last) == ' ' || !is_digit(at(line, last + 1))) return false;
  const std::string_view occupancy = columns(line, last + 1, 60);
  double unused;
  return !parse_number(occupancy, unused) || occupancy.find('.') == std::string_view::npos;
}

/// Whether there are three numbers with a point, one after the other.
bool has_coordinates(std::string_view line) {
  int numbers = 0;
  double unused;
  for (const std::string_view word : words(line, " \t,;\"'")) {
    const bool number = word.find('.') != std::string_view::npos && parse_number(word, unused);
    numbers = number ? numbers + 1 : 0;
    if (numbers == 3) return true;
  }
  return false;
}

/// Whether an atom's record begins within the line of another.
bool has_second_record(std::string_view line) {
  constexpr std::size_t from = 54;
  for (const std::string_view record : {"ATOM  ", "HETATM"})
    if (const std::size_t at = line.find(record, from); at != std::string_view::npos)
      return has_coordinates(line.substr(at));
  return false;
}

/// Whether a word of the line is this.
bool has_word(std::string_view line, std::string_view wanted) {
  for (std::size_t first = 0;
       (first = line.find_first_not_of(' ', first)) != std::string_view::npos;) {
    const std::size_t end = std::min(line.find(' ', first), line.size());
    if (line.substr(first, end - first) == wanted) return true;
    first = end;
  }
  return false;
}

/// What atoms of one residue and altloc have in common: the record, columns 17 to 27 and the
/// segment.
class LineIdentity {
 public:
  LineIdentity() = default;
  explicit LineIdentity(std::string_view line) : record_(line[0]) {
    constexpr std::size_t altloc = 16, number = 19, segment = 72;  // from 0; of 4, 8 and 4 bytes
    const auto load = [&](auto& to, std::size_t from) {
      if (line.size() >= from + sizeof to)
        std::memcpy(&to, line.data() + from, sizeof to);
      else if (line.size() > from)
        std::memcpy(&to, line.data() + from, line.size() - from);
    };
    load(altloc_to_name_, altloc);
    load(name_to_insertion_, number);
    load(segment_, segment);
  }
  bool operator==(const LineIdentity&) const = default;

 private:
  std::uint64_t name_to_insertion_ = 0;
  std::uint32_t altloc_to_name_ = 0, segment_ = 0;
  char record_ = ' ';
};

/// Which frame of atoms is wanted, and how many there are.
class Frames {
 public:
  explicit Frames(std::optional<int> wanted) : wanted_(wanted) {}

  void model_record(std::string_view line) {
    // A frame that no ENDMDL ended; atoms before the first MODEL record are of its model, though.
    if (has_atoms_ && begun_by_record_) end();
    begun_by_record_ = true;
    int number;
    if (parse_integer(columns(line, 7, 20), number)) number_ = number;
  }
  void end() {
    if (has_atoms_) {
      ++count_;
      taken_ |= current_wanted_;
    }
    has_atoms_ = begun_by_record_ = false;
    number_ = std::nullopt;
  }
  /// An atom comes. Whether it is wanted.
  bool atom() {
    if (!has_atoms_) {
      has_atoms_ = true;
      current_wanted_ = !taken_ && (!wanted_ || number_.value_or(count_ + 1) == *wanted_);
    }
    return current_wanted_;
  }
  int count() const { return count_; }
  bool in_wanted() const { return has_atoms_ && current_wanted_; }

 private:
  std::optional<int> wanted_;
  std::optional<int> number_;  // of the current frame, as its record has it
  bool has_atoms_ = false, begun_by_record_ = false, current_wanted_ = false;
  bool taken_ = false;  // the frame that is wanted was there
  int count_ = 0;
};

/// As ProDy has it, any record that begins so; but for those of the tree of torsions in PDBQT.
bool ends_model(std::string_view line) {
  return line.starts_with("END") && !line.starts_with("ENDROOT") &&
         !line.starts_with("ENDBRANCH") && !line.starts_with("END_RES");
}

/// Records that stand among atoms, or of a file that others were joined to, and are none.
bool is_usual_record(std::string_view line) {
  if (line.empty()) return true;
  for (const std::string_view record :
       {"ANISOU", "SIGATM", "SIGUIJ", "CONECT", "MASTER", "REMARK", "HELIX",  "SHEET",  "SSBOND",
        "LINK",   "CISPEP", "SITE",   "HETNAM", "HETSYN", "FORMUL", "CRYST1", "TITLE",  "USER",
        "HEADER", "JRNL",   "AUTHOR", "COMPND", "SOURCE", "KEYWDS", "EXPDTA", "REVDAT", "MODRES",
        "SEQRES", "SEQADV", "HET",    "FTNOTE", "HYDBND", "SLTBRG", "TURN",   "TVECT",  "NUMMDL",
        "MDLTYP", "SPLIT",  "CAVEAT", "SPRSDE", "OBSLTE", "PARENT"})
    if (is_record(line, record)) return true;
  return line.starts_with("DBREF") || line.starts_with("ORIGX") || line.starts_with("SCALE") ||
         line.starts_with("MTRIX");
}

/// Whether the line is an atom's record that something stands before: blanks, a quote, a mark of
/// bytes; or one in small letters. Lines that begin as comments do are comments.
bool is_misplaced_record(std::string_view line) {
  constexpr std::size_t most_before = 6;
  const std::string lower = ascii_lower(line);
  const auto begins = [&](std::string_view word) {
    const std::size_t at = lower.find(word);
    if (at == std::string::npos || at > most_before) return false;
    const std::string_view before = std::string_view(lower).substr(0, at);
    const std::size_t end = at + word.size();
    return std::none_of(before.begin(), before.end(), is_letter_or_digit) &&
           before.find_first_of("#!") == std::string_view::npos && end < lower.size() &&
           !is_letter_or_digit(lower[end]) && lower[end] != '_';
  };
  return (begins("atom") || begins("hetatm")) && has_coordinates(line);
}

using PqrFields = std::vector<std::string_view>;
constexpr std::size_t pqr_without_chain = 10, pqr_chain = 4;

/// record serial name residue [chain] number x y z charge radius, where record and serial, and
/// chain and number, may touch; nothing where the line has other fields, as PQR that keeps the
/// columns of PDB format may have.
std::optional<PqrFields> pqr_fields(std::string_view line) {
  PqrFields fields = words(line);
  for (const std::string_view record : {"HETATM", "ATOM"})
    if (fields[0].starts_with(record) && fields[0].size() > record.size()) {
      fields.insert(fields.begin() + 1, fields[0].substr(record.size()));
      fields[0] = record;
    }
  if (fields.size() == pqr_without_chain && !is_digit(fields[pqr_chain][0]) &&
      fields[pqr_chain][0] != '-' && fields[pqr_chain].size() > 1) {
    fields.insert(fields.begin() + pqr_chain, fields[pqr_chain].substr(0, 1));
    fields[pqr_chain + 1].remove_prefix(1);
  }
  if (fields.size() != pqr_without_chain && fields.size() != pqr_without_chain + 1)
    return std::nullopt;
  double unused;
  std::optional<int> number;
  char insertion = ' ';
  const bool numbers = parse_residue_number(fields[fields.size() - 6], number, insertion) &&
                       std::all_of(fields.end() - 5, fields.end(), [&](std::string_view field) {
                         return parse_number(field, unused);
                       });
  return numbers ? std::optional(std::move(fields)) : std::nullopt;
}

/// The records from the first atom on, line by line.
class Coordinates {
 public:
  Coordinates(std::string_view text, PdbDialect dialect, std::optional<int> model,
              NodeCollector& collector)
      : text_(text), dialect_(dialect), frames_(model), collector_(collector) {}

  std::optional<ReadProblem> read(std::size_t begin) {
    for_each_line(text_.substr(begin), [&](std::string_view line) { return take(line); });
    frames_.end();
    return std::move(problem_);
  }
  int models() const { return frames_.count(); }

 private:
  /// False ends reading, with a problem.
  bool take(std::string_view line) {
    if (is_atom_record(line)) return !frames_.atom() || atom(line);
    if (ends_model(line)) {
      frames_.end();
      return true;
    }
    if (is_model_record(line)) {
      frames_.model_record(line);
      return true;
    }
    if (is_record(line, "TER")) {
      collector_.end_chain();
      return true;
    }
    return is_usual_record(line) || !frames_.in_wanted() || remark(line);
  }

  /// A line of something else amid atoms.
  bool remark(std::string_view line) {
    if (is_of_web_page(line)) return web_page(line);
    const bool is_last = line.data() + line.size() == text_.data() + text_.size();
    if (is_last && line.size() > 3 &&
        (std::string_view("ATOM  ").starts_with(line) ||
         std::string_view("HETATM").starts_with(line)))
      return refuse("not_a_structure", line, "the line of this atom is cut");
    return !is_misplaced_record(line) ||
           refuse("not_a_structure", line, "an atom's record does not begin in column 1");
  }

  [[gnu::cold]] bool web_page(std::string_view line) {
    return refuse("not_a_structure", line, "an HTML page begins amid the atoms");
  }

  // Cold, so that it is kept out of the code that every atom passes through.
  [[gnu::cold]] bool refuse(const char* code, std::string_view line, const char* what) {
    return refuse(code, line, std::string(what));
  }
  [[gnu::cold]] bool refuse(const char* code, std::string_view line, const std::string& what) {
    const auto before = std::count(text_.data(), line.data(), '\n');
    problem_ = ReadProblem{code, fmt::format("line {}: {}", before + 1, what)};
    return false;
  }

  bool atom(std::string_view line) {
    if (dialect_ == PdbDialect::pqr)
      if (const auto fields = pqr_fields(line)) return pqr_atom(line, *fields);
    const bool usual = line.size() >= 54 && line[34] == '.' && line[42] == '.' && line[50] == '.' &&
                       line[25] > ' ' && line[26] < '0';
    constexpr std::size_t record_length = 80;
    if (line.size() > record_length && has_second_record(line))
      return refuse("not_a_structure", line,
                    "another atom follows in the line: its end is missing");
    bool readable = true;
    if (!usual && !odd_atom(line, readable)) return false;
    if (const LineIdentity identity(line); !entered_ || identity != identity_) {
      enter_residue(line);
      identity_ = identity;
    }
    if (name_is_misplaced_ && columns(line, 13, 16) == "CA")
      return refuse("not_a_structure", line, "the residue's name is not in its columns (18 to 20)");
    if (!collector_.takes_calpha() && !collector_.takes_others()) return readable || lost(line);
    const std::string_view name = atom_name(line);
    if (!collector_.takes(name)) return readable || lost(line);
    return add_atom(line, name);
  }

  /// An atom whose columns are not filled as they mostly are, and whether its coordinates can be
  /// read. False ends reading, with a problem.
  [[gnu::noinline]] bool odd_atom(std::string_view line, bool& readable) {
    if (const std::ptrdiff_t shift = shift_of(line); shift != 0)
      return refuse("not_a_structure", line,
                    fmt::format("the columns of this atom are shifted by {} to the {}",
                                std::abs(shift), shift > 0 ? "right" : "left"));
    // Numbers end with their columns, so that a line that ends before was cut.
    constexpr std::size_t to_coordinates = 54;
    if (line.size() < to_coordinates)
      return refuse("bad_coordinates", line, "the line of this atom is cut");
    Vec3 unused;
    readable = read_coordinates(line, 0, unused);
    return true;
  }

  /// An atom whose coordinates cannot be read, and which is no node by its columns. It may be one
  /// all the same if the columns are not those of the format.
  bool lost(std::string_view line) {
    const bool named_in_columns = columns(line, 13, 16).find(' ') == std::string_view::npos &&
                                  columns(line, 18, 20).size() == 3;
    if (named_in_columns || !collector_.needs_positions() || !has_word(line.substr(6), "CA"))
      return true;
    return refuse("bad_coordinates", line,
                  "there are no coordinates in the columns of this atom (31 to 54)");
  }

  void enter_residue(std::string_view line) {
    ResidueSite site;
    site.chain = chain_of(line);
    site.part = columns(line, 73, 76);
    site.name = columns(line, 18, 20);
    site.insertion = at(line, 27);
    site.hetero = line[0] == 'H';
    // A fifth digit of the number stands where insertion codes do.
    const bool five_digits = is_digit(site.insertion);
    if (five_digits) site.insertion = ' ';
    const std::string_view number = columns(line, 23, five_digits ? 27 : 26);
    number_is_bad_ = !read_number(number, number_, site.number, site.insertion);
    number_ = site.number.value_or(0);
    altloc_ = at(line, 17);
    collector_.enter(site, altloc_);
    // What is taken by its name has it where it belongs; the rule polymer takes any.
    name_is_misplaced_ =
        (!collector_.takes_calpha() || collector_.takes_others()) && has_misplaced_name(line);
    entered_ = true;
    residue_ = site.name;
  }

  /// Columns 21 and 22, as ProDy has it; where 21 ends a residue name of four letters, 22 alone.
  std::string_view chain_of(std::string_view line) {
    const std::string_view chain = columns(line, 21, 22);
    if (at(line, 21) == ' ' || line.size() < 21 || !is_force_field_name(line.substr(17, 4)))
      return chain;
    const std::string two(line.substr(20, 2));
    auto known = two_letter_chains_.find(two);
    if (known == two_letter_chains_.end())
      known = two_letter_chains_.emplace(two, has_chain(two)).first;
    return known->second ? chain : columns(line, 22, 22);
  }

  /// Whether a chain is truly of these two letters: a residue whose name has not four is of it, or
  /// the second letter never stands behind another one or a blank.
  bool has_chain(std::string_view two) const {
    bool of_two = false, behind_others = false;
    for_each_line(text_, [&](std::string_view line) {
      if (!is_atom_record(line) || line.size() < 22 || line[21] != two[1]) return true;
      behind_others |= line[20] != two[0];
      of_two = line[20] == two[0] && !is_force_field_name(line.substr(17, 4));
      return !of_two;
    });
    return of_two || !behind_others;
  }

  bool add_atom(std::string_view line, std::string_view name) {
    AtomSite atom;
    atom.name = name;
    atom.altloc = altloc_;
    if (collector_.needs_positions()) {
      if (number_is_bad_) return bad_number(line, columns(line, 23, 27));
      if (overflows(line))
        return refuse("not_a_structure", line,
                      "a coordinate of this atom is wider than its columns");
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const std::size_t first = coordinate_columns[axis];
        if (!parse_columns<8, 3>(line, first + 7, atom.position[axis]))
          return bad_coordinate(line, line.substr(std::min(line.size(), first - 1), 8), name);
      }
      double value;
      const bool all = dialect_ == PdbDialect::columns && collector_.needs_values(name);
      // The last line of a file may be cut within the number.
      const bool is_last = line.data() + line.size() == text_.data() + text_.size();
      if (all && (line.size() >= 66 || !is_last)) {
        if (parse_columns<6, 2>(line, 66, value))
          atom.b_factor = value;
        else if (is_of_web_page(line))
          return web_page(line);
      }
      if (all && parse_columns<6, 2>(line, 60, value)) atom.occupancy = value;
    }
    collector_.add(atom);
    return true;
  }

  [[gnu::cold]] bool bad_number(std::string_view line, std::string_view number) {
    return refuse(
        "not_a_structure", line,
        fmt::format("the number \"{}\" of residue {} is not an integer", number, residue_));
  }

  [[gnu::cold]] bool bad_coordinate(std::string_view line, std::string_view field,
                                    std::string_view atom) {
    return refuse(
        "bad_coordinates", line,
        fmt::format("the coordinate \"{}\" of atom {} {} is not a number", field, residue_, atom));
  }

  [[gnu::noinline]] bool pqr_atom(std::string_view line, const PqrFields& fields) {
    ResidueSite site;
    site.name = residue_ = fields[3];
    site.chain = fields.size() > pqr_without_chain ? fields[pqr_chain] : std::string_view{};
    site.hetero = fields[0] == "HETATM";
    const std::string_view number = fields[fields.size() - 6];
    number_is_bad_ = !read_number(number, number_, site.number, site.insertion);
    number_ = site.number.value_or(0);
    if (!entered_ || !(site == site_)) collector_.enter(site, ' ');
    entered_ = true;
    site_ = site;
    AtomSite atom;
    atom.name = fields[2];
    if (!collector_.takes(atom.name)) return true;
    if (collector_.needs_positions()) {
      if (number_is_bad_) return bad_number(line, number);
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const std::string_view field = fields[fields.size() - 5 + axis];
        if (!parse_number(field, atom.position[axis]))
          return bad_coordinate(line, field, atom.name);
      }
    }
    collector_.add(atom);
    return true;
  }

  std::string_view text_;
  PdbDialect dialect_;
  Frames frames_;
  NodeCollector& collector_;
  std::optional<ReadProblem> problem_;
  bool entered_ = false;
  LineIdentity identity_;  // of the line before
  std::string_view residue_;
  ResidueSite site_;  // in PQR
  char altloc_ = ' ';
  int number_ = 0;  // of the current residue; 0 also where there is none
  std::map<std::string, bool> two_letter_chains_;
  bool number_is_bad_ = false, name_is_misplaced_ = false;
};

}  // namespace

tl::expected<FileContents, ReadProblem> read_pdb(std::string_view text, PdbDialect dialect,
                                                 std::optional<int> model,
                                                 NodeCollector& collector) {
  std::size_t begin = 0;
  FileContents contents = read_pdb_head(text, &begin);
  Coordinates coordinates(text, dialect, model, collector);
  if (std::optional<ReadProblem> problem = coordinates.read(begin))
    return tl::unexpected(std::move(*problem));
  contents.models = coordinates.models();
  return contents;
}

std::string why_no_atoms(std::string_view text) {
  constexpr std::size_t longer_than_records = 160;
  std::string why = "there is no ATOM or HETATM record in the file";
  for_each_line(text, [&](std::string_view line) {
    const bool is_long = line.size() > longer_than_records;
    const bool atoms =
        is_long ? line.find("ATOM  ") != std::string_view::npos : is_misplaced_record(line);
    if (!atoms) return true;
    why = is_long
              ? "ATOM records follow each other in a line: its lines end in no way that is known"
              : "its ATOM records do not begin in column 1, as PDB format has them";
    return false;
  });
  return why;
}

}  // namespace modesweep
