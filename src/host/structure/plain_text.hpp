// SPDX-License-Identifier: MIT
// From a file's bytes to the text that its format is read from.
#pragma once

#include <filesystem>
#include <string>

#include <modesweep/outcome.hpp>

namespace modesweep {

/// Text as readers expect it: UTF-8 without a byte order mark, lines that end in a newline alone,
/// no NUL bytes or end-of-file marks (Ctrl-Z) after it. UTF-16 is known by its mark.
std::string plain_text(std::string bytes);

}  // namespace modesweep
