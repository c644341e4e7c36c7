// SPDX-License-Identifier: MIT
// How blocks of vectors, panels of the factor and contacts lie in memory, and who shares the work.
#pragma once

#include <cstddef>
#include <cstdint>

namespace modesweep::shift_invert {

/// Columns of a block of vectors. Blocks are row-major: the eight values of one degree of freedom
/// lie together, in one AVX-512 register or two AVX2 ones.
inline constexpr std::ptrdiff_t block_width = 8;

/// Rows of an update matrix are padded to a multiple of this many columns.
inline constexpr std::ptrdiff_t update_alignment = 16;

/// The columns of one supernode in the factor: rows x columns, row-major with the columns as
/// leading dimension; the first `columns` rows are its diagonal block.
struct PanelShape {
  std::ptrdiff_t rows;
  std::ptrdiff_t columns;
};

/// Directed contacts as compressed rows over nodes in elimination order.
struct ContactView {
  std::ptrdiff_t nodes;
  const double* positions;      ///< x y z of each node
  const std::int64_t* offsets;  ///< nodes + 1
  const std::int32_t* neighbours;
};

/// Columns that lie side by side in a child's update matrix and in its parent's front.
struct ColumnRun {
  std::int32_t from, to, length;
};

/// Threads that an operation may share its work with. What each element of the result is computed
/// from, and in which order, does not depend on them.
class Crew {
 public:
  /// Calls body(context, i) for each i below count, in any order, and waits for all.
  virtual void for_each(std::ptrdiff_t count, void (*body)(void*, std::ptrdiff_t),
                        void* context) const = 0;

 protected:
  ~Crew() = default;
};

}  // namespace modesweep::shift_invert
