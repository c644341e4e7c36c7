// SPDX-License-Identifier: MIT
#include "kernels/device/subspace.hpp"

#include <cmath>
#include <cstdint>

#include "kernels/device/hessian_times.cuh"
#include "kernels/device/mode_properties.hpp"
#include "kernels/device/random_value.cuh"
#include "kernels/device/segments.cuh"

namespace modesweep::gpu {
namespace {

constexpr int tile_rows = 16;  // rows of a block of vectors in shared memory at a time

/// What a segment adds to the sums over its network: a matrix, or some rows of one.
template <int columns>
__device__ double* partial_of(const Subspaces& s, int segment) {
  return s.partial + static_cast<std::size_t>(segment) * columns * columns;
}

template <int columns>
__global__ void __launch_bounds__(columns* lanes) start_vectors(Subspaces s) {
  const Place place = segment_of_block(s);
  const Thread thread = this_thread();
  for (int row = thread.lane; row < place.rows; row += lanes) {
    const auto counter =
        static_cast<std::uint64_t>(3 * place.segment.first_node + row) * most_columns;
    s.vectors[(place.first_row + row) * columns + thread.column] =
        random_value(counter + static_cast<std::uint64_t>(thread.column));
  }
}

template <int columns>
__global__ void __launch_bounds__(columns* lanes, 1) products(Subspaces s) {
  SharedMemory shared;
  Spring<double>* const springs = shared.take<Spring<double>>(columns * lanes);
  const TileNode tile = node_of_tile(s, static_cast<int>(blockIdx.x));
  const BatchEntry entry = s.batch.entries[tile.active.network];
  const Thread thread = this_thread();
  const std::size_t first = static_cast<std::size_t>(3 * entry.first_node) * columns;
  double product[3];
  hessian_times<columns, lanes>(contacts_of(s, entry), s.batch.positions + 3 * entry.first_node,
                                s.vectors + first, tile.node, springs, product);
  if (tile.node >= entry.nodes) return;
  for (int a = 0; a < 3; ++a)
    s.products[first + static_cast<std::size_t>(3 * tile.node + a) * columns + thread.column] =
        product[a];
}

/// partial = left' right of one segment; thread (column, lane) has the elements (lane + 4 k,
/// column).
template <int columns>
__global__ void __launch_bounds__(columns* lanes)
    gram(Subspaces s, const double* __restrict__ left, const double* __restrict__ right) {
  constexpr int own = columns / lanes;
  SharedMemory shared;
  double* const l = shared.take<double>(tile_rows * columns);
  double* const r = shared.take<double>(tile_rows * columns);
  const Place place = segment_of_block(s);
  const Thread thread = this_thread();
  double sum[own] = {};
  for (int first = 0; first < place.rows; first += tile_rows) {
    const int rows = place.rows - first < tile_rows ? place.rows - first : tile_rows;
    for (int row = thread.lane; row < rows; row += lanes) {
      const std::size_t i = (place.first_row + first + row) * columns + thread.column;
      l[row * columns + thread.column] = left[i];
      r[row * columns + thread.column] = right[i];
    }
    __syncthreads();
    for (int row = 0; row < rows; ++row) {
      const double value = r[row * columns + thread.column];
      MODESWEEP_UNROLL
      for (int k = 0; k < own; ++k) sum[k] += l[row * columns + thread.lane + lanes * k] * value;
    }
    __syncthreads();
  }
  double* const out = partial_of<columns>(s, place.index);
  MODESWEEP_UNROLL
  for (int k = 0; k < own; ++k) out[(thread.lane + lanes * k) * columns + thread.column] = sum[k];
}

// Of the matrices in shared memory whose columns are walked along: one more, or all of a column
// would lie in few banks.
template <int columns>
constexpr int pitch = columns + 1;

/// matrix = the sum of `partial` over a network's segments, made symmetric.
template <int columns>
__device__ void sum_partials(const Subspaces& s, const Active& active, double* matrix) {
  const Thread thread = this_thread();
  for (int i = thread.lane; i < columns; i += lanes) {
    double sum = 0;
    for (int segment = 0; segment < active.segments; ++segment)
      sum += partial_of<columns>(s, active.first_segment + segment)[i * columns + thread.column];
    matrix[i * pitch<columns> + thread.column] = sum;
  }
  __syncthreads();
  for (int i = thread.lane; i < thread.column; i += lanes) {
    double& above = matrix[i * pitch<columns> + thread.column];
    double& below = matrix[thread.column * pitch<columns> + i];
    above = below = (above + below) / 2;
  }
  __syncthreads();
}

constexpr int most_sweeps = 20;

/// Eigenpairs of the symmetric `matrix` by Jacobi rotations, each round on disjoint pairs: the
/// values on its diagonal, the vectors in the columns of `vectors`, in no order.
template <int columns>
__device__ void diagonalise(double* matrix, double* vectors, double* cosines, double* sines,
                            int* rotated) {
  constexpr int pairs = columns / 2;
  const Thread thread = this_thread();
  const int index = thread.lane * columns + thread.column;
  double norm = 0;  // every thread sums the same numbers in the same order
  for (int i = 0; i < columns; ++i)
    for (int j = 0; j < columns; ++j)
      norm += matrix[i * pitch<columns> + j] * matrix[i * pitch<columns> + j];
  const double small = 1e-17 * sqrt(norm);
  for (int i = thread.lane; i < columns; i += lanes)
    vectors[i * pitch<columns> + thread.column] = i == thread.column ? 1 : 0;
  // Round-robin: player `columns - 1` stays, the others go round.
  const auto player = [](int round, int seat) {
    if (seat == 0) return columns - 1;
    return (round + seat) % (columns - 1);
  };
  for (int sweep = 0; sweep < most_sweeps; ++sweep) {
    if (index == 0) *rotated = 0;
    __syncthreads();
    for (int round = 0; round < columns - 1; ++round) {
      if (index < pairs) {
        const int p = player(round, index);
        const int q = player(round, columns - 1 - index);
        const double off = matrix[p * pitch<columns> + q];
        double cosine = 1, sine = 0;
        if (fabs(off) > small) {
          const double ratio =
              (matrix[q * pitch<columns> + q] - matrix[p * pitch<columns> + p]) / (2 * off);
          const double tangent =
              (ratio >= 0 ? 1.0 : -1.0) / (fabs(ratio) + sqrt(1 + ratio * ratio));
          cosine = 1 / sqrt(1 + tangent * tangent);
          sine = tangent * cosine;
          *rotated = 1;
        }
        cosines[index] = cosine;
        sines[index] = sine;
      }
      __syncthreads();
      // Rows of the matrix; the vectors' columns are independent of them.
      for (int pair = thread.lane; pair < pairs; pair += lanes) {
        const int p = player(round, pair);
        const int q = player(round, columns - 1 - pair);
        const double c = cosines[pair], n = sines[pair];
        double& a = matrix[p * pitch<columns> + thread.column];
        double& b = matrix[q * pitch<columns> + thread.column];
        const double old = a;
        a = c * old - n * b;
        b = n * old + c * b;
        double& u = vectors[thread.column * pitch<columns> + p];
        double& v = vectors[thread.column * pitch<columns> + q];
        const double old_u = u;
        u = c * old_u - n * v;
        v = n * old_u + c * v;
      }
      __syncthreads();
      for (int pair = thread.lane; pair < pairs; pair += lanes) {
        const int p = player(round, pair);
        const int q = player(round, columns - 1 - pair);
        const double c = cosines[pair], n = sines[pair];
        double& a = matrix[thread.column * pitch<columns> + p];
        double& b = matrix[thread.column * pitch<columns> + q];
        const double old = a;
        a = c * old - n * b;
        b = n * old + c * b;
      }
      __syncthreads();
    }
    if (*rotated == 0) return;
    __syncthreads();
  }
}

template <int columns>
__global__ void __launch_bounds__(columns* lanes) rayleigh_ritz(Subspaces s) {
  SharedMemory shared;
  double* const matrix = shared.take<double>(columns * pitch<columns>);
  double* const vectors = shared.take<double>(columns * pitch<columns>);
  double* const cosines = shared.take<double>(columns / 2);
  double* const sines = shared.take<double>(columns / 2);
  int* const rotated = shared.take<int>(1);
  const Active active = s.active[blockIdx.x];
  const Thread thread = this_thread();
  sum_partials<columns>(s, active, matrix);
  diagonalise<columns>(matrix, vectors, cosines, sines, rotated);
  const double mine = matrix[thread.column * pitch<columns> + thread.column];
  int rank = 0;
  for (int i = 0; i < columns; ++i) {
    const double other = matrix[i * pitch<columns> + i];
    rank += other < mine || (other == mine && i < thread.column);
  }
  const auto network = static_cast<std::size_t>(active.network);
  if (thread.lane == 0) s.theta[network * columns + rank] = mine;
  double* const rotation = s.rotations + network * columns * columns;
  for (int i = thread.lane; i < columns; i += lanes)
    rotation[i * columns + rank] = vectors[i * pitch<columns> + thread.column];
}

/// Rows of `block` times the network's rotation, in place, `tile_rows` at a time; calls
/// f(row, value) for what the thread has made.
template <int columns, class F>
__device__ void rotate_rows(double* block, const Place& place, const double* rotation, double* tile,
                            F&& f) {
  constexpr int own = tile_rows / lanes;
  const Thread thread = this_thread();
  for (int first = 0; first < place.rows; first += tile_rows) {
    const int rows = place.rows - first < tile_rows ? place.rows - first : tile_rows;
    double* const begin = block + (place.first_row + first) * columns + thread.column;
    __syncthreads();
    for (int row = thread.lane; row < rows; row += lanes)
      tile[row * columns + thread.column] = begin[row * columns];
    __syncthreads();
    // All rows of the thread at once, for the rotation's elements to be read once. What is beyond
    // the last row is no number and goes nowhere.
    double sum[own] = {};
    MODESWEEP_UNROLL_BY(4)
    for (int k = 0; k < columns; ++k) {
      const double factor = rotation[k * columns + thread.column];
      MODESWEEP_UNROLL
      for (int i = 0; i < own; ++i)
        sum[i] += tile[(thread.lane + lanes * i) * columns + k] * factor;
    }
    MODESWEEP_UNROLL
    for (int i = 0; i < own; ++i) {
      const int row = thread.lane + lanes * i;
      if (row >= rows) continue;
      begin[row * columns] = sum[i];
      f(first + row, sum[i]);
    }
  }
}

template <int columns>
__device__ void load_rotation(const Subspaces& s, const Active& active, double* rotation) {
  const Thread thread = this_thread();
  const double* const from =
      s.rotations + static_cast<std::size_t>(active.network) * columns * columns;
  for (int i = thread.lane; i < columns; i += lanes)
    rotation[i * columns + thread.column] = from[i * columns + thread.column];
}

template <int columns>
__global__ void __launch_bounds__(columns* lanes) rotate(Subspaces s) {
  SharedMemory shared;
  double* const rotation = shared.take<double>(columns * columns);
  double* const tile = shared.take<double>(tile_rows * columns);
  const Place place = segment_of_block(s);
  load_rotation<columns>(s, place.active, rotation);
  rotate_rows<columns>(s.vectors, place, rotation, tile, [](int, double) {});
}

/// X and H X to Ritz vectors; R; sums of R's squares go to row 0 of `partial`.
template <int columns>
__global__ void __launch_bounds__(columns* lanes) ritz_vectors(Subspaces s) {
  SharedMemory shared;
  double* const rotation = shared.take<double>(columns * columns);
  double* const tile = shared.take<double>(tile_rows * columns);
  double* const sums = shared.take<double>(lanes * columns);
  const Place place = segment_of_block(s);
  const Thread thread = this_thread();
  load_rotation<columns>(s, place.active, rotation);
  rotate_rows<columns>(s.vectors, place, rotation, tile, [](int, double) {});
  const double theta =
      s.theta[static_cast<std::size_t>(place.active.network) * columns + thread.column];
  double sum = 0;
  rotate_rows<columns>(s.products, place, rotation, tile, [&](int row, double product) {
    // The thread wrote this element of X itself.
    const std::size_t i = (place.first_row + row) * columns + thread.column;
    const double residual = product - theta * s.vectors[i];
    s.residuals[i] = static_cast<float>(residual);
    sum += residual * residual;
  });
  sums[thread.lane * columns + thread.column] = sum;
  __syncthreads();
  if (thread.lane != 0) return;
  for (int lane = 1; lane < lanes; ++lane) sum += sums[lane * columns + thread.column];
  partial_of<columns>(s, place.index)[thread.column] = sum;
}

template <int columns>
__global__ void __launch_bounds__(columns) residual_norms(Subspaces s) {
  const Active active = s.active[blockIdx.x];
  const int column = static_cast<int>(threadIdx.x);
  double sum = 0;
  for (int i = 0; i < active.segments; ++i)
    sum += partial_of<columns>(s, active.first_segment + i)[column];
  s.norms[static_cast<std::size_t>(active.network) * columns + column] = sqrt(sum);
}

constexpr int judges = 128;  // threads of a block

/// A thread a network.
__global__ void __launch_bounds__(judges)
    judge(Subspaces s, Criteria criteria, Judgement* __restrict__ judgements) {
  const int index = static_cast<int>(blockIdx.x) * judges + static_cast<int>(threadIdx.x);
  if (index >= s.active_networks) return;
  const auto network = static_cast<std::size_t>(s.active[index].network);
  const double* const theta = s.theta + network * s.columns;
  const double* const norms = s.norms + network * s.columns;
  const double bound = s.bounds[network];
  int zeros = 0;
  while (zeros < s.columns && theta[zeros] < criteria.zero) ++zeros;
  const int used = zeros + criteria.modes;
  Verdict verdict = converged;
  if (s.breakdowns[network] != 0)
    verdict = dependent;
  else if (used > s.columns - criteria.guards)
    verdict = many_zero_modes;
  for (int j = 0; verdict == converged && j < used; ++j) {
    const double gap = theta[s.columns - 1] - theta[j];
    const double value = fmax(theta[j], criteria.zero);
    double wanted = fmin(criteria.residual * bound, sqrt(criteria.value * value * gap));
    if (j < zeros + modes_with_collectivity) wanted = fmin(wanted, criteria.vector * gap);
    // Written so that NaN goes on to the last iteration, and fails there.
    if (!(norms[j] <= fmax(wanted, criteria.least_wanted * bound))) verdict = unfinished;
  }
  judgements[network] = {verdict, zeros};
}

/// All rigid-body modes at the nodes of a segment, into shared memory: [mode][row].
template <int columns>
__device__ void rigid_modes_of(const Subspaces& s, const Place& place, double* modes) {
  const Thread thread = this_thread();
  const RigidBody& body = s.bodies[place.segment.component];
  const double* const positions = s.batch.positions + place.first_row;
  for (int i = thread.lane * columns + thread.column; i < rigid_modes * place.segment.nodes;
       i += lanes * columns) {
    const int mode = i / place.segment.nodes;
    const int node = i % place.segment.nodes;
    double value[3];
    rigid_mode(body, positions + 3 * node, mode, value);
    for (int a = 0; a < 3; ++a) modes[mode * 3 * segment_nodes + 3 * node + a] = value[a];
  }
}

/// partial[mode * columns + column] = mode' X of one segment.
template <int columns>
__global__ void __launch_bounds__(columns* lanes) rigid_overlaps(Subspaces s) {
  SharedMemory shared;
  double* const modes = shared.take<double>(rigid_modes * 3 * segment_nodes);
  double* const sums = shared.take<double>(lanes * rigid_modes * columns);
  const Place place = segment_of_block(s);
  const Thread thread = this_thread();
  rigid_modes_of<columns>(s, place, modes);
  __syncthreads();
  double sum[rigid_modes] = {};
  for (int row = thread.lane; row < place.rows; row += lanes) {
    const double x = s.vectors[(place.first_row + row) * columns + thread.column];
    for (int mode = 0; mode < rigid_modes; ++mode)
      sum[mode] += modes[mode * 3 * segment_nodes + row] * x;
  }
  for (int mode = 0; mode < rigid_modes; ++mode)
    sums[(thread.lane * rigid_modes + mode) * columns + thread.column] = sum[mode];
  __syncthreads();
  double* const out = partial_of<columns>(s, place.index);
  for (int mode = thread.lane; mode < rigid_modes; mode += lanes) {
    double total = 0;
    for (int lane = 0; lane < lanes; ++lane)
      total += sums[(lane * rigid_modes + mode) * columns + thread.column];
    out[mode * columns + thread.column] = total;
  }
}

/// One block a segment, of which the first of each component does the component's sum.
template <int columns>
__global__ void __launch_bounds__(columns* lanes) sum_overlaps(Subspaces s) {
  const Place place = segment_of_block(s);
  const RigidBody& body = s.bodies[place.segment.component];
  if (place.index != body.first_segment) return;
  const Thread thread = this_thread();
  double* const out =
      s.overlaps + static_cast<std::size_t>(place.segment.component) * rigid_modes * columns;
  for (int mode = thread.lane; mode < rigid_modes; mode += lanes) {
    double sum = 0;
    for (int i = 0; i < body.segments; ++i)
      sum += partial_of<columns>(s, body.first_segment + i)[mode * columns + thread.column];
    out[mode * columns + thread.column] = sum;
  }
}

template <int columns>
__global__ void __launch_bounds__(columns* lanes) subtract_rigid_modes(Subspaces s) {
  SharedMemory shared;
  double* const modes = shared.take<double>(rigid_modes * 3 * segment_nodes);
  const Place place = segment_of_block(s);
  const Thread thread = this_thread();
  rigid_modes_of<columns>(s, place, modes);
  __syncthreads();
  const double* const overlaps =
      s.overlaps + static_cast<std::size_t>(place.segment.component) * rigid_modes * columns;
  for (int row = thread.lane; row < place.rows; row += lanes) {
    double& x = s.vectors[(place.first_row + row) * columns + thread.column];
    double sum = x;
    for (int mode = 0; mode < rigid_modes; ++mode)
      sum -= modes[mode * 3 * segment_nodes + row] * overlaps[mode * columns + thread.column];
    x = sum;
  }
}

/// The lower Cholesky factor of `matrix` + shift, in place. Whether it exists; every thread knows.
template <int columns>
__device__ bool factorise(double* matrix, double shift) {
  const Thread thread = this_thread();
  for (int k = 0; k < columns; ++k) {
    __syncthreads();
    const double pivot = matrix[k * pitch<columns> + k] + shift;
    // With a unit diagonal less than this is rounding. NaN fails as well.
    if (!(pivot > 1e-14)) return false;
    const double root = sqrt(pivot);
    const double below = thread.column > k ? matrix[thread.column * pitch<columns> + k] / root : 0;
    __syncthreads();
    if (thread.lane == 0) {
      if (thread.column == k) matrix[k * pitch<columns> + k] = root;
      if (thread.column > k) matrix[thread.column * pitch<columns> + k] = below;
    }
    __syncthreads();
    if (thread.column > k)
      for (int j = k + 1 + thread.lane; j <= thread.column; j += lanes)
        matrix[thread.column * pitch<columns> + j] -= below * matrix[j * pitch<columns> + k];
  }
  __syncthreads();
  return true;
}

/// rotations = D L^-T where L L' is the Gram matrix D^-1 ... D^-1 with a unit diagonal.
template <int columns>
__global__ void __launch_bounds__(columns* lanes) cholesky(Subspaces s) {
  SharedMemory shared;
  double* const matrix = shared.take<double>(columns * pitch<columns>);
  double* const inverse = shared.take<double>(columns * pitch<columns>);
  double* const scales = shared.take<double>(columns);
  const Active active = s.active[blockIdx.x];
  const Thread thread = this_thread();
  sum_partials<columns>(s, active, matrix);
  if (thread.lane == 0)
    scales[thread.column] = 1 / sqrt(matrix[thread.column * pitch<columns> + thread.column]);
  __syncthreads();
  for (int i = thread.lane; i < columns; i += lanes) {
    double& element = matrix[i * pitch<columns> + thread.column];
    element *= scales[i] * scales[thread.column];
    inverse[i * pitch<columns> + thread.column] = element;  // kept for a second attempt
  }
  if (!factorise<columns>(matrix, 0)) {
    // Shifted Cholesky-QR (Fukaya and others, SIAM J. Sci. Comput. 42:A477, 2020): well
    // conditioned, not orthonormal; the next round makes up for it.
    __syncthreads();
    for (int i = thread.lane; i < columns; i += lanes)
      matrix[i * pitch<columns> + thread.column] = inverse[i * pitch<columns> + thread.column];
    const double rows = 3.0 * s.batch.entries[active.network].nodes;
    const double shift = 11 * (rows * columns + columns * (columns + 1)) * 1.2e-16;
    if (!factorise<columns>(matrix, shift < 1e-13 ? 1e-13 : shift)) {
      if (thread.lane == 0 && thread.column == 0) ++s.breakdowns[active.network];
      return;
    }
  }
  // Column by column of L^-1: thread `column` solves L x = e_column.
  __syncthreads();
  if (thread.lane == 0)
    for (int i = 0; i < columns; ++i) {
      double sum = i == thread.column ? 1 : 0;
      for (int k = thread.column; k < i; ++k)
        sum -= matrix[i * pitch<columns> + k] * inverse[k * pitch<columns> + thread.column];
      inverse[i * pitch<columns> + thread.column] =
          i < thread.column ? 0 : sum / matrix[i * pitch<columns> + i];
    }
  __syncthreads();
  double* const rotation =
      s.rotations + static_cast<std::size_t>(active.network) * columns * columns;
  for (int i = thread.lane; i < columns; i += lanes)
    rotation[i * columns + thread.column] = scales[i] * inverse[thread.column * pitch<columns> + i];
}

constexpr int take_rows = 3 * segment_nodes / 2;

template <int columns>
__global__ void __launch_bounds__(columns* lanes)
    take_columns(Subspaces s, const Selection* selections, int modes, double* out) {
  SharedMemory shared;
  double* const tile = shared.take<double>(take_rows * (columns + 1));
  const Place place = segment_of_block(s);
  const BatchEntry entry = s.batch.entries[place.active.network];
  const Selection selection = selections[place.active.network];
  const Thread thread = this_thread();
  // Through shared memory, since a row there is a column here.
  double* const begin =
      out + static_cast<std::size_t>(3 * entry.first_node) * modes + 3 * place.segment.first_node;
  for (int first = 0; first < place.rows; first += take_rows) {
    const int rows = place.rows - first < take_rows ? place.rows - first : take_rows;
    __syncthreads();
    for (int row = thread.lane; row < rows; row += lanes)
      tile[row * (columns + 1) + thread.column] =
          s.vectors[(place.first_row + first + row) * columns + thread.column];
    __syncthreads();
    for (int i = thread.lane * columns + thread.column; i < rows * selection.count;
         i += lanes * columns)
      begin[static_cast<std::size_t>(i / rows) * 3 * entry.nodes + first + i % rows] =
          tile[i % rows * (columns + 1) + selection.first + i / rows];
  }
}

/// The kernels of one number of columns.
template <int columns>
struct Launches {
  static dim3 threads() { return dim3(columns, lanes); }
  static constexpr std::size_t doubles(int count) {
    return SharedMemory::shared_bytes<double>(count);
  }
  static constexpr std::size_t modes = doubles(rigid_modes * 3 * segment_nodes);
  static constexpr std::size_t square = doubles(columns * columns);
  static constexpr std::size_t pitched = doubles(columns * pitch<columns>);
  static constexpr std::size_t tile = doubles(tile_rows * columns);

  template <class... Arguments>
  static cudaError_t on_segments(void (*kernel)(Subspaces, Arguments...), std::size_t shared,
                                 const Subspaces& s, cudaStream_t stream, Arguments... arguments) {
    return launch(kernel, dim3(s.segment_blocks), threads(), shared, stream, s, arguments...);
  }

  static cudaError_t start(const Subspaces& s, cudaStream_t stream) {
    return on_segments(start_vectors<columns>, 0, s, stream);
  }
  static cudaError_t multiply(const Subspaces& s, cudaStream_t stream) {
    return launch(products<columns>, dim3(s.tile_blocks), threads(),
                  SharedMemory::shared_bytes<Spring<double>>(columns * lanes), stream, s);
  }
  static cudaError_t project(const Subspaces& s, const double* right, cudaStream_t stream) {
    return on_segments<const double*, const double*>(gram<columns>, 2 * tile, s, stream, s.vectors,
                                                     right);
  }
  static cudaError_t ritz(const Subspaces& s, cudaStream_t stream) {
    return launch(rayleigh_ritz<columns>, dim3(s.active_networks), threads(),
                  2 * pitched + 2 * doubles(columns / 2) + SharedMemory::shared_bytes<int>(1),
                  stream, s);
  }
  static cudaError_t vectors(const Subspaces& s, cudaStream_t stream) {
    const cudaError_t result =
        on_segments(ritz_vectors<columns>, square + tile + doubles(lanes * columns), s, stream);
    if (result != cudaSuccess) return result;
    return launch(residual_norms<columns>, dim3(s.active_networks), dim3(columns), 0, stream, s);
  }
  static cudaError_t deflate(const Subspaces& s, cudaStream_t stream) {
    cudaError_t result = on_segments(rigid_overlaps<columns>,
                                     modes + doubles(lanes * rigid_modes * columns), s, stream);
    if (result == cudaSuccess) result = on_segments(sum_overlaps<columns>, 0, s, stream);
    if (result == cudaSuccess)
      result = on_segments(subtract_rigid_modes<columns>, modes, s, stream);
    return result;
  }
  static cudaError_t orthonormalise(const Subspaces& s, cudaStream_t stream) {
    cudaError_t result = project(s, s.vectors, stream);
    if (result == cudaSuccess)
      result = launch(cholesky<columns>, dim3(s.active_networks), threads(),
                      2 * pitched + doubles(columns), stream, s);
    if (result == cudaSuccess) result = on_segments(rotate<columns>, square + tile, s, stream);
    return result;
  }
  static cudaError_t take(const Subspaces& s, const Selection* selections, int modes, double* out,
                          cudaStream_t stream) {
    return on_segments<const Selection*, int, double*>(take_columns<columns>,
                                                       doubles(take_rows * (columns + 1)), s,
                                                       stream, selections, modes, out);
  }
};

/// f(Launches<columns>) for the number of columns in use.
template <class F>
cudaError_t with_columns(const Subspaces& s, F&& f) {
  switch (s.columns) {
    case 32: return f(Launches<32>());
    case 40: return f(Launches<40>());
    default: return f(Launches<48>());
  }
}

}  // namespace

cudaError_t subspace_kernels_load() {
  cudaFuncAttributes attributes;
  return cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(&products<40>));
}

cudaError_t launch_start_vectors(const Subspaces& s, cudaStream_t stream) {
  return with_columns(s, [&](auto l) { return l.start(s, stream); });
}

cudaError_t launch_products(const Subspaces& s, cudaStream_t stream) {
  return with_columns(s, [&](auto l) { return l.multiply(s, stream); });
}

cudaError_t launch_projected_hessians(const Subspaces& s, cudaStream_t stream) {
  return with_columns(s, [&](auto l) { return l.project(s, s.products, stream); });
}

cudaError_t launch_rayleigh_ritz(const Subspaces& s, cudaStream_t stream) {
  return with_columns(s, [&](auto l) { return l.ritz(s, stream); });
}

cudaError_t launch_ritz_vectors(const Subspaces& s, cudaStream_t stream) {
  return with_columns(s, [&](auto l) { return l.vectors(s, stream); });
}

cudaError_t launch_judge(const Subspaces& s, const Criteria& criteria, Judgement* judgements,
                         cudaStream_t stream) {
  return launch(judge, dim3((s.active_networks + judges - 1) / judges), dim3(judges), 0, stream, s,
                criteria, judgements);
}

cudaError_t launch_deflation(const Subspaces& s, cudaStream_t stream) {
  return with_columns(s, [&](auto l) { return l.deflate(s, stream); });
}

cudaError_t launch_orthonormalisation(const Subspaces& s, cudaStream_t stream) {
  return with_columns(s, [&](auto l) { return l.orthonormalise(s, stream); });
}

cudaError_t launch_take_columns(const Subspaces& s, const Selection* selections, int modes,
                                double* out, cudaStream_t stream) {
  return with_columns(s, [&](auto l) { return l.take(s, selections, modes, out, stream); });
}

}  // namespace modesweep::gpu
