// SPDX-License-Identifier: MIT
#include "solver/shift_invert/selected_inverse.hpp"

#include <cblas.h>

#include <Eigen/Dense>

#include <algorithm>

namespace modesweep::shift_invert {
namespace {

std::int64_t front_rows(const Supernode& s) { return 3 * (s.nodes + s.below); }

std::vector<std::int32_t> count_children(const Symbolic& symbolic) {
  std::vector<std::int32_t> children(symbolic.supernodes.size(), 0);
  for (const Supernode& s : symbolic.supernodes)
    if (s.parent >= 0) ++children[s.parent];
  return children;
}

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Values = Eigen::Map<RowMajor>;
using ConstValues = Eigen::Map<const RowMajor>;

/// c += sign op(a) b: a has `inner` columns, or, where it is transposed, as many rows; all
/// row-major. By BLAS, or by Eigen where the digits must not depend on the processor.
void add_product(Isa isa, double sign, bool is_transposed, const double* a, const double* b,
                 double* c, int rows, int columns, int inner) {
  if (isa == Isa::portable) {
    const ConstValues right(b, inner, columns);
    Values sum(c, rows, columns);
    if (is_transposed)
      sum.noalias() += sign * ConstValues(a, inner, rows).transpose() * right;
    else
      sum.noalias() += sign * ConstValues(a, rows, inner) * right;
  } else {
    cblas_dgemm(CblasRowMajor, is_transposed ? CblasTrans : CblasNoTrans, CblasNoTrans, rows,
                columns, inner, sign, a, is_transposed ? rows : inner, b, columns, 1, c, columns);
  }
}

/// x := L^-1 x of a square x, or x := x L^-1 of `rows` rows, L lower triangular of that order.
void divide_by(Isa isa, bool from_left, const double* triangle, double* x, int rows, int order) {
  if (isa == Isa::portable) {
    const auto lower = ConstValues(triangle, order, order).triangularView<Eigen::Lower>();
    Values values(x, rows, order);
    if (from_left)
      lower.solveInPlace(values);
    else
      lower.solveInPlace<Eigen::OnTheRight>(values);
  } else {
    cblas_dtrsm(CblasRowMajor, from_left ? CblasLeft : CblasRight, CblasLower, CblasNoTrans,
                CblasNonUnit, rows, order, 1, triangle, order, x, order);
  }
}

/// The columns of one supernode, freed of its grounded degrees of freedom: L_JJ with unit rows and
/// columns there, and X = L_BJ L_JJ^-1 of the rows below.
struct Columns {
  std::int64_t width, below;
  std::vector<double> triangle, x;
  std::vector<double> inverse;  ///< L_JJ^-1, zero at grounded degrees of freedom

  Columns(Isa isa, const Supernode& s, const double* panel, const double* inverse_diagonal)
      : width(3 * s.nodes),
        below(3 * s.below),
        triangle(static_cast<std::size_t>(width * width), 0.0),
        x(panel + width * width, panel + (width + below) * width),
        inverse(triangle.size(), 0.0) {
    const auto grounded = [&](std::int64_t j) { return inverse_diagonal[j] == 0; };
    for (std::int64_t i = 0; i < width; ++i) {
      triangle[i * width + i] = grounded(i) ? 1 : panel[i * width + i];
      inverse[i * width + i] = grounded(i) ? 0 : 1;
      for (std::int64_t j = 0; j < i; ++j)
        if (!grounded(i) && !grounded(j)) triangle[i * width + j] = panel[i * width + j];
      if (grounded(i))
        for (std::int64_t k = 0; k < below; ++k) x[k * width + i] = 0;
    }
    const int w = static_cast<int>(width), u = static_cast<int>(below);
    divide_by(isa, true, triangle.data(), inverse.data(), w, w);
    if (below > 0) divide_by(isa, false, triangle.data(), x.data(), u, w);
  }
};

/// The diagonal of the grounded inverse, in elimination order, zero at grounded degrees of freedom.
/// From the root down, each front takes the inverse at its rows below from its parent's
/// (Takahashi, Fagan & Chen 1973; Erisman & Tinney, Commun. ACM 18:177, 1975).
std::vector<double> diagonal_of_inverse(Isa isa, const Symbolic& symbolic, const Cholesky& factor) {
  const std::vector<Supernode>& supernodes = symbolic.supernodes;
  std::vector<double> diagonal(3 * symbolic.order.size());
  std::vector<std::int32_t> waiting = count_children(symbolic);
  std::vector<Buffer> fronts(supernodes.size());  // of parents whose children are still to come
  std::vector<std::int32_t> place(symbolic.order.size());

  for (auto s = static_cast<std::ptrdiff_t>(supernodes.size()) - 1; s >= 0; --s) {
    const Supernode& supernode = supernodes[s];
    const Columns columns(isa, supernode, factor.panel(supernode),
                          factor.inverse_diagonal(supernode));
    const std::int64_t width = columns.width, below = columns.below;
    const int w = static_cast<int>(width), u = static_cast<int>(below);

    // The inverse at the rows below, from the parent's front.
    Buffer zbb(below * below), zbj(below * width);
    if (below > 0) {
      const Supernode& parent = supernodes[supernode.parent];
      for (std::int32_t i = 0; i < parent.nodes; ++i) place[parent.first + i] = i;
      for (std::int32_t i = 0; i < parent.below; ++i)
        place[symbolic.rows[parent.rows + i]] = parent.nodes + i;
      const std::int64_t leading = front_rows(parent);
      const double* const from = fronts[supernode.parent].data();
      const std::int32_t* const rows = symbolic.rows.data() + supernode.rows;
      for (std::int64_t i = 0; i < below; ++i) {
        const double* const row = from + (3 * place[rows[i / 3]] + i % 3) * leading;
        for (std::int64_t j = 0; j < below; j += 3)
          std::copy_n(row + 3 * place[rows[j / 3]], 3, zbb.data() + i * below + j);
      }
      std::fill_n(zbj.data(), below * width, 0.0);
      add_product(isa, -1, false, zbb.data(), columns.x.data(), zbj.data(), u, w, u);
    }
    // Z_JJ = L_JJ^-T L_JJ^-1 - X^T Z_BJ.
    Buffer zjj(width * width);
    std::fill_n(zjj.data(), width * width, 0.0);
    add_product(isa, 1, true, columns.inverse.data(), columns.inverse.data(), zjj.data(), w, w, w);
    if (below > 0) add_product(isa, -1, true, columns.x.data(), zbj.data(), zjj.data(), w, w, u);
    for (std::int64_t j = 0; j < width; ++j)
      diagonal[static_cast<std::size_t>(3 * supernode.first + j)] = zjj.data()[j * width + j];

    if (supernode.parent >= 0 && --waiting[supernode.parent] == 0)
      fronts[supernode.parent] = Buffer();
    if (waiting[s] == 0) continue;
    const std::int64_t leading = front_rows(supernode);
    fronts[s] = Buffer(leading * leading);
    double* const front = fronts[s].data();
    for (std::int64_t i = 0; i < width; ++i) {
      std::copy_n(zjj.data() + i * width, width, front + i * leading);
      for (std::int64_t k = 0; k < below; ++k)
        front[i * leading + width + k] = zbj.data()[k * width + i];
    }
    for (std::int64_t k = 0; k < below; ++k) {
      std::copy_n(zbj.data() + k * width, width, front + (width + k) * leading);
      std::copy_n(zbb.data() + k * below, below, front + (width + k) * leading + width);
    }
  }
  return diagonal;
}

}  // namespace

std::int64_t inverse_values(const Symbolic& symbolic) {
  std::vector<std::int32_t> waiting = count_children(symbolic);
  std::int64_t held = 0, most = 0;
  for (auto s = static_cast<std::ptrdiff_t>(symbolic.supernodes.size()) - 1; s >= 0; --s) {
    const Supernode& supernode = symbolic.supernodes[s];
    const auto values = [](const Supernode& front) {
      return front_rows(front) * front_rows(front);
    };
    // The front in hand has parts of its own beside it.
    most = std::max(most, held + 4 * values(supernode));
    if (supernode.parent >= 0 && --waiting[supernode.parent] == 0)
      held -= values(symbolic.supernodes[supernode.parent]);
    if (waiting[s] > 0) held += values(supernode);
  }
  return most;
}

std::vector<double> pseudo_inverse_diagonal(const Symbolic& symbolic, Cholesky& factor,
                                            const BlockBasis& null_space,
                                            const simd::Operations& operations) {
  std::vector<double> diagonal = diagonal_of_inverse(operations.isa, symbolic, factor);
  const auto count = static_cast<std::size_t>(null_space.blocks());
  const std::ptrdiff_t rows = null_space.rows();
  BlockBasis solved(rows);  // G Q
  for (std::size_t k = 0; k < count; ++k) {
    double* const block = solved.append();
    std::copy_n(null_space.pointers()[k], rows * block_width, block);
    factor.solve(block);
  }
  std::vector<double> products(count * block_width * block_width);  // Q_j^T G Q_k of one k
  for (std::size_t k = 0; k < count; ++k) {
    const double* const gq = solved.pointers()[k];
    operations.inner_products(null_space.pointers(), null_space.blocks(), gq, rows,
                              products.data());
    const double* const q = null_space.pointers()[k];
    for (std::ptrdiff_t i = 0; i < rows; ++i)
      for (std::ptrdiff_t c = 0; c < block_width; ++c) {
        double inner = 0;
        for (std::size_t j = 0; j < count; ++j)
          for (std::ptrdiff_t d = 0; d < block_width; ++d)
            inner += null_space.pointers()[j][i * block_width + d] *
                     products[(j * block_width + static_cast<std::size_t>(d)) * block_width +
                              static_cast<std::size_t>(c)];
        diagonal[static_cast<std::size_t>(i)] +=
            q[i * block_width + c] * (inner - 2 * gq[i * block_width + c]);
      }
  }
  return diagonal;
}

}  // namespace modesweep::shift_invert
