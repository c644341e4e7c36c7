// SPDX-License-Identifier: MIT
#include "structure/text_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "base/compression_names.hpp"
#include "base/text.hpp"
#include "structure/pdb_lines.hpp"

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

using Kinds = std::span<const std::pair<std::string_view, const char*>>;

const char* kind_by_start(std::string_view text, Kinds kinds) {
  for (const auto& [start, kind] : kinds)
    if (text.starts_with(start)) return kind;
  return nullptr;
}

/// By its first bytes, which no text begins with, what a file is, or nullptr.
const char* kind_of_binary(std::string_view text) {
  using namespace std::string_view_literals;
  static constexpr std::pair<std::string_view, const char*> kinds[] = {
      {"PK\x03\x04"sv, "a zip archive"},
      {"PK\x05\x06"sv, "a zip archive"},
      {"7z\xbc\xaf\x27\x1c"sv, "a 7-Zip archive"},
      {"Rar!\x1a\x07"sv, "a RAR archive"},
      {"!<arch>\n"sv, "an ar archive"},
      {"\x1f\x9d"sv, "a file of the program compress (.Z)"},
      {"\x04\x22\x4d\x18"sv, "LZ4 data"},
      {"%PDF-"sv, "a PDF document"},
      {"\x89PNG"sv, "a PNG image"},
      {"\xff\xd8\xff"sv, "a JPEG image"},
      {"\x89HDF"sv, "an HDF5 file"},
      {"\x93NUMPY"sv, "a NumPy array"},
      {"CDF\x01"sv, "a NetCDF file"},
      {"CDF\x02"sv, "a NetCDF file"},
      {"\x7f"
       "ELF"sv,
       "a program"},
  };
  if (const char* kind = kind_by_start(text, kinds)) return kind;
  const bool may_be_message_pack = !text.empty() && static_cast<unsigned char>(text[0]) >= 0x80;
  return may_be_message_pack && text.substr(0, 64).find("mmtfVersion") != std::string_view::npos
             ? "MMTF"
             : nullptr;
}

/// The same by bytes that a text may have, for files that hold NUL bytes or no atoms.
const char* kind_of_other(std::string_view text) {
  static constexpr std::pair<std::string_view, const char*> kinds[] = {
      {"FCMP", "a Foldcomp file"},
      {"GIF8", "a GIF image"},
      {"MTZ ", "an MTZ file of reflections"},
      {"SQLite format 3", "an SQLite database"},
      {"version https://git-lfs", "a Git LFS pointer"},
      {"PSF", "a PSF topology"},
      {">", "FASTA sequences"},
      {"@<TRIPOS>", "a MOL2 file"},
  };
  const std::string_view word = first_word(text);
  if (!word.empty())
    if (const char* kind = kind_by_start({word.data(), text.data() + text.size()}, kinds))
      return kind;
  constexpr std::size_t tar_mark = 257, map_mark = 208;
  if (text.size() > tar_mark && text.substr(tar_mark).starts_with("ustar")) return "a tar archive";
  if (text.size() > map_mark && text.substr(map_mark).starts_with("MAP ")) return "a density map";
  const std::string_view head = text.substr(0, 4096);
  if (head.find(" V2000\n") != std::string_view::npos ||
      head.find(" V3000\n") != std::string_view::npos)
    return "a MOL or SD file";
  return nullptr;
}

/// By its first word, what another text is, or nullptr.
const char* kind_of_markup(std::string_view text, std::string_view word) {
  if (word.front() != '<' && word.front() != '{' && word.front() != '[') return nullptr;
  const std::string head = ascii_lower(text.substr(0, 4096));
  if (word.front() != '<') return head.find("\"data_") != std::string::npos ? "mmJSON" : "JSON";
  if (head.find("datablock") != std::string::npos) return "PDBML (XML)";
  const bool html =
      head.find("<html") != std::string::npos || head.find("<!doctype html") != std::string::npos;
  return html ? "an HTML page" : "an XML document";
}

/// Which of the two comes first: an atom of PDB format, or the tag of a table of atoms.
std::optional<TextFormat> format_of_atoms(std::string_view text) {
  std::optional<TextFormat> found;
  for_each_line(text, [&](std::string_view line) {
    if (is_atom_record(line)) found = TextFormat::pdb;
    if (line.starts_with('_') && starts_with_ignoring_case(line, "_atom_site."))
      found = TextFormat::mmcif;
    return !found;
  });
  return found;
}

bool has_pdb_records(std::string_view text) {
  bool found = false;
  for_each_line(text, [&](std::string_view line) {
    for (const std::string_view record : {"HEADER", "REMARK", "CRYST1", "TITLE", "MODEL", "SEQRES"})
      found = found || is_record(line, record);
    return !found;
  });
  return found;
}

}  // namespace

Failure parse_failure(std::string code, const std::filesystem::path& path,
                      std::string_view problem) {
  return {Stage::parse, std::move(code), clean(fmt::format("{}: {}", path.string(), problem))};
}

std::string clean(std::string_view text) {
  // Several copies are made of it on the way; blanks beside blanks are dropped.
  constexpr std::size_t most_read_bytes = 4 * most_clean_bytes;
  return std::string(
      trimmed(first_bytes(one_line(text.substr(0, most_read_bytes)), most_clean_bytes)));
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() &&
         std::equal(lower.begin(), lower.end(), text.begin(),
                    [](char expected, char c) { return expected == ascii_lower(c); });
}

bool begins_as_cif(std::string_view text) {
  const std::string_view word = first_word(text);
  // Some programs leave out the line data_.
  for (const std::string_view start : {"data_", "loop_", "global_", "save_", "_"})
    if (starts_with_ignoring_case(word, start)) return true;
  return false;
}

bool has_pdb_atoms_alone(std::string_view text) {
  return text.find("_atom_site.") == std::string_view::npos &&
         format_of_atoms(text) == TextFormat::pdb;
}

bool is_pqr_name(const std::filesystem::path& path) {
  return without_compression(ascii_lower(path.filename().string())).ends_with(".pqr");
}

tl::expected<TextFormat, std::string> text_format(std::string_view text, bool has_nul) {
  const auto refused = [](std::string why) { return tl::unexpected(std::move(why)); };
  const auto is_of_kind = [&](const char* kind) {
    return refused(fmt::format("this is {}, not mmCIF or PDB format", kind));
  };
  if (const char* kind = kind_of_binary(text)) return is_of_kind(kind);
  const std::string_view word = first_word(text);
  if (word.empty()) return refused("there is nothing but white space in the file");
  if (has_nul) {
    const char* kind = kind_of_other(text);
    return kind ? is_of_kind(kind)
                : refused("there are NUL bytes in the file: it is damaged, or a binary file");
  }
  if (has_endless_line(text))
    return refused(fmt::format("a line is longer than {} MB", longest_line >> 20));
  if (begins_as_cif(text)) return TextFormat::mmcif;
  if (const std::optional<TextFormat> format = format_of_atoms(text)) return *format;
  if (const char* kind = kind_of_markup(text, word)) return is_of_kind(kind);
  if (has_pdb_records(text)) return TextFormat::pdb;
  if (const char* kind = kind_of_other(text)) return is_of_kind(kind);
  return refused("this is neither mmCIF nor PDB format");
}

}  // namespace modesweep
