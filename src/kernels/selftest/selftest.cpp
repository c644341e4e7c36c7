// SPDX-License-Identifier: MIT
#include "kernels/selftest/selftest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "host/network/spring.hpp"
#include "kernels/device/eigenpairs.hpp"
#include "kernels/device/hessian.hpp"
#include "kernels/device/mode_properties.hpp"
#include "kernels/device/subspace.hpp"
#include "kernels/device/tiles.hpp"
#include "kernels/engine/engine.hpp"
#include "kernels/engine/jacobi.hpp"
#include "kernels/engine/layout.hpp"
#include "kernels/engine/resources.hpp"
#include "kernels/engine/upload.hpp"

namespace modesweep::gpu {
namespace {

using Values = std::vector<double>;

constexpr int modes_wanted = 20;
constexpr std::size_t room = std::size_t{64} << 20;  // of each arena, far more than is needed

// ---- references ------------------------------------------------------------------------------

/// H x, contact by contact. `width` vectors lie side by side.
Values hessian_times(const Network& network, const Values& x, std::size_t width) {
  Values y(x.size(), 0);
  for (std::size_t i = 0; i < network.positions.size(); ++i)
    for (std::int64_t k = network.offsets[i]; k < network.offsets[i + 1]; ++k) {
      const auto j = static_cast<std::size_t>(network.neighbours[static_cast<std::size_t>(k)]);
      const auto [d, scale] = unit_spring(network.positions[i].data(), network.positions[j].data());
      for (std::size_t c = 0; c < width; ++c) {
        double pull = 0;
        for (std::size_t a = 0; a < 3; ++a)
          pull += d[a] * (x[(3 * i + a) * width + c] - x[(3 * j + a) * width + c]);
        for (std::size_t a = 0; a < 3; ++a) y[(3 * i + a) * width + c] += scale * pull * d[a];
      }
    }
  return y;
}

/// left' right, each with `width` vectors side by side; row-major.
Values inner_products(const Values& left, const Values& right, std::size_t width) {
  Values out(width * width, 0);
  for (std::size_t row = 0; row < left.size() / width; ++row)
    for (std::size_t i = 0; i < width; ++i)
      for (std::size_t j = 0; j < width; ++j)
        out[i * width + j] += left[row * width + i] * right[row * width + j];
  return out;
}

double largest(const Values& values) {
  double most = 0;
  // Written so that NaN is the largest of all.
  for (const double v : values)
    if (!(std::abs(v) <= most)) most = std::abs(v);
  return most;
}

double largest_difference(const Values& a, const Values& b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  Values difference(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) difference[i] = a[i] - b[i];
  return largest(difference);
}

/// |X'X - 1|, largest element.
double departure_from_orthonormal(const Values& x, std::size_t width) {
  Values gram = inner_products(x, x, width);
  for (std::size_t i = 0; i < width; ++i) gram[i * width + i] -= 1;
  return largest(gram);
}

/// SplitMix64's finaliser of a number of row and column, in (-1, 1).
double start_value(std::size_t row, std::size_t column) {
  std::uint64_t z = (row * most_columns + column + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-52 - 1;
}

Values random_values(std::size_t count) {
  Values values(count);
  std::uint64_t state = 1;
  for (double& v : values) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    v = static_cast<double>(state >> 11) * 0x1p-52 - 1;
  }
  return values;
}

// ---- the device ------------------------------------------------------------------------------

class SelfTest {
 public:
  SelfTest(int device, std::span<const Network> networks, const SelfTestReport& report)
      : device_(device), r_(device), networks_(networks), report_(report) {}

  void run() {
    copies();
    bounds_and_hessians();
    eigenpairs();
    for (const int columns : {32, 40, 48}) block_operations(columns);
    for (const int nodes : {2, 4}) tile_products(nodes);
    solvers();
  }

 private:
  // Data to the device and back, through pinned memory as the engine does.
  void begin() {
    r_.arena.reserve(room);
    r_.upload.reserve(room);
    r_.download.reserve(room);
  }
  template <class T>
  T* put(const std::vector<T>& values) {
    T* const staged = r_.upload.take<T>(values.size());
    T* const placed = r_.arena.take<T>(values.size());
    std::copy(values.begin(), values.end(), staged);
    r_.copy_to_device(placed, staged, values.size());
    return placed;
  }
  template <class T>
  std::vector<T> get(const T* placed, std::size_t count) {
    T* const staged = r_.download.take<T>(count);
    r_.copy_to_host(staged, placed, count);
    check(cudaStreamSynchronize(r_.stream()), "cudaStreamSynchronize");
    return {staged, staged + count};
  }

  /// Passed where `error` is at most `bound`.
  void expect(const std::string& operation, double error, double bound) {
    const bool passed = error <= bound;  // NaN fails
    report_(operation, passed, fmt::format("error {:.1e}, allowed {:.1e}", error, bound));
  }

  void copies() {
    begin();
    const Values values = random_values(100'000);
    const double* const placed = put(values);
    expect("copies to the device and back", largest_difference(get(placed, values.size()), values),
           0);
  }

  void bounds_and_hessians() {
    begin();
    const std::span<const Network> networks = networks_;
    std::vector<const Network*> pointers;
    for (const Network& network : networks) pointers.push_back(&network);
    const DeviceBatch batch = upload_batch(r_, pointers);
    auto* const bounds = r_.arena.take<double>(networks.size());
    check(launch_spectral_bounds(batch, bounds, r_.stream()), "kernel spectral_bounds");
    const Values found = get(bounds, networks.size());
    double below = 0, above = 0;
    for (std::size_t k = 0; k < networks.size(); ++k) {
      below = std::max(below, largest_eigenvalue(networks[k]) / found[k]);
      // The trace of a diagonal block is its number of contacts.
      std::int64_t most = 0;
      for (std::size_t i = 0; i < networks[k].positions.size(); ++i)
        most = std::max(most, networks[k].offsets[i + 1] - networks[k].offsets[i]);
      above = std::max(above, found[k] / (2 * static_cast<double>(most)));
    }
    expect("spectral bounds, above the spectrum", below, 1);
    expect("spectral bounds, below twice the largest block", above, 1 + 1e-9);

    const int edge = jacobi_edge(batch.largest);
    const std::size_t size = static_cast<std::size_t>(edge) * edge;
    auto* const matrices = r_.arena.take<double>(networks.size() * size);
    check(launch_dense_hessians(batch, bounds, edge, matrices, r_.stream()),
          "kernel dense_hessians");
    const Values dense = get(matrices, networks.size() * size);
    double worst = 0;
    for (std::size_t k = 0; k < networks.size(); ++k) {
      const auto n = static_cast<std::size_t>(networks[k].degrees_of_freedom());
      const Values x = random_values(n);
      const Values expected = hessian_times(networks[k], x, 1);
      Values product(n, 0);
      for (std::size_t column = 0; column < static_cast<std::size_t>(edge); ++column)
        for (std::size_t row = 0; row < static_cast<std::size_t>(edge); ++row) {
          const double element = dense[k * size + column * static_cast<std::size_t>(edge) + row];
          if (row < n && column < n)
            product[row] += element * x[column];
          else
            worst = std::max(worst, std::abs(element - (row == column ? 1.05 * found[k] : 0)));
        }
      worst = std::max(worst, largest_difference(product, expected) / found[k]);
    }
    expect("dense Hessians", worst, 1e-13);
  }

  /// From below, by powers of H.
  static double largest_eigenvalue(const Network& network) {
    Values x = random_values(static_cast<std::size_t>(network.degrees_of_freedom()));
    double value = 0;
    for (int i = 0; i < 100; ++i) {
      const double norm = std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0));
      for (double& v : x) v /= norm;
      Values y = hessian_times(network, x, 1);
      value = std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
      x = std::move(y);
    }
    return value;
  }

  /// What surrounds cuSOLVER and cuBLAS, and those two themselves.
  void eigenpairs() {
    begin();
    constexpr int edge = 96, matrices = 3;
    constexpr std::size_t size = std::size_t{edge} * edge;
    Values all = random_values(matrices * size);
    for (std::size_t k = 0; k < matrices; ++k)
      for (std::size_t i = 0; i < edge; ++i)
        for (std::size_t j = 0; j < i; ++j)
          all[k * size + i * edge + j] = all[k * size + j * edge + i];
    double* const solved = put(all);
    double* const kept = put(all);
    auto* const values = r_.arena.take<double>(matrices * edge);
    auto* const info = r_.arena.take<int>(matrices);
    int work_size = 0;
    check(cusolverDnDsyevjBatched_bufferSize(r_.solver(), CUSOLVER_EIG_MODE_VECTOR,
                                             CUBLAS_FILL_MODE_LOWER, edge, solved, edge, values,
                                             &work_size, r_.syevj(), matrices),
          "cusolverDnDsyevjBatched_bufferSize");
    auto* const work = r_.arena.take<double>(static_cast<std::size_t>(work_size));
    check(
        cusolverDnDsyevjBatched(r_.solver(), CUSOLVER_EIG_MODE_VECTOR, CUBLAS_FILL_MODE_LOWER, edge,
                                solved, edge, values, work, work_size, info, r_.syevj(), matrices),
        "cusolverDnDsyevjBatched");
    const std::vector<Selection> selections = {{0, 20}, {6, 20}, {70, 11}};
    const Selection* const chosen = put(selections);
    auto* const vectors = r_.arena.take<double>(matrices * modes_wanted * edge);
    auto* const products = r_.arena.take<double>(matrices * modes_wanted * edge);
    auto* const residuals = r_.arena.take<double>(matrices * modes_wanted);
    check(launch_gather_vectors(solved, chosen, matrices, edge, modes_wanted, vectors, r_.stream()),
          "kernel gather_vectors");
    const double one = 1, zero = 0;
    check(cublasDgemmStridedBatched(r_.blas(), CUBLAS_OP_N, CUBLAS_OP_N, edge, modes_wanted, edge,
                                    &one, kept, edge, size, vectors, edge, modes_wanted * edge,
                                    &zero, products, edge, modes_wanted * edge, matrices),
          "cublasDgemmStridedBatched");
    check(launch_residual_norms(products, vectors, values, chosen, matrices, edge, modes_wanted,
                                residuals, r_.stream()),
          "kernel residual_norms");
    selection_of_modes(values, info, matrices, edge);
    const std::vector<int> state = get(info, matrices);
    const Values v = get(vectors, matrices * modes_wanted * edge);
    const Values p = get(products, v.size());
    const Values lambda = get(values, matrices * edge);
    const Values norms = get(residuals, matrices * modes_wanted);
    const Values eigenvectors = get(solved, matrices * size);
    double gathered = 0, multiplied = 0, pairs = largest(Values(state.begin(), state.end()));
    double normed = 0;
    for (std::size_t k = 0; k < matrices; ++k)
      for (std::size_t j = 0; j < modes_wanted; ++j) {
        const bool wanted = j < static_cast<std::size_t>(selections[k].count);
        const std::size_t column = static_cast<std::size_t>(selections[k].first) + j;
        const std::size_t begin = (k * modes_wanted + j) * edge;
        double square = 0;
        for (std::size_t row = 0; row < edge; ++row) {
          const double element = wanted ? eigenvectors[k * size + column * edge + row] : 0;
          gathered = std::max(gathered, std::abs(v[begin + row] - element));
          double product = 0;
          for (std::size_t i = 0; i < edge; ++i)
            product += all[k * size + i * edge + row] * v[begin + i];
          multiplied = std::max(multiplied, std::abs(p[begin + row] - product));
          if (wanted) square += std::pow(product - lambda[k * edge + column] * v[begin + row], 2);
        }
        pairs = std::max(pairs, std::sqrt(square));
        normed = std::max(normed, std::abs(norms[k * modes_wanted + j] - std::sqrt(square)));
      }
    expect("cuSOLVER's batched Jacobi", pairs, 1e-11);
    expect("cuBLAS's batched product", multiplied, 1e-12);
    expect("gathering of eigenvectors", gathered, 0);
    expect("residual norms", normed, 1e-12);
  }

  /// Of ascending values, by networks that have not all of the rows.
  void selection_of_modes(const double* values, const int* info, int matrices, int edge) {
    std::vector<BatchEntry> entries(static_cast<std::size_t>(matrices));
    for (std::size_t k = 0; k < entries.size(); ++k)
      entries[k].nodes = edge / 3 - static_cast<std::int32_t>(k);
    auto* const selections = r_.arena.take<Selection>(entries.size());
    auto* const chosen = r_.arena.take<double>(entries.size() * modes_wanted);
    check(launch_select_modes(values, info, put(entries), matrices, edge, modes_wanted, 0.0,
                              selections, chosen, r_.stream()),
          "kernel select_modes");
    const Values all = get(values, entries.size() * static_cast<std::size_t>(edge));
    const std::vector<Selection> found = get(selections, entries.size());
    const Values taken = get(chosen, entries.size() * modes_wanted);
    double wrong = 0;
    for (std::size_t k = 0; k < entries.size(); ++k) {
      const double* const own = &all[k * static_cast<std::size_t>(edge)];
      const int rows = 3 * entries[k].nodes;
      const auto zeros = static_cast<int>(std::lower_bound(own, own + rows, 0.0) - own);
      const int count = std::min(modes_wanted, rows - zeros);
      wrong += found[k].first != zeros || found[k].count != count;
      for (int j = 0; j < modes_wanted; ++j)
        wrong += taken[k * modes_wanted + static_cast<std::size_t>(j)] !=
                 (j < count ? own[zeros + j] : 0);
    }
    expect("selection of modes", wrong, 0);
  }

  /// One batch on the device for the kernels of solver chebyshev.
  struct Block {
    std::vector<Layout> layouts;
    std::vector<std::size_t> first_row;  ///< of each network
    std::size_t rows = 0, segments = 0, bodies = 0;
    std::size_t columns = 0;
    Subspaces s{};
    Values bounds;

    /// Rows of network k.
    Values part(const Values& all, std::size_t k) const {
      const std::size_t n = 3 * layouts[k].network().positions.size();
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first_row[k] * columns);
      return {begin, begin + static_cast<std::ptrdiff_t>(n * columns)};
    }
  };

  static constexpr std::int32_t filter_degree = 20;

  Block make_block(int columns, int tile_nodes = spring_tile_nodes) {
    const std::span<const Network> networks = networks_;
    Block b;
    b.columns = static_cast<std::size_t>(columns);
    std::vector<const Network*> sorted;
    std::vector<Active> active;
    std::vector<Segment> segments;
    std::vector<RigidBody> bodies;
    b.layouts.reserve(networks.size());
    int tiles = 0, steps = 0;
    for (const Network& network : networks) {
      const Layout& layout = b.layouts.emplace_back(network);
      sorted.push_back(&layout.network());
      const auto first_segment = static_cast<std::int32_t>(segments.size());
      const auto first_body = static_cast<std::int32_t>(bodies.size());
      active.push_back({static_cast<std::int32_t>(active.size()), filter_degree, first_segment,
                        static_cast<std::int32_t>(layout.segments.size()), first_segment, tiles,
                        steps});
      tiles += static_cast<int>((network.nodes() + tile_size - 1) / tile_size);
      steps += step_blocks(static_cast<int>(network.nodes()), columns, tile_nodes);
      for (Segment segment : layout.segments) {
        segment.component += first_body;
        segments.push_back(segment);
      }
      for (RigidBody body : layout.bodies) {
        body.first_segment += first_segment;
        bodies.push_back(body);
      }
      b.first_row.push_back(b.rows);
      b.rows += 3 * layout.network().positions.size();
    }
    b.segments = segments.size();
    b.bodies = bodies.size();
    begin();
    const std::size_t count = networks.size(), width = b.columns;
    b.s.batch = upload_batch(r_, sorted);
    b.s.segments = put(segments);
    b.s.bodies = put(bodies);
    b.s.active = put(active);
    b.s.active_networks = static_cast<int>(count);
    b.s.segment_blocks = static_cast<int>(segments.size());
    b.s.tile_blocks = tiles;
    b.s.step_blocks = steps;
    b.s.table_steps = filter_degree;
    b.s.columns = columns;
    auto* const bounds = r_.arena.take<double>(count);
    b.s.bounds = b.s.ends = bounds;
    b.s.vectors = r_.arena.take<double>(b.rows * width);
    b.s.products = r_.arena.take<double>(b.rows * width);
    for (auto* half = reinterpret_cast<float*>(b.s.products); float*& block : b.s.filter_blocks)
      block = std::exchange(half, half + b.rows * width);
    b.s.residuals = r_.arena.take<float>(b.rows * width);
    b.s.theta = r_.arena.take<double>(count * width);
    b.s.norms = r_.arena.take<double>(count * width);
    b.s.rotations = r_.arena.take<double>(count * width * width);
    b.s.partial = r_.arena.take<double>(b.segments * width * width);
    b.s.overlaps = r_.arena.take<double>(b.bodies * 6 * width);
    b.s.table = r_.arena.take<float>(count * filter_degree * table_row(width));
    b.s.last_weight = r_.arena.take<double>(count * width);
    b.s.breakdowns = put(std::vector<std::int32_t>(count, 0));
    check(launch_spectral_bounds(b.s.batch, bounds, r_.stream()), "kernel spectral_bounds");
    b.bounds = get(bounds, count);
    return b;
  }

  Values vectors_of(const Block& b) { return get(b.s.vectors, b.rows * b.columns); }

  /// The kernels of solver chebyshev, one after another as an iteration calls them.
  void block_operations(int columns) {
    const Block b = make_block(columns);
    start_and_deflation(b);
    orthonormalisation(b);
    const Values x = vectors_of(b);
    const Values hx = products(b, x);
    const Values theta = rayleigh_ritz(b, x, hx);
    const Values ritz = ritz_vectors(b, theta);
    judgements(b);
    mode_properties(b, ritz, theta);
    filters(b, ritz, theta);
    take_columns(b, named(b, "copying of modes"));
  }

  static std::string named(const Block& b, const char* operation) {
    return fmt::format("{} ({} vectors)", operation, b.columns);
  }

  /// The largest of f(k) over networks.
  template <class F>
  double worst(F&& f) const {
    Values each;
    for (std::size_t k = 0; k < networks_.size(); ++k) each.push_back(f(k));
    return largest(each);
  }

  void start_and_deflation(const Block& b) {
    const std::size_t width = b.columns;
    check(launch_start_vectors(b.s, r_.stream()), "kernel start_vectors");
    const Values x = vectors_of(b);
    expect(named(b, "starting vectors"), worst([&](std::size_t k) {
             const Values part = b.part(x, k);
             Values expected;
             for (std::size_t i = 0; i < part.size(); ++i)
               expected.push_back(start_value(i / width, i % width));
             return largest_difference(part, expected);
           }),
           0);

    check(launch_deflation(b.s, r_.stream()), "kernels of the deflation");
    const Values deflated = vectors_of(b);
    expect(named(b, "deflation of rigid-body motions"),
           worst([&](std::size_t k) { return rigid_part(b, k, b.part(deflated, k)); }), 1e-11);
    expect(named(b, "deflation leaves the rest"), worst([&](std::size_t k) {
             return change_beside_rigid_part(b, k, b.part(x, k), b.part(deflated, k));
           }),
           1e-10);
  }

  void orthonormalisation(const Block& b) {
    for (int pass = 0; pass < 2; ++pass)
      check(launch_orthonormalisation(b.s, r_.stream()), "kernels of the orthonormalisation");
    const Values x = vectors_of(b);
    expect(named(b, "orthonormalisation"), worst([&](std::size_t k) {
             return departure_from_orthonormal(b.part(x, k), b.columns);
           }),
           1e-13);
    expect(named(b, "no breakdown of it"), worst([&](std::size_t k) {
             return static_cast<double>(get(b.s.breakdowns, networks_.size())[k]);
           }),
           0);
  }

  /// H x, of orthonormal vectors.
  Values products(const Block& b, const Values& x) {
    check(launch_products(b.s, r_.stream()), "kernel products");
    Values hx = get(b.s.products, b.rows * b.columns);
    expect(named(b, "products with the Hessian"), worst([&](std::size_t k) {
             return largest_difference(b.part(hx, k), hessian_times(b.layouts[k].network(),
                                                                    b.part(x, k), b.columns)) /
                    b.bounds[k];
           }),
           1e-14);
    return hx;
  }

  /// The Ritz values of the vectors x.
  Values rayleigh_ritz(const Block& b, const Values& x, const Values& hx) {
    const std::size_t width = b.columns, count = networks_.size();
    check(launch_projected_hessians(b.s, r_.stream()), "kernel gram");
    check(launch_rayleigh_ritz(b.s, r_.stream()), "kernel rayleigh_ritz");
    Values theta = get(b.s.theta, count * width);
    const Values rotations = get(b.s.rotations, count * width * width);
    expect(named(b, "Rayleigh-Ritz"), worst([&](std::size_t k) {
             return ritz_error(
                        inner_products(b.part(x, k), b.part(hx, k), width),
                        {theta.begin() + static_cast<std::ptrdiff_t>(k * width),
                         theta.begin() + static_cast<std::ptrdiff_t>((k + 1) * width)},
                        {rotations.begin() + static_cast<std::ptrdiff_t>(k * width * width),
                         rotations.begin() + static_cast<std::ptrdiff_t>((k + 1) * width * width)},
                        width) /
                    b.bounds[k];
           }),
           1e-14);
    return theta;
  }

  Values ritz_vectors(const Block& b, const Values& theta) {
    const std::size_t width = b.columns;
    check(launch_ritz_vectors(b.s, r_.stream()), "kernel ritz_vectors");
    Values x = vectors_of(b);
    const Values norms = get(b.s.norms, networks_.size() * width);
    expect(named(b, "Ritz vectors and their residuals"), worst([&](std::size_t k) {
             const Values part = b.part(x, k);
             const Values product = hessian_times(b.layouts[k].network(), part, width);
             Values squares(width, 0);
             for (std::size_t i = 0; i < part.size(); ++i)
               squares[i % width] +=
                   std::pow(product[i] - theta[k * width + i % width] * part[i], 2);
             Values error(width);
             for (std::size_t c = 0; c < width; ++c)
               error[c] = std::sqrt(squares[c]) - norms[k * width + c];
             return largest(error) / b.bounds[k];
           }),
           1e-13);
    return x;
  }

  /// Residuals of a first iteration are large: too large for what is wanted of a mode, not for an
  /// absurd wish, beside which no column may be left over.
  void judgements(const Block& b) {
    Criteria strict{};
    strict.modes = modes_wanted;
    strict.zero = 1e-6;
    strict.residual = strict.value = strict.vector = 1e-11;
    Criteria lenient = strict, greedy = strict;
    lenient.residual = lenient.value = lenient.vector = 1e11;
    greedy.guards = static_cast<int>(b.columns);
    auto* const judgements = r_.arena.take<Judgement>(networks_.size());
    double wrong = 0;
    for (const auto& [criteria, expected] :
         {std::pair(strict, unfinished), std::pair(lenient, converged),
          std::pair(greedy, many_zero_modes)}) {
      check(launch_judge(b.s, criteria, judgements, r_.stream()), "kernel judge");
      for (const Judgement& judgement : get(judgements, networks_.size()))
        wrong += judgement.verdict != expected || judgement.zeros != 0;
    }
    expect(named(b, "judgement of residuals"), wrong, 0);
  }

  /// Of the columns from the fourth on.
  void mode_properties(const Block& b, const Values& x, const Values& theta) {
    const std::size_t count = networks_.size(), nodes = b.rows / 3, width = b.columns;
    const std::vector<Selection> selections(count, {3, modes_wanted});
    ModeProperties properties{};
    properties.square_amplitudes = r_.arena.take<double>(nodes);
    properties.square_fluctuations = r_.arena.take<double>(nodes);
    properties.collectivities = r_.arena.take<double>(modes_with_collectivity * count);
    properties.partial =
        r_.arena.take<double>(2 * modes_with_collectivity * node_runs(nodes, count));
    properties.runs = static_cast<int>(node_runs(nodes, count));
    const auto columns = static_cast<std::int64_t>(width);
    check(launch_mode_properties({b.s.batch, put(selections), b.s.vectors, 0, 3 * columns, columns,
                                  1, b.s.theta, columns},
                                 properties, r_.stream()),
          "kernels of mode_properties");
    const Values amplitudes = get(properties.square_amplitudes, nodes);
    const Values fluctuations = get(properties.square_fluctuations, nodes);
    const Values collectivities = get(properties.collectivities, modes_with_collectivity * count);
    const auto square = [&](std::size_t node, std::size_t column) {
      double sum = 0;
      for (std::size_t a = 0; a < 3; ++a) sum += std::pow(x[(3 * node + a) * width + column], 2);
      return sum;
    };
    double error = 0, error_of_sums = 0, error_of_collectivity = 0;
    const auto worsen = [](double& worst, double difference) {
      if (!(std::abs(difference) <= worst)) worst = std::abs(difference);
    };
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t first = b.first_row[k] / 3;
      const std::size_t own = b.layouts[k].network().positions.size();
      std::array<double, modes_with_collectivity> entropy{}, total{};
      for (std::size_t i = first; i < first + own; ++i) {
        double sum = 0;
        for (std::size_t j = 0; j < modes_wanted; ++j)
          sum += square(i, 3 + j) / theta[k * width + 3 + j];
        worsen(error, amplitudes[i] - square(i, 3));
        worsen(error_of_sums, fluctuations[i] / sum - 1);
        for (std::size_t j = 0; j < entropy.size(); ++j) total[j] += square(i, 3 + j);
      }
      for (std::size_t j = 0; j < entropy.size(); ++j) {
        for (std::size_t i = first; i < first + own; ++i) {
          const double share = square(i, 3 + j) / total[j];
          entropy[j] -= share * std::log(share);
        }
        worsen(error_of_collectivity, collectivities[modes_with_collectivity * k + j] -
                                          std::exp(entropy[j]) / static_cast<double>(own));
      }
    }
    expect(named(b, "square amplitudes"), error, 1e-15);
    expect(named(b, "square fluctuations"), error_of_sums, 1e-13);
    expect(named(b, "collectivities"), error_of_collectivity, 1e-13);
  }

  SpringTiles make_tiles(const Block& b, int nodes) {
    std::size_t contacts = 0;
    for (const Network& network : networks_) contacts += network.neighbours.size();
    const SpringTiles tiles{
        nodes, r_.arena.take<Spring<float>>(contacts * static_cast<std::size_t>(nodes)),
        r_.arena.take<std::int32_t>(b.rows / 3), r_.arena.take<float>(2 * b.rows)};
    check(launch_spring_tiles(b.s, tiles, r_.stream()), "kernel spring_tiles");
    return tiles;
  }

  /// H z in single precision, of narrow and of wide blocks.
  void tile_products(int nodes) {
    for (const int columns : {8, 32, 40}) {
      const Block b = make_block(columns, nodes);
      const SpringTiles tiles = make_tiles(b, nodes);
      const Values random = random_values(b.rows * b.columns);
      const std::vector<float> z(random.begin(), random.end());
      auto* const out = r_.arena.take<float>(z.size());
      check(launch_tile_step(b.s, tiles, {put(z), nullptr, out, nullptr, -1}, r_.stream()),
            "kernel tile_step");
      const std::vector<float> single = get(out, z.size());
      const Values found(single.begin(), single.end()), exact(z.begin(), z.end());
      expect(named(b, fmt::format("products by spring tiles of {} nodes", nodes).c_str()),
             worst([&](std::size_t k) {
               return largest_difference(
                          b.part(found, k),
                          hessian_times(b.layouts[k].network(), b.part(exact, k), b.columns)) /
                      b.bounds[k];
             }),
             1e-6);
    }
  }

  /// By spring tiles, in shared memory where networks fit, then step by step; all from the same
  /// vectors.
  void filters(const Block& b, const Values& x, const Values& theta) {
    check(launch_filter_weights(b.s, r_.stream()), "kernel filter_weights");
    if (b.s.columns <= 40) {
      copy_to(b.s.vectors, x);
      check(launch_tile_filter(b.s, make_tiles(b, spring_tile_nodes), filter_degree, r_.stream()),
            "kernels of the filter");
      expect_filtered(b, "Chebyshev filter, by spring tiles", x, theta);
    }
    if (b.s.columns < 40) return;  // nobody's, by the other forms
    for (const std::size_t limit : {r_.shared_limit(), std::size_t{0}}) {
      copy_to(b.s.vectors, x);
      filter(b, limit);
      expect_filtered(b, limit > 0 ? "Chebyshev filter" : "Chebyshev filter, step by step", x,
                      theta);
    }
  }

  void expect_filtered(const Block& b, const char* operation, const Values& x,
                       const Values& theta) {
    const Values filtered = vectors_of(b);
    expect(named(b, operation), worst([&](std::size_t k) {
             return filter_error(b, k, b.part(x, k), b.part(filtered, k), &theta[k * b.columns]);
           }),
           1e-4);
  }

  void copy_to(double* placed, const Values& values) {
    double* const staged = r_.upload.take<double>(values.size());
    std::copy(values.begin(), values.end(), staged);
    r_.copy_to_device(placed, staged, values.size());
  }

  /// Network by network, as if a block had so much shared memory.
  void filter(const Block& b, std::size_t shared_limit) {
    int tile = 0;
    for (std::size_t k = 0; k < b.layouts.size(); ++k) {
      const auto nodes = static_cast<std::int32_t>(b.layouts[k].network().nodes());
      const int tiles = (nodes + tile_size - 1) / tile_size;
      const FilterPart part{
          filter_plan(nodes, shared_limit), static_cast<int>(k), 1, tile, tiles, filter_degree};
      check(launch_filter(b.s, part, r_.stream()), "kernels of the filter");
      tile += tiles;
    }
  }

  void take_columns(const Block& b, const std::string& name) {
    const std::size_t count = b.layouts.size();
    const Values x = vectors_of(b);
    const std::vector<Selection> selections(count, {3, modes_wanted});
    check(launch_take_columns(b.s, put(selections), modes_wanted, b.s.products, r_.stream()),
          "kernel take_columns");
    const Values out = get(b.s.products, b.rows * modes_wanted);
    double error = 0;
    for (std::size_t k = 0; k < count; ++k) {
      const Values part = b.part(x, k);
      const std::size_t n = part.size() / b.columns;
      for (std::size_t mode = 0; mode < modes_wanted; ++mode)
        for (std::size_t row = 0; row < n; ++row)
          error = std::max(error, std::abs(out[b.first_row[k] * modes_wanted + mode * n + row] -
                                           part[row * b.columns + 3 + mode]));
    }
    expect(name, error, 0);
  }

  /// |G V - V theta| and |V'V - 1| of a small symmetric problem; infinite where theta descends.
  static double ritz_error(const Values& gram, const Values& theta, const Values& v,
                           std::size_t width) {
    if (!std::is_sorted(theta.begin(), theta.end())) return std::numeric_limits<double>::infinity();
    Values difference(width * width, 0);
    for (std::size_t i = 0; i < width; ++i)
      for (std::size_t j = 0; j < width; ++j) {
        double& d = difference[i * width + j];
        for (std::size_t k = 0; k < width; ++k) d += gram[i * width + k] * v[k * width + j];
        d -= theta[j] * v[i * width + j];
      }
    return std::max(largest(difference), departure_from_orthonormal(v, width));
  }

  /// Orthonormal rigid-body motions of one component, by Gram and Schmidt.
  static std::vector<Values> rigid_motions(const Network& network, int component) {
    std::vector<Values> motions;
    Vec3 centre{};
    double nodes = 0;
    for (std::size_t i = 0; i < network.positions.size(); ++i) {
      if (network.component[i] != component) continue;
      nodes += 1;
      for (std::size_t a = 0; a < 3; ++a) centre[a] += network.positions[i][a];
    }
    for (double& c : centre) c /= nodes;
    for (std::size_t m = 0; m < 6; ++m) {
      Values motion(3 * network.positions.size(), 0);
      for (std::size_t i = 0; i < network.positions.size(); ++i) {
        if (network.component[i] != component) continue;
        if (m < 3) {
          motion[3 * i + m] = 1;
          continue;
        }
        const std::size_t a = (m + 1) % 3, b = (m + 2) % 3;
        motion[3 * i + a] = -(network.positions[i][b] - centre[b]);
        motion[3 * i + b] = network.positions[i][a] - centre[a];
      }
      for (int pass = 0; pass < 2; ++pass)
        for (const Values& other : motions) {
          const double overlap =
              std::inner_product(motion.begin(), motion.end(), other.begin(), 0.0);
          for (std::size_t i = 0; i < motion.size(); ++i) motion[i] -= overlap * other[i];
        }
      const double norm =
          std::sqrt(std::inner_product(motion.begin(), motion.end(), motion.begin(), 0.0));
      for (double& v : motion) v /= norm;
      motions.push_back(std::move(motion));
    }
    return motions;
  }

  /// Overlaps of all columns with all rigid-body motions; `x` without them where asked for.
  static Values rigid_overlaps(const Block& b, std::size_t k, Values& x, bool remove) {
    const Network& network = b.layouts[k].network();
    Values overlaps;
    for (int component = 0; component < network.components; ++component)
      for (const Values& motion : rigid_motions(network, component))
        for (std::size_t c = 0; c < b.columns; ++c) {
          double overlap = 0;
          for (std::size_t row = 0; row < motion.size(); ++row)
            overlap += motion[row] * x[row * b.columns + c];
          overlaps.push_back(overlap);
          if (!remove) continue;
          for (std::size_t row = 0; row < motion.size(); ++row)
            x[row * b.columns + c] -= overlap * motion[row];
        }
    return overlaps;
  }
  static double rigid_part(const Block& b, std::size_t k, Values x) {
    return largest(rigid_overlaps(b, k, x, false));
  }
  static double change_beside_rigid_part(const Block& b, std::size_t k, Values before,
                                         const Values& after) {
    rigid_overlaps(b, k, before, true);
    return largest_difference(before, after);
  }

  /// The same polynomial in double precision, without residuals; columns compared by their largest
  /// element.
  static double filter_error(const Block& b, std::size_t k, const Values& x, const Values& filtered,
                             const double* theta) {
    const std::size_t width = b.columns;
    const double low = theta[width - 1];
    const double half = (b.bounds[k] - low) / 2, centre = (b.bounds[k] + low) / 2;
    const double first_sigma = half / centre;
    const auto step = [&](const Values& now, const Values& before, double factor, double keep) {
      Values next = hessian_times(b.layouts[k].network(), now, width);
      for (std::size_t i = 0; i < next.size(); ++i)
        next[i] = factor * (next[i] - centre * now[i]) - keep * before[i];
      return next;
    };
    double sigma = first_sigma;
    Values before = x, now = step(x, x, sigma / half, 0);
    for (int i = 1; i < filter_degree; ++i) {
      const double next_sigma = 1 / (2 / first_sigma - sigma);
      Values next = step(now, before, 2 * next_sigma / half, sigma * next_sigma);
      before = std::move(now);
      now = std::move(next);
      sigma = next_sigma;
    }
    Values worst;
    for (std::size_t c = 0; c < width; ++c) {
      double most = 0, difference = 0;
      for (std::size_t i = c; i < now.size(); i += width) {
        most = std::max(most, std::abs(now[i]));
        difference = std::max(difference, std::abs(now[i] - filtered[i]));
      }
      worst.push_back(difference / most);
    }
    return largest(worst);
  }

  /// Whole solves: eigenpairs by their definition, each method with jacobi, and the same bits in
  /// any company.
  void solvers() {
    const std::span<const Network> networks = networks_;
    const ModeRequest request{modes_wanted};
    const auto jacobi = make_engine(Method::jacobi, {device_})->solve(networks, request);
    expect_eigenpairs("jacobi", networks, jacobi);
    for (const Method method : {Method::chebyshev, Method::filtered}) {
      const std::string name(to_string(method));
      const auto engine = make_engine(method, {device_});
      const auto outcomes = engine->solve(networks, request);
      expect_eigenpairs(name, networks, outcomes);
      double difference = 0;
      for (std::size_t k = 0; k < networks.size(); ++k) {
        if (is_left_to_others(name, outcomes[k])) continue;
        if (!outcomes[k] || !jacobi[k] || outcomes[k]->zero_modes != jacobi[k]->zero_modes) {
          difference = std::numeric_limits<double>::infinity();
          continue;
        }
        for (std::size_t i = 0; i < jacobi[k]->eigenvalues.size(); ++i)
          difference = std::max(
              difference, std::abs(outcomes[k]->eigenvalues[i] / jacobi[k]->eigenvalues[i] - 1));
      }
      expect(fmt::format("eigenvalues of {} and jacobi, relative difference", name), difference,
             1e-9);
      // The first network is in one piece, and so one for either.
      const auto alone = engine->solve(networks.first(1), request);
      const bool same = alone[0] && outcomes[0] && alone[0]->solver == name &&
                        alone[0]->eigenvalues == outcomes[0]->eigenvalues &&
                        alone[0]->eigenvectors == outcomes[0]->eigenvectors;
      report_(fmt::format("the same bits of {} alone and in a batch", name), same,
              same ? "equal" : "they differ");
    }
  }

  /// Solver filtered leaves soft networks to the CPU; what it gives must be right.
  static bool is_left_to_others(const std::string& solver, const Outcome<Modes>& outcome) {
    return solver == "filtered" && !outcome && outcome.error().code == "not_converged";
  }

  void expect_eigenpairs(const std::string& solver, std::span<const Network> networks,
                         const std::vector<Outcome<Modes>>& outcomes) {
    double residual = 0;
    for (std::size_t k = 0; k < networks.size(); ++k)
      if (!is_left_to_others(solver, outcomes[k]))
        residual = std::max(residual, outcomes[k] ? worst_residual(networks[k], *outcomes[k])
                                                  : std::numeric_limits<double>::infinity());
    expect(fmt::format("solver {}, residuals", solver), residual, 1e-7);
  }

  static double worst_residual(const Network& network, const Modes& modes) {
    if (static_cast<int>(modes.eigenvalues.size()) != modes_wanted)
      return std::numeric_limits<double>::infinity();
    const auto n = static_cast<std::size_t>(network.degrees_of_freedom());
    double worst = 0;
    for (std::size_t j = 0; j < modes.eigenvalues.size(); ++j) {
      const auto begin = modes.eigenvectors.begin() + static_cast<std::ptrdiff_t>(j * n);
      const Values v(begin, begin + static_cast<std::ptrdiff_t>(n));
      const Values product = hessian_times(network, v, 1);
      double square = 0, norm = 0;
      for (std::size_t i = 0; i < n; ++i) {
        square += std::pow(product[i] - modes.eigenvalues[j] * v[i], 2);
        norm += v[i] * v[i];
      }
      const double residual = std::max(std::sqrt(square), std::abs(norm - 1));
      if (!(residual <= worst)) worst = residual;
    }
    return worst;
  }

  const int device_;
  DeviceResources r_;
  const std::span<const Network> networks_;
  const SelfTestReport& report_;
};

}  // namespace

void run_selftest(int device, std::span<const Network> networks, const SelfTestReport& report) {
  SelfTest(device, networks, report).run();
}

}  // namespace modesweep::gpu
