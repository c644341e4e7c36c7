// SPDX-License-Identifier: MIT
// Words that are typed, and what they mean. Each throws RunError (`request`) for one that means
// nothing.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <modesweep/modes_job.hpp>

namespace modesweep::cli {

/// All of a file; `what` is what it should have held.
std::string read_text(const std::filesystem::path& path, const char* what);

/// Entry IDs in normal form, each once: a list, `@file` with one, or `-` for standard input.
std::vector<std::string> parse_ids(const std::string& list);

/// Paths as they stand; of `@file` those that it has, one a line, of `-` those of standard input.
std::vector<std::filesystem::path> parse_paths(const std::vector<std::string>& words);

/// Ascending, each once, so that the same chains are the same parameter. A blank is the name of the
/// chain without one.
std::vector<std::string> parse_chains(const std::string& list);

/// By its form: `1UBI` is an entry also where a file has that name. Either may name chains behind a
/// colon.
StructureInput parse_structure(const std::string& text);

}  // namespace modesweep::cli
