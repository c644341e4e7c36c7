// SPDX-License-Identifier: MIT
// Classes of 64 bytes at a time, one bit a byte.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace modesweep {

inline constexpr std::size_t mask_bytes = 64;

struct ByteMasks {
  std::uint64_t blank = 0;    ///< space or newline
  std::uint64_t newline = 0;  ///< the newlines among them
  /// What is not part of a plain value wherever it stands: " # $ ' mean something where a value of
  /// CIF begins, _ makes keywords; and tab, other controls, and what is not ASCII.
  std::uint64_t special = 0;
};

/// Whether a byte that is `special` only counts where a value begins.
inline bool is_mark(char c) { return c == '"' || c == '#' || c == '$' || c == '\''; }

#if defined(__SSE2__)

namespace detail {

inline std::uint64_t bits(__m128i matches) {
  return static_cast<std::uint32_t>(_mm_movemask_epi8(matches));
}

}  // namespace detail

inline ByteMasks classify(const char* p) {
  ByteMasks masks;
  for (int i = 0; i < 4; ++i) {
    const __m128i c = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * i));
    const auto is = [&](char value) { return _mm_cmpeq_epi8(c, _mm_set1_epi8(value)); };
    const __m128i newline = is('\n');
    const __m128i from_quote = _mm_sub_epi8(c, _mm_set1_epi8('"'));  // " # $ become 0 1 2
    const __m128i mark = _mm_or_si128(
        _mm_cmpeq_epi8(_mm_min_epu8(from_quote, _mm_set1_epi8(2)), from_quote), is('\''));
    const __m128i control = _mm_andnot_si128(newline, _mm_cmplt_epi8(c, _mm_set1_epi8(' ')));
    const __m128i odd = _mm_or_si128(_mm_or_si128(control, is('_')), is('\x7f'));
    const __m128i special = _mm_or_si128(mark, odd);
    masks.blank |= detail::bits(_mm_or_si128(newline, is(' '))) << 16 * i;
    masks.newline |= detail::bits(newline) << 16 * i;
    masks.special |= detail::bits(special) << 16 * i;
  }
  return masks;
}

/// The bytes of this value.
inline std::uint64_t matches(const char* p, char value) {
  std::uint64_t found = 0;
  for (int i = 0; i < 4; ++i)
    found |=
        detail::bits(_mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * i)),
                                    _mm_set1_epi8(value)))
        << 16 * i;
  return found;
}

/// The bytes in which p and q differ.
inline std::uint64_t differences(const char* p, const char* q) {
  std::uint64_t equal = 0;
  for (int i = 0; i < 4; ++i)
    equal |=
        detail::bits(_mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * i)),
                                    _mm_loadu_si128(reinterpret_cast<const __m128i*>(q + 16 * i))))
        << 16 * i;
  return ~equal;
}

#else

inline ByteMasks classify(const char* p) {
  ByteMasks masks;
  for (std::size_t i = 0; i < mask_bytes; ++i) {
    const char c = p[i];
    const std::uint64_t bit = std::uint64_t{1} << i;
    const auto u = static_cast<unsigned char>(c);
    if (c == ' ' || c == '\n') masks.blank |= bit;
    if (c == '\n') masks.newline |= bit;
    if (is_mark(c) || c == '_' || (u < ' ' && c != '\n') || u >= 0x7f) masks.special |= bit;
  }
  return masks;
}

inline std::uint64_t matches(const char* p, char value) {
  std::uint64_t found = 0;
  for (std::size_t i = 0; i < mask_bytes; ++i)
    if (p[i] == value) found |= std::uint64_t{1} << i;
  return found;
}

inline std::uint64_t differences(const char* p, const char* q) {
  std::uint64_t result = 0;
  for (std::size_t i = 0; i < mask_bytes; ++i)
    if (p[i] != q[i]) result |= std::uint64_t{1} << i;
  return result;
}

#endif

/// Finds a byte wherever it stands in a text, from the first place on.
class ByteFinder {
 public:
  ByteFinder(std::string_view text, char wanted)
      : next_(text.data()), end_(text.data() + text.size()), wanted_(wanted) {}

  /// The next place, or the end of the text where there is none.
  const char* next() {
    while (found_ == 0) {
      if (static_cast<std::size_t>(end_ - next_) < mask_bytes) return next_of_few();
      found_ = matches(next_, wanted_);
      next_ += mask_bytes;
    }
    const char* const place = next_ - mask_bytes + std::countr_zero(found_);
    found_ &= found_ - 1;
    return place;
  }

 private:
  const char* next_of_few() {
    const char* const place = std::find(next_, end_, wanted_);
    next_ = place == end_ ? end_ : place + 1;
    return place;
  }

  const char *next_, *end_;  // what has not been looked at
  std::uint64_t found_ = 0;  // in the bytes before it
  char wanted_;
};

}  // namespace modesweep
