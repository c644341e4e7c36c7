// SPDX-License-Identifier: MIT
// What stands below the flags in help, as data: the source of man pages and of docs/reference.md.
#pragma once

#include <string>
#include <vector>

namespace modesweep::cli {

/// A term and its text; running text has no term.
struct FooterItem {
  std::string term;
  std::string text;
};

/// One paragraph of a footer. `notes:  tail  ...` and `Exit codes:` at its begin are headings; the
/// lines below them that begin with blanks are a term, two blanks and its text, and deeper lines go
/// on with the one before. Everything else is running text.
struct FooterBlock {
  std::string heading;
  std::string remark;  ///< in parentheses behind the heading
  std::vector<FooterItem> items;
};

std::vector<FooterBlock> footer_blocks(const std::string& footer);

}  // namespace modesweep::cli
