// SPDX-License-Identifier: MIT
// One gzip member, as servers of structure files send it.
#pragma once

#include <string>
#include <string_view>

namespace test_support {

std::string gzip(std::string_view text);

}  // namespace test_support
