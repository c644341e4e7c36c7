// SPDX-License-Identifier: MIT
// Reads numpy's .npz files whose arrays are stored uncompressed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace test_support {

struct NpyArray {
  std::string type;  ///< as numpy names it, such as <f8
  bool by_columns = false;
  std::vector<std::size_t> shape;
  std::string bytes;

  std::vector<double> doubles() const;         ///< of <f8
  std::vector<std::int64_t> integers() const;  ///< of <i8
  std::vector<std::u32string> texts() const;   ///< of <U...
};

/// The arrays by name. Throws std::runtime_error where the archive, its directory, a CRC, or an
/// array's size is not as it has to be.
std::map<std::string, NpyArray> read_npz(const std::string& file);

}  // namespace test_support
