// SPDX-License-Identifier: MIT
// What the words of a ranking name.
#pragma once

#include <string>
#include <vector>

#include <modesweep/requests.hpp>

namespace modesweep::cli {

/// Takes words by their form, all of one kind: throws RunError (`request`) where they are not. A
/// path has a `/` or the ending of a structure file and is there, or can be nothing else (`./x`,
/// `x.pdb`); `1UBI` is an entry also where a file has that name, but a number is none; all others
/// are one term, with blanks between them. `is_term`: they are whatever their form. Returns what to
/// tell where a file has the name of a term or an entry; empty: nothing.
std::string take_words(const std::vector<std::string>& words, bool is_term, Input& input);

}  // namespace modesweep::cli
