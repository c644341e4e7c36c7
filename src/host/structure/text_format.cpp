// SPDX-License-Identifier: MIT
#include "structure/text_format.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.hpp"

namespace modesweep {
namespace {

// Lists of a thousand molecules' names are shorter.
constexpr std::size_t most_clean_bytes = 65536;

// CIF 1.1 allows 2,048 bytes; some programs write longer lines, none that long.
constexpr std::size_t longest_line = std::size_t{16} << 20;

bool has_endless_line(std::string_view text) {
  while (text.size() > longest_line) {
    const std::size_t newline = text.substr(0, longest_line).rfind('\n');
    if (newline == std::string_view::npos) return true;
    text.remove_prefix(newline + 1);
  }
  return false;
}

/// The first word of the file that is neither blank nor a comment.
std::string_view first_word(std::string_view text) {
  for (;;) {
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return {};
    text.remove_prefix(start);
    if (text.front() != '#') return text.substr(0, text.find_first_of(" \t\r\n"));
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end);
  }
}

}  // namespace

Failure parse_failure(std::string code, const std::filesystem::path& path,
                      std::string_view problem) {
  return {Stage::parse, std::move(code), clean(fmt::format("{}: {}", path.string(), problem))};
}

std::string clean(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool c1 = c == 0xc2 && i + 1 < text.size() &&
                    static_cast<unsigned char>(text[i + 1]) >= 0x80 &&
                    static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (c1) ++i;
    if (c > 0x20 && c != 0x7f && !c1)
      result += static_cast<char>(c);
    else if (!result.empty() && result.back() != ' ')
      result += ' ';
  }
  if (result.size() > most_clean_bytes) {
    std::size_t end = most_clean_bytes;
    while (end > 0 && (static_cast<unsigned char>(result[end]) & 0xc0) == 0x80) --end;  // UTF-8
    result.resize(end);
  }
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() &&
         std::equal(lower.begin(), lower.end(), text.begin(),
                    [](char expected, char c) { return expected == ascii_lower(c); });
}

bool is_mmcif_text(std::string_view text) {
  return starts_with_ignoring_case(first_word(text), "data_");
}

std::optional<std::string> not_a_structure(std::string_view text) {
  const std::string_view word = first_word(text);
  if (word.empty()) return "there is nothing but white space in the file";
  if (word.front() == '<') return "this is an HTML or XML page, not a structure";
  if (word.front() == '{' || word.front() == '[') return "this is JSON, not a structure";
  if (text.substr(0, 4096).find('\0') != std::string_view::npos)
    return "this is a binary file, not mmCIF or PDB text";
  if (has_endless_line(text)) return fmt::format("a line is longer than {} MB", longest_line >> 20);
  if (is_mmcif_text(text)) return std::nullopt;
  for (const std::string_view record : {"ATOM  ", "HETATM", "HEADER", "REMARK", "CRYST1"})
    if (text.starts_with(record) || text.find("\n" + std::string(record)) != std::string_view::npos)
      return std::nullopt;
  return "this is neither mmCIF nor PDB format";
}

}  // namespace modesweep
