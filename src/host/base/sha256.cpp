// SPDX-License-Identifier: MIT
// Written here so that what hashes a sequence or a file needs no cryptographic library.
#include "base/sha256.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace modesweep {
namespace {

constexpr std::size_t block_size = 64;

using State = std::array<std::uint32_t, 8>;

/// Takes whole blocks into the state.
using Compress = void (*)(State& state, const char* blocks, std::size_t count);

constexpr State initial_state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

alignas(16) constexpr std::array<std::uint32_t, 64> round_constants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

std::uint32_t big_endian(const char* bytes) {
  std::uint32_t word = 0;
  for (int i = 0; i < 4; ++i) word = word << 8 | static_cast<unsigned char>(bytes[i]);
  return word;
}

/// The words of a block and those that follow from them.
std::array<std::uint32_t, 64> message_schedule(const char* block) {
  std::array<std::uint32_t, 64> w;
  for (std::size_t i = 0; i < 16; ++i) w[i] = big_endian(block + 4 * i);
  for (std::size_t i = 16; i < 64; ++i) {
    const std::uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) + w[i - 7] +
           (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
  }
  return w;
}

void compress(State& state, const char* blocks, std::size_t count) {
  for (; count > 0; --count, blocks += block_size) {
    const std::array<std::uint32_t, 64> words = message_schedule(blocks);
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t i = 0; i < 64; ++i) {
      const std::uint32_t t1 = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                               ((e & f) ^ (~e & g)) + round_constants[i] + words[i];
      const std::uint32_t t2 =
          (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    const State rounds = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < state.size(); ++i) state[i] += rounds[i];
  }
}

#if defined(__x86_64__)

bool has_sha_instructions() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned sha = 1u << 29;
  return __builtin_cpu_supports("sse4.1") && __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & sha;
}

/// The instructions take the state as words f e b a and h g d c, from the lowest on, four words of
/// the message at a time, and two rounds each (Intel, "Intel SHA Extensions", 2013).
__attribute__((target("sha,sse4.1"))) void compress_by_instructions(State& state,
                                                                    const char* blocks,
                                                                    std::size_t count) {
  auto* const memory = reinterpret_cast<__m128i*>(state.data());
  const __m128i byte_order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  const __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128(memory), 0xb1);
  const __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128(memory + 1), 0x1b);
  __m128i feba = _mm_alignr_epi8(badc, hgfe, 8);
  __m128i hgdc = _mm_blend_epi16(hgfe, badc, 0xf0);
  for (; count > 0; --count, blocks += block_size) {
    const __m128i feba_before = feba, hgdc_before = hgdc;
    __m128i words[4];  // the last sixteen
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {
      __m128i& next = words[i % 4];
      const __m128i last = words[(i + 3) % 4];
      if (i < 4) {
        const auto* const bytes = reinterpret_cast<const __m128i*>(blocks) + i;
        next = _mm_shuffle_epi8(_mm_loadu_si128(bytes), byte_order);
      } else {
        const __m128i seven_before = _mm_alignr_epi8(last, words[(i + 2) % 4], 4);
        next = _mm_add_epi32(_mm_sha256msg1_epu32(next, words[(i + 1) % 4]), seven_before);
        next = _mm_sha256msg2_epu32(next, last);
      }
      const auto* const constants = reinterpret_cast<const __m128i*>(round_constants.data()) + i;
      const __m128i sum = _mm_add_epi32(next, _mm_load_si128(constants));
      hgdc = _mm_sha256rnds2_epu32(hgdc, feba, sum);
      feba = _mm_sha256rnds2_epu32(feba, hgdc, _mm_shuffle_epi32(sum, 0x0e));
    }
    feba = _mm_add_epi32(feba, feba_before);
    hgdc = _mm_add_epi32(hgdc, hgdc_before);
  }
  const __m128i abef = _mm_shuffle_epi32(feba, 0x1b);
  const __m128i ghcd = _mm_shuffle_epi32(hgdc, 0xb1);
  _mm_storeu_si128(memory, _mm_blend_epi16(abef, ghcd, 0xf0));
  _mm_storeu_si128(memory + 1, _mm_alignr_epi8(ghcd, abef, 8));
}

Compress best_compress() { return has_sha_instructions() ? compress_by_instructions : compress; }

#else

Compress best_compress() { return compress; }

#endif

std::string digest(std::string_view bytes, Compress compress_blocks) {
  State state = initial_state;
  const std::size_t whole = bytes.size() / block_size;
  compress_blocks(state, bytes.data(), whole);
  // The rest, a one bit, and at the end of the last block the length in bits.
  std::array<char, 2 * block_size> tail{};
  const std::string_view rest = bytes.substr(whole * block_size);
  rest.copy(tail.data(), rest.size());
  tail[rest.size()] = '\x80';
  constexpr std::size_t length_size = 8;
  const std::size_t tail_blocks = rest.size() + 1 + length_size <= block_size ? 1 : 2;
  std::uint64_t bits = 8 * static_cast<std::uint64_t>(bytes.size());
  for (std::size_t i = 1; i <= length_size; ++i, bits >>= 8)
    tail[tail_blocks * block_size - i] = static_cast<char>(bits & 0xff);
  compress_blocks(state, tail.data(), tail_blocks);
  return fmt::format("{:08x}", fmt::join(state, ""));
}

}  // namespace

std::string sha256(std::string_view bytes) {
  static const Compress best = best_compress();
  return digest(bytes, best);
}

std::string portable_sha256(std::string_view bytes) { return digest(bytes, compress); }

}  // namespace modesweep
