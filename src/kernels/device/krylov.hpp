// SPDX-License-Identifier: MIT
// Block Krylov spaces of H, or of a filter of it, for a batch of networks: blocks of eight vectors
// in single precision, each orthonormal and orthonormal to those before it. Sums of products are of
// single precision within half a segment and of double precision beyond.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "kernels/device/subspace.hpp"

namespace modesweep::gpu {

inline constexpr int krylov_block = 8;
inline constexpr int krylov_square = krylov_block * krylov_block;
inline constexpr int most_krylov_vectors = 104;
/// Blocks that there is room for: the rigid motions, the basis, and the one that comes next.
inline constexpr int krylov_slots = most_krylov_vectors / krylov_block + 2;

/// The eigenvectors of a projected operator.
struct KrylovLook {
  float largest;           ///< eigenvalue
  float largest_residual;  ///< of its Ritz vector
  float error;             ///< the largest residual of those wanted; NaN where there are none
  std::int32_t vectors;    ///< of the basis
};

/// All pointers are the device's; `s` of the launches has 8 columns.
struct Krylov {
  /// Slot after slot, each the block of all networks: value (node, axis, column) lies where it
  /// would in `Subspaces::vectors`.
  float* blocks;
  std::size_t slot_values;
  double* partial;    ///< krylov_slots squares a segment
  double* along;      ///< krylov_slots squares a network: products with the newest block
  float* inverse;     ///< a square a network: what makes the newest block orthonormal
  float* last;        ///< a square a network: of the newest block, what lies outside of the basis
  float* projected;   ///< most_krylov_vectors squared a network: the operator in the basis
  float* ritz;        ///< most_krylov_vectors x kept a network: coefficients, largest value first
  KrylovLook* looks;  ///< a network
  std::int32_t* breakdowns;  ///< a network: blocks that single precision could not make orthonormal
  int kept;                  ///< Ritz vectors
  int wanted;                ///< of these, whose residuals are to be small

  float* slot(int index) const { return blocks + static_cast<std::size_t>(index) * slot_values; }
};

/// Whether this device can run the kernels of krylov.cu: cudaSuccess, or why not.
cudaError_t krylov_kernels_load();

/// Slot 0: the rigid motions of networks in one piece.
cudaError_t launch_rigid_block(const Subspaces& s, const Krylov& k, cudaStream_t stream);
/// Slot 1: values in (-1, 1) that are functions of node, axis and column alone; or displacements
/// that vary smoothly in space: random polynomials of the coordinates, of degree four.
enum class KrylovStart { random, smooth };
cudaError_t launch_krylov_start(const Subspaces& s, const Krylov& k, KrylovStart start,
                                cudaStream_t stream);

/// Makes the block in this slot orthonormal to those before it, and in itself, and keeps what it
/// was along them as a block column of the projected operator: that of slot - 1, if it is more than
/// the rigid motions.
cudaError_t launch_krylov_block(const Subspaces& s, const Krylov& k, int slot, cudaStream_t stream);

/// looks and ritz: of so many vectors, a multiple of 8.
cudaError_t launch_krylov_look(const Subspaces& s, const Krylov& k, int vectors,
                               cudaStream_t stream);

/// X of `to`, which has k.kept columns: the Ritz vectors of each network's last look.
cudaError_t launch_krylov_vectors(const Subspaces& to, const Krylov& k, cudaStream_t stream);

}  // namespace modesweep::gpu
