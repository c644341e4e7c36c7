// SPDX-License-Identifier: MIT
// One gzip member, as servers of structure files send it.
#pragma once

#include <libdeflate.h>

#include <string>
#include <string_view>

namespace test_support {

inline std::string gzip(std::string_view text) {
  libdeflate_compressor* deflater = libdeflate_alloc_compressor(6);
  std::string bytes(libdeflate_gzip_compress_bound(deflater, text.size()), '\0');
  bytes.resize(
      libdeflate_gzip_compress(deflater, text.data(), text.size(), bytes.data(), bytes.size()));
  libdeflate_free_compressor(deflater);
  return bytes;
}

}  // namespace test_support
