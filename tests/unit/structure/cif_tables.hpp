// SPDX-License-Identifier: MIT
// The tables of an mmCIF text, to be written as BinaryCIF.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "structure/cif_scanner.hpp"
#include "support/binary_cif_writer.hpp"

namespace modesweep {

/// A handler of `scan_cif` that keeps everything.
class CifTables {
 public:
  bool block() { return true; }
  bool cut_row() { return false; }
  bool stray(std::string_view) { return true; }
  bool pair(std::string_view tag, std::string_view value) {
    const auto [category, column] = split(tag);
    if (tables_.empty() || tables_.back().name != category)
      tables_.push_back({category, {}, {}, {}});
    test_support::CifTable& table = tables_.back();
    table.columns.push_back(column);
    table.values.emplace_back();
    table.masks.emplace_back();
    add(table.columns.size() - 1, value);
    return true;
  }
  bool loop(const std::vector<std::string_view>& tags) {
    tables_.push_back({split(tags.front()).first, {}, {}, {}});
    for (const std::string_view tag : tags) tables_.back().columns.push_back(split(tag).second);
    tables_.back().values.resize(tags.size());
    tables_.back().masks.resize(tags.size());
    return true;
  }
  bool row(const std::string_view* values) {
    for (std::size_t i = 0; i < tables_.back().columns.size(); ++i) add(i, values[i]);
    return true;
  }
  bool line(const CifLine& line) {
    for (std::size_t i = 0; i < tables_.back().columns.size(); ++i) add(i, line.value(i));
    return true;
  }
  const std::vector<test_support::CifTable>& tables() const { return tables_; }

 private:
  static std::pair<std::string, std::string> split(std::string_view tag) {
    const std::size_t dot = tag.find('.');
    return {std::string(tag.substr(0, dot)), std::string(tag.substr(dot + 1))};
  }
  void add(std::size_t column, std::string_view raw) {
    test_support::CifTable& table = tables_.back();
    const int mask = raw == "." ? 1 : raw == "?" ? 2 : 0;
    table.masks[column].push_back(mask);
    table.values[column].emplace_back(cif_value(raw).value_or(""));
  }

  std::vector<test_support::CifTable> tables_;
};

/// Throws where the text is cut.
inline std::string as_binary_cif(std::string_view mmcif, int variant) {
  CifTables tables;
  if (scan_cif(mmcif, tables) != ScanEnd::whole) throw std::runtime_error("the mmCIF text is cut");
  return test_support::binary_cif_of("TEST", tables.tables(), variant);
}

}  // namespace modesweep
