// SPDX-License-Identifier: MIT
#include "support/npz.hpp"

#include <libdeflate.h>

#include <cstring>
#include <regex>
#include <stdexcept>

namespace test_support {
namespace {

void require(bool condition, const std::string& what) {
  if (!condition) throw std::runtime_error("npz: " + what);
}

/// A little-endian number of `bytes` bytes.
std::uint64_t number(const std::string& text, std::size_t at, std::size_t bytes) {
  require(at + bytes <= text.size(), "cut off");
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(text[at + i]);
  return value;
}

NpyArray parse_npy(const std::string& file) {
  require(file.starts_with(std::string("\x93NUMPY\x01\x00", 8)), "no .npy of version 1.0");
  const std::size_t start = 10 + number(file, 8, 2);
  require(start % 64 == 0 && start <= file.size() && file[start - 1] == '\n', "header");
  const std::regex form(
      R"(\{'descr': '(<[fiU]\d+)', 'fortran_order': (True|False), 'shape': \(([^)]*)\), \} *\n)");
  const std::string header = file.substr(10, start - 10);
  std::smatch parts;
  require(std::regex_match(header, parts, form), "description " + header);
  NpyArray array{parts[1], parts[2] == "True", {}, file.substr(start)};
  const std::string sides = parts[3];
  const std::regex digits(R"(\d+)");
  for (std::sregex_iterator side(sides.begin(), sides.end(), digits), end; side != end; ++side)
    array.shape.push_back(std::stoul(side->str()));
  std::size_t bytes = std::stoul(array.type.substr(2)) * (array.type[1] == 'U' ? 4 : 1);
  for (const std::size_t side : array.shape) bytes *= side;
  require(array.bytes.size() == bytes, "size of an array of type " + array.type);
  return array;
}

template <class T>
std::vector<T> values(const NpyArray& array, const char* type) {
  require(array.type == type, "type is " + array.type);
  std::vector<T> result(array.bytes.size() / sizeof(T));
  if (!result.empty()) std::memcpy(result.data(), array.bytes.data(), array.bytes.size());
  return result;
}

}  // namespace

std::vector<double> NpyArray::doubles() const { return values<double>(*this, "<f8"); }
std::vector<std::int64_t> NpyArray::integers() const { return values<std::int64_t>(*this, "<i8"); }

std::vector<std::u32string> NpyArray::texts() const {
  require(type.starts_with("<U"), "type is " + type);
  const std::size_t width = std::stoul(type.substr(2));
  std::vector<std::u32string> result;
  for (std::size_t at = 0; at < bytes.size(); at += 4 * width) {
    std::u32string text;
    for (std::size_t i = 0; i < width; ++i)
      if (const std::uint64_t c = number(bytes, at + 4 * i, 4); c != 0)
        text += static_cast<char32_t>(c);
    result.push_back(text);
  }
  return result;
}

std::map<std::string, NpyArray> read_npz(const std::string& file) {
  require(file.size() >= 22, "too short");
  const std::size_t end = file.size() - 22;  // no comment
  require(number(file, end, 4) == 0x06054b50, "no end record");
  const std::size_t members = number(file, end + 10, 2);
  std::size_t at = number(file, end + 16, 4);
  require(at + number(file, end + 12, 4) == end, "size of the directory");
  std::map<std::string, NpyArray> arrays;
  for (std::size_t member = 0; member < members; ++member) {
    require(number(file, at, 4) == 0x02014b50, "no directory record");
    require(number(file, at + 10, 2) == 0, "compressed");
    const std::size_t size = number(file, at + 24, 4), name_size = number(file, at + 28, 2);
    const std::string name = file.substr(at + 46, name_size);
    const std::size_t local = number(file, at + 42, 4);
    require(number(file, local, 4) == 0x04034b50, "no local record of " + name);
    require(file.substr(local + 6, 22) == file.substr(at + 8, 22), "the records of " + name);
    require(file.substr(local + 30, name_size) == name, "the names of " + name);
    const std::string content = file.substr(local + 30 + name_size, size);
    require(libdeflate_crc32(0, content.data(), content.size()) == number(file, at + 16, 4),
            "CRC of " + name);
    require(name.ends_with(".npy"), name);
    arrays[name.substr(0, name.size() - 4)] = parse_npy(content);
    at += 46 + name_size;
  }
  require(at == end, "end of the directory");
  return arrays;
}

}  // namespace test_support
