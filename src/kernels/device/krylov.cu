// SPDX-License-Identifier: MIT
#include "kernels/device/krylov.hpp"

#include <cmath>
#include <cstdint>

#include <device_layer.cuh>

#include "kernels/device/random_value.cuh"
#include "kernels/device/segments.cuh"

namespace modesweep::gpu {
namespace {

using std::fabs;
using std::fmax;
using std::sqrt;

constexpr int width = krylov_block;
constexpr int square = krylov_square;

// ---- blocks ----------------------------------------------------------------------------------

constexpr int start_lanes = 32;  // of `width` threads

/// Calls f(node, axis, column) for the thread's values of a segment, nodes counted in the network.
template <class F>
__device__ void for_each_value(const Place& place, F&& f) {
  for (int row = static_cast<int>(threadIdx.y); row < place.rows; row += start_lanes)
    f(place.segment.first_node + row / 3, row % 3, static_cast<int>(threadIdx.x));
}
__device__ std::size_t value_index(const Subspaces& s, const Place& place, int node, int axis,
                                   int column) {
  const std::int64_t first = s.batch.entries[place.active.network].first_node;
  return static_cast<std::size_t>(3 * (first + node) + axis) * width + column;
}

__global__ void __launch_bounds__(width* start_lanes) rigid_block(Subspaces s, float* block) {
  const Place place = segment_of_block(s);
  const RigidBody& body = s.bodies[place.segment.component];
  const double* const positions =
      s.batch.positions + 3 * s.batch.entries[place.active.network].first_node;
  for_each_value(place, [&](int node, int axis, int column) {
    double value[3] = {0, 0, 0};
    if (column < rigid_modes) rigid_mode(body, positions + 3 * node, column, value);
    block[value_index(s, place, node, axis, column)] = static_cast<float>(axis == 0   ? value[0]
                                                                          : axis == 1 ? value[1]
                                                                                      : value[2]);
  });
}

__global__ void __launch_bounds__(width* start_lanes) random_block(Subspaces s, float* block) {
  const Place place = segment_of_block(s);
  for_each_value(place, [&](int node, int axis, int column) {
    const auto counter = static_cast<std::uint64_t>((3 * node + axis) * width + column);
    block[value_index(s, place, node, axis, column)] = static_cast<float>(random_value(counter));
  });
}

constexpr int smooth_degree = 4;
constexpr int smooth_terms = (smooth_degree + 1) * (smooth_degree + 2) * (smooth_degree + 3) / 6;

/// What is added at random keeps the span from having a symmetry of the structure.
__global__ void __launch_bounds__(width* start_lanes) smooth_block(Subspaces s, float* block) {
  constexpr int coefficients = smooth_terms * 3 * width;
  const float disorder = 0.1f;
  SharedMemory shared;
  float* const table = shared.take<float>(coefficients);
  const Place place = segment_of_block(s);
  const RigidBody& body = s.bodies[place.segment.component];
  const int thread = static_cast<int>(threadIdx.y * width + threadIdx.x);
  for (int i = thread; i < coefficients; i += width * start_lanes)
    table[i] = static_cast<float>(random_value(static_cast<std::uint64_t>(i)));
  // Three times the mean square of a coordinate is half of the three axes' moments.
  double moments = 0;
  for (int a = 0; a < 3; ++a)
    if (body.scale[a] > 0) moments += 1 / (body.scale[a] * body.scale[a]);
  const int nodes = s.batch.entries[place.active.network].nodes;
  const double scale = moments > 0 ? sqrt(2.0 * nodes / moments) : double(0);
  const double* const positions =
      s.batch.positions + 3 * s.batch.entries[place.active.network].first_node;
  __syncthreads();
  for_each_value(place, [&](int node, int axis, int column) {
    float power[3][smooth_degree + 1];
    for (int a = 0; a < 3; ++a) {
      const float x = static_cast<float>((positions[3 * node + a] - body.centre[a]) * scale);
      power[a][0] = 1;
      for (int p = 1; p <= smooth_degree; ++p) power[a][p] = power[a][p - 1] * x;
    }
    const auto counter =
        static_cast<std::uint64_t>(coefficients + (3 * node + axis) * width + column);
    float value = disorder * static_cast<float>(random_value(counter));
    const float* term = table + axis * width + column;
    for (int p = 0; p <= smooth_degree; ++p)
      for (int q = 0; p + q <= smooth_degree; ++q)
        for (int r = 0; p + q + r <= smooth_degree; ++r, term += 3 * width)
          value += power[0][p] * power[1][q] * power[2][r] * *term;
    block[value_index(s, place, node, axis, column)] = value;
  });
}

// ---- orthogonalisation -----------------------------------------------------------------------

constexpr int product_halves = 2;  // of a segment's rows, each summed by threads of its own

__device__ double* partial_square(const Krylov& k, int segment, int slot) {
  return k.partial + (static_cast<std::size_t>(segment) * krylov_slots + slot) * square;
}
__device__ double* along_square(const Krylov& k, int network, int slot) {
  return k.along + (static_cast<std::size_t>(network) * krylov_slots + slot) * square;
}

/// partial = block' newest of one segment, for the blocks of slots first to first + gridDim.y - 1.
__global__ void __launch_bounds__(square* product_halves)
    block_products(Subspaces s, Krylov k, int first, int newest) {
  SharedMemory shared;
  double* const sums = shared.take<double>(square * product_halves);
  const Place place = segment_of_block(s);
  const int slot = first + static_cast<int>(blockIdx.y);
  const int thread = static_cast<int>(threadIdx.x);
  const int half = thread / square, element = thread % square;
  const float* const left =
      k.blocks + static_cast<std::size_t>(slot) * k.slot_values + place.first_row * width;
  const float* const right =
      k.blocks + static_cast<std::size_t>(newest) * k.slot_values + place.first_row * width;
  const int middle = place.rows / product_halves;
  float sum = 0;
  for (int row = half * middle; row < (half == 0 ? middle : place.rows); ++row)
    sum += left[row * width + element / width] * right[row * width + element % width];
  sums[thread] = static_cast<double>(sum);
  __syncthreads();
  if (half == 0)
    partial_square(k, place.index, slot)[element] = sums[element] + sums[square + element];
}

/// along = the sums of `partial`, for the same slots; a block column of the projected operator
/// where `vectors` of it are known already and asked for.
__global__ void __launch_bounds__(square)
    sum_products(Subspaces s, Krylov k, int first, int column) {
  const Active active = s.active[blockIdx.x];
  const int slot = first + static_cast<int>(blockIdx.y);
  const int element = static_cast<int>(threadIdx.x);
  double sum = 0;
  for (int i = 0; i < active.segments; ++i)
    sum += partial_square(k, active.first_segment + i, slot)[element];
  along_square(k, active.network, slot)[element] = sum;
  if (column < 0 || slot == 0) return;
  const int row = (slot - 1) * width + element / width;
  k.projected[(static_cast<std::size_t>(active.network) * most_krylov_vectors + row) *
                  most_krylov_vectors +
              column + element % width] = static_cast<float>(sum);
}

/// Where gram = r' r with r upper triangular: r, and its inverse. False where single precision
/// cannot tell the columns apart.
__device__ bool factorise(const double* gram, double* r, double* inverse) {
  constexpr double dependent = 1e-13;
  for (int i = 0; i < square; ++i) r[i] = inverse[i] = 0;
  for (int j = 0; j < width; ++j) {
    for (int i = 0; i <= j; ++i) {
      double sum = (gram[i * width + j] + gram[j * width + i]) / 2;
      for (int l = 0; l < i; ++l) sum -= r[l * width + i] * r[l * width + j];
      if (i < j)
        r[i * width + j] = sum / r[i * width + i];
      else if (!(sum > dependent * gram[j * width + j]))
        return false;
      else
        r[j * width + j] = sqrt(sum);
    }
    inverse[j * width + j] = 1 / r[j * width + j];
    for (int i = 0; i < j; ++i) {
      double sum = 0;
      for (int l = i; l < j; ++l) sum += inverse[i * width + l] * r[l * width + j];
      inverse[i * width + j] = -sum * inverse[j * width + j];
    }
  }
  return true;
}

/// `inverse` makes the newest block orthonormal once it is without its parts along the blocks of
/// slots 0 to newest - 1, if these are to be taken off. Where that fails the first time, the block
/// stays as long as it is.
__global__ void __launch_bounds__(square)
    factorise_block(Subspaces s, Krylov k, int newest, bool is_second) {
  SharedMemory shared;
  double* const gram = shared.take<double>(square);
  double* const r = shared.take<double>(square);
  double* const inverse = shared.take<double>(square);
  int* const is_good = shared.take<int>(1);
  const int network = s.active[blockIdx.x].network;
  const int element = static_cast<int>(threadIdx.x);
  const int i = element / width, j = element % width;
  double sum = along_square(k, network, newest)[element];
  if (!is_second)
    for (int slot = 0; slot < newest; ++slot) {
      const double* const c = along_square(k, network, slot);
      for (int l = 0; l < width; ++l) sum -= c[l * width + i] * c[l * width + j];
    }
  gram[element] = sum;
  __syncthreads();
  if (element == 0) {
    *is_good = factorise(gram, r, inverse);
    if (is_second && !*is_good) k.breakdowns[network] += 1;
  }
  __syncthreads();
  const std::size_t place = static_cast<std::size_t>(network) * square + element;
  float& last = k.last[place];
  if (!is_second)
    last = *is_good ? static_cast<float>(r[element]) : nanf("");
  else if (!(last == last))
    last = static_cast<float>(r[element]);
  k.inverse[place] = *is_good ? static_cast<float>(inverse[element]) : float(i == j);
}

constexpr int combine_lanes = 16;  // of `width` threads

/// newest = (newest - sum of the blocks of slots 0 to count - 1 times `along`) inverse, the latter
/// where it is asked for. The eight threads of a row are of one warp.
__global__ void __launch_bounds__(width* combine_lanes)
    combine_blocks(Subspaces s, Krylov k, int count, int newest, bool is_scaled) {
  SharedMemory shared;
  float* const along = shared.take<float>(krylov_slots * square);
  float* const inverse = shared.take<float>(square);
  const Place place = segment_of_block(s);
  const int column = static_cast<int>(threadIdx.x);
  const int thread = static_cast<int>(threadIdx.y) * width + column;
  for (int i = thread; i < count * square; i += width * combine_lanes)
    along[i] = static_cast<float>(along_square(k, place.active.network, 0)[i]);
  if (thread < square)
    inverse[thread] = k.inverse[static_cast<std::size_t>(place.active.network) * square + thread];
  __syncthreads();
  float* const begin =
      k.blocks + static_cast<std::size_t>(newest) * k.slot_values + place.first_row * width;
  // All lanes go round as often, since rows share their values by shuffles.
  for (int first = 0; first < place.rows; first += combine_lanes) {
    const int row = first + static_cast<int>(threadIdx.y);
    const bool is_real = row < place.rows;
    float value = is_real ? begin[row * width + column] : 0.0f;
    for (int slot = 0; slot < count && is_real; ++slot) {
      const float* const from = k.blocks + static_cast<std::size_t>(slot) * k.slot_values +
                                (place.first_row + row) * width;
      MODESWEEP_UNROLL
      for (int i = 0; i < width; ++i) value -= from[i] * along[slot * square + i * width + column];
    }
    if (is_scaled) {
      float scaled = 0;
      const int first_lane = thread % warp_threads / width * width;
      MODESWEEP_UNROLL
      for (int i = 0; i < width; ++i)
        scaled += __shfl_sync(0xffffffff, value, first_lane + i) * inverse[i * width + column];
      value = scaled;
    }
    if (is_real) begin[row * width + column] = value;
  }
}

// ---- the projected operator ------------------------------------------------------------------

constexpr int look_threads = 128;  // a row of the matrix each
static_assert(most_krylov_vectors <= look_threads);

/// A symmetric matrix on its way to diagonal form, in shared memory. Rows are an odd number of
/// values apart, so that neither a row nor a column lies in few banks.
struct LookMatrix {
  int order, pitch;
  float* values;
  float *diagonal, *below;  // of the tridiagonal matrix
  float *vector, *other;    // work; between sweeps cosines and sines
  float* sums;              // look_threads
  int* sweep;               // first and last row of a sweep

  __device__ float& at(int i, int j) const { return values[i * pitch + j]; }
};

__device__ float sum_of_block(const LookMatrix& m, float value) {
  const int thread = static_cast<int>(threadIdx.x);
  __syncthreads();
  m.sums[thread] = value;
  __syncthreads();
  for (int half = look_threads / 2; half > 0; half /= 2) {
    if (thread < half) m.sums[thread] += m.sums[thread + half];
    __syncthreads();
  }
  return m.sums[0];
}

/// Householder's reduction: reflection k is 1 - scales[k] v v' with v in column k, below the
/// diagonal.
__device__ void make_tridiagonal(const LookMatrix& m, float* scales) {
  const int i = static_cast<int>(threadIdx.x), n = m.order;
  for (int k = 0; k + 2 < n; ++k) {
    const bool is_mine = i > k && i < n;
    const float x = is_mine ? m.at(i, k) : 0.0f;
    const float norm = sqrt(sum_of_block(m, x * x));
    const float head = m.at(k + 1, k);
    const float below = head > 0 ? -norm : norm;
    const float v = i == k + 1 ? head - below : x;
    const float square_sum = sum_of_block(m, v * v);
    const float scale = square_sum > 0 ? 2 / square_sum : 0.0f;
    if (is_mine) {
      m.vector[i] = v;
      m.at(i, k) = v;
    }
    if (i == 0) {
      m.below[k] = below;
      scales[k] = scale;
    }
    __syncthreads();
    float product = 0;
    if (is_mine)
      for (int j = k + 1; j < n; ++j) product += m.at(i, j) * m.vector[j];
    product *= scale;
    const float overlap = sum_of_block(m, is_mine ? product * v : 0.0f);
    if (is_mine) m.other[i] = product - scale / 2 * overlap * v;
    __syncthreads();
    if (is_mine) {
      const float w = m.other[i];
      for (int j = k + 1; j < n; ++j) m.at(i, j) -= v * m.other[j] + w * m.vector[j];
    }
    __syncthreads();
  }
  if (i < n) m.diagonal[i] = m.at(i, i);
  if (i == 0) m.below[n - 2] = m.at(n - 1, n - 2);
  if (i == 0) m.below[n - 1] = 0;
  __syncthreads();
}

/// The product of the reflections in place of the matrix.
__device__ void multiply_reflections(const LookMatrix& m, const float* scales) {
  const int j = static_cast<int>(threadIdx.x), n = m.order;
  if (j == n - 1) m.at(j, j) = 1;
  __syncthreads();
  for (int k = n - 3; k >= 0; --k) {
    if (j > k && j < n) m.vector[j] = m.at(j, k);
    __syncthreads();
    // What was in column k + 1 has been used.
    if (j > k + 1 && j < n) m.at(j, k + 1) = m.at(k + 1, j) = 0;
    if (j == k + 1) m.at(j, j) = 1;
    __syncthreads();
    if (j > k && j < n) {
      float sum = 0;
      for (int i = k + 1; i < n; ++i) sum += m.vector[i] * m.at(i, j);
      sum *= scales[k];
      for (int i = k + 1; i < n; ++i) m.at(i, j) -= m.vector[i] * sum;
    }
    __syncthreads();
  }
  if (j > 0 && j < n) m.at(j, 0) = m.at(0, j) = 0;
  if (j == 0) m.at(0, 0) = 1;
  __syncthreads();
}

/// One sweep of the implicit QL algorithm on rows `first` to `last` (Bowdler, Martin, Reinsch and
/// Wilkinson, Numer. Math. 11:293, 1968): its rotations, and where they begin.
__device__ int ql_sweep(const LookMatrix& m, int first, int last) {
  float* const d = m.diagonal;
  float* const e = m.below;
  float g = (d[first + 1] - d[first]) / (2 * e[first]);
  float r = sqrt(g * g + 1);
  g = d[last] - d[first] + e[first] / (g + (g >= 0 ? r : -r));
  float s = 1, c = 1, p = 0;
  for (int i = last - 1; i >= first; --i) {
    const float f = s * e[i], b = c * e[i];
    r = sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r == 0) {
      d[i + 1] -= p;
      e[last] = 0;
      return i + 1;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1] - p;
    r = (d[i] - g) * s + 2 * c * b;
    p = s * r;
    d[i + 1] = g + p;
    g = c * r - b;
    m.vector[i] = c;
    m.other[i] = s;
  }
  d[first] -= p;
  e[first] = g;
  e[last] = 0;
  return first;
}

/// Diagonal form: values on the diagonal, vectors in the columns, in no order. One thread makes the
/// rotations of a sweep, then each applies them to its row. False where it does not converge.
__device__ bool diagonalise(const LookMatrix& m) {
  constexpr int most_sweeps = 40;
  const int row = static_cast<int>(threadIdx.x), n = m.order;
  float norm = 0;  // every thread sums the same numbers in the same order
  for (int i = 0; i < n; ++i) norm = fmax(norm, fabs(m.diagonal[i]) + fabs(m.below[i]));
  const float small = 3e-8f * norm;
  __syncthreads();
  for (int l = 0; l < n; ++l)
    for (int sweep = 0;; ++sweep) {
      if (row == 0) {
        int last = l;
        while (last + 1 < n && fabs(m.below[last]) > small) ++last;
        m.sweep[1] = last;
        m.sweep[0] = last == l ? l : ql_sweep(m, l, last);
      }
      __syncthreads();
      const int first = m.sweep[0], last = m.sweep[1];
      if (row < n)
        for (int i = last - 1; i >= first; --i) {
          const float c = m.vector[i], s = m.other[i];
          const float f = m.at(row, i + 1), g = m.at(row, i);
          m.at(row, i + 1) = s * g + c * f;
          m.at(row, i) = c * g - s * f;
        }
      __syncthreads();
      if (last == l) break;
      if (sweep == most_sweeps) return false;
    }
  return true;
}

constexpr std::size_t look_bytes(int order) {
  return SharedMemory::shared_bytes<float>(order * (order + 1)) +
         5 * SharedMemory::shared_bytes<float>(order) +
         SharedMemory::shared_bytes<float>(look_threads) + SharedMemory::shared_bytes<int>(2);
}

/// The operator in the basis: its columns are known down to their diagonal blocks.
__device__ void load_projected(const Krylov& k, int network, const LookMatrix& m) {
  const float* const from =
      k.projected + static_cast<std::size_t>(network) * most_krylov_vectors * most_krylov_vectors;
  for (int index = static_cast<int>(threadIdx.x); index < m.order * m.order;
       index += look_threads) {
    const int i = index / m.order, j = index % m.order;
    const bool is_below = i / width > j / width;
    float value = from[is_below ? j * most_krylov_vectors + i : i * most_krylov_vectors + j];
    if (i / width == j / width) value = (value + from[j * most_krylov_vectors + i]) / 2;
    m.at(i, j) = value;
  }
  __syncthreads();
}

/// What a Ritz vector leaves of the operator: what lies outside of the basis of the last block's
/// part.
__device__ float residual_of(const Krylov& k, int network, const LookMatrix& m, int column) {
  const float* const r = k.last + static_cast<std::size_t>(network) * square;
  float total = 0;
  for (int i = 0; i < width; ++i) {
    float sum = 0;
    for (int l = i; l < width; ++l) sum += r[i * width + l] * m.at(m.order - width + l, column);
    total += sum * sum;
  }
  return sqrt(total);
}

__global__ void __launch_bounds__(look_threads) look_at_space(Subspaces s, Krylov k, int vectors) {
  SharedMemory shared;
  LookMatrix m;
  m.order = vectors;
  m.pitch = vectors | 1;
  m.values = shared.take<float>(vectors * (vectors + 1));
  m.diagonal = shared.take<float>(vectors);
  m.below = shared.take<float>(vectors);
  m.vector = shared.take<float>(vectors);
  m.other = shared.take<float>(vectors);
  float* const scales = shared.take<float>(vectors);
  m.sums = shared.take<float>(look_threads);
  m.sweep = shared.take<int>(2);
  const int network = s.active[blockIdx.x].network;
  const int column = static_cast<int>(threadIdx.x);
  load_projected(k, network, m);
  make_tridiagonal(m, scales);
  multiply_reflections(m, scales);
  const bool is_good = diagonalise(m);
  KrylovLook& look = k.looks[network];
  int rank = most_krylov_vectors;
  if (column < vectors) {
    const float mine = m.diagonal[column];
    rank = 0;
    for (int i = 0; i < vectors; ++i)
      rank += m.diagonal[i] > mine || (m.diagonal[i] == mine && i < column);
  }
  const float residual = column < vectors ? residual_of(k, network, m, column) : 0.0f;
  if (rank == 0) {
    look.largest = m.diagonal[column];
    look.largest_residual = residual;
  }
  __syncthreads();
  m.sums[column] = rank < k.wanted ? residual : 0.0f;
  __syncthreads();
  if (column == 0) {
    float error = 0;
    for (int i = 0; i < look_threads; ++i) error = fmax(error, m.sums[i]);
    look.error = is_good && k.breakdowns[network] == 0 ? error : nanf("");
    look.vectors = vectors;
  }
  if (rank < k.kept)
    for (int i = 0; i < vectors; ++i)
      k.ritz[(static_cast<std::size_t>(network) * most_krylov_vectors + i) * k.kept + rank] =
          m.at(i, column);
}

/// X = basis ritz, of one segment. Threads: a column each.
__global__ void __launch_bounds__(most_columns* lanes) krylov_vectors(Subspaces to, Krylov k) {
  const Place place = segment_of_block(to);
  const Thread thread = this_thread();
  const int vectors = k.looks[place.active.network].vectors;
  const float* const ritz =
      k.ritz + static_cast<std::size_t>(place.active.network) * most_krylov_vectors * k.kept;
  for (int row = thread.lane; row < place.rows; row += lanes) {
    float sum = 0;
    for (int block = 0; block < most_krylov_vectors / width && block * width < vectors; ++block) {
      const float* const x = k.blocks + static_cast<std::size_t>(block + 1) * k.slot_values +
                             (place.first_row + row) * width;
      MODESWEEP_UNROLL
      for (int i = 0; i < width; ++i)
        sum += x[i] * ritz[(block * width + i) * k.kept + thread.column];
    }
    to.vectors[(place.first_row + row) * k.kept + thread.column] = static_cast<double>(sum);
  }
}

/// along: products of the newest block with those of slots `first` to `last`.
cudaError_t multiply_blocks(const Subspaces& s, const Krylov& k, int first, int last, int newest,
                            int column, cudaStream_t stream) {
  const auto slots = static_cast<unsigned>(last - first + 1);
  const cudaError_t result = launch(
      block_products, dim3(s.segment_blocks, slots), dim3(square * product_halves),
      SharedMemory::shared_bytes<double>(square * product_halves), stream, s, k, first, newest);
  if (result != cudaSuccess) return result;
  return launch(sum_products, dim3(s.active_networks, slots), dim3(square), 0, stream, s, k, first,
                column);
}

cudaError_t take_off(const Subspaces& s, const Krylov& k, int count, int newest, bool is_scaled,
                     cudaStream_t stream) {
  return launch(combine_blocks, dim3(s.segment_blocks), dim3(width, combine_lanes),
                SharedMemory::shared_bytes<float>(krylov_slots * square) +
                    SharedMemory::shared_bytes<float>(square),
                stream, s, k, count, newest, is_scaled);
}

cudaError_t factor(const Subspaces& s, const Krylov& k, int newest, bool is_second,
                   cudaStream_t stream) {
  return launch(factorise_block, dim3(s.active_networks), dim3(square),
                3 * SharedMemory::shared_bytes<double>(square) + SharedMemory::shared_bytes<int>(1),
                stream, s, k, newest, is_second);
}

}  // namespace

cudaError_t krylov_kernels_load() {
  cudaFuncAttributes attributes;
  return cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(&block_products));
}

cudaError_t launch_rigid_block(const Subspaces& s, const Krylov& k, cudaStream_t stream) {
  return launch(rigid_block, dim3(s.segment_blocks), dim3(width, start_lanes), 0, stream, s,
                k.slot(0));
}

cudaError_t launch_krylov_start(const Subspaces& s, const Krylov& k, KrylovStart start,
                                cudaStream_t stream) {
  const dim3 blocks(s.segment_blocks), threads(width, start_lanes);
  return start == KrylovStart::random
             ? launch(random_block, blocks, threads, 0, stream, s, k.slot(1))
             : launch(smooth_block, blocks, threads,
                      SharedMemory::shared_bytes<float>(smooth_terms * 3 * width), stream, s,
                      k.slot(1));
}

cudaError_t launch_krylov_block(const Subspaces& s, const Krylov& k, int slot,
                                cudaStream_t stream) {
  cudaError_t result =
      multiply_blocks(s, k, 0, slot - 1, slot, slot > 1 ? (slot - 2) * width : -1, stream);
  if (result == cudaSuccess) result = take_off(s, k, slot, slot, false, stream);
  if (result == cudaSuccess) result = multiply_blocks(s, k, 0, slot, slot, -1, stream);
  if (result == cudaSuccess) result = factor(s, k, slot, false, stream);
  if (result == cudaSuccess) result = take_off(s, k, slot, slot, true, stream);
  if (result == cudaSuccess) result = multiply_blocks(s, k, slot, slot, slot, -1, stream);
  if (result == cudaSuccess) result = factor(s, k, slot, true, stream);
  if (result == cudaSuccess) result = take_off(s, k, 0, slot, true, stream);
  return result;
}

cudaError_t launch_krylov_look(const Subspaces& s, const Krylov& k, int vectors,
                               cudaStream_t stream) {
  return launch(look_at_space, dim3(s.active_networks), dim3(look_threads), look_bytes(vectors),
                stream, s, k, vectors);
}

cudaError_t launch_krylov_vectors(const Subspaces& to, const Krylov& k, cudaStream_t stream) {
  return launch(krylov_vectors, dim3(to.segment_blocks), dim3(k.kept, lanes), 0, stream, to, k);
}

}  // namespace modesweep::gpu
