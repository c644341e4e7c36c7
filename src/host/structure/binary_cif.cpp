// SPDX-License-Identifier: MIT
#include "structure/binary_cif.hpp"

#include <fmt/format.h>

#define MSGPACK_NO_BOOST
#include <msgpack.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include "base/text.hpp"
#include "structure/atom_site_columns.hpp"
#include "structure/decimal.hpp"
#include "structure/mmcif_items.hpp"
#include "structure/model_choice.hpp"
#include "structure/pdb_lines.hpp"
#include "structure/residue_number.hpp"

namespace modesweep {
namespace {

using msgpack::object;

// Several times what the largest entries of the PDB hold.
constexpr std::uint64_t most_rows = 10'000'000;
// Far more categories, columns, encodings and keys than BinaryCIF files have, and nested deeper.
constexpr std::size_t most_elements = 65536, most_keys = 1024, most_levels = 32;

/// What is wrong with a file; thrown and caught in this unit.
struct Damaged : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What is wrong with the structure in a file that is whole; likewise.
struct Refused : std::runtime_error {
  Refused(const char* failure_code, const std::string& problem)
      : std::runtime_error(problem), code(failure_code) {}
  const char* code;
};

/// Lets nothing be nested too deep; keeps nothing.
struct Levels : msgpack::null_visitor {
  bool start_array(std::uint32_t) { return ++level <= most_levels; }
  bool start_map(std::uint32_t) { return ++level <= most_levels; }
  bool end_array() { return level-- > 0; }
  bool end_map() { return level-- > 0; }
  std::size_t level = 0;
};

const object* find(const object& map, std::string_view key) {
  if (map.type != msgpack::type::MAP) return nullptr;
  for (std::uint32_t i = 0; i < map.via.map.size; ++i) {
    const msgpack::object_kv& entry = map.via.map.ptr[i];
    if (entry.key.type == msgpack::type::STR &&
        std::string_view(entry.key.via.str.ptr, entry.key.via.str.size) == key)
      return &entry.val;
  }
  return nullptr;
}

const object& get(const object& map, std::string_view key) {
  if (const object* found = find(map, key)) return *found;
  throw Damaged(fmt::format("\"{}\" is missing", key));
}

std::string_view text_of(const object& value) {
  if (value.type != msgpack::type::STR) throw Damaged("a text was expected");
  return {value.via.str.ptr, value.via.str.size};
}

std::string_view bytes_of(const object& value) {
  if (value.type != msgpack::type::BIN) throw Damaged("binary data were expected");
  return {value.via.bin.ptr, value.via.bin.size};
}

double number_of(const object& value) {
  switch (value.type) {
    case msgpack::type::POSITIVE_INTEGER: return static_cast<double>(value.via.u64);
    case msgpack::type::NEGATIVE_INTEGER: return static_cast<double>(value.via.i64);
    case msgpack::type::FLOAT32:
    case msgpack::type::FLOAT64: return value.via.f64;
    default: throw Damaged("a number was expected");
  }
}

std::int64_t integer_of(const object& value) {
  const double number = number_of(value);
  if (!(std::abs(number) < 1e15)) throw Damaged("a number is too large");
  return static_cast<std::int64_t>(number);
}

std::pair<const object*, const object*> elements(const object& value) {
  if (value.type != msgpack::type::ARRAY) throw Damaged("a list was expected");
  return {value.via.array.ptr, value.via.array.ptr + value.via.array.size};
}

/// A number of values that the file states.
std::size_t size_of(const object& value) {
  const double size = number_of(value);
  if (!(size >= 0)) throw Damaged("a negative number of values");
  if (size > static_cast<double>(most_rows))
    throw Damaged(
        fmt::format("it states {:.0f} values, more than any structure has ({})", size, most_rows));
  return static_cast<std::size_t>(size);
}

using Integers = std::vector<std::int32_t>;
struct Reals {
  std::vector<double> values;
  bool single = false;  ///< stored as float32
};
struct Strings {
  std::vector<std::string_view> values;  ///< different ones
  Integers indices;                      ///< -1: none
};
using Values = std::variant<std::string_view, Integers, Reals, Strings>;  // first: undecoded bytes

template <class T, class To>
void load(std::string_view bytes, std::vector<To>& to) {
  if (bytes.size() % sizeof(T) != 0) throw Damaged("binary data are cut");
  const std::size_t n = bytes.size() / sizeof(T);
  if (n > most_rows) throw Damaged("more values than any structure has");
  to.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    T value;
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    } else {
      std::array<char, sizeof(T)> swapped;
      std::reverse_copy(bytes.data() + i * sizeof(T), bytes.data() + (i + 1) * sizeof(T),
                        swapped.begin());
      std::memcpy(&value, swapped.data(), sizeof(T));
    }
    to[i] = static_cast<To>(value);  // NOLINT(bugprone-signed-char-misuse): a number of 8 bits
  }
}

Values byte_array(std::string_view bytes, const object& encoding) {
  Integers integers;
  Reals reals;
  switch (integer_of(get(encoding, "type"))) {
    case 1: load<std::int8_t>(bytes, integers); return integers;
    case 2: load<std::int16_t>(bytes, integers); return integers;
    case 3: load<std::int32_t>(bytes, integers); return integers;
    case 4: load<std::uint8_t>(bytes, integers); return integers;
    case 5: load<std::uint16_t>(bytes, integers); return integers;
    case 6: load<std::uint32_t>(bytes, integers); return integers;
    case 32:
      load<float>(bytes, reals.values);
      reals.single = true;
      return reals;
    case 33: load<double>(bytes, reals.values); return reals;
    default: throw Damaged("an unknown type of number");
  }
}

const Integers& integers_of(const Values& values) {
  if (const Integers* integers = std::get_if<Integers>(&values)) return *integers;
  throw Damaged("encodings follow in a wrong order");
}

Values fixed_point(const Integers& integers, const object& encoding) {
  const double factor = number_of(get(encoding, "factor"));
  if (factor == 0) throw Damaged("a factor of zero");
  Reals reals;
  reals.values.reserve(integers.size());
  for (const std::int32_t i : integers) reals.values.push_back(i / factor);
  return reals;
}

Values interval_quantization(const Integers& integers, const object& encoding) {
  const double low = number_of(get(encoding, "min"));
  const double steps = number_of(get(encoding, "numSteps")) - 1;
  const double step = (number_of(get(encoding, "max")) - low) / steps;
  if (!(steps > 0)) throw Damaged("fewer than two steps");
  Reals reals;
  reals.values.reserve(integers.size());
  for (const std::int32_t i : integers) reals.values.push_back(low + step * i);
  return reals;
}

Values run_length(const Integers& runs, const object& encoding) {
  const std::size_t size = size_of(get(encoding, "srcSize"));
  if (runs.size() % 2 != 0) throw Damaged("a run without a length");
  std::uint64_t total = 0;
  for (std::size_t i = 1; i < runs.size(); i += 2) {
    if (runs[i] < 0) throw Damaged("a run of negative length");
    total += static_cast<std::uint64_t>(runs[i]);
  }
  if (total != size) throw Damaged("runs and their stated size differ");
  Integers integers;
  integers.reserve(size);
  for (std::size_t i = 0; i < runs.size(); i += 2)
    integers.insert(integers.end(), static_cast<std::size_t>(runs[i + 1]), runs[i]);
  return integers;
}

Values delta(const Integers& differences, const object& encoding) {
  auto sum = static_cast<std::uint32_t>(integer_of(get(encoding, "origin")));
  Integers integers;
  integers.reserve(differences.size());
  for (const std::int32_t difference : differences) {
    sum += static_cast<std::uint32_t>(difference);  // wraps as the encoder's subtraction did
    integers.push_back(static_cast<std::int32_t>(sum));
  }
  return integers;
}

Values integer_packing(const Integers& packed, const object& encoding) {
  const std::size_t size = size_of(get(encoding, "srcSize"));
  const bool one_byte = integer_of(get(encoding, "byteCount")) == 1;
  const object& is_unsigned = get(encoding, "isUnsigned");
  if (is_unsigned.type != msgpack::type::BOOLEAN) throw Damaged("isUnsigned is no truth value");
  const bool only_positive = is_unsigned.via.boolean;
  const std::int32_t high = only_positive ? (one_byte ? 0xff : 0xffff) : (one_byte ? 0x7f : 0x7fff);
  const auto is_part = [&](std::int32_t value) {
    return value == high || (!only_positive && value == -high - 1);
  };
  if (size > packed.size()) throw Damaged("fewer packed numbers than stated");
  Integers integers;
  integers.reserve(size);
  for (std::size_t i = 0; i < packed.size(); ++i) {
    std::int64_t sum = 0;
    for (; is_part(packed[i]); ++i) {
      sum += packed[i];
      if (i + 1 == packed.size()) throw Damaged("a packed number is cut");
    }
    integers.push_back(static_cast<std::int32_t>(static_cast<std::uint32_t>(sum + packed[i])));
  }
  if (integers.size() != size) throw Damaged("packed numbers and their stated size differ");
  return integers;
}

Values decode(Values values, const object& encodings);

/// The byte at which each character of the text begins, and the end. Mol* counts UTF-16 units, of
/// which some characters are two, Python characters: `pairs` is whether units are counted.
std::vector<std::size_t> character_places(std::string_view text, bool pairs) {
  std::vector<std::size_t> places;
  places.reserve(text.size() + 1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool continues = (c & 0xc0) == 0x80;
    if (!continues) places.push_back(i);
    if (pairs && c >= 0xf0) places.push_back(i);
  }
  places.push_back(text.size());
  return places;
}

/// Of a text whose last offset is this.
std::vector<std::size_t> character_places(std::string_view text, const Integers& offsets) {
  std::vector<std::size_t> places = character_places(text, true);
  if (offsets.empty() || std::ssize(places) - 1 == offsets.back()) return places;
  return character_places(text, false);
}

Values string_array(std::string_view bytes, const object& encoding) {
  const std::string_view text = text_of(get(encoding, "stringData"));
  const Values offsets_values =
      decode(bytes_of(get(encoding, "offsets")), get(encoding, "offsetEncoding"));
  const Integers& offsets = integers_of(offsets_values);
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  const std::vector<std::size_t> places =
      ascii ? std::vector<std::size_t>{} : character_places(text, offsets);
  const auto place = [&](std::int32_t offset) {
    const auto i = static_cast<std::size_t>(offset);
    if (offset < 0 || i > (ascii ? text.size() : places.size() - 1))
      throw Damaged("a text begins outside of the texts");
    return ascii ? i : places[i];
  };
  Strings strings;
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
    const std::size_t first = place(offsets[i]), last = place(offsets[i + 1]);
    if (last < first) throw Damaged("a text ends before it begins");
    strings.values.push_back(text.substr(first, last - first));
  }
  strings.indices = integers_of(decode(bytes, get(encoding, "dataEncoding")));
  for (const std::int32_t index : strings.indices)
    if (index < -1 || index >= std::ssize(strings.values))
      throw Damaged("a text that is not in the file");
  return strings;
}

/// Undoes the encodings, which are listed in the order in which they were done.
Values decode(Values values, const object& encodings) {
  const auto [first, last] = elements(encodings);
  for (const object* encoding = last; encoding != first;) {
    --encoding;
    const std::string_view kind = text_of(get(*encoding, "kind"));
    if (kind == "ByteArray" || kind == "StringArray") {
      const std::string_view* bytes = std::get_if<std::string_view>(&values);
      if (!bytes) throw Damaged("encodings follow in a wrong order");
      values =
          kind == "ByteArray" ? byte_array(*bytes, *encoding) : string_array(*bytes, *encoding);
    } else if (kind == "FixedPoint") {
      values = fixed_point(integers_of(values), *encoding);
    } else if (kind == "IntervalQuantization") {
      values = interval_quantization(integers_of(values), *encoding);
    } else if (kind == "RunLength") {
      values = run_length(integers_of(values), *encoding);
    } else if (kind == "Delta") {
      values = delta(integers_of(values), *encoding);
    } else if (kind == "IntegerPacking") {
      values = integer_packing(integers_of(values), *encoding);
    } else {
      throw Damaged("an unknown encoding");
    }
  }
  if (std::holds_alternative<std::string_view>(values)) throw Damaged("a column has no encoding");
  return values;
}

Values decode_data(const object& data) {
  return decode(bytes_of(get(data, "data")), get(data, "encoding"));
}

/// The shortest decimal that is the number.
template <class Number>
std::string number_text(Number value) {
  std::array<char, 64> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) throw Damaged("a number of too many digits");
  return {text.data(), end};
}

/// Texts of numbers, which have to stay where they are.
using Arena = std::deque<std::string>;

/// A column of a category, its values as they were encoded.
class PackedColumn {
 public:
  PackedColumn(const object& column, std::string_view category, std::size_t rows)
      : values_(decode_data(get(column, "data"))) {
    if (const object* mask = find(column, "mask"); mask && !mask->is_nil())
      mask_ = integers_of(decode_data(*mask));
    if (size() != rows || (!mask_.empty() && mask_.size() != rows))
      throw Damaged(fmt::format("{}.{} has not as many values as its category", category,
                                text_of(get(column, "name"))));
  }

  /// What a value is told from others by, of this column: equal numbers are equal values.
  std::int64_t key(std::size_t row) const {
    constexpr std::int64_t none = std::int64_t{1} << 40;
    if (masked(row)) return none;
    if (const auto* integers = std::get_if<Integers>(&values_)) return (*integers)[row];
    if (const auto* reals = std::get_if<Reals>(&values_))
      return std::bit_cast<std::int64_t>(reals->values[row]);
    return std::get<Strings>(values_).indices[row];
  }

  /// The value as a text; numbers are put into the arena.
  CifValue text(std::size_t row, Arena& arena) const {
    if (masked(row)) return std::nullopt;
    if (const auto* strings = std::get_if<Strings>(&values_)) {
      const std::int32_t index = strings->indices[row];
      if (index < 0) return std::nullopt;
      const std::string_view value =
          without_blanks(strings->values[static_cast<std::size_t>(index)]);
      // Some writers make no mask.
      const bool none = value.empty() || value == "." || value == "?";
      return none ? std::nullopt : CifValue(value);
    }
    if (const auto* integers = std::get_if<Integers>(&values_))
      return arena.emplace_back(number_text((*integers)[row]));
    const Reals& reals = std::get<Reals>(values_);
    const double value = reals.values[row];
    if (!std::isfinite(value)) return std::nullopt;
    return arena.emplace_back(reals.single ? number_text(static_cast<float>(value))
                                           : number_text(value));
  }

  /// The value as a number, of float32 the decimal that was written; nothing where there is none,
  /// false where it is no number.
  bool number(std::size_t row, std::optional<double>& to) const {
    to = std::nullopt;
    if (masked(row)) return true;
    if (const auto* reals = std::get_if<Reals>(&values_)) {
      const double value = reals->values[row];
      if (std::isfinite(value))
        to = reals->single ? written_value(static_cast<float>(value)) : value;
      return true;
    }
    if (const auto* integers = std::get_if<Integers>(&values_)) {
      to = (*integers)[row];
      return true;
    }
    Arena unused;
    const CifValue value = text(row, unused);
    double parsed;
    if (!value || says_no_number(*value)) return true;
    if (!parse_cif_number(*value, parsed)) return false;
    to = parsed;
    return true;
  }

  /// A residue number, with its insertion code where it stands in one text with it.
  bool residue_number(std::size_t row, std::optional<int>& to, char& insertion) const {
    to = std::nullopt;
    if (std::holds_alternative<Strings>(values_)) {
      Arena unused;
      const CifValue value = text(row, unused);
      return !value || says_no_number(*value) || parse_residue_number(*value, to, insertion);
    }
    std::optional<double> value;
    number(row, value);
    if (!value) return true;
    if (*value != std::floor(*value) || std::abs(*value) > 1e9) return false;
    to = static_cast<int>(*value);
    return true;
  }

 private:
  bool masked(std::size_t row) const { return !mask_.empty() && mask_[row] != 0; }
  std::size_t size() const {
    if (const auto* integers = std::get_if<Integers>(&values_)) return integers->size();
    if (const auto* reals = std::get_if<Reals>(&values_)) return reals->values.size();
    return std::get<Strings>(values_).indices.size();
  }

  Values values_;
  Integers mask_;  // empty: all are there; else 0 there, 1 ".", 2 "?"
};

bool is_named(const object& value, std::string_view name) {
  return ascii_lower(text_of(get(value, "name"))) == ascii_lower(name);
}

using namespace atom_columns;

/// The `_atom_site` category, read from its columns.
class AtomColumns {
 public:
  AtomColumns(const object& category, Arena& arena) : arena_(arena) {
    rows_ = size_of(get(category, "rowCount"));
    const auto [first, last] = elements(get(category, "columns"));
    for (const object* column = first; column != last; ++column)
      for (std::size_t i = 0; i < names.size(); ++i)
        if (is_named(*column, names[i])) {
          if (columns_[i])
            throw Refused("not_a_structure", fmt::format("_atom_site.{} is there twice", names[i]));
          columns_[i].emplace(*column, "_atom_site", rows_);
        }
    const std::string_view lacks =
        missing_column([this](Column name) { return columns_[name].has_value(); });
    if (!lacks.empty())
      throw Refused("not_a_structure", fmt::format("_atom_site has no {}", lacks));
  }

  int read(std::optional<int> model, NodeCollector& collector) {
    ModelChoice models(model);
    bool wanted = false;
    const std::vector<bool> changes = residue_changes();
    for (std::size_t row = 0; row < rows_; ++row) {
      if (changes[row]) {
        wanted = models.enter(model_of(row));
        if (wanted) enter_residue(row, collector);
      }
      if (wanted && (collector.takes_calpha() || collector.takes_others())) atom(row, collector);
    }
    return models.count();
  }

 private:
  /// Whether a row's residue, altloc or model is not that of the row before.
  std::vector<bool> residue_changes() const {
    std::vector<bool> changes(rows_, false);
    if (rows_ > 0) changes[0] = true;
    for (const Column name : residue_columns) {
      if (!columns_[name]) continue;
      std::int64_t before = rows_ > 0 ? columns_[name]->key(0) : 0;
      for (std::size_t row = 1; row < rows_; ++row) {
        const std::int64_t key = columns_[name]->key(row);
        if (key != before) changes[row] = true;
        before = key;
      }
    }
    return changes;
  }

  std::optional<int> model_of(std::size_t row) const {
    std::optional<int> model;
    char no_letter = '.';
    if (columns_[model_number] && !columns_[model_number]->residue_number(row, model, no_letter))
      throw Refused("not_a_structure",
                    fmt::format("row {}: the model number ({}) is not an integer", row + 1,
                                names[model_number]));
    return model;
  }
  CifValue text(std::size_t row, Column name) const {
    return columns_[name] ? columns_[name]->text(row, arena_) : std::nullopt;
  }

  void enter_residue(std::size_t row, NodeCollector& collector) {
    const auto text_of_row = [&](Column name) { return text(row, name); };
    read_residue(text_of_row, site_);
    number_is_bad_ = false;
    site_.number = std::nullopt;
    for (const Column name : {author_number, label_number}) {
      if (!columns_[name] || site_.number) continue;
      const bool readable = columns_[name]->residue_number(row, site_.number, site_.insertion);
      number_is_bad_ = site_.number ? false : number_is_bad_ || !readable;
    }
    altloc_ = read_altloc(text_of_row);
    collector.enter(site_, altloc_);
  }

  void atom(std::size_t row, NodeCollector& collector) const {
    AtomSite taken;
    taken.name =
        either([&](Column name) { return text(row, name); }, author_atom, label_atom).value_or("");
    if (!collector.takes(taken.name)) return;
    taken.altloc = altloc_;
    const auto bad = [&](const char* code, Column name) {
      return Refused(
          code, fmt::format("row {}: _atom_site.{} of {} {} {} is missing or not a number", row + 1,
                            names[name], site_.chain, site_.name, taken.name));
    };
    if (collector.needs_positions()) {
      if (number_is_bad_)
        throw bad("not_a_structure", columns_[author_number] ? author_number : label_number);
      std::optional<double> value;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const auto name = static_cast<Column>(x + axis);
        if (!columns_[name]->number(row, value) || !value) throw bad("bad_coordinates", name);
        taken.position[axis] = *value;
      }
      if (columns_[b_factor] && !columns_[b_factor]->number(row, taken.b_factor))
        throw bad("not_a_structure", b_factor);
      if (columns_[occupancy] && columns_[occupancy]->number(row, value))
        taken.occupancy = value.value_or(1);
    }
    collector.add(taken);
  }

  Arena& arena_;
  std::size_t rows_ = 0;
  std::array<std::optional<PackedColumn>, column_count> columns_;
  ResidueSite site_;
  char altloc_ = ' ';
  bool number_is_bad_ = false;
};

void read_items(const object& category, Items& items, Arena& arena) {
  const std::string_view name = text_of(get(category, "name"));
  const std::size_t rows = size_of(get(category, "rowCount"));
  const auto [first, last] = elements(get(category, "columns"));
  for (const object* column = first; column != last; ++column) {
    const std::string tag = fmt::format("{}.{}", name, text_of(get(*column, "name")));
    const Item item = find_item(tag_hash(tag));
    if (item == Item::none) continue;
    const PackedColumn values(*column, name, rows);
    for (std::size_t row = 0; row < rows; ++row) items.add(item, values.text(row, arena));
    if (items.too_many()) throw Refused("not_a_structure", Items::complaint);
  }
}

bool has_atoms(const object& category) {
  return is_named(category, "_atom_site") && size_of(get(category, "rowCount")) > 0;
}

/// What a category's values take once they are decoded, by the sizes that it states.
std::uint64_t decoded_size(const object& category) {
  constexpr std::uint64_t number_bytes = 8, text_bytes = 64;
  const std::uint64_t rows = size_of(get(category, "rowCount"));
  const auto [first, last] = elements(get(category, "columns"));
  if (has_atoms(category)) return rows * number_bytes * static_cast<std::uint64_t>(last - first);
  const std::string_view name = text_of(get(category, "name"));
  return rows * text_bytes *
         static_cast<std::uint64_t>(std::count_if(first, last, [&](const object& column) {
           return find_item(tag_hash(fmt::format("{}.{}", name, text_of(get(column, "name"))))) !=
                  Item::none;
         }));
}

}  // namespace

bool is_binary_cif(std::string_view bytes) {
  if (bytes.empty()) return false;
  const auto first = static_cast<unsigned char>(bytes.front());
  const bool is_map = (first & 0xf0) == 0x80 || first == 0xde || first == 0xdf;
  if (!is_map) return false;
  const std::string_view head = bytes.substr(0, 128);
  for (const std::string_view key : {"encoder", "version", "dataBlocks"})
    if (head.find(key) != std::string_view::npos) return true;
  return false;
}

bool is_whole_message_pack(std::string_view bytes) {
  Levels levels;
  std::size_t end = 0;
  return msgpack::parse(bytes.data(), bytes.size(), end, levels) && end == bytes.size();
}

struct BinaryCif::Content {
  std::string bytes;  // which the parsed objects refer to
  msgpack::object_handle root;
  Arena arena;
  std::size_t block = 0;  // the first with atoms
  std::uint64_t decoded_bytes = 0;
  bool more_blocks = false;
};

BinaryCif::BinaryCif(std::unique_ptr<Content> content) : content_(std::move(content)) {}
BinaryCif::BinaryCif(BinaryCif&&) noexcept = default;
BinaryCif& BinaryCif::operator=(BinaryCif&&) noexcept = default;
BinaryCif::~BinaryCif() = default;

std::uint64_t BinaryCif::decoded_bytes() const { return content_->decoded_bytes; }

/// What `f()` returns, or what is wrong with the file that it throws over.
template <class F>
auto checked(F&& f) -> tl::expected<decltype(f()), ReadProblem> {
  try {
    return f();
  } catch (const Refused& problem) {
    return tl::unexpected(ReadProblem{problem.code, problem.what()});
  } catch (const Damaged& problem) {
    return tl::unexpected(
        ReadProblem{"not_a_structure", fmt::format("damaged BinaryCIF: {}", problem.what())});
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    return tl::unexpected(ReadProblem{"not_a_structure",
                                      "damaged BinaryCIF: its MessagePack data are cut or broken"});
  }
}

tl::expected<BinaryCif, ReadProblem> BinaryCif::parse(std::string bytes) {
  return checked([&] {
    auto content = std::make_unique<Content>();
    content->bytes = std::move(bytes);
    const std::string& all = content->bytes;
    const msgpack::unpack_limit limit(most_elements, most_keys, all.size(), all.size(), 0,
                                      most_levels);
    const auto without_copies = [](msgpack::type::object_type, std::size_t, void*) { return true; };
    content->root = msgpack::unpack(all.data(), all.size(), without_copies, nullptr, limit);
    const auto [first, last] = elements(get(content->root.get(), "dataBlocks"));
    int blocks = 0;
    for (const object* block = first; block != last; ++block) {
      const auto [begin, end] = elements(get(*block, "categories"));
      if (!std::any_of(begin, end, has_atoms)) continue;
      if (++blocks == 1) content->block = static_cast<std::size_t>(block - first);
    }
    if (blocks == 0)
      throw Refused("not_a_structure",
                    "BinaryCIF without atoms: there is no _atom_site table in the file");
    content->more_blocks = blocks > 1;
    const auto [category, end] = elements(get(first[content->block], "categories"));
    for (const object* one = category; one != end; ++one)
      content->decoded_bytes += decoded_size(*one);
    return BinaryCif(std::move(content));
  });
}

tl::expected<FileContents, ReadProblem> BinaryCif::read(std::optional<int> model,
                                                        NodeCollector& collector) {
  return checked([&] {
    const object& block = elements(get(content_->root.get(), "dataBlocks")).first[content_->block];
    const auto [begin, end] = elements(get(block, "categories"));
    Items items;
    bool model_cif = false;
    int models = 0;
    for (const object* category = begin; category != end; ++category) {
      model_cif |= is_of_model_cif(fmt::format("{}.", text_of(get(*category, "name"))));
      if (!has_atoms(*category)) {
        read_items(*category, items, content_->arena);
        continue;
      }
      if (models > 0) throw Refused("not_a_structure", "there are two tables of atoms");
      models = AtomColumns(*category, content_->arena).read(model, collector);
    }
    FileContents contents = contents_of(items, model_cif);
    contents.models = models;
    contents.more_blocks = content_->more_blocks;
    return contents;
  });
}

}  // namespace modesweep
