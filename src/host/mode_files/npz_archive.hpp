// SPDX-License-Identifier: MIT
// Arrays as numpy's .npy, and many of them in one uncompressed zip file, .npz.
#pragma once

#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <vector>

namespace modesweep {

/// The arrays of one file, in memory until they are written.
class NpzArchive {
 public:
  using Shape = std::vector<std::size_t>;

  /// Little-endian float64; an empty shape is a single number.
  void add(const std::string& name, const Shape& shape, std::span<const double> values);
  /// Of the same shape, but column after column.
  void add_columns(const std::string& name, const Shape& shape, std::span<const double> values);
  void add(const std::string& name, const Shape& shape, std::span<const std::int64_t> values);
  /// UTF-8 in, numpy's unicode (UCS-4) of the longest one's width out.
  void add(const std::string& name, const Shape& shape, std::span<const std::string> texts);

  void add(const std::string& name, double value) { add(name, {}, std::span(&value, 1)); }
  void add(const std::string& name, std::int64_t value) { add(name, {}, std::span(&value, 1)); }
  void add(const std::string& name, const std::string& text) { add(name, {}, std::span(&text, 1)); }

  /// Bytes of the file.
  std::uint64_t size() const;
  /// Without any date, so that the same arrays give the same bytes. `size()` must be below 4 GB.
  void write(std::ostream& out) const;

 private:
  struct Member {
    std::string name;    ///< with .npy
    std::string header;  ///< magic, version, description
    std::string values;
  };
  void add_member(const std::string& name, const std::string& type, const Shape& shape,
                  bool by_columns, std::string values);

  std::vector<Member> members_;
};

}  // namespace modesweep
