// SPDX-License-Identifier: MIT
#include "support/binary_cif_writer.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>

namespace test_support {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

std::string big_endian(std::uint64_t value, int bytes) {
  std::string result;
  for (int i = bytes - 1; i >= 0; --i) result += static_cast<char>(value >> 8 * i & 0xff);
  return result;
}

template <class T>
std::string little_endian(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  if constexpr (std::endian::native == std::endian::big) std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

template <class T, class From>
std::string all_as(const std::vector<From>& values) {
  std::string bytes;
  for (const From value : values) bytes += little_endian(static_cast<T>(value));
  return bytes;
}

std::string kind(std::string_view name, Entries more) {
  more.insert(more.begin(), {"kind", packed(name)});
  return packed_map(more);
}

std::string byte_array(int type) {
  return kind("ByteArray", {{"type", packed(std::int64_t{type})}});
}

constexpr int int8 = 1, int16 = 2, int32 = 3, uint8 = 4, uint16 = 5, float32 = 32, float64 = 33;

void add_delta(Integers& values, std::vector<std::string>& encodings) {
  const std::int32_t origin = values.empty() ? 0 : values.front() - 1;
  std::uint32_t before = static_cast<std::uint32_t>(origin);
  for (std::int32_t& value : values) {
    const auto now = static_cast<std::uint32_t>(value);
    value = static_cast<std::int32_t>(now - before);
    before = now;
  }
  encodings.push_back(kind("Delta", {{"origin", packed(std::int64_t{origin})},
                                     {"srcType", packed(std::int64_t{int32})}}));
}

void add_run_length(Integers& values, std::vector<std::string>& encodings) {
  Integers runs;
  for (const std::int32_t value : values) {
    if (runs.empty() || runs[runs.size() - 2] != value) runs.insert(runs.end(), {value, 0});
    ++runs.back();
  }
  encodings.push_back(
      kind("RunLength", {{"srcType", packed(std::int64_t{int32})},
                         {"srcSize", packed(static_cast<std::int64_t>(values.size()))}}));
  values = runs;
}

/// Packs into one byte each where numbers are small, else into two.
std::string add_packing(const Integers& values, std::vector<std::string>& encodings) {
  const bool is_unsigned =
      std::all_of(values.begin(), values.end(), [](std::int32_t v) { return v >= 0; });
  const bool one_byte = std::all_of(values.begin(), values.end(),
                                    [](std::int32_t v) { return std::abs(std::int64_t{v}) < 500; });
  const std::int32_t high = is_unsigned ? (one_byte ? 255 : 65535) : (one_byte ? 127 : 32767);
  const std::int32_t low = -high - 1;
  Integers parts;
  for (std::int32_t value : values) {
    for (; value >= high; value -= high) parts.push_back(high);
    for (; !is_unsigned && value <= low; value -= low) parts.push_back(low);
    parts.push_back(value);
  }
  encodings.push_back(
      kind("IntegerPacking", {{"byteCount", packed(std::int64_t{one_byte ? 1 : 2})},
                              {"isUnsigned", packed(is_unsigned)},
                              {"srcSize", packed(static_cast<std::int64_t>(values.size()))}}));
  encodings.push_back(
      byte_array(is_unsigned ? (one_byte ? uint8 : uint16) : (one_byte ? int8 : int16)));
  if (is_unsigned) return one_byte ? all_as<std::uint8_t>(parts) : all_as<std::uint16_t>(parts);
  return one_byte ? all_as<std::int8_t>(parts) : all_as<std::int16_t>(parts);
}

}  // namespace

std::string packed(std::string_view text) {
  return '\xdb' + big_endian(text.size(), 4) + std::string(text);
}

std::string packed(std::int64_t number) {
  if (number >= 0 && number < 128) return std::string(1, static_cast<char>(number));
  return '\xd3' + big_endian(static_cast<std::uint64_t>(number), 8);
}

std::string packed(double number) {
  return '\xcb' + big_endian(std::bit_cast<std::uint64_t>(number), 8);
}

std::string packed(bool truth) { return truth ? "\xc3" : "\xc2"; }

std::string packed_bytes(std::string_view bytes) {
  return '\xc6' + big_endian(bytes.size(), 4) + std::string(bytes);
}

std::string packed_list(const std::vector<std::string>& elements) {
  std::string result = '\xdc' + big_endian(elements.size(), 2);
  for (const std::string& element : elements) result += element;
  return result;
}

std::string packed_map(const Entries& entries) {
  std::string result(1, static_cast<char>(0x80 | entries.size()));
  for (const auto& [key, value] : entries) result += packed(key) + value;
  return result;
}

std::string EncodedData::packed() const {
  return packed_map({{"data", packed_bytes(bytes)}, {"encoding", packed_list(encodings)}});
}

EncodedData encode_integers(Integers values, IntegerCoding coding) {
  EncodedData result;
  using enum IntegerCoding;
  if (coding == delta || coding == delta_packing) add_delta(values, result.encodings);
  if (coding == run_length || coding == run_length_packing)
    add_run_length(values, result.encodings);
  if (coding == packing || coding == delta_packing || coding == run_length_packing) {
    result.bytes = add_packing(values, result.encodings);
  } else {
    result.encodings.push_back(byte_array(int32));
    result.bytes = all_as<std::int32_t>(values);
  }
  return result;
}

EncodedData encode_fixed_point(const std::vector<double>& values, int digits,
                               IntegerCoding coding) {
  const double factor = std::pow(10, digits);
  Integers integers;
  for (const double value : values)
    integers.push_back(static_cast<std::int32_t>(std::lround(value * factor)));
  EncodedData result = encode_integers(integers, coding);
  result.encodings.insert(result.encodings.begin(),
                          kind("FixedPoint", {{"factor", packed(static_cast<std::int64_t>(factor))},
                                              {"srcType", packed(std::int64_t{float64})}}));
  return result;
}

EncodedData encode_interval(const std::vector<double>& values, double low, double high, int steps) {
  Integers integers;
  for (const double value : values)
    integers.push_back(
        static_cast<std::int32_t>(std::lround((value - low) / (high - low) * (steps - 1))));
  EncodedData result = encode_integers(integers, IntegerCoding::plain);
  result.encodings.insert(
      result.encodings.begin(),
      kind("IntervalQuantization", {{"min", packed(low)},
                                    {"max", packed(high)},
                                    {"numSteps", packed(std::int64_t{steps})},
                                    {"srcType", packed(std::int64_t{float32})}}));
  return result;
}

EncodedData encode_doubles(const std::vector<double>& values) {
  return {all_as<double>(values), {byte_array(float64)}};
}

EncodedData encode_floats(const std::vector<double>& values) {
  return {all_as<float>(values), {byte_array(float32)}};
}

EncodedData encode_strings(const std::vector<std::string>& values, IntegerCoding coding) {
  std::map<std::string, std::int32_t> known;
  std::string all;
  Integers offsets = {0}, indices;
  std::int32_t units = 0;  // of UTF-16, in which offsets count
  for (const std::string& value : values) {
    if (value.empty()) {
      indices.push_back(-1);
      continue;
    }
    const auto [place, fresh] = known.emplace(value, static_cast<std::int32_t>(known.size()));
    if (fresh) {
      all += value;
      for (const char c : value) {
        const auto u = static_cast<unsigned char>(c);
        units += (u & 0xc0) == 0x80 ? 0 : u >= 0xf0 ? 2 : 1;
      }
      offsets.push_back(units);
    }
    indices.push_back(place->second);
  }
  const EncodedData coded = encode_integers(indices, coding);
  const EncodedData coded_offsets = encode_integers(offsets, IntegerCoding::delta_packing);
  return {coded.bytes,
          {kind("StringArray", {{"dataEncoding", packed_list(coded.encodings)},
                                {"stringData", packed(all)},
                                {"offsetEncoding", packed_list(coded_offsets.encodings)},
                                {"offsets", packed_bytes(coded_offsets.bytes)}})}};
}

std::string packed_column(const BinaryColumn& column) {
  Entries entries = {{"name", packed(column.name)}, {"data", column.data.packed()}};
  entries.push_back(
      {"mask", column.mask.empty()
                   ? std::string(1, '\xc0')
                   : encode_integers(column.mask, IntegerCoding::run_length_packing).packed()});
  return packed_map(entries);
}

std::string packed_category(std::string_view name, std::int64_t rows,
                            const std::vector<std::string>& columns) {
  return packed_map(
      {{"name", packed(name)}, {"columns", packed_list(columns)}, {"rowCount", packed(rows)}});
}

std::string binary_cif(std::string_view block, const std::vector<std::string>& categories) {
  return packed_map(
      {{"encoder", packed(std::string_view("modesweep tests"))},
       {"version", packed(std::string_view("0.3.0"))},
       {"dataBlocks", packed_list({packed_map({{"header", packed(block)},
                                               {"categories", packed_list(categories)}})})}});
}

std::string binary_cif_of(std::string_view block, const std::vector<CifTable>& tables,
                          int variant) {
  std::vector<std::string> categories;
  int column_number = 0;
  for (const CifTable& table : tables) {
    std::vector<std::string> columns;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      const std::string& name = table.columns[c];
      const auto coding = static_cast<IntegerCoding>((variant + column_number++) % integer_codings);
      BinaryColumn column{name, {}, {}};
      const Integers& mask = table.masks[c];
      if (std::any_of(mask.begin(), mask.end(), [](std::int32_t m) { return m != 0; }))
        column.mask = mask;
      const bool atoms = table.name == "_atom_site";
      const auto numbers = [&] {
        std::vector<double> result;
        for (const std::string& value : table.values[c])
          result.push_back(value.empty() ? 0 : std::stod(value));
        return result;
      };
      const bool is_integer =
          atoms && (name == "id" || name.ends_with("seq_id") || name == "pdbx_PDB_model_num");
      const bool is_real =
          atoms && (name.starts_with("Cartn_") || name == "occupancy" || name == "B_iso_or_equiv");
      if (is_integer) {
        Integers integers;
        for (const double value : numbers()) integers.push_back(static_cast<std::int32_t>(value));
        column.data = encode_integers(integers, coding);
      } else if (is_real && variant % 3 == 0) {
        column.data = encode_doubles(numbers());
      } else if (is_real && variant % 3 == 1) {
        column.data = encode_floats(numbers());
      } else if (is_real) {
        column.data = encode_fixed_point(numbers(), 3, coding);
      } else {
        column.data = encode_strings(table.values[c], coding);
      }
      columns.push_back(packed_column(column));
    }
    categories.push_back(
        packed_category(table.name, static_cast<std::int64_t>(table.values[0].size()), columns));
  }
  return binary_cif(block, categories);
}

}  // namespace test_support
