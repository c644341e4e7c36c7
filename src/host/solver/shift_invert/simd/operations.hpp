// SPDX-License-Identifier: MIT
// The inner loops of the shift-invert solver, compiled once for each instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#include <modesweep/isa.hpp>

#include "solver/shift_invert/memory_layout.hpp"

namespace modesweep::shift_invert::simd {

struct Operations {
  Isa isa;

  /// Cholesky of a panel in place. A column whose `inverse_diagonal` is 0 on entry, or whose pivot
  /// is not above `tolerance`, is grounded: its column of the factor is zero, its inverse diagonal
  /// 0. The others get the inverse of their pivot's root. `scratch`: `scratch_size` values. `crew`
  /// is null where the calling thread does it all, here and below.
  void (*factor_panel)(double* panel, PanelShape shape, double tolerance, double* inverse_diagonal,
                       double* scratch, const Crew* crew);

  /// update = -B B^T (lower triangle; what lies above it is undefined), B the rows of the panel
  /// below its diagonal block. `leading` is a multiple of `update_alignment`.
  void (*schur_complement)(const double* panel, PanelShape shape, double* update,
                           std::ptrdiff_t leading, double* scratch, const Crew* crew);

  /// x := L^-1 x for one supernode: `pivots` are its rows of the block of vectors, `nodes` the
  /// nodes (three rows of `block` each) of the rows below.
  void (*solve_forward)(const double* panel, PanelShape shape, const double* inverse_diagonal,
                        double* pivots, const std::int32_t* nodes, double* block, const Crew* crew);

  /// x := L^-T x for one supernode. `scratch`: rows x block_width values.
  void (*solve_backward)(const double* panel, PanelShape shape, const double* inverse_diagonal,
                         double* pivots, const std::int32_t* nodes, const double* block,
                         double* scratch, const Crew* crew);

  /// Adds rows [first, count) of a child's update matrix, three of them a node, to a part of its
  /// parent's front. Row 3i + a goes to row 3 places[i] + a of `target`, and the columns go by
  /// runs.
  void (*extend_add)(const double* update, std::ptrdiff_t leading, const std::int32_t* places,
                     std::ptrdiff_t first, std::ptrdiff_t count, const ColumnRun* runs,
                     std::ptrdiff_t run_count, double* target, std::ptrdiff_t target_leading);

  /// products[k] = blocks[k]^T w, each block_width x block_width and row-major. Here and in the
  /// next two, `rows` is a multiple of three.
  void (*inner_products)(const double* const* blocks, std::ptrdiff_t count, const double* w,
                         std::ptrdiff_t rows, double* products);

  /// w += sum_k sign * blocks[k] coefficients[k].
  void (*add_combinations)(const double* const* blocks, std::ptrdiff_t count,
                           const double* coefficients, double sign, double* w, std::ptrdiff_t rows);

  /// w := w s, s block_width x block_width.
  void (*multiply_right)(double* w, const double* s, std::ptrdiff_t rows);

  /// y = H x with unit spring constant, in the form that gives translations exactly zero.
  void (*apply_hessian)(const ContactView& contacts, const double* x, double* y);

  /// A = Q T Q^T with T tridiagonal and Q = H_{order-1} ... H_1, H_k = I - scales[k] v v^T, by
  /// Householder's reflections (Golub & Van Loan, Matrix Computations, section 8.3). Of A
  /// only the lower triangle is read; `leading` is a multiple of 8. Row k of A becomes v.
  /// `scratch`: 3 x leading values.
  void (*tridiagonalise)(double* a, std::ptrdiff_t order, std::ptrdiff_t leading, double* diagonal,
                         double* off_diagonal, double* scales, double* scratch);

  /// A block of vectors := Q times it, with what `tridiagonalise` made of A.
  void (*reflect)(const double* a, std::ptrdiff_t order, std::ptrdiff_t leading,
                  const double* scales, double* block);

  /// Eigenvalues of a tridiagonal matrix of norm one at most, by bisection of [below, above]
  /// (Barth, Martin & Wilkinson, Numer. Math. 9:386, 1967): block_width of them, descending, the
  /// first being the one with `largest` above it. `squares` are those of the off-diagonal.
  void (*bisect)(const double* diagonal, const double* squares, std::ptrdiff_t order,
                 std::ptrdiff_t largest, double below, double above, double* values);

  /// The pivots of T - shift from the first row downwards and from the last row upwards, for
  /// block_width shifts (Fernando, SIAM J. Matrix Anal. Appl. 18:1013, 1997): a row of each result
  /// for a row of T.
  void (*twisted_pivots)(const double* diagonal, const double* squares, std::ptrdiff_t order,
                         const double* shifts, double* forward, double* backward);
};

/// Values of scratch that `factor_panel` and `schur_complement` need for a front of `rows` rows.
std::ptrdiff_t scratch_size(std::ptrdiff_t rows);

/// The operations of one instruction set; the machine must support it.
const Operations& operations(Isa isa);

}  // namespace modesweep::shift_invert::simd
