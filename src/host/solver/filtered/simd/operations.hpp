// SPDX-License-Identifier: MIT
// The inner loops of the filtered solver in single precision, compiled once for each instruction
// set. Blocks of vectors are row-major, block_width values a row, as those in double precision.
#pragma once

#include <cstddef>
#include <cstdint>

#include "solver/shift_invert/simd/operations.hpp"

namespace modesweep::filtered::simd {

using shift_invert::block_width;

/// A contact seen from one of its nodes.
struct Spring {
  float x, y, z;     ///< unit vector to the other node
  std::int32_t row;  ///< of the other node's x
};

/// The Hessian with unit spring constant: its diagonal blocks, and from them the springs' parts of
/// the others.
struct HessianView {
  std::ptrdiff_t nodes;
  const std::int64_t* offsets;  ///< nodes + 1
  const Spring* springs;
  const float* diagonal;  ///< xx xy xz yy yz zz of each node
};

/// One step of a recurrence: out = scale (H z - shift z + residual factor) - keep out.
struct FilterStep {
  const float* z;
  float* out;
  float scale, shift;
  float keep;             ///< where 0, `out` is not read
  const float* residual;  ///< a block; null: none
  const float* factor;    ///< one of each column
};

/// Rows that a sum in single precision is of; sums of these are in double precision.
constexpr std::ptrdiff_t sum_rows = 256;

struct Operations {
  /// Of the rows of nodes [first, last).
  void (*step)(const HessianView& hessian, const FilterStep& step, std::ptrdiff_t first,
               std::ptrdiff_t last);

  /// products[k] += blocks[k]^T w over rows [first, last), at most sum_rows of them: each
  /// block_width x block_width, row-major.
  void (*inner_products)(const float* const* blocks, std::ptrdiff_t count, const float* w,
                         std::ptrdiff_t first, std::ptrdiff_t last, double* products);

  /// w += sum_k blocks[k] coefficients[k] in rows [first, last).
  void (*add_combinations)(const float* const* blocks, std::ptrdiff_t count,
                           const float* coefficients, float* w, std::ptrdiff_t first,
                           std::ptrdiff_t last);

  /// w := w s in rows [first, last), s block_width x block_width.
  void (*multiply_right)(float* w, const float* s, std::ptrdiff_t first, std::ptrdiff_t last);
};

/// The operations of one instruction set; the machine must support it.
const Operations& operations(Isa isa);

}  // namespace modesweep::filtered::simd
