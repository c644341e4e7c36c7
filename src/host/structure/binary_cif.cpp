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
#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include "base/gzip.hpp"
#include "structure/mmcif_items.hpp"

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
    to[i] = static_cast<To>(value);
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

/// The byte at which each UTF-16 unit of the text begins, and the end: what JavaScript counts in.
std::vector<std::size_t> utf16_places(std::string_view text) {
  std::vector<std::size_t> places;
  places.reserve(text.size() + 1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool continues = (c & 0xc0) == 0x80;
    if (!continues) places.push_back(i);
    if (c >= 0xf0) places.push_back(i);  // a surrogate pair
  }
  places.push_back(text.size());
  return places;
}

Values string_array(std::string_view bytes, const object& encoding) {
  const std::string_view text = text_of(get(encoding, "stringData"));
  const Values offsets_values =
      decode(bytes_of(get(encoding, "offsets")), get(encoding, "offsetEncoding"));
  const Integers& offsets = integers_of(offsets_values);
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  const std::vector<std::size_t> places = ascii ? std::vector<std::size_t>{} : utf16_places(text);
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

/// Appends a text as a CIF value. What CIF cannot hold is not to be found in such files: a line
/// that begins with a semicolon gets a blank before it.
void append_text(std::string& out, std::string_view text) {
  const bool plain =
      !text.empty() && text != "." && text != "?" &&
      std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '%' && c <= '~' && c != '\'' && c != ';' && c != '[' && c != '_') || c == '!';
      });
  if (plain) {
    out += text;
    return;
  }
  const bool lines = text.find_first_of("\n\r") != std::string_view::npos;
  for (const char quote : {'\'', '"'}) {
    if (lines || text.find(quote) != std::string_view::npos) continue;
    out += quote;
    out += text;
    out += quote;
    return;
  }
  out += "\n;";
  for (const char c : text) {
    if (c == ';' && out.back() == '\n') out += ' ';
    out += c;
  }
  out += "\n;";
}

/// The shortest decimal that is the number, in the form in which structure files write it.
template <class Number>
void append_number(std::string& out, Number value) {
  if (!std::isfinite(value)) {
    out += '?';
    return;
  }
  const Number size = std::abs(value);
  std::array<char, 64> text;
  const bool usual = size == 0 || (size > Number(1e-9) && size < Number(1e15));
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value,
                    usual ? std::chars_format::fixed : std::chars_format::scientific);
  if (error != std::errc()) throw Damaged("a number of too many digits");
  out.append(text.data(), end);
}

struct Column {
  std::string_view name;
  Values values;
  Integers mask;  // empty: all are there; else 0 there, 1 ".", 2 "?"

  std::size_t rows() const {
    if (const auto* integers = std::get_if<Integers>(&values)) return integers->size();
    if (const auto* reals = std::get_if<Reals>(&values)) return reals->values.size();
    return std::get<Strings>(values).indices.size();
  }

  void append(std::string& out, std::size_t row) const {
    if (!mask.empty() && mask[row] != 0) {
      out += mask[row] == 1 ? '.' : '?';
    } else if (const auto* integers = std::get_if<Integers>(&values)) {
      std::array<char, 16> text;
      const auto end = std::to_chars(text.data(), text.data() + text.size(), (*integers)[row]).ptr;
      out.append(text.data(), end);
    } else if (const auto* reals = std::get_if<Reals>(&values)) {
      if (reals->single)
        append_number(out, static_cast<float>(reals->values[row]));
      else
        append_number(out, reals->values[row]);
    } else {
      const Strings& strings = std::get<Strings>(values);
      const std::int32_t index = strings.indices[row];
      append_text(out,
                  index < 0 ? std::string_view() : strings.values[static_cast<std::size_t>(index)]);
    }
  }
};

/// A name that can stand in a tag.
std::string_view checked_name(std::string_view name) {
  if (name.empty() ||
      !std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; }))
    throw Damaged("a column's name is not a name");
  return name;
}

void append_category(std::string& out, const object& category) {
  const std::string_view name = checked_name(text_of(get(category, "name")));
  const std::size_t rows = size_of(get(category, "rowCount"));
  if (rows == 0) return;
  std::vector<Column> columns;
  const auto [first, last] = elements(get(category, "columns"));
  for (const object* column = first; column != last; ++column) {
    Column read;
    read.name = checked_name(text_of(get(*column, "name")));
    if (!keeps_column(name, read.name)) continue;
    read.values = decode_data(get(*column, "data"));
    if (const object* mask = find(*column, "mask"); mask && !mask->is_nil())
      read.mask = integers_of(decode_data(*mask));
    if (read.rows() != rows || (!read.mask.empty() && read.mask.size() != rows))
      throw Damaged(fmt::format("{}.{} has not as many values as its category", name, read.name));
    columns.push_back(std::move(read));
  }
  if (columns.empty()) return;
  out += "loop_\n";
  for (const Column& column : columns) out += fmt::format("{}.{}\n", name, column.name);
  for (std::size_t row = 0; row < rows; ++row) {
    for (const Column& column : columns) {
      column.append(out, row);
      out += ' ';
    }
    out.back() = '\n';
    if (out.size() > largest_inflated_file) throw Damaged("more text than any structure file has");
  }
}

std::string as_mmcif(const object& root) {
  const auto [first, last] = elements(get(root, "dataBlocks"));
  for (const object* block = first; block != last; ++block) {
    const auto [begin, end] = elements(get(*block, "categories"));
    const auto is_atoms = [](const object& category) {
      return text_of(get(category, "name")) == "_atom_site";
    };
    if (std::none_of(begin, end, is_atoms)) continue;
    std::string text = "data_";
    for (const char c : text_of(get(*block, "header")))
      if (c > ' ' && c < 0x7f) text += c;
    text += '\n';
    for (const object* category = begin; category != end; ++category)
      append_category(text, *category);
    return text;
  }
  throw Damaged("there is no _atom_site table in the file");
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

tl::expected<std::string, std::string> binary_cif_as_mmcif(std::string_view bytes) {
  try {
    const msgpack::unpack_limit limit(most_elements, most_keys, bytes.size(), bytes.size(), 0,
                                      most_levels);
    const auto without_copies = [](msgpack::type::object_type, std::size_t, void*) { return true; };
    const msgpack::object_handle root =
        msgpack::unpack(bytes.data(), bytes.size(), without_copies, nullptr, limit);
    return as_mmcif(root.get());
  } catch (const Damaged& problem) {
    return tl::unexpected(fmt::format("damaged BinaryCIF: {}", problem.what()));
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    return tl::unexpected<std::string>("damaged BinaryCIF: its MessagePack data are cut or broken");
  }
}

}  // namespace modesweep
