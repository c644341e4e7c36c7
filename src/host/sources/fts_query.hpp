// SPDX-License-Identifier: MIT
// The two sides of a text search: what a file's name is found by, and what a term asks for.
#pragma once

#include <string>
#include <string_view>

namespace modesweep {

/// The words that the name of a file (without its endings) or folder is found by: its runs of
/// letters and digits, what they consist of between letters and digits, and the entry IDs that they
/// may hold. `pdb1ubi` -> `pdb1ubi pdb 1 ubi 1ubi`; `1TRN_A` -> `1TRN 1 TRN A`.
std::string name_words(std::string_view name);

struct FtsQuery {
  std::string match;              ///< an FTS5 expression of quoted strings; empty where the term
                                  ///< has no word, or only excludes
  bool ignored_brackets = false;  ///< brackets have no meaning here and were read as spaces
};

/// Words are ANDed, "phrases" kept together (an open quote ends with the term), `OR` and `NOT` in
/// capitals are operators (`AND` is what stands between words anyway), `word*` is a prefix. OR
/// binds weakest. Extended entry IDs become their normal form, also in phrases.
FtsQuery parse_fts_query(std::string_view term);

}  // namespace modesweep
