// SPDX-License-Identifier: MIT
#include "solver/filtered/simd/operations.hpp"

#define VECTOR_BYTES 32

namespace modesweep::filtered::simd::avx2 {
namespace {
#include "solver/filtered/simd/operations_impl.hpp"
}  // namespace

extern const Operations table = {step, inner_products, add_combinations, multiply_right};

}  // namespace modesweep::filtered::simd::avx2
