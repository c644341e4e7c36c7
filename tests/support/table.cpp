// SPDX-License-Identifier: MIT
#include "support/table.hpp"

namespace test_support {

std::vector<std::string> split_fields(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line)
    if (c == '\t')
      fields.emplace_back();
    else
      fields.back() += c;
  return fields;
}

}  // namespace test_support
