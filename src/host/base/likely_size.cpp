// SPDX-License-Identifier: MIT
#include "base/likely_size.hpp"

#include <string>
#include <system_error>

#include "base/compression_names.hpp"
#include "base/text.hpp"

namespace modesweep {

// What gzip makes of structure files.
constexpr std::uint64_t bytes_packed_in_one = 4;

std::uint64_t likely_size(const std::filesystem::path& file) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error) return 0;
  const std::string name = ascii_lower(file.filename().string());
  return without_compression(name).size() < name.size() ? bytes_packed_in_one * size : size;
}

}  // namespace modesweep
