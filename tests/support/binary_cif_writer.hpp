// SPDX-License-Identifier: MIT
// Writes BinaryCIF, as far as tests of reading it need: MessagePack and all encodings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test_support {

/// MessagePack values as bytes.
std::string packed(std::string_view text);
std::string packed(std::int64_t number);
std::string packed(double number);
std::string packed(bool truth);
std::string packed_bytes(std::string_view bytes);
std::string packed_list(const std::vector<std::string>& elements);
std::string packed_map(const std::vector<std::pair<std::string, std::string>>& entries);

using Integers = std::vector<std::int32_t>;

/// The value of a column's `data`: {data, encoding}.
struct EncodedData {
  std::string bytes;                   ///< not yet packed
  std::vector<std::string> encodings;  ///< packed maps, in the order in which they were done
  std::string packed() const;
};

/// How integers become bytes, after which steps.
enum class IntegerCoding { plain, delta, run_length, packing, delta_packing, run_length_packing };
inline constexpr int integer_codings = 6;

EncodedData encode_integers(Integers values, IntegerCoding coding);
/// Numbers of at most `digits` decimals, as integers coded so.
EncodedData encode_fixed_point(const std::vector<double>& values, int digits, IntegerCoding coding);
EncodedData encode_interval(const std::vector<double>& values, double low, double high, int steps);
EncodedData encode_doubles(const std::vector<double>& values);
EncodedData encode_floats(const std::vector<double>& values);
EncodedData encode_strings(const std::vector<std::string>& values, IntegerCoding coding);

struct BinaryColumn {
  std::string name;
  EncodedData data;
  Integers mask;  ///< empty: none
};

std::string packed_column(const BinaryColumn& column);
std::string packed_category(std::string_view name, std::int64_t rows,
                            const std::vector<std::string>& columns);
std::string binary_cif(std::string_view block, const std::vector<std::string>& categories);

/// A table of an mmCIF file: values without quotes, and whether one is "." (1) or "?" (2).
struct CifTable {
  std::string name;  ///< with the underscore, without the dot
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> values;  ///< by column
  std::vector<Integers> masks;                   ///< by column
};

/// The tables as BinaryCIF; `variant` chooses among the encodings that lose nothing.
std::string binary_cif_of(std::string_view block, const std::vector<CifTable>& tables, int variant);

}  // namespace test_support
