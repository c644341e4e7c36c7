// SPDX-License-Identifier: MIT
#include "mode_files/npz_archive.hpp"

#include <fmt/format.h>
#include <libdeflate.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>
#include <pugixml.hpp>

namespace modesweep {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are written as they lie");
static_assert(sizeof(wchar_t) == 4, "as_wide gives UCS-4");

constexpr std::size_t local_header = 30, central_header = 46, end_record = 22;  // without names

std::string bytes_of(const void* data, std::size_t size) {
  return {static_cast<const char*>(data), size};
}

/// The lowest `bytes` bytes of a number, the least first, as zip and .npy have them.
std::string little_endian(std::uint64_t value, std::size_t bytes) {
  return bytes_of(&value, bytes);
}

}  // namespace

void NpzArchive::add(const std::string& name, const Shape& shape, std::span<const double> values) {
  add_member(name, "<f8", shape, false, bytes_of(values.data(), values.size_bytes()));
}

void NpzArchive::add_columns(const std::string& name, const Shape& shape,
                             std::span<const double> values) {
  add_member(name, "<f8", shape, true, bytes_of(values.data(), values.size_bytes()));
}

void NpzArchive::add(const std::string& name, const Shape& shape,
                     std::span<const std::int64_t> values) {
  add_member(name, "<i8", shape, false, bytes_of(values.data(), values.size_bytes()));
}

void NpzArchive::add(const std::string& name, const Shape& shape,
                     std::span<const std::string> texts) {
  std::vector<std::wstring> wide;
  std::size_t width = 1;  // numpy has no type of width 0 that all versions read
  for (const std::string& text : texts)
    width = std::max(width, wide.emplace_back(pugi::as_wide(text)).size());
  std::string values;
  for (std::wstring& text : wide) {
    text.resize(width, L'\0');
    values += bytes_of(text.data(), 4 * width);
  }
  add_member(name, fmt::format("<U{}", width), shape, false, std::move(values));
}

// The format: numpy.lib.format, version 1.0.
void NpzArchive::add_member(const std::string& name, const std::string& type, const Shape& shape,
                            bool by_columns, std::string values) {
  std::string sides;
  for (const std::size_t side : shape) sides += fmt::format("{}, ", side);
  if (shape.size() != 1) sides.resize(sides.size() - std::min<std::size_t>(2, sides.size()));
  std::string description = fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': ({}), }}",
                                        type, by_columns ? "True" : "False", sides);
  constexpr std::size_t prefix = 10, alignment = 64;
  while ((prefix + description.size() + 1) % alignment != 0) description += ' ';
  description += '\n';
  members_.push_back(
      {name + ".npy",
       std::string("\x93NUMPY\x01\x00", 8) + little_endian(description.size(), 2) + description,
       std::move(values)});
}

std::uint64_t NpzArchive::size() const {
  std::uint64_t bytes = end_record;
  for (const Member& member : members_)
    bytes += local_header + central_header + 2 * member.name.size() + member.header.size() +
             member.values.size();
  return bytes;
}

// The format: PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16; method 0, stored.
void NpzArchive::write(std::ostream& out) const {
  assert(size() <= std::numeric_limits<std::uint32_t>::max());
  constexpr std::uint64_t version = 20, first_date = 0x21;  // 1980-01-01, at midnight
  std::string directory;
  std::uint64_t offset = 0;
  for (const Member& member : members_) {
    const std::uint64_t size = member.header.size() + member.values.size();
    const std::uint32_t crc =
        libdeflate_crc32(libdeflate_crc32(0, member.header.data(), member.header.size()),
                         member.values.data(), member.values.size());
    // What both records share: flags, method, time, date, CRC, sizes, lengths of name and extra.
    const std::string common = little_endian(0, 2) + little_endian(0, 2) + little_endian(0, 2) +
                               little_endian(first_date, 2) + little_endian(crc, 4) +
                               little_endian(size, 4) + little_endian(size, 4) +
                               little_endian(member.name.size(), 2) + little_endian(0, 2);
    out << "PK\x03\x04" << little_endian(version, 2) << common << member.name << member.header
        << member.values;
    // Comment length, disk, attributes (2 and 4 bytes), where the member is.
    directory += "PK\x01\x02" + little_endian(version, 2) + little_endian(version, 2) + common +
                 little_endian(0, 2) + little_endian(0, 2) + little_endian(0, 2) +
                 little_endian(0, 4) + little_endian(offset, 4) + member.name;
    offset += local_header + member.name.size() + size;
  }
  const std::string members = little_endian(members_.size(), 2);
  out << directory << "PK\x05\x06" << little_endian(0, 4) << members << members
      << little_endian(directory.size(), 4) << little_endian(offset, 4) << little_endian(0, 2);
}

}  // namespace modesweep
