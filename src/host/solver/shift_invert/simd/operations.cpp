// SPDX-License-Identifier: MIT
#include "solver/shift_invert/simd/operations.hpp"

#include <cstdlib>
#include <string>

#include <modesweep/outcome.hpp>

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

std::string_view to_string(Isa isa) {
  switch (isa) {
    case Isa::scalar: return "scalar";
    case Isa::avx2: return "avx2";
    case Isa::avx512: return "avx512";
  }
  return "";
}

bool is_supported(Isa isa) {
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  switch (isa) {
    case Isa::scalar: return true;
    case Isa::avx2: return avx2;
    case Isa::avx512:
      return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
  }
  return false;
}

Isa selected_isa() {
  constexpr Isa best_first[] = {Isa::avx512, Isa::avx2, Isa::scalar};
  const char* const forced = std::getenv("MODESWEEP_ISA");
  if (forced && *forced) {
    for (const Isa isa : best_first) {
      if (forced != to_string(isa)) continue;
      if (is_supported(isa)) return isa;
      throw RunError(Cause::request,
                     std::string("MODESWEEP_ISA is ") + forced + ", which this machine lacks");
    }
    throw RunError(Cause::request, std::string("MODESWEEP_ISA is '") + forced +
                                       "'; it takes scalar, avx2 or avx512");
  }
  for (const Isa isa : best_first)
    if (is_supported(isa)) return isa;
  return Isa::scalar;
}

std::ptrdiff_t scratch_size(std::ptrdiff_t rows) {
  constexpr std::ptrdiff_t widest_tile = 16, longest_chunk = 256;
  return (rows + widest_tile) * longest_chunk;
}

const Operations& operations(Isa isa) {
  switch (isa) {
    case Isa::avx512: return avx512::table;
    case Isa::avx2: return avx2::table;
    case Isa::scalar: break;
  }
  return scalar::table;
}

}  // namespace modesweep::shift_invert::simd
