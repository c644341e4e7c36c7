// SPDX-License-Identifier: MIT
// Structure files as files: names, bytes, gzip, hashes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <modesweep/structure.hpp>

#include "base/ascii.hpp"
#include "base/compression.hpp"
#include "base/gzip.hpp"
#include "base/sha256.hpp"

namespace modesweep {
namespace {

constexpr std::array<std::string_view, 5> endings = {".cif", ".mmcif", ".bcif", ".pdb", ".ent"};

std::string lower_name(const std::filesystem::path& path) {
  return ascii_lower(path.filename().string());
}

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

}  // namespace

Outcome<std::string> read_bytes(const std::filesystem::path& path) {
  const auto unreadable = [&](int error) {
    return fail(Stage::parse, "unreadable",
                fmt::format("{}: {}", path.string(), std::strerror(error)));
  };
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return unreadable(EISDIR);
  const File file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return unreadable(errno);
  std::string bytes;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (!error && size > largest_inflated_file)
    return fail(
        Stage::parse, "too_large",
        fmt::format("{}: {} MB is more than any structure file", path.string(), size >> 20));
  bytes.resize(error ? 0 : size);
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file.get()));
  // A pipe has no size, and a file may have grown.
  std::array<char, 65536> buffer;
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), file.get()))
    bytes.append(buffer.data(), n);
  if (std::ferror(file.get())) return unreadable(errno);
  return bytes;
}

bool is_structure_file_name(const std::filesystem::path& path) {
  const std::string lower = lower_name(path);
  std::string_view name = lower;
  if (name.ends_with(".gz")) name.remove_suffix(3);
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) {
    return name.size() > ending.size() && name.ends_with(ending);
  });
}

std::string structure_stem(const std::filesystem::path& path) {
  const std::string lower = lower_name(path);
  std::string name = path.filename().string();
  if (lower.ends_with(".gz")) name.resize(name.size() - 3);
  for (const std::string_view ending : endings)
    if (name.size() > ending.size() &&
        std::string_view(lower).substr(0, name.size()).ends_with(ending))
      return name.substr(0, name.size() - ending.size());
  return name;
}

Outcome<std::string> read_decompressed(const std::filesystem::path& path) {
  return read_bytes(path).and_then(
      [&](std::string&& bytes) { return decompressed(std::move(bytes), path); });
}

Outcome<std::string> decompressed(std::string bytes, const std::filesystem::path& path) {
  const auto failure = [&](const char* code, std::string_view problem) {
    return fail(Stage::parse, code, fmt::format("{}: {}", path.string(), problem));
  };
  if (bytes.empty()) return failure("empty", "the file is empty");
  constexpr int most_layers = 3;
  const std::size_t limit = largest_inflated(bytes.size());
  for (int layer = 0; layer < most_layers; ++layer) {
    const Compression compression = compression_of(bytes);
    if (compression == Compression::none) return bytes;
    tl::expected<std::string, std::string> inflated = decompress(compression, bytes, limit);
    if (!inflated)
      return failure(compression == Compression::gzip ? "bad_gzip" : "bad_compression",
                     inflated.error());
    if (inflated->empty())
      return failure("empty", fmt::format("nothing in the {} file", to_string(compression)));
    bytes = std::move(*inflated);
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
