// SPDX-License-Identifier: MIT
#include "cli/footer.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <utility>

namespace modesweep::cli {
namespace {

constexpr std::size_t longest_term = 30;

std::size_t indent_of(const std::string& line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

bool is_term(const std::string& line) {
  const std::string text = line.substr(indent_of(line));
  return text.size() <= longest_term && text.find("  ") == std::string::npos;
}

/// Blanks take the heading's place.
void take_heading(std::string& first, FooterBlock& block) {
  const std::size_t words = first.find_first_of("(:");
  if (words == std::string::npos ||
      !std::all_of(first.begin(), first.begin() + words,
                   [](unsigned char c) { return std::isalpha(c) || c == ' '; }))
    return;
  const std::size_t colon =
      first[words] == ':' ? words : std::min(first.find("):"), first.size()) + 1;
  if (colon >= first.size() || first[colon] != ':') return;
  if (colon + 1 < first.size() && first.compare(colon + 1, 2, "  ") != 0) return;
  block.heading = first.substr(0, first[words] == ':' ? words : words - 1);
  if (first[words] == '(') block.remark = first.substr(words + 1, colon - words - 2) + ".";
  first.replace(0, colon + 1, colon + 1, ' ');
}

/// Of the lines that terms begin with.
std::size_t item_indent(const std::vector<std::string>& lines) {
  std::size_t indent = std::string::npos;
  for (const std::string& line : lines)
    if (line.starts_with(' ') && indent_of(line) < line.size())
      indent = std::min(indent, indent_of(line));
  return indent;
}

FooterBlock read_block(std::vector<std::string> lines) {
  FooterBlock block;
  take_heading(lines.front(), block);
  const std::size_t base = item_indent(lines);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string text = lines[i];
    const std::size_t indent = indent_of(text);
    if (indent == text.size()) continue;  // the heading was here
    for (; i + 1 < lines.size() && indent_of(lines[i + 1]) > std::max(indent, base); ++i)
      // Below a term alone there is its text.
      text += (is_term(text) ? "  " : " ") + lines[i + 1].substr(indent_of(lines[i + 1]));
    text.erase(0, indent);
    const std::size_t gap = text.find("  ");
    if (indent >= base && gap <= longest_term)
      block.items.push_back({text.substr(0, gap), text.substr(text.find_first_not_of(' ', gap))});
    else if (indent < base && !block.items.empty() && block.items.back().term.empty())
      block.items.back().text += ' ' + text;
    else
      block.items.push_back({"", text});
  }
  return block;
}

}  // namespace

std::vector<FooterBlock> footer_blocks(const std::string& footer) {
  std::vector<FooterBlock> blocks;
  std::vector<std::string> lines;
  const auto end_block = [&] {
    if (!lines.empty()) blocks.push_back(read_block(std::exchange(lines, {})));
  };
  std::istringstream stream(footer);
  for (std::string line; std::getline(stream, line);) {
    line.erase(line.find_last_not_of(' ') + 1);
    if (line.empty())
      end_block();
    else
      lines.push_back(line);
  }
  end_block();
  return blocks;
}

}  // namespace modesweep::cli
