// SPDX-License-Identifier: MIT
// Structure files as files: names, bytes, gzip, hashes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include <modesweep/structure.hpp>

#include "base/compression.hpp"
#include "base/compression_names.hpp"
#include "base/gzip.hpp"
#include "base/input_file.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "structure/structure_bytes.hpp"

namespace modesweep {
namespace {

constexpr std::array<std::string_view, 9> formats = {"cif", "mmcif", "mcif",  "pdbx", "bcif",
                                                     "pdb", "ent",   "pdbqt", "pqr"};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); }

/// Whether what stands behind the last dot of a name is a format's ending. Biological units of the
/// PDB format are numbered: pdb1, pdb2 ... ent1 ...
bool is_format(std::string_view ending) {
  std::string_view unnumbered = ending;
  while (!unnumbered.empty() && is_digit(unnumbered.back())) unnumbered.remove_suffix(1);
  return unnumbered == "pdb" || unnumbered == "ent" ||
         std::find(formats.begin(), formats.end(), ending) != formats.end();
}

/// SCOP's and ASTRAL's names of domains, whose files have no ending: d1dlwa_, g1abc.1, e1abc.1a.
/// After a dot comes a number, so that sources such as d1foo.c are none.
bool is_domain_name(std::string_view name) {
  const auto may_end = [](char c) { return is_alnum(c) || c == '_'; };
  if (name.size() < 7 || std::string_view("dge").find(name[0]) == std::string_view::npos ||
      !is_digit(name[1]) || !std::all_of(name.begin() + 2, name.begin() + 5, is_alnum))
    return false;
  if (name[5] != '.') return name.size() == 7 && may_end(name[5]) && may_end(name[6]);
  return (is_digit(name[6]) || name[6] == '_') &&
         (name.size() == 7 || (name.size() == 8 && may_end(name[7])));
}

/// The length of a structure file's name (in lower case) without its endings; nothing where it is
/// the name of no structure file.
std::optional<std::size_t> stem_length(std::string_view lower_name) {
  const std::string_view name = without_compression(lower_name);
  if (const std::size_t dot = name.rfind('.');
      dot != std::string_view::npos && dot > 0 && is_format(name.substr(dot + 1)))
    return dot;
  if (is_domain_name(name)) return name.size();
  return std::nullopt;
}

std::string lower_name(const std::filesystem::path& path) {
  return ascii_lower(path.filename().string());
}

using Inflated = tl::expected<std::string, std::string>;

/// One layer less. Most files shrink to no less than a sixteenth: room for more is asked for where
/// it is needed.
Outcome<Inflated> inflate(Compression compression, std::string_view bytes, std::size_t limit,
                          const Admission& memory) {
  constexpr std::size_t usual_ratio = 16, least_room = std::size_t{1} << 16;
  for (std::size_t room = std::max(usual_ratio * bytes.size(), least_room);; room *= 4) {
    room = std::min(room, limit);
    if (Outcome<void> admitted =
            memory.ask(Stage::parse, bytes.size() + room, "what is in the file, unpacked,");
        !admitted)
      return tl::unexpected(std::move(admitted.error()));
    Inflated inflated = decompress(compression, bytes, room);
    if (inflated || room == limit) return inflated;
  }
}

}  // namespace

Outcome<std::string> read_bytes(const std::filesystem::path& path) {
  return read_bytes(path, largest_inflated_file);
}

Outcome<std::string> read_bytes(const std::filesystem::path& path, std::uint64_t limit) {
  tl::expected<std::string, InputProblem> bytes =
      read_input(path, std::min<std::uint64_t>(limit, largest_inflated_file));
  if (bytes) return *std::move(bytes);
  const InputProblem& problem = bytes.error();
  return fail(Stage::parse, problem.too_large ? "too_large" : "unreadable",
              fmt::format("{}: {}", path.string(), problem.message));
}

bool is_structure_file_name(const std::filesystem::path& path) {
  return stem_length(lower_name(path)).has_value();
}

std::string structure_stem(const std::filesystem::path& path) {
  const std::string lower = lower_name(path);
  return path.filename().string().substr(
      0, stem_length(lower).value_or(without_compression(lower).size()));
}

Outcome<std::string> read_decompressed(const std::filesystem::path& path) {
  return read_bytes(path).and_then(
      [&](std::string&& bytes) { return decompressed(std::move(bytes), path); });
}

Outcome<std::string> decompressed(std::string bytes, const std::filesystem::path& path) {
  return decompressed(std::move(bytes), path, {});
}

Outcome<std::string> decompressed(std::string bytes, const std::filesystem::path& path,
                                  const Admission& memory) {
  const auto failure = [&](const char* code, std::string_view problem) {
    return fail(Stage::parse, code, fmt::format("{}: {}", path.string(), problem));
  };
  if (bytes.empty()) return failure("empty", "the file is empty");
  constexpr int most_layers = 3;
  const std::size_t limit = largest_inflated(bytes.size());
  for (int layer = 0; layer < most_layers; ++layer) {
    const Compression compression = compression_of(bytes);
    if (compression == Compression::none) return bytes;
    Outcome<Inflated> inflated = inflate(compression, bytes, limit, memory);
    if (!inflated) return tl::unexpected(std::move(inflated.error()));
    if (!*inflated)
      return failure(compression == Compression::gzip ? "bad_gzip" : "bad_compression",
                     inflated->error());
    if ((*inflated)->empty())
      return failure("empty", fmt::format("nothing in the {} file", to_string(compression)));
    bytes = *std::move(*inflated);
  }
  if (compression_of(bytes) == Compression::none) return bytes;
  return failure("bad_compression", fmt::format("compressed more than {} times", most_layers));
}

Outcome<std::string> file_sha256(const std::filesystem::path& path) {
  Outcome<std::string> bytes = read_bytes(path);
  if (!bytes) return bytes;
  return sha256(*bytes);
}

}  // namespace modesweep
