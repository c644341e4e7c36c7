// SPDX-License-Identifier: MIT
#include "solver/shift_invert/simd/operations.hpp"

#define VECTOR_BYTES 16

namespace modesweep::shift_invert::simd::scalar {
namespace {
#include "solver/shift_invert/simd/operations_impl.hpp"
}  // namespace

extern const Operations table = {Isa::portable,  factor_panel,  schur_complement, solve_forward,
                                 solve_backward, extend_add,    inner_products,   add_combinations,
                                 multiply_right, apply_hessian, tridiagonalise,   reflect,
                                 bisect,         twisted_pivots};

}  // namespace modesweep::shift_invert::simd::scalar
