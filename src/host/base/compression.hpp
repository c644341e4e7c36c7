// SPDX-License-Identifier: MIT
// What structure files are compressed with besides gzip: Zstandard, xz and bzip2, in memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace modesweep {

enum class Compression { none, gzip, zstd, xz, bzip2 };

/// By the bytes that each format begins with.
Compression compression_of(std::string_view bytes);

/// As people call it: "gzip", "Zstandard", "xz", "bzip2".
std::string_view to_string(Compression compression);

/// The bytes without this compression, every check of the format made, parts that follow each other
/// joined; or one sentence on what is wrong with them, more than `limit` bytes included.
tl::expected<std::string, std::string> decompress(Compression compression, std::string_view bytes,
                                                  std::size_t limit);

}  // namespace modesweep
