// SPDX-License-Identifier: MIT
#include "base/gzip.hpp"

#include <fmt/format.h>
#include <libdeflate.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace modesweep {
namespace {

constexpr std::size_t smallest_member = 18;  // header and trailer
constexpr std::size_t largest_ratio = 1032;  // of deflate itself

using Decompressor =
    std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)>;

/// The length that the last member's trailer states, modulo 2^32: a first guess, not a promise.
std::size_t stated_length(std::string_view bytes) {
  const auto* tail = reinterpret_cast<const unsigned char*>(bytes.data() + bytes.size() - 4);
  return static_cast<std::size_t>(tail[0]) | static_cast<std::size_t>(tail[1]) << 8 |
         static_cast<std::size_t>(tail[2]) << 16 | static_cast<std::size_t>(tail[3]) << 24;
}

}  // namespace

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

std::size_t largest_inflated(std::size_t gzip_bytes) {
  constexpr std::size_t always = std::size_t{64} << 20, ratio = 50;
  return std::min(largest_inflated_file, always + ratio * gzip_bytes);
}

tl::expected<std::string, std::string> gunzip(std::string_view bytes, std::size_t limit) {
  std::string result;
  const tl::expected<std::string_view, std::string> inflated = gunzip(bytes, limit, result);
  if (!inflated) return tl::unexpected(inflated.error());
  result.resize(inflated->size());
  return result;
}

tl::expected<std::string_view, std::string> gunzip(std::string_view bytes, std::size_t limit,
                                                   std::string& room) {
  if (!is_gzip(bytes)) return tl::unexpected<std::string>("not gzip data");
  if (bytes.size() < smallest_member) return tl::unexpected<std::string>("gzip data are cut");
  const Decompressor decompressor(libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  std::size_t size = 0;
  std::size_t guess =
      std::clamp(stated_length(bytes), std::size_t{1}, largest_ratio * bytes.size());
  while (is_gzip(bytes)) {
    const std::size_t end = std::min(size + guess, limit);
    if (room.size() < end) room.resize(end);
    std::size_t used = 0, written = 0;
    switch (libdeflate_gzip_decompress_ex(decompressor.get(), bytes.data(), bytes.size(),
                                          room.data() + size, end - size, &used, &written)) {
      case LIBDEFLATE_SUCCESS:
        size += written;
        bytes.remove_prefix(used);
        break;
      case LIBDEFLATE_INSUFFICIENT_SPACE:
        if (end >= limit)
          return tl::unexpected(fmt::format("{} {} MB", inflates_beyond, limit >> 20));
        guess = 2 * guess + 4096;
        break;
      default: return tl::unexpected<std::string>("gzip data are cut or damaged (checksum)");
    }
  }
  // Tapes and some servers pad with zeros; anything else is not ours to guess at.
  if (!std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; }))
    return tl::unexpected<std::string>("gzip data are followed by something else");
  return std::string_view(room).substr(0, size);
}

}  // namespace modesweep
