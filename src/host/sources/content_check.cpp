// SPDX-License-Identifier: MIT
#include "sources/content_check.hpp"

#include <fmt/format.h>
#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <optional>

#include <modesweep/pdb_id.hpp>

#include "base/compression.hpp"
#include "base/gzip.hpp"
#include "base/text.hpp"
#include "sources/curl_setup.hpp"
#include "structure/binary_cif.hpp"
#include "structure/text_format.hpp"

namespace modesweep {
namespace {

constexpr std::size_t most_room_kept = std::size_t{64} << 20;  // most texts are much shorter
constexpr std::uint64_t gzip_frame_bytes = 18;     // header and trailer without any option
constexpr std::uint64_t deflate_max_ratio = 1032;  // what deflate can reach at most

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view line_at(std::string_view text, std::size_t begin) {
  return text.substr(begin, text.find('\n', begin) - begin);
}

/// Without what may stand before the first record: a byte order mark, blank lines, comments.
std::string_view from_first_record(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  while (!text.empty()) {
    if (is_space(text.front()))
      text.remove_prefix(1);
    else if (text.front() == '#')
      text.remove_prefix(line_at(text, 0).size());
    else
      break;
  }
  return text;
}

bool is_mmcif(std::string_view record) { return starts_with_ignoring_case(record, "data_"); }

bool is_pdb(std::string_view record) {
  // Record names that a PDB file may begin with, by their six columns; a short line may end early.
  static constexpr std::array<std::string_view, 22> names = {
      "HEADER", "OBSLTE", "TITLE ", "SPLIT ", "CAVEAT", "COMPND", "SOURCE", "KEYWDS",
      "EXPDTA", "NUMMDL", "MDLTYP", "AUTHOR", "REMARK", "DBREF ", "SEQRES", "HELIX ",
      "SHEET ", "CRYST1", "ORIGX1", "MODEL ", "ATOM  ", "HETATM"};
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return record.starts_with(name); });
}

/// The name of the first data block.
std::optional<std::string> binary_cif_id(std::string_view bytes) {
  constexpr std::string_view key = "\xa6header";
  const std::size_t found = bytes.find(key);
  if (found == std::string_view::npos) return std::nullopt;
  const std::string_view value = bytes.substr(found + key.size());
  if (value.empty() || (static_cast<unsigned char>(value[0]) & 0xe0) != 0xa0) return std::nullopt;
  return normalise_pdb_id(value.substr(1, value[0] & 0x1f));
}

tl::unexpected<Failure> bad_content(std::string message) {
  return fail(Stage::download, "bad_content", std::move(message));
}

/// The failure that bytes are which cannot be inflated.
tl::unexpected<Failure> not_inflated(std::string message) {
  const char* code = message.starts_with(inflates_beyond) ? "too_large" : "bad_content";
  return fail(Stage::download, code, std::move(message));
}

std::string gzip(std::string_view text) {
  constexpr int level = 6;  // gzip's own default
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> deflater(
      libdeflate_alloc_compressor(level), &libdeflate_free_compressor);
  std::string bytes(libdeflate_gzip_compress_bound(deflater.get(), text.size()), '\0');
  bytes.resize(libdeflate_gzip_compress(deflater.get(), text.data(), text.size(), bytes.data(),
                                        bytes.size()));
  return bytes;
}

/// The title of a web page as it may be shown.
std::string page_title(std::string_view page) {
  const auto found = [&](std::string_view what, std::size_t from) {
    for (std::size_t i = from; i + what.size() <= page.size(); ++i)
      if (starts_with_ignoring_case(page.substr(i), what)) return i;
    return std::string_view::npos;
  };
  page = page.substr(0, 4096);
  const std::size_t open = found("<title>", 0);
  if (open == std::string_view::npos) return {};
  const std::size_t begin = open + 7;
  const std::size_t end = found("</title>", begin);
  return quotable(page.substr(begin, end - begin));
}

Failure something_else(std::string_view record) {
  std::string what = "neither mmCIF nor BinaryCIF nor PDB format";
  if (record.starts_with("<")) {
    const std::string title = page_title(record);
    what = title.empty() ? "a web page" : fmt::format("a web page (\"{}\")", title);
  } else if (record.starts_with("{")) {
    what = "a JSON message";
  }
  return {Stage::download, "bad_content",
          fmt::format("the server sent {} instead of a structure file", what)};
}

/// The value of `_entry.id`; the name of the data block where the item is missing.
std::optional<std::string> mmcif_id(std::string_view record) {
  constexpr std::string_view tag = "_entry.id";
  for (std::size_t begin = 0; begin < record.size(); begin = record.find('\n', begin)) {
    while (begin < record.size() && is_space(record[begin])) ++begin;
    const std::string_view rest = record.substr(begin);
    if (!starts_with_ignoring_case(rest, tag) || rest.size() == tag.size() ||
        !is_space(rest[tag.size()]))
      continue;
    std::string_view value = rest.substr(tag.size());
    value.remove_prefix(std::min(value.find_first_not_of(" \t\r\n'\""), value.size()));
    return normalise_pdb_id(value.substr(0, value.find_first_of(" \t\r\n'\"")));
  }
  const std::string_view name = record.substr(std::string_view("data_").size());
  return normalise_pdb_id(name.substr(0, name.find_first_of(" \t\r\n")));
}

/// Columns 63-66 of HEADER; nothing where there is no HEADER or no ID in it.
std::optional<std::string> pdb_format_id(std::string_view record) {
  const std::string_view line = line_at(record, 0);
  if (!line.starts_with("HEADER") || line.size() < 66) return std::nullopt;
  return normalise_pdb_id(line.substr(62, 4));
}

std::optional<Failure> wrong_entry(const std::optional<std::string>& own_id, std::string_view id) {
  return Failure{Stage::download, "wrong_entry",
                 own_id ? fmt::format("the file is of entry {}, not of {}", *own_id, id)
                        : fmt::format("the file does not say that it is of entry {}", id)};
}

/// Whether what is in a structure's format ends as files of that format do.
bool has_end(std::string_view bytes) {
  if (is_binary_cif(bytes)) return true;  // its parts say how long they are
  const std::string_view text = trimmed(bytes);
  const std::string_view last = text.substr(text.rfind('\n') + 1);
  return is_mmcif(from_first_record(text)) ? last.starts_with('#')
                                           : trimmed(last.substr(0, 6)) == "END";
}

/// `checked` is whether a checksum has shown that the text is whole.
std::optional<Failure> problem_of(std::string_view text, std::string_view id, bool checked) {
  if (is_binary_cif(text)) {
    if (!is_whole_message_pack(text))
      return Failure{Stage::download, "bad_content", "the BinaryCIF file is cut or damaged"};
    const std::optional<std::string> own_id = binary_cif_id(text);
    if (own_id && *own_id != id) return wrong_entry(own_id, id);
    return std::nullopt;
  }
  const std::string_view record = from_first_record(text);
  if (record.empty()) return Failure{Stage::download, "bad_content", "the file is empty"};
  const bool mmcif = is_mmcif(record);
  if (!mmcif && !is_pdb(record)) return something_else(record);
  if (!checked && record.back() != '\n')
    return Failure{Stage::download, "bad_content", "the file is cut short: it ends within a line"};
  const std::optional<std::string> own_id = mmcif ? mmcif_id(record) : pdb_format_id(record);
  if (own_id ? *own_id != id : mmcif) return wrong_entry(own_id, id);
  return std::nullopt;
}

}  // namespace

Outcome<std::optional<std::string>> accept_content(std::string_view bytes, std::string_view id,
                                                   bool gzip_name, std::uint64_t memory,
                                                   std::string& room, bool may_be_cut) {
  const std::size_t limit = std::min<std::uint64_t>(largest_inflated(bytes.size()), memory);
  const Compression compression = compression_of(bytes);
  if (compression != Compression::none && compression != Compression::gzip) {
    tl::expected<std::string, std::string> plain = decompress(compression, bytes, limit);
    if (!plain) return not_inflated(std::move(plain.error()));
    if (compression_of(*plain) != Compression::none)
      return bad_content("it is compressed more than once");
    if (const auto problem = problem_of(*plain, id, true)) return tl::unexpected(*problem);
    if (gzip_name) return gzip(*plain);
    return std::move(*plain);
  }
  if (compression == Compression::none) {
    if (const auto problem = problem_of(bytes, id, false)) return tl::unexpected(*problem);
    if (may_be_cut && !has_end(bytes))
      return bad_content(
          "the file may be cut: the server did not state its size, and its last line is not that "
          "of a whole file (END, or # in mmCIF)");
    if (gzip_name) return gzip(bytes);
    return std::nullopt;
  }
  if (room.size() > most_room_kept) room = std::string();
  const auto text = gunzip(bytes, limit, room);
  if (!text) return not_inflated(text.error());
  if (const auto problem = problem_of(*text, id, true)) return tl::unexpected(*problem);
  if (gzip_name) return std::nullopt;
  return std::string(*text);
}

bool looks_intact(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return false;
  const auto size = static_cast<std::uint64_t>(file.tellg());
  constexpr std::uint64_t head_bytes = 512;
  std::string head(static_cast<std::size_t>(std::min(size, head_bytes)), '\0');
  std::array<unsigned char, 4> tail{};
  if (size < gzip_frame_bytes || !file.seekg(0).read(head.data(), std::ssize(head)) ||
      !file.seekg(-4, std::ios::end).read(reinterpret_cast<char*>(tail.data()), 4))
    return false;
  if (is_gzip(head)) {
    const std::uint64_t inflated = tail[0] | std::uint64_t{tail[1]} << 8 |
                                   std::uint64_t{tail[2]} << 16 | std::uint64_t{tail[3]} << 24;
    // A cut file ends in arbitrary bytes, a file of zeros in 0.
    return inflated > 0 && inflated <= size * deflate_max_ratio;
  }
  const std::string_view record = from_first_record(head);
  return (is_mmcif(record) || is_pdb(record)) && tail[3] == '\n';
}

}  // namespace modesweep
