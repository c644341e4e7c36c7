// SPDX-License-Identifier: MIT
#include "cli/parse.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <optional>
#include <set>
#include <string_view>

#include <modesweep/pdb_id.hpp>
#include <modesweep/pipeline.hpp>

#include "base/input_file.hpp"
#include "base/text.hpp"
#include "cli/flags.hpp"

namespace modesweep::cli {
namespace {

// Ten million entry IDs and more.
constexpr std::size_t most_text = std::size_t{64} << 20;

/// What comes from standard input.
std::string read_input_stream(const char* what) {
  std::string text;
  std::array<char, 65536> piece;
  while (const std::size_t n = std::fread(piece.data(), 1, piece.size(), stdin)) {
    text.append(piece.data(), n);
    if (text.size() > most_text)
      usage(fmt::format("the {} has more than the {} MB that are read", what, most_text >> 20));
  }
  return text;
}

/// Without the mark that Windows puts at the beginning of UTF-8.
std::string_view without_mark(std::string_view text) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  return text.starts_with(mark) ? text.substr(mark.size()) : text;
}

/// The normal form, or a usage error that says what is wrong.
std::string parse_id(const std::string& word) {
  if (std::optional<std::string> id = normalise_pdb_id(word)) return *std::move(id);
  constexpr const char* marks = "_.:";
  for (std::size_t mark = 0; (mark = word.find_first_of(marks, mark)) != std::string::npos; ++mark)
    if (normalise_pdb_id(word.substr(0, mark)))
      usage(fmt::format("\"{}\" names a chain: give {} and --chains {}", word, word.substr(0, mark),
                        word.substr(mark + 1)));
  usage(
      fmt::format("\"{}\" is not a PDB ID (4 characters such as 1UBI, or 12 such as "
                  "pdb_00001ubi)",
                  word.size() > 60 ? word.substr(0, 60) + "..." : word));
}

}  // namespace

std::string read_text(const std::filesystem::path& path, const char* what) {
  tl::expected<std::string, InputProblem> text = read_input(path, most_text);
  if (!text)
    usage(fmt::format("cannot read the {} {}: {}", what, path.string(), text.error().message));
  return *std::move(text);
}

std::vector<std::string> parse_ids(const std::string& list) {
  std::string text = list;
  if (list == "-") {
    text = read_input_stream("list of IDs");
  } else if (list.starts_with('@')) {
    text = read_text(list.substr(1), "list of IDs");
  }
  std::vector<std::string> ids;
  std::set<std::string> seen;
  for (const std::string_view word : words(without_mark(text), ",; \t\r\n\v\f"))
    if (std::string id = parse_id(std::string(word)); seen.insert(id).second)
      ids.push_back(std::move(id));
  return ids;
}

std::vector<std::filesystem::path> parse_paths(const std::vector<std::string>& words) {
  std::vector<std::filesystem::path> paths;
  for (const std::string& word : words) {
    if (word != "-" && !word.starts_with('@')) {
      paths.emplace_back(word);
      continue;
    }
    constexpr const char* what = "list of files";
    const std::string text =
        word == "-" ? read_input_stream(what) : read_text(word.substr(1), what);
    // `find -print0` ends each name with what no path has.
    const bool is_of_find = text.find('\0') != std::string::npos;
    // A path may have blanks, but no line of its list the end that Windows gives it.
    for (std::string& line : split(without_mark(text), is_of_find ? '\0' : '\n')) {
      if (!is_of_find && line.ends_with('\r')) line.pop_back();
      if (!line.empty()) paths.emplace_back(line);
    }
  }
  return paths;
}

std::vector<std::string> parse_chains(const std::string& list) {
  std::set<std::string> chains;
  for (const std::string& name : split(list, ','))
    if (!name.empty()) chains.emplace(trimmed(name).empty() ? " " : trimmed(name));
  if (chains.empty()) usage(fmt::format("there is no name of a chain in \"{}\"", list));
  return {chains.begin(), chains.end()};
}

StructureInput parse_structure(const std::string& text) {
  std::error_code error;
  const std::size_t colon = text.rfind(':');
  if (colon != std::string::npos && text.find('/', colon) == std::string::npos &&
      !std::filesystem::exists(text, error)) {
    StructureInput input = parse_structure(text.substr(0, colon));
    if (!input.chains.empty()) usage(fmt::format("name chains as in 1AKE:A,B, not \"{}\"", text));
    input.chains = parse_chains(text.substr(colon + 1));
    return input;
  }
  if (const std::optional<std::string> id = normalise_pdb_id(text)) return {*id, {}, {}};
  if (std::filesystem::exists(text, error) || text.find('/') != std::string::npos ||
      is_structure_file_name(text))
    return {{}, text, {}};
  return {parse_id(text), {}, {}};
}

}  // namespace modesweep::cli
