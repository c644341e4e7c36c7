// SPDX-License-Identifier: MIT
// Text for people in lines that fit a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace modesweep::cli {

/// The text with line ends between words, so that lines have `width` characters at most (0: as they
/// are); lines that go on begin with `indent` blanks. Words stay whole, and lines that fit as they
/// are.
std::string wrapped(std::string_view text, int width, std::size_t indent = 0);

}  // namespace modesweep::cli
