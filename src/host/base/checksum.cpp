// SPDX-License-Identifier: MIT
#include "base/checksum.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace modesweep {

std::int64_t checksum_of(std::span<const SqlArgument> values, Types types) {
  Checksum checksum;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const SqlArgument& value = values[i];
    if (std::holds_alternative<std::monostate>(value)) continue;
    checksum.add(types == Types::counted ? i * std::variant_size_v<SqlArgument> + value.index()
                                         : i);
    if (const auto* integer = std::get_if<std::int64_t>(&value))
      checksum.add(static_cast<std::uint64_t>(*integer));
    else if (const auto* number = std::get_if<double>(&value))
      checksum.add(std::bit_cast<std::uint64_t>(*number + 0.0));  // SQLite has no -0
    else if (const auto* text = std::get_if<std::string_view>(&value))
      checksum.add(*text);
    else
      checksum.add(std::get<SqlBytes>(value).bytes);
  }
  return checksum.value();
}

std::int64_t checksum_of_tables(Database& database, std::string_view but_for) {
  Checksum checksum;
  Statement tables(database,
                   "SELECT name, coalesce(sql, ''), type = 'table' AND rootpage > 0 "
                   "FROM sqlite_master WHERE name <> ? ORDER BY name");
  tables.bind(but_for);
  for (std::vector<SqlArgument> values; tables.step();) {
    const std::string name = tables.bytes(0);
    checksum.add(name);
    checksum.add(tables.text(1));
    if (tables.integer(2) == 0) continue;  // an index, or a virtual table, whose tables are listed
    Statement rows(database, fmt::format("SELECT * FROM \"{}\"", name).c_str());
    while (rows.step()) {
      values.clear();
      for (int column = 0; column < rows.columns(); ++column) values.push_back(rows.value(column));
      checksum.add(static_cast<std::uint64_t>(checksum_of(values, Types::counted)));
    }
  }
  return checksum.value();
}

void define_row_checksum(Database& database) {
  database.define("row_checksum", [](std::span<const SqlArgument> arguments) -> SqlResult {
    return checksum_of(arguments, Types::ignored);
  });
  database.define("typed_checksum", [](std::span<const SqlArgument> arguments) -> SqlResult {
    return checksum_of(arguments, Types::counted);
  });
}

}  // namespace modesweep
