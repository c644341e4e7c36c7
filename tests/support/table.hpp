// SPDX-License-Identifier: MIT
// Tables of the product and of the golden numbers: lines of fields between tabs.
#pragma once

#include <string>
#include <vector>

namespace test_support {

/// The fields of one line, empty ones too.
std::vector<std::string> split_fields(const std::string& line);

}  // namespace test_support
