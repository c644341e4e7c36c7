// SPDX-License-Identifier: MIT
#include "support/corruption.hpp"

#include <algorithm>
#include <fstream>
#include <utility>

namespace test_support {
namespace {

/// Random numbers that the standard fixes, unlike those of its distributions.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(engine_() % n); }

 private:
  std::mt19937_64 engine_;
};

/// [begin, end) of the line around position `at`, its newline included.
std::pair<std::size_t, std::size_t> line_around(const std::string& text, std::size_t at) {
  const std::size_t before = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
  const std::size_t after = text.find('\n', at);
  return {before == std::string::npos ? 0 : before + 1,
          after == std::string::npos ? text.size() : after + 1};
}

}  // namespace

std::string corrupted(const std::string& bytes, std::uint64_t seed) {
  Random random(seed);
  std::string copy = bytes;
  const auto anywhere = [&] { return random.below(copy.size()); };
  const auto line = [&] { return line_around(copy, anywhere()); };
  switch (random.below(7)) {
    case 0:
      for (std::size_t n = 1 + random.below(16); n > 0; --n)
        copy[anywhere()] ^= static_cast<char>(1 << random.below(8));
      break;
    case 1:
      for (std::size_t n = 1 + random.below(16); n > 0; --n)
        copy[anywhere()] = static_cast<char>(' ' + random.below(95));
      break;
    case 2: copy.resize(anywhere()); break;
    case 3: copy.erase(anywhere(), 1 + random.below(200)); break;
    case 4:
      for (std::size_t n = 1 + random.below(8); n > 0; --n) {
        auto a = line(), b = line();
        if (a.first > b.first) std::swap(a, b);
        if (a.second > b.first) continue;
        copy = copy.substr(0, a.first) + copy.substr(b.first, b.second - b.first) +
               copy.substr(a.second, b.first - a.second) +
               copy.substr(a.first, a.second - a.first) + copy.substr(b.second);
      }
      break;
    case 5: {
      const auto [begin, end] = line();
      copy.erase(begin, end - begin);
      break;
    }
    case 6: {
      const auto [begin, end] = line();
      copy.insert(begin, copy.substr(begin, end - begin));
      break;
    }
  }
  return copy;
}

void flip_a_bit(const std::filesystem::path& file, std::mt19937& random) {
  const auto size = static_cast<int>(std::filesystem::file_size(file));
  const int place = std::uniform_int_distribution<int>(0, size - 1)(random);
  const int bit = std::uniform_int_distribution<int>(0, 7)(random);
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(place);
  const char byte = static_cast<char>(stream.get() ^ (1 << bit));
  stream.seekp(place);
  stream.put(byte);
}

}  // namespace test_support
