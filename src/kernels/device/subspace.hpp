// SPDX-License-Identifier: MIT
// The kernels of solvers `chebyshev` and `filtered`: blocks of vectors for a batch of networks, of
// any sizes, in one launch each. A block holds `columns` vectors; value (node, axis, column) of a
// network lies at
// ((3 * (first_node + node) + axis) * columns + column).
//
// Sums over nodes are taken segment by segment and then over segments, in an order that depends on
// the network alone.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "kernels/device/batch.hpp"
#include "kernels/device/eigenpairs.hpp"

namespace modesweep::gpu {

/// Nodes that follow one another and belong to one component.
struct Segment {
  std::int32_t first_node;  ///< of the network
  std::int32_t nodes;       ///< at most segment_nodes
  std::int32_t component;   ///< of the batch
};
inline constexpr int segment_nodes = 64;

/// The rigid-body modes of a component: translations, and rotations about its principal axes, which
/// are orthonormal by construction: along[a] = e_a / sqrt(nodes), and
/// about[a] = axis_a x (r - centre) * scale_a. scale_a is 0 where there is no such mode (a single
/// node, or the axis of a line).
struct RigidBody {
  double centre[3];
  double axis[3][3];
  double scale[3];
  double translation;          ///< 1 / sqrt(nodes)
  std::int32_t first_segment;  ///< of the batch
  std::int32_t segments;
};

/// One network in a launch. The launches cover the active networks only.
struct Active {
  std::int32_t network;
  std::int32_t degree;         ///< of the filter polynomial
  std::int32_t first_segment;  ///< of the batch
  std::int32_t segments;
  std::int32_t segment_block;  ///< block of the launch that has the first segment
  std::int32_t tile_block;     ///< block of the launch that has the first tile of nodes
  std::int32_t step_block;     ///< block of a launch of spring tiles that has the first of them
};
inline constexpr int tile_size = 4;  ///< nodes a block of a product in double precision

/// What one launch works on; all pointers are the device's.
struct Subspaces {
  DeviceBatch batch;
  const Segment* segments;
  const RigidBody* bodies;
  const Active* active;
  int active_networks;
  int segment_blocks;
  int tile_blocks;
  int step_blocks;
  int table_steps;  ///< steps that the table has room for
  int columns;      ///< 32, 40 or 48; of a Krylov space's blocks 8

  const double* bounds;      ///< a network
  const double* ends;        ///< a network: where the interval that the filter damps ends
  double* vectors;           ///< X
  double* products;          ///< H X; between residuals and combination the filter's two blocks,
  float* filter_blocks[2];   ///< which lie there one after the other
  float* residuals;          ///< R = H X - X theta
  double* theta;             ///< columns a network, ascending
  double* norms;             ///< columns a network: |R|
  double* rotations;         ///< columns x columns a network, row-major: what X is multiplied by
  double* partial;           ///< columns x columns a segment
  double* overlaps;          ///< 6 x columns a component
  float* table;              ///< table_row(columns) x table_steps a network, for the filter
  double* last_weight;       ///< columns a network
  std::int32_t* breakdowns;  ///< a network: Cholesky factorisations that failed for good
};

inline constexpr int most_columns = 48;

/// Values of a step in the filter's table: a weight of each column, factor, keep and centre.
constexpr std::size_t table_row(std::size_t columns) { return columns + 3; }

/// Whether this device can run the kernels of subspace.cu and filter.cu: cudaSuccess, or why not.
cudaError_t subspace_kernels_load();
cudaError_t filter_kernels_load();

/// X: values in (-1, 1) that are functions of node, axis and column alone.
cudaError_t launch_start_vectors(const Subspaces& s, cudaStream_t stream);
/// products = H X.
cudaError_t launch_products(const Subspaces& s, cudaStream_t stream);
/// partial = X' products of each segment.
cudaError_t launch_projected_hessians(const Subspaces& s, cudaStream_t stream);
/// theta and rotations: the eigenpairs of the sums of `partial`.
cudaError_t launch_rayleigh_ritz(const Subspaces& s, cudaStream_t stream);
/// X and products are rotated; residuals, norms.
cudaError_t launch_ritz_vectors(const Subspaces& s, cudaStream_t stream);

/// When a network is done.
struct Criteria {
  int modes;            ///< that are wanted
  int guards;           ///< columns beyond those and the zero modes, at least
  double zero;          ///< a zero mode has a smaller value
  double residual;      ///< a mode's residual is at most this part of the spectral bound,
  double value;         ///< and its value's error, residual^2 / gap, this part of the value,
  double vector;        ///< of the first three modes it is at most this part of the gap,
  double least_wanted;  ///< but no residual is asked to be below this part of the bound
};
enum Verdict : int { unfinished, converged, dependent, many_zero_modes };
struct Judgement {
  Verdict verdict;
  int zeros;  ///< columns of zero modes, which come first
};
/// judgements[network]: what has become of each active network.
cudaError_t launch_judge(const Subspaces& s, const Criteria& criteria, Judgement* judgements,
                         cudaStream_t stream);

/// X without its rigid-body modes.
cudaError_t launch_deflation(const Subspaces& s, cudaStream_t stream);
/// X with orthonormal columns (Cholesky-QR, once; shifted where the plain one breaks down).
cudaError_t launch_orthonormalisation(const Subspaces& s, cudaStream_t stream);

// The filter: X = p(H) X up to columns' scales, by residuals (Kodali, Ramakrishnan, Motamarri,
// arXiv 2503.22652), single precision in the products. A network whose blocks fit the shared memory
// that a block of threads may have is filtered there, some columns a block, in one launch; a larger
// one takes a launch a step.

/// A function of its arguments alone, so that a network's bits do not depend on its company.
struct FilterPlan {
  int slice;                 ///< columns a block of threads; 0: grid-wide
  std::size_t shared_bytes;  ///< of shared memory a block
  friend bool operator==(const FilterPlan& a, const FilterPlan& b) {
    return a.slice == b.slice && a.shared_bytes == b.shared_bytes;
  }
};
FilterPlan filter_plan(std::int32_t nodes, std::size_t shared_limit);

/// Active networks that follow one another and have the same plan.
struct FilterPart {
  FilterPlan plan;
  int first;  ///< in `active`
  int networks;
  int first_tile;
  int tiles;
  int degree;  ///< the largest of theirs
};

/// What the filter needs of the Ritz values, for all active networks.
cudaError_t launch_filter_weights(const Subspaces& s, cudaStream_t stream);
/// Where the plan is not grid-wide, its shared memory must be within the device's limit.
cudaError_t launch_filter(const Subspaces& s, const FilterPart& part, cudaStream_t stream);

/// The selected columns of each active network, `modes` at most: those of network k begin at
/// 3 * first_node * modes of `out` and lie one after another, x y z of each node.
cudaError_t launch_take_columns(const Subspaces& s, const Selection* selections, int modes,
                                double* out, cudaStream_t stream);

}  // namespace modesweep::gpu
