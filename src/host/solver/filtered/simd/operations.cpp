// SPDX-License-Identifier: MIT
#include "solver/filtered/simd/operations.hpp"

namespace modesweep::filtered::simd {

namespace scalar {
extern const Operations table;
}
namespace avx2 {
extern const Operations table;
}
namespace avx512 {
extern const Operations table;
}

const Operations& operations(Isa isa) {
  switch (isa) {
    case Isa::avx512: return avx512::table;
    case Isa::avx2: return avx2::table;
    case Isa::portable: break;
  }
  return scalar::table;
}

}  // namespace modesweep::filtered::simd
