// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "structure/calpha_readers.hpp"
#include "structure/decimal.hpp"
#include "structure/gemmi_reader.hpp"
#include "structure/node_collector.hpp"
#include "structure/node_rules.hpp"
#include "structure/protein_identity.hpp"
#include "structure/text_format.hpp"

namespace modesweep {
namespace {

/// Columns [first, last], from 1, of a line that has them, without blanks around them.
std::string_view field(std::string_view line, std::size_t first, std::size_t last) {
  std::string_view text = line.substr(first - 1, last - first + 1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool is_atom(std::string_view line) {
  return line.starts_with("ATOM  ") || line.starts_with("HETATM");
}

/// Whether gemmi takes columns 79-80 for a charge, or for nothing.
bool is_charge(char first, char second) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_sign = [](char c) { return c == '+' || c == '-' || c == ' '; };
  if (is_digit(second)) return is_sign(first);
  return !is_digit(first) || is_sign(second);
}

/// The records from the first MODEL or atom on, line by line.
class Coordinates {
 public:
  Coordinates(const ReadOptions& options, std::size_t columns)
      : rule_(options.nodes), wanted_model_(options.model), columns_(columns) {}

  /// False where the text is not of the ordinary form. Of each atom's line as many columns are read
  /// as the constructor was given.
  bool read(std::string_view text) {
    while (!text.empty() && !ended_) {
      const std::size_t end = text.find('\n');
      if (end == std::string_view::npos || !take(text.substr(0, end))) return false;
      text.remove_prefix(end + 1);
    }
    return text.find_first_not_of(" \n") == std::string_view::npos;  // nothing after END
  }
  int models() const { return static_cast<int>(models_.size()); }
  NodeCollector& nodes() { return nodes_; }
  /// Whether reading ended at columns 79-80 that are no charge.
  bool bad_charge() const { return bad_charge_; }

 private:
  bool take(std::string_view line) {
    const bool after_atom = std::exchange(after_atom_, false);
    if (is_atom(line)) return atom(line);
    if (line.starts_with("ANISOU")) return after_atom;
    if (line.starts_with("MODEL ")) return begin_model(line);
    if (line.starts_with("ENDMDL")) {
      in_model_ = false;
      return true;
    }
    if (line.starts_with("END")) {
      ended_ = true;
      return line.find_first_not_of(' ', 3) == std::string_view::npos;
    }
    return line.empty() || line == "TER" || line.starts_with("TER ") ||
           line.starts_with("CONECT") || line.starts_with("MASTER");
  }

  bool begin_model(std::string_view line) {
    int number;
    if (in_model_ || line.size() < 14 || !parse_integer(field(line, 11, 14), number)) return false;
    return enter_model(number);
  }

  bool enter_model(int number) {
    if (std::find(models_.begin(), models_.end(), number) != models_.end()) return false;
    models_.push_back(number);
    in_model_ = true;
    in_wanted_model_ = wanted_model_ ? number == *wanted_model_ : models_.size() == 1;
    in_chain_ = false;
    return true;
  }

  bool atom(std::string_view line) {
    constexpr std::size_t to_b_factor = 66;
    if (line.size() < to_b_factor || line.size() > all_columns) return false;
    line = line.substr(0, columns_);
    unsigned lowest = 0xff;  // control characters are read in several ways
    for (const char c : line) lowest = std::min<unsigned>(lowest, static_cast<unsigned char>(c));
    if (lowest < ' ') return false;
    if (line.size() >= 80 && !is_charge(line[78], line[79])) {
      bad_charge_ = true;
      return false;
    }
    // Frames without MODEL records are numbered by gemmi.
    if (!in_model_ && (!models_.empty() || !enter_model(1))) return false;
    after_atom_ = true;
    if (!in_wanted_model_) return true;
    const std::string_view identity = line.substr(16, 11);  // altloc to insertion code
    const std::string_view segment = line.size() > 72 ? line.substr(72, 4) : std::string_view{};
    if (!in_chain_ || identity != identity_ || segment != segment_) {
      if (!enter_residue(line)) return false;
      identity_ = identity;
      segment_ = segment;
    }
    if (!taken_) return true;
    const std::string_view name = field(line, 13, 16);
    if (!may_be_node(rule_, residue_, name, ProdyRelease::v2_3_1)) return true;
    Vec3 position;
    double b_factor;
    if (!parse_decimal(field(line, 31, 38), position[0]) ||
        !parse_decimal(field(line, 39, 46), position[1]) ||
        !parse_decimal(field(line, 47, 54), position[2]) ||
        !parse_decimal(field(line, 61, 66), b_factor))
      return false;
    nodes_.add(position, static_cast<float>(b_factor), name);
    return true;
  }

  bool enter_residue(std::string_view line) {
    const std::string_view chain = field(line, 21, 22);
    if (!in_chain_ || chain != chain_) {
      in_chain_ = true;
      chain_ = chain;
      nodes_.begin_chain(chain);
    }
    ResidueKey key;
    constexpr int unset_of_gemmi = -999;
    if (!parse_integer(field(line, 23, 26), key.number) || key.number == unset_of_gemmi)
      return false;
    key.insertion = line[26];
    key.name = field(line, 18, 20);
    if (line.size() > 72) key.segment = field(line, 73, std::min<std::size_t>(line.size(), 76));
    nodes_.enter(key, {}, is_nucleic_residue);
    residue_ = key.name;
    taken_ = line[16] == ' ' || line[16] == 'A';
    return true;
  }

  NodeRule rule_;
  std::optional<int> wanted_model_;
  std::size_t columns_;
  NodeCollector nodes_;
  std::vector<int> models_;
  bool ended_ = false, in_model_ = false, in_wanted_model_ = false, in_chain_ = false;
  bool after_atom_ = false, bad_charge_ = false;
  std::string_view identity_, segment_;  // of the line before
  std::string_view chain_, residue_;
  bool taken_ = false;  // by its altloc
};

/// Where the first line begins that is a MODEL record or an atom.
std::size_t first_coordinates(std::string_view text) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::string_view line = text.substr(begin);
    if (is_atom(line) || line.starts_with("MODEL ")) return begin;
    const std::size_t end = line.find('\n');
    if (end == std::string_view::npos) break;
    begin += end + 1;
  }
  return text.size();
}

/// Whether gemmi would end reading or begin a model before the first coordinates.
bool has_end_or_model(std::string_view head) {
  while (!head.empty()) {
    if (starts_with_ignoring_case(head, "end") || starts_with_ignoring_case(head, "mode"))
      return true;
    const std::size_t end = head.find('\n');
    if (end == std::string_view::npos) break;
    head.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace

std::optional<Structure> read_pdb_calphas(const std::string& text,
                                          const std::filesystem::path& path,
                                          const ReadOptions& options) {
  if (options.nodes == NodeRule::polymer) return std::nullopt;
  for (const char c : {'\0', '\r'})
    if (std::memchr(text.data(), c, text.size())) return std::nullopt;
  const std::size_t begin = first_coordinates(text);
  const std::string head_text = text.substr(0, begin);
  if (has_end_or_model(head_text)) return std::nullopt;
  std::size_t columns = all_columns;
  std::optional<Coordinates> coordinates(std::in_place, options, columns);
  const std::string_view rest = std::string_view(text).substr(begin);
  bool ordinary = coordinates->read(rest);
  if (!ordinary && coordinates->bad_charge()) {
    columns = columns_before_1996;
    coordinates.emplace(options, columns);
    ordinary = coordinates->read(rest);
  }
  NodeCollector& nodes = coordinates->nodes();
  if (!ordinary || nodes.empty()) return std::nullopt;
  std::optional<PdbHead> head = read_pdb_head(head_text, columns, path);
  if (!head) return std::nullopt;

  Structure structure;
  structure.header = std::move(head->header);
  structure.models = coordinates->models();
  structure.chains = static_cast<int>(nodes.chains().size());
  structure.nucleic_left_out = options.nodes != NodeRule::prody_app && nodes.nucleic_acid();
  structure.partial_assembly = head->assembly.differs_from(nodes.chains());
  structure.nodes = nodes.take();
  if (structure.header.protein.empty())
    structure.header.protein = protein_of_nodes(structure.nodes);
  return structure;
}

}  // namespace modesweep
