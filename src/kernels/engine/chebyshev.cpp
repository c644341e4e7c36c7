// SPDX-License-Identifier: MIT
#include "kernels/engine/chebyshev.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "host/base/clock.hpp"
#include "host/base/text.hpp"
#include "kernels/device/hessian.hpp"
#include "kernels/device/subspace.hpp"
#include "kernels/engine/jacobi.hpp"
#include "kernels/engine/layout.hpp"
#include "kernels/engine/pieces.hpp"
#include "kernels/engine/upload.hpp"

namespace modesweep::gpu {
namespace {

// Columns beyond the modes wanted: the gap to the first value outside makes the filter converge.
constexpr int guard_columns = 20;
// Zero modes that are no rigid-body modes take columns of those; fewer than this do not converge.
constexpr int least_guard_columns = 6;
constexpr int most_outer_iterations = 40;

// A mode's residual is at most this part of the spectral bound, which its vector, and with it its
// collectivity, needs.
constexpr double residual_tolerance = 1e-10;
// An eigenvalue's error is at most this part of it. It is bounded by residual^2 / (distance to what
// is outside of the block).
constexpr double value_tolerance = 1e-11;
// No residual is asked to be below this part of the spectral bound, which rounding in double
// precision leaves.
constexpr double residual_floor = 2e-15;

/// The width of the block for these modes; 0 where no block is wide enough.
int columns_for(const ModeRequest& request) {
  const int columns = (request.modes + guard_columns + 7) / 8 * 8;
  if (columns <= 40) return 40;
  return columns <= most_columns ? most_columns : 0;
}

/// The degree of the filter: the softer the low end of the spectrum, which falls with size, the
/// longer the polynomial.
int degree_for(std::int64_t nodes) { return nodes < 1000 ? 20 : nodes < 8000 ? 30 : 50; }

template <class T>
std::size_t padded(std::size_t count) {
  return DeviceArena::padded(count * sizeof(T));
}

/// What a batch's memory depends on.
struct Sizes {
  std::size_t networks, nodes, segments, bodies, columns, steps;
};

/// Bytes of the lists that both host and device hold.
std::size_t list_bytes(const Sizes& s) {
  return padded<Segment>(s.segments) + padded<RigidBody>(s.bodies) + padded<Active>(s.networks) +
         padded<Selection>(s.networks);
}

/// Bytes that the device holds beside those lists and the networks.
std::size_t block_bytes(const Sizes& s) {
  const std::size_t values = 3 * s.nodes * s.columns, square = s.columns * s.columns;
  return 4 * padded<double>(s.networks) + 2 * padded<double>(values) + padded<float>(values) +
         3 * padded<double>(s.networks * s.columns) + padded<double>(s.networks * square) +
         padded<double>(s.segments * square) + padded<double>(s.bodies * 6 * s.columns) +
         padded<float>(s.networks * s.steps * (s.columns + 2));
}

/// Whether the complement of the rigid-body modes has room for a block and as much again.
bool has_room(const Network& network, int columns) {
  return network.degrees_of_freedom() - 6 * std::int64_t{network.components} >= 2 * columns;
}

/// One batch from start to end.
class Iteration {
 public:
  Iteration(DeviceResources& resources, Networks networks, Outcomes outcomes,
            const ModeRequest& request)
      : resources_(resources),
        outcomes_(outcomes),
        modes_(request.modes),
        columns_(columns_for(request)) {
    layouts_.reserve(networks.size());
    for (const Network* network : networks) layouts_.emplace_back(*network);
    for (const Layout& layout : layouts_) {
      sorted_.push_back(&layout.network());
      degrees_.push_back(degree_for(layout.network().nodes()));
    }
    chosen_.resize(networks.size());
    residuals_.resize(networks.size());
    iterations_.resize(networks.size());
  }

  Task<> run() {
    prepare();
    std::vector<std::size_t> unfinished(layouts_.size());
    std::iota(unfinished.begin(), unfinished.end(), std::size_t{0});
    set_active(unfinished);
    check(launch_spectral_bounds(s_.batch, bounds_, stream()), "kernel spectral_bounds");
    check(cudaMemsetAsync(s_.breakdowns, 0, layouts_.size() * sizeof(std::int32_t), stream()),
          "cudaMemsetAsync");
    check(launch_start_vectors(s_, stream()), "kernel start_vectors");
    orthonormalise();
    for (int outer = 1;; ++outer) {
      check(launch_products(s_, stream()), "kernel products");
      check(launch_projected_hessians(s_, stream()), "kernel gram");
      check(launch_rayleigh_ritz(s_, stream()), "kernel rayleigh_ritz");
      check(launch_ritz_vectors(s_, stream()), "kernel ritz_vectors");
      co_await read_state();
      std::erase_if(unfinished, [&](std::size_t k) { return is_finished(k, outer); });
      if (unfinished.empty()) break;
      set_active(unfinished);
      check(launch_filter_weights(s_, stream()), "kernel filter_table");
      for (const FilterPart& part : filter_parts_)
        check(launch_filter(s_, part, stream()), "kernels of the filter");
      orthonormalise();
    }
    co_await deliver();
  }

 private:
  cudaStream_t stream() const { return resources_.stream(); }
  std::size_t square() const { return static_cast<std::size_t>(columns_) * columns_; }

  void prepare() {
    const std::size_t count = layouts_.size();
    std::size_t nodes = 0, segments = 0, bodies = 0;
    for (const Layout& layout : layouts_) {
      nodes += layout.network().positions.size();
      segments += layout.segments.size();
      bodies += layout.bodies.size();
    }
    const auto columns = static_cast<std::size_t>(columns_);
    const std::size_t values = 3 * nodes * columns;
    const auto steps =
        static_cast<std::size_t>(*std::max_element(degrees_.begin(), degrees_.end()));
    const Sizes sizes{count, nodes, segments, bodies, columns, steps};
    const std::size_t lists = list_bytes(sizes);
    reserve_device_memory(resources_, batch_bytes(sorted_) + lists + block_bytes(sizes));
    resources_.upload.reserve(batch_bytes(sorted_) + lists);
    const std::size_t out_values = 3 * nodes * static_cast<std::size_t>(modes_);
    resources_.download.reserve(2 * padded<double>(count * columns) + padded<double>(count) +
                                padded<std::int32_t>(count) + padded<double>(out_values));

    DeviceArena& arena = resources_.arena;
    s_.batch = upload_batch(resources_, sorted_);
    upload_layouts(segments, bodies);
    bounds_ = arena.take<double>(count);
    s_.bounds = bounds_;
    s_.vectors = arena.take<double>(values);
    s_.products = arena.take<double>(values);
    s_.residuals = arena.take<float>(values);
    s_.theta = arena.take<double>(count * columns);
    s_.norms = arena.take<double>(count * columns);
    s_.rotations = arena.take<double>(count * square());
    s_.partial = arena.take<double>(segments * square());
    s_.overlaps = arena.take<double>(bodies * 6 * columns);
    s_.table = arena.take<float>(count * steps * (columns + 2));
    s_.last_weight = arena.take<double>(count * columns);
    s_.breakdowns = arena.take<std::int32_t>(count);
    s_.columns = columns_;
    s_.table_steps = static_cast<int>(steps);
    active_ = arena.take<Active>(count);
    s_.active = active_;
    selections_ = arena.take<Selection>(count);
    host_active_ = resources_.upload.take<Active>(count);
    host_selections_ = resources_.upload.take<Selection>(count);
    theta_ = resources_.download.take<double>(count * columns);
    norms_ = resources_.download.take<double>(count * columns);
    host_bounds_ = resources_.download.take<double>(count);
    breakdowns_ = resources_.download.take<std::int32_t>(count);
    out_ = resources_.download.take<double>(out_values);
  }

  /// Indices of each network become those of the batch.
  void upload_layouts(std::size_t segments, std::size_t bodies) {
    auto* const host_segments = resources_.upload.take<Segment>(segments);
    auto* const host_bodies = resources_.upload.take<RigidBody>(bodies);
    auto* const device_segments = resources_.arena.take<Segment>(segments);
    auto* const device_bodies = resources_.arena.take<RigidBody>(bodies);
    std::int32_t segment = 0, body = 0, node = 0;
    for (const Layout& layout : layouts_) {
      first_segment_.push_back(segment);
      first_node_.push_back(static_cast<std::size_t>(node));
      std::int32_t next_body = body;
      for (RigidBody b : layout.bodies) {
        b.first_segment += segment;
        host_bodies[next_body++] = b;
      }
      for (Segment part : layout.segments) {
        part.component += body;
        host_segments[segment++] = part;
      }
      body = next_body;
      node += static_cast<std::int32_t>(layout.network().nodes());
    }
    resources_.copy_to_device(device_segments, host_segments, segments);
    resources_.copy_to_device(device_bodies, host_bodies, bodies);
    s_.segments = device_segments;
    s_.bodies = device_bodies;
  }

  /// Only these are in the launches from here on. The list before must have been copied: it has,
  /// since the state was waited for.
  void set_active(const std::vector<std::size_t>& networks) {
    s_.active_networks = static_cast<int>(networks.size());
    s_.segment_blocks = 0;
    s_.tile_blocks = 0;
    filter_parts_.clear();
    for (std::size_t i = 0; i < networks.size(); ++i) {
      const std::size_t k = networks[i];
      const auto segments = static_cast<std::int32_t>(layouts_[k].segments.size());
      host_active_[i] = {static_cast<std::int32_t>(k),
                         degrees_[k],
                         first_segment_[k],
                         segments,
                         s_.segment_blocks,
                         s_.tile_blocks};
      const auto tiles = static_cast<int>((sorted_[k]->nodes() + tile_size - 1) / tile_size);
      const FilterPlan plan =
          filter_plan(static_cast<std::int32_t>(sorted_[k]->nodes()), resources_.shared_limit());
      if (filter_parts_.empty() || !(filter_parts_.back().plan == plan))
        filter_parts_.push_back({plan, static_cast<int>(i), 0, s_.tile_blocks, 0, 0});
      FilterPart& part = filter_parts_.back();
      ++part.networks;
      part.tiles += tiles;
      part.degree = std::max(part.degree, degrees_[k]);
      s_.segment_blocks += segments;
      s_.tile_blocks += tiles;
    }
    resources_.copy_to_device(active_, host_active_, networks.size());
  }

  /// Cholesky-QR twice, each time without what rounding brought back of the rigid-body modes.
  void orthonormalise() {
    for (int pass = 0; pass < 2; ++pass) {
      check(launch_deflation(s_, stream()), "kernels of the deflation");
      check(launch_orthonormalisation(s_, stream()), "kernels of the orthonormalisation");
    }
  }

  Task<> read_state() {
    const std::size_t values = layouts_.size() * static_cast<std::size_t>(columns_);
    resources_.copy_to_host(theta_, s_.theta, values);
    resources_.copy_to_host(norms_, s_.norms, values);
    resources_.copy_to_host(host_bounds_, bounds_, layouts_.size());
    resources_.copy_to_host(breakdowns_, s_.breakdowns, layouts_.size());
    co_await resources_.finished();
  }

  /// Whether network k needs no more iterations: it converged (then `chosen_` says what is taken),
  /// or it failed.
  bool is_finished(std::size_t k, int outer) {
    const auto columns = static_cast<std::size_t>(columns_);
    const double* const theta = theta_ + k * columns;
    const double* const norms = norms_ + k * columns;
    const auto give_up = [&](const std::string& why) {
      *outcomes_[k] = fail(Stage::solve, "not_converged",
                           fmt::format("{}, Chebyshev iteration {}: {}",
                                       counted(sorted_[k]->nodes(), "residue"), outer, why));
      return true;
    };
    if (breakdowns_[k] != 0) return give_up("the vectors became linearly dependent");
    const int zeros =
        static_cast<int>(std::lower_bound(theta, theta + columns_, zero_eigenvalue) - theta);
    const int used = zeros + modes_;
    if (used > columns_ - least_guard_columns)
      return give_up(counted(zeros, "zero mode") + " beside the rigid-body motions");
    bool converged = true;
    for (int j = 0; j < used; ++j) {
      const double gap = theta[columns_ - 1] - theta[j];
      const double value = std::max(theta[j], zero_eigenvalue);
      const double wanted =
          std::min(residual_tolerance * host_bounds_[k], std::sqrt(value_tolerance * value * gap));
      // Written so that NaN goes on to the last iteration, and fails there.
      converged = converged && norms[j] <= std::max(wanted, residual_floor * host_bounds_[k]);
    }
    if (converged) {
      chosen_[k] = {zeros, modes_};
      iterations_[k] = outer;
      values_.emplace_back(k, std::vector<double>(theta + zeros, theta + used));
      for (int j = zeros; j < used; ++j) residuals_[k].push_back(norms[j] / host_bounds_[k]);
      return true;
    }
    if (outer == most_outer_iterations) return give_up("the residuals did not become small enough");
    return false;
  }

  Task<> deliver() {
    if (values_.empty()) co_return;
    std::vector<std::size_t> solved;
    for (const auto& [k, values] : values_) solved.push_back(k);
    set_active(solved);
    std::copy(chosen_.begin(), chosen_.end(), host_selections_);
    resources_.copy_to_device(selections_, host_selections_, chosen_.size());
    // H X is not needed any more: its place takes what is copied out.
    check(launch_take_columns(s_, selections_, modes_, s_.products, stream()),
          "kernel take_columns");
    const std::size_t last = layouts_.size() - 1;
    const auto modes = static_cast<std::size_t>(modes_);
    resources_.copy_to_host(out_, s_.products,
                            3 * modes * (first_node_[last] + sorted_[last]->positions.size()));
    co_await resources_.finished();
    const double seconds = watch_.seconds() / static_cast<double>(layouts_.size());
    for (auto& [k, values] : values_) {
      Modes found;
      found.eigenvalues = std::move(values);
      found.eigenvectors = eigenvectors(k);
      found.residuals = std::move(residuals_[k]);
      found.zero_modes = layouts_[k].rigid_modes + chosen_[k].first;
      found.solver = "chebyshev";
      found.backend = resources_.name();
      found.seconds = seconds;
      // The last iteration needs no filter, and the first step of a filter no product.
      found.block_vectors = columns_;
      found.double_products = iterations_[k];
      found.single_products = (iterations_[k] - 1) * (degrees_[k] - 1);
      *outcomes_[k] = std::move(found);
    }
  }

  /// In the network's own order of nodes.
  std::vector<double> eigenvectors(std::size_t k) const {
    const Layout& layout = layouts_[k];
    const std::size_t nodes = layout.network().positions.size();
    const auto modes = static_cast<std::size_t>(modes_);
    const double* const first = out_ + 3 * modes * first_node_[k];
    std::vector<double> vectors(first, first + 3 * nodes * modes);
    if (layout.order.empty()) return vectors;
    for (std::size_t mode = 0; mode < modes; ++mode)
      for (std::size_t i = 0; i < nodes; ++i)
        for (std::size_t a = 0; a < 3; ++a)
          vectors[3 * (mode * nodes + static_cast<std::size_t>(layout.order[i])) + a] =
              first[3 * (mode * nodes + i) + a];
    return vectors;
  }

  DeviceResources& resources_;
  const Outcomes outcomes_;
  const int modes_;
  const int columns_;
  const Stopwatch watch_;
  std::vector<Layout> layouts_;
  std::vector<const Network*> sorted_;
  std::vector<int> degrees_;
  std::vector<std::int32_t> first_segment_;
  std::vector<std::size_t> first_node_;
  std::vector<Selection> chosen_;
  std::vector<std::vector<double>> residuals_;
  std::vector<int> iterations_;
  std::vector<std::pair<std::size_t, std::vector<double>>> values_;  ///< of those that converged

  Subspaces s_{};
  std::vector<FilterPart> filter_parts_;
  double* bounds_ = nullptr;  // on the device
  Active* active_ = nullptr;
  Selection* selections_ = nullptr;
  Active* host_active_ = nullptr;  // pinned
  Selection* host_selections_ = nullptr;
  double* theta_ = nullptr;
  double* norms_ = nullptr;
  double* host_bounds_ = nullptr;
  std::int32_t* breakdowns_ = nullptr;
  double* out_ = nullptr;
};

}  // namespace

bool chebyshev_takes(const Network& network, const ModeRequest& request) {
  const int columns = columns_for(request);
  return columns != 0 && has_room(network, columns);
}

std::size_t chebyshev_bytes(const Network& network, const ModeRequest& request) {
  const auto nodes = static_cast<std::size_t>(network.nodes());
  const auto bodies = static_cast<std::size_t>(network.components);
  const Network* const alone = &network;
  const Sizes sizes{1,
                    nodes,
                    nodes / segment_nodes + bodies,
                    bodies,
                    static_cast<std::size_t>(columns_for(request)),
                    static_cast<std::size_t>(degree_for(network.nodes()))};
  return batch_bytes({&alone, 1}) + list_bytes(sizes) + block_bytes(sizes);
}

Task<std::vector<Outcome<Modes>>> solve_by_chebyshev(DeviceResources& resources,
                                                     std::span<const Network* const> networks,
                                                     ModeRequest request) {
  std::vector<Outcome<Modes>> outcomes(networks.size());
  std::vector<std::size_t> dense, iterative;
  for (std::size_t i = 0; i < networks.size(); ++i)
    (chebyshev_takes(*networks[i], request) ? iterative : dense).push_back(i);

  if (!iterative.empty()) {
    // The longest first, so that the short ones fill the device at the end of a launch; and those
    // that are filtered alike follow one another.
    std::stable_sort(iterative.begin(), iterative.end(), [&](std::size_t a, std::size_t b) {
      return networks[a]->nodes() > networks[b]->nodes();
    });
    std::vector<const Network*> some;
    std::vector<Outcome<Modes>*> theirs;
    for (const std::size_t i : iterative) {
      some.push_back(networks[i]);
      theirs.push_back(&outcomes[i]);
    }
    const std::function<Task<>(Networks, Outcomes)> solve = [&](Networks part,
                                                                Outcomes parts_outcomes) -> Task<> {
      Iteration iteration(resources, part, parts_outcomes, request);
      co_await iteration.run();
    };
    co_await solve_in_pieces(resources, some, theirs, solve);
  }
  std::vector<const Network*> some;
  for (const std::size_t i : dense) some.push_back(networks[i]);
  std::vector<Outcome<Modes>> theirs = co_await solve_by_jacobi(resources, some, request);
  for (std::size_t i = 0; i < dense.size(); ++i) outcomes[dense[i]] = std::move(theirs[i]);
  co_return outcomes;
}

}  // namespace modesweep::gpu
