// SPDX-License-Identifier: MIT
// Checksums of what a database of ours holds, so that what a disk or a hand changes is noticed.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/sqlite.hpp"

namespace modesweep {

/// FNV-1a of 64 bits (Fowler, Noll and Vo), of which each byte that differs alone makes another
/// hash. No signature: it is for accidents, and whoever wants to can make one that fits.
class Checksum {
 public:
  void add(std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8)
      add_byte(static_cast<unsigned char>(number >> shift));
  }
  void add(std::string_view bytes) {
    add(bytes.size());
    for (const char byte : bytes) add_byte(static_cast<unsigned char>(byte));
  }
  std::int64_t value() const { return static_cast<std::int64_t>(hash_); }

 private:
  void add_byte(unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3; }
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

/// Of values in their order. NULL counts nothing, so that columns which are added later change no
/// checksum. Bytes and text are told apart where types count: SQL compares them as what they are.
enum class Types { counted, ignored };
std::int64_t checksum_of(std::span<const SqlArgument> values, Types types);

/// Of all rows of all tables, but for those of one, and of how tables and indices were made.
std::int64_t checksum_of_tables(Database& database, std::string_view but_for);

/// Makes `row_checksum(...)`, without the types, and `typed_checksum(...)` known to SQL.
void define_row_checksum(Database& database);

}  // namespace modesweep
