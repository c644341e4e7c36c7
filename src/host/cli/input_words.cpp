// SPDX-License-Identifier: MIT
#include "cli/input_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <modesweep/pdb_id.hpp>
#include <modesweep/structure.hpp>

#include "cli/flags.hpp"
#include "cli/parse.hpp"

namespace modesweep::cli {
namespace {

enum class WordKind { term, id, path };

/// For messages.
const char* name_of(WordKind kind) {
  switch (kind) {
    case WordKind::term: return "what to search for";
    case WordKind::id: return "an entry";
    case WordKind::path: return "a path";
  }
  return "";
}

bool is_there(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

WordKind kind_of(const std::string& word) {
  if (normalise_pdb_id(word)) {
    // A year or a number is more often what is searched for than an entry.
    const bool is_number = word.find_first_not_of("0123456789") == std::string::npos;
    return is_number ? WordKind::term : WordKind::id;
  }
  const bool is_name = is_structure_file_name(word);
  if ((is_name || word.find('/') != std::string::npos) && is_there(word)) return WordKind::path;
  // One that is not there is told so, and not searched for.
  const bool has_ending =
      is_name && word.find('.') != std::string::npos && word.find(' ') == std::string::npos;
  const bool has_start = word.starts_with('/') || word.starts_with("./") || word.starts_with("../");
  return has_ending || has_start ? WordKind::path : WordKind::term;
}

/// Where a user may have meant the file or folder.
std::string hint_at_files(const std::vector<std::string>& words) {
  const auto found = std::find_if(words.begin(), words.end(), is_there);
  if (found == words.end()) return {};
  std::error_code error;
  return fmt::format("there is a {} {} here as well: modesweep rank ./{} ranks it",
                     std::filesystem::is_directory(*found, error) ? "folder" : "file", *found,
                     *found);
}

}  // namespace

std::string take_words(const std::vector<std::string>& words, bool is_term, Input& input) {
  const WordKind kind = is_term || words.empty() ? WordKind::term : kind_of(words.front());
  if (!is_term)
    for (const std::string& word : words)
      if (kind_of(word) != kind)
        usage(
            fmt::format("\"{}\" is {}, and \"{}\" is {}: give words of one kind, and quotes around "
                        "a search of several words",
                        words.front(), name_of(kind), word, name_of(kind_of(word))));
  switch (kind) {
    case WordKind::term:
      input.term = fmt::format("{}", fmt::join(words, " "));
      return is_term ? std::string() : hint_at_files(words);
    case WordKind::id:
      input.source = Source::ids;
      input.ids = parse_ids(fmt::format("{}", fmt::join(words, ",")));
      return hint_at_files(words);
    case WordKind::path:
      input.source = Source::files;
      input.files.assign(words.begin(), words.end());
      return {};
  }
  return {};
}

}  // namespace modesweep::cli
