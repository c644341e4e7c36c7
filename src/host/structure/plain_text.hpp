// SPDX-License-Identifier: MIT
// From a file's bytes to the text that its format is read from.
#pragma once

#include <string>

namespace modesweep {

struct PlainText {
  std::string text;
  bool has_nul = false;  ///< a NUL byte in it, as no text has
};

/// Text as readers expect it: UTF-8 without a byte order mark, lines that end in a newline alone,
/// no NUL bytes or end-of-file marks (Ctrl-Z) after it. UTF-16 is known by its mark.
PlainText plain_text(std::string bytes);

}  // namespace modesweep
