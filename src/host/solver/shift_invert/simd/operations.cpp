// SPDX-License-Identifier: MIT
#include "solver/shift_invert/simd/operations.hpp"

namespace modesweep::shift_invert::simd {

namespace scalar {
extern const Operations table;
}
namespace avx2 {
extern const Operations table;
}
namespace avx512 {
extern const Operations table;
}

std::ptrdiff_t scratch_size(std::ptrdiff_t rows) {
  constexpr std::ptrdiff_t widest_tile = 16, longest_chunk = 256;
  return (rows + widest_tile) * longest_chunk;
}

const Operations& operations(Isa isa) {
  switch (isa) {
    case Isa::avx512: return avx512::table;
    case Isa::avx2: return avx2::table;
    case Isa::portable: break;
  }
  return scalar::table;
}

}  // namespace modesweep::shift_invert::simd
