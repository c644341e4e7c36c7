// SPDX-License-Identifier: MIT
#include "store/checksum.hpp"

#include <bit>
#include <cstddef>
#include <variant>

namespace modesweep {

std::int64_t checksum_of(std::span<const SqlArgument> values) {
  Checksum checksum;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const SqlArgument& value = values[i];
    if (std::holds_alternative<std::monostate>(value)) continue;
    checksum.add(i);
    if (const auto* integer = std::get_if<std::int64_t>(&value))
      checksum.add(static_cast<std::uint64_t>(*integer));
    else if (const auto* number = std::get_if<double>(&value))
      checksum.add(std::bit_cast<std::uint64_t>(*number + 0.0));  // SQLite has no -0
    else
      checksum.add(std::get<std::string_view>(value));
  }
  return checksum.value();
}

void define_row_checksum(Database& database) {
  database.define("row_checksum", [](std::span<const SqlArgument> arguments) -> SqlResult {
    return checksum_of(arguments);
  });
}

}  // namespace modesweep
