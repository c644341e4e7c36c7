// SPDX-License-Identifier: MIT
// Blocks of vectors and their orthogonalisation.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "solver/shift_invert/buffer.hpp"
#include "solver/shift_invert/simd/operations.hpp"

namespace modesweep::shift_invert {

/// A small square matrix, block_width a side, row-major.
using Square = std::array<double, static_cast<std::size_t>(block_width* block_width)>;

Square product(const Square& a, const Square& b);

/// Column j of the inverse of an upper triangular matrix, whose columns before are in `inverse`.
void invert_column(const Square& upper, std::ptrdiff_t j, Square& inverse);

/// Vectors of one length as blocks of block_width, the last padded with zeros.
class BlockBasis {
 public:
  explicit BlockBasis(std::ptrdiff_t rows) : rows_(rows) {}

  std::ptrdiff_t rows() const { return rows_; }
  std::ptrdiff_t blocks() const { return static_cast<std::ptrdiff_t>(pointers_.size()); }
  double* block(std::ptrdiff_t i) { return pointers_[i]; }
  const double* const* pointers() const { return pointers_.data(); }
  /// Adds a block, not initialised.
  double* append();

 private:
  std::ptrdiff_t rows_;
  std::vector<Buffer> storage_;
  std::vector<double*> pointers_;
};

/// w -= V V^T w for orthonormal blocks V. Returns V^T w of before, block by block.
std::vector<double> project_out(const simd::Operations& operations,
                                std::span<const double* const> blocks, double* w,
                                std::ptrdiff_t rows);

enum class Rank { full, doubtful, lost };

/// w := q with w = q r, q orthonormal and r upper triangular, by Cholesky of w^T w until q is
/// orthonormal (Yamamoto and others, Electron. Trans. Numer. Anal. 44:306, 2015). Of a block with
/// fewer than block_width columns the others must be zero, and stay it. `doubtful` where a column
/// was dependent on others to working accuracy: what takes its place is orthogonal to them and
/// otherwise arbitrary. `lost` where nothing could take its place.
Rank orthonormalise(const simd::Operations& operations, double* w, std::ptrdiff_t rows,
                    std::ptrdiff_t columns, Square& r);

}  // namespace modesweep::shift_invert
