// SPDX-License-Identifier: MIT
#include "kernels/engine/chebyshev.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "host/base/clock.hpp"
#include "host/base/text.hpp"
#include "kernels/device/hessian.hpp"
#include "kernels/device/subspace.hpp"
#include "kernels/engine/jacobi.hpp"
#include "kernels/engine/layout.hpp"
#include "kernels/engine/pieces.hpp"
#include "kernels/engine/property_arrays.hpp"
#include "kernels/engine/upload.hpp"

namespace modesweep::gpu {
namespace {

// Columns beyond the modes wanted: the gap to the first value outside makes the filter converge.
constexpr int guard_columns = 20;
// Zero modes that are no rigid-body modes take columns of those; fewer than this do not converge.
constexpr int least_guard_columns = 6;
constexpr int most_outer_iterations = 40;

/// When a network is done.
Criteria criteria_for(int modes) {
  Criteria criteria{};
  criteria.modes = modes;
  criteria.guards = least_guard_columns;
  criteria.zero = zero_eigenvalue;
  // Which a mode's vector, and with it its collectivity, needs.
  criteria.residual = 1e-10;
  // An eigenvalue's error is bounded by residual^2 / (distance to what is outside of the block).
  criteria.value = 1e-11;
  // Which rounding in double precision leaves.
  criteria.least_wanted = 2e-15;
  return criteria;
}

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
         padded<float>(s.networks * s.steps * table_row(s.columns)) +
         padded<Judgement>(s.networks) + PropertyArrays::device_bytes(s.nodes, s.networks);
}

/// Whether the complement of the rigid-body modes has room for a block and as much again.
bool has_room(const Network& network, int columns) {
  return network.degrees_of_freedom() - 6 * std::int64_t{network.components} >= 2 * columns;
}

/// One batch from start to end.
class Iteration {
 public:
  Iteration(DeviceResources& resources, Items items, const ModeRequest& request)
      : resources_(resources),
        items_(items),
        request_(request),
        columns_(columns_for(request)),
        criteria_(criteria_for(request.modes)) {
    const std::size_t count = items.size();
    for (auto* const list : {&first_segment_, &outer_iterations_, &degrees_}) list->reserve(count);
    first_node_.reserve(count);
    networks_.reserve(count);
    filter_parts_.reserve(count);
    for (const Item* item : items) {
      networks_.push_back(&item->layout->network());
      degrees_.push_back(degree_for(networks_.back()->nodes()));
    }
    outer_iterations_.resize(count);
    chosen_.resize(count);
  }

  Task<> run() {
    prepare();
    std::vector<std::size_t> unfinished(items_.size());
    std::iota(unfinished.begin(), unfinished.end(), std::size_t{0});
    set_active(unfinished);
    check(launch_spectral_bounds(s_.batch, bounds_, stream()), "kernel spectral_bounds");
    check(cudaMemsetAsync(s_.breakdowns, 0, items_.size() * sizeof(std::int32_t), stream()),
          "cudaMemsetAsync");
    check(launch_start_vectors(s_, stream()), "kernel start_vectors");
    orthonormalise();
    for (int outer = 1;; ++outer) {
      check(launch_products(s_, stream()), "kernel products");
      check(launch_projected_hessians(s_, stream()), "kernel gram");
      check(launch_rayleigh_ritz(s_, stream()), "kernel rayleigh_ritz");
      check(launch_ritz_vectors(s_, stream()), "kernel ritz_vectors");
      check(launch_judge(s_, criteria_, judgements_, stream()), "kernel judge");
      resources_.copy_to_host(host_judgements_, judgements_, items_.size());
      co_await resources_.finished();
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
    const std::size_t count = items_.size();
    std::size_t nodes = 0, segments = 0, bodies = 0;
    for (const Item* item : items_) {
      nodes += item->network->positions.size();
      segments += item->layout->segments.size();
      bodies += item->layout->bodies.size();
    }
    const auto columns = static_cast<std::size_t>(columns_);
    const std::size_t values = 3 * nodes * columns;
    const auto steps =
        static_cast<std::size_t>(*std::max_element(degrees_.begin(), degrees_.end()));
    const Sizes sizes{count, nodes, segments, bodies, columns, steps};
    const std::size_t lists = list_bytes(sizes);
    reserve_device_memory(resources_, batch_bytes(networks_) + lists + block_bytes(sizes));
    resources_.upload.reserve(batch_bytes(networks_) + lists);
    const std::size_t out_values =
        request_.vectors ? 3 * nodes * static_cast<std::size_t>(request_.modes) : 0;
    resources_.download.reserve(2 * padded<double>(count * columns) + padded<double>(count) +
                                padded<Judgement>(count) + padded<double>(out_values) +
                                PropertyArrays::host_bytes(nodes, count));

    DeviceArena& arena = resources_.arena;
    s_.batch = upload_batch(resources_, networks_);
    upload_layouts(segments, bodies);
    bounds_ = arena.take<double>(count);
    s_.bounds = bounds_;
    s_.vectors = arena.take<double>(values);
    s_.products = arena.take<double>(values);
    for (auto* half = reinterpret_cast<float*>(s_.products); float*& block : s_.filter_blocks)
      block = std::exchange(half, half + values);
    s_.residuals = arena.take<float>(values);
    s_.theta = arena.take<double>(count * columns);
    s_.norms = arena.take<double>(count * columns);
    s_.rotations = arena.take<double>(count * square());
    s_.partial = arena.take<double>(segments * square());
    s_.overlaps = arena.take<double>(bodies * 6 * columns);
    s_.table = arena.take<float>(count * steps * table_row(columns));
    s_.last_weight = arena.take<double>(count * columns);
    s_.breakdowns = arena.take<std::int32_t>(count);
    s_.columns = columns_;
    s_.table_steps = static_cast<int>(steps);
    active_ = arena.take<Active>(count);
    s_.active = active_;
    selections_ = arena.take<Selection>(count);
    judgements_ = arena.take<Judgement>(count);
    properties_.emplace(resources_, nodes, count, request_);
    host_active_ = resources_.upload.take<Active>(count);
    host_selections_ = resources_.upload.take<Selection>(count);
    theta_ = resources_.download.take<double>(count * columns);
    norms_ = resources_.download.take<double>(count * columns);
    host_bounds_ = resources_.download.take<double>(count);
    host_judgements_ = resources_.download.take<Judgement>(count);
    out_ = resources_.download.take<double>(out_values);
  }

  /// Indices of each network become those of the batch.
  void upload_layouts(std::size_t segments, std::size_t bodies) {
    auto* const host_segments = resources_.upload.take<Segment>(segments);
    auto* const host_bodies = resources_.upload.take<RigidBody>(bodies);
    auto* const device_segments = resources_.arena.take<Segment>(segments);
    auto* const device_bodies = resources_.arena.take<RigidBody>(bodies);
    std::int32_t segment = 0, body = 0, node = 0;
    for (const Item* item : items_) {
      const Layout& layout = *item->layout;
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
      const auto segments = static_cast<std::int32_t>(items_[k]->layout->segments.size());
      host_active_[i] = {static_cast<std::int32_t>(k),
                         degrees_[k],
                         first_segment_[k],
                         segments,
                         s_.segment_blocks,
                         s_.tile_blocks,
                         0};
      const auto tiles = static_cast<int>((networks_[k]->nodes() + tile_size - 1) / tile_size);
      const FilterPlan plan =
          filter_plan(static_cast<std::int32_t>(networks_[k]->nodes()), resources_.shared_limit());
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

  /// Whether network k needs no more iterations: it converged (then `chosen_` says what is taken),
  /// or it failed.
  bool is_finished(std::size_t k, int outer) {
    const auto give_up = [&](const std::string& why) {
      items_[k]->outcome = fail(Stage::solve, "not_converged",
                                fmt::format("{}, Chebyshev iteration {}: {}",
                                            counted(networks_[k]->nodes(), "residue"), outer, why));
      return true;
    };
    const Judgement& judgement = host_judgements_[k];
    switch (judgement.verdict) {
      case dependent: return give_up("the vectors became linearly dependent");
      case many_zero_modes:
        return give_up(counted(judgement.zeros, "zero mode") + " beside the rigid-body motions");
      case converged:
        chosen_[k] = {judgement.zeros, request_.modes};
        outer_iterations_[k] = outer;
        return true;
      case unfinished: break;
    }
    if (outer == most_outer_iterations) return give_up("the residuals did not become small enough");
    return false;
  }

  bool is_solved(std::size_t k) const { return chosen_[k].count > 0; }

  Task<> deliver() {
    std::vector<std::size_t> solved;
    solved.reserve(items_.size());
    for (std::size_t k = 0; k < items_.size(); ++k)
      if (is_solved(k)) solved.push_back(k);
    if (solved.empty()) co_return;
    std::copy(chosen_.begin(), chosen_.end(), host_selections_);
    resources_.copy_to_device(selections_, host_selections_, chosen_.size());
    const std::size_t values = items_.size() * static_cast<std::size_t>(columns_);
    resources_.copy_to_host(theta_, s_.theta, values);
    resources_.copy_to_host(norms_, s_.norms, values);
    resources_.copy_to_host(host_bounds_, bounds_, items_.size());
    properties_->make(
        {s_.batch, selections_, s_.vectors, 0, 3 * columns_, columns_, 1, s_.theta, columns_});
    if (request_.vectors) {
      set_active(solved);
      // H X is not needed any more: its place takes what is copied out.
      check(launch_take_columns(s_, selections_, request_.modes, s_.products, stream()),
            "kernel take_columns");
      const std::size_t nodes = first_node_.back() + networks_.back()->positions.size();
      resources_.copy_to_host(out_, s_.products,
                              3 * static_cast<std::size_t>(request_.modes) * nodes);
    }
    co_await resources_.finished();
    const double seconds = watch_.seconds() / static_cast<double>(items_.size());
    for (const std::size_t k : solved) fill(k, seconds);
  }

  /// What is on the host of network k by now.
  void fill(std::size_t k, double seconds) const {
    Item& item = *items_[k];
    Modes& found = item.modes();
    const std::size_t first =
        k * static_cast<std::size_t>(columns_) + static_cast<std::size_t>(chosen_[k].first);
    const auto modes = static_cast<std::size_t>(request_.modes);
    found.eigenvalues.assign(theta_ + first, theta_ + first + modes);
    found.residuals.assign(norms_ + first, norms_ + first + modes);
    for (double& residual : found.residuals) residual /= host_bounds_[k];
    properties_->fill(item, k, first_node_[k]);
    if (request_.vectors) {
      const std::size_t nodes = networks_[k]->positions.size(), length = 3 * nodes;
      found.eigenvectors.resize(length * modes);
      for (std::size_t mode = 0; mode < modes; ++mode)
        copy_nodes(out_ + 3 * modes * first_node_[k] + mode * length, item.layout->order, 3, nodes,
                   &found.eigenvectors[mode * length]);
    }
    found.zero_modes = item.layout->rigid_modes + chosen_[k].first;
    found.solver = "chebyshev";
    found.backend = resources_.name();
    found.seconds = seconds;
    // The last iteration needs no filter, and the first step of a filter no product.
    found.block_vectors = columns_;
    found.double_products = outer_iterations_[k];
    found.single_products = (outer_iterations_[k] - 1) * (degrees_[k] - 1);
  }

  DeviceResources& resources_;
  const Items items_;
  const ModeRequest request_;
  const int columns_;
  const Criteria criteria_;
  const Stopwatch watch_;
  std::vector<const Network*> networks_;  ///< in the order of nodes that their layouts have
  std::vector<int> degrees_;
  std::vector<std::int32_t> first_segment_;
  std::vector<std::size_t> first_node_;
  std::vector<Selection> chosen_;  ///< of those that converged
  std::vector<int> outer_iterations_;

  Subspaces s_{};
  std::vector<FilterPart> filter_parts_;
  double* bounds_ = nullptr;  // on the device
  Active* active_ = nullptr;
  Selection* selections_ = nullptr;
  Judgement* judgements_ = nullptr;
  std::optional<PropertyArrays> properties_;
  Active* host_active_ = nullptr;  // pinned
  Selection* host_selections_ = nullptr;
  double* theta_ = nullptr;
  double* norms_ = nullptr;
  double* host_bounds_ = nullptr;
  Judgement* host_judgements_ = nullptr;
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

Task<> solve_by_chebyshev(DeviceResources& resources, Items items, ModeRequest request) {
  std::vector<Item*> iterative, dense;
  iterative.reserve(items.size());
  dense.reserve(items.size());
  for (Item* const item : items) (item->layout ? iterative : dense).push_back(item);
  if (!iterative.empty()) {
    // The longest first, so that the short ones fill the device at the end of a launch; and those
    // that are filtered alike follow one another.
    std::stable_sort(iterative.begin(), iterative.end(), [](const Item* a, const Item* b) {
      return a->network->nodes() > b->network->nodes();
    });
    const std::function<Task<>(Items)> solve = [&](Items some) -> Task<> {
      Iteration iteration(resources, some, request);
      co_await iteration.run();
    };
    co_await solve_in_pieces(resources, iterative, solve);
  }
  if (!dense.empty()) co_await solve_by_jacobi(resources, dense, request);
}

}  // namespace modesweep::gpu
