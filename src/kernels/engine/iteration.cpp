// SPDX-License-Identifier: MIT
#include "kernels/engine/iteration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "host/base/text.hpp"
#include "kernels/device/hessian.hpp"
#include "kernels/device/tiles.hpp"
#include "kernels/engine/layout.hpp"
#include "kernels/engine/pieces.hpp"
#include "kernels/engine/upload.hpp"

namespace modesweep::gpu {
namespace {

template <class T>
std::size_t padded(std::size_t count) {
  return DeviceArena::padded(count * sizeof(T));
}

/// Bytes of the lists that both host and device hold.
std::size_t list_bytes(const BlockSizes& s) {
  return padded<Segment>(s.segments) + padded<RigidBody>(s.bodies) + padded<Active>(s.networks) +
         padded<Selection>(s.networks);
}

/// Bytes that the device holds beside those lists and the networks.
std::size_t block_bytes(const BlockSizes& s) {
  const std::size_t values = 3 * s.nodes * s.columns, square = s.columns * s.columns;
  return 4 * padded<double>(s.networks) + 2 * padded<double>(values) + padded<float>(values) +
         3 * padded<double>(s.networks * s.columns) + padded<double>(s.networks * square) +
         padded<double>(s.segments * square) + padded<double>(s.bodies * 6 * s.columns) +
         padded<float>(s.networks * s.steps * table_row(s.columns)) +
         padded<Judgement>(s.networks) + PropertyArrays::device_bytes(s.nodes, s.networks);
}

}  // namespace

BlockSizes BlockSizes::of(const Network& network, int columns, int steps) {
  const auto nodes = static_cast<std::size_t>(network.nodes());
  const auto bodies = static_cast<std::size_t>(network.components);
  return {1,
          nodes,
          network.neighbours.size(),
          nodes / segment_nodes + bodies,
          bodies,
          static_cast<std::size_t>(columns),
          static_cast<std::size_t>(steps)};
}

std::size_t iteration_bytes(const Network& network, const BlockSizes& sizes) {
  const Network* const alone = &network;
  return batch_bytes({&alone, 1}) + list_bytes(sizes) + block_bytes(sizes);
}

Iteration::Iteration(DeviceResources& resources, Items items, const ModeRequest& request,
                     const Rules& rules)
    : resources_(resources), items_(items), request_(request), rules_(rules) {
  const std::size_t count = items.size();
  for (auto* const list : {&first_segment_, &outer_iterations_, &degrees_}) list->reserve(count);
  first_node_.reserve(count);
  networks_.reserve(count);
  filter_parts_.reserve(count);
  for (const Item* item : items) networks_.push_back(&item->layout->network());
  outer_iterations_.resize(count);
  chosen_.resize(count);
}

Task<> Iteration::run() {
  prepare();
  List<std::size_t> unfinished(items_.size());
  std::iota(unfinished.begin(), unfinished.end(), std::size_t{0});
  check(cudaMemsetAsync(s_.breakdowns, 0, items_.size() * sizeof(std::int32_t), stream()),
        "cudaMemsetAsync");
  check(launch_spectral_bounds(s_.batch, bounds_, stream()), "kernel spectral_bounds");
  co_await start(unfinished);
  if (unfinished.empty()) co_return;
  orthonormalise();
  for (int outer = 1;; ++outer) {
    check(launch_products(s_, stream()), "kernel products");
    check(launch_projected_hessians(s_, stream()), "kernel gram");
    check(launch_rayleigh_ritz(s_, stream()), "kernel rayleigh_ritz");
    check(launch_ritz_vectors(s_, stream()), "kernel ritz_vectors");
    check(launch_judge(s_, rules_.criteria, judgements_, stream()), "kernel judge");
    resources_.copy_to_host(host_judgements_, judgements_, items_.size());
    co_await resources_.finished();
    std::erase_if(unfinished, [&](std::size_t k) { return is_finished(k, outer); });
    if (unfinished.empty()) break;
    set_active(unfinished, rules_.columns);
    check(launch_filter_weights(s_, stream()), "kernel filter_table");
    filter();
    orthonormalise();
  }
  co_await deliver();
}

void Iteration::prepare() {
  const std::size_t count = items_.size();
  const auto columns = static_cast<std::size_t>(rules_.columns), square = columns * columns;
  BlockSizes sizes{count, 0, 0, 0, 0, columns, 0};
  for (const Item* item : items_) {
    sizes.nodes += item->network->positions.size();
    sizes.contacts += item->network->neighbours.size();
    sizes.segments += item->layout->segments.size();
    sizes.bodies += item->layout->bodies.size();
    degrees_.push_back(filter_degree_for(item->network->nodes()));
    sizes.steps = std::max(sizes.steps, static_cast<std::size_t>(degrees_.back()));
  }
  const auto& [networks, nodes, contacts, segments, bodies, width, steps] = sizes;
  const std::size_t values = 3 * nodes * columns;
  const std::size_t lists = list_bytes(sizes);
  const OwnBytes own = own_bytes(sizes);
  reserve_device_memory(resources_,
                        batch_bytes(networks_) + lists + block_bytes(sizes) + own.on_device);
  resources_.upload.reserve(batch_bytes(networks_) + lists + own.upload);
  const std::size_t out_values =
      request_.vectors ? 3 * nodes * static_cast<std::size_t>(request_.modes) : 0;
  resources_.download.reserve(2 * padded<double>(count * columns) + padded<double>(count) +
                              padded<Judgement>(count) + padded<double>(out_values) +
                              PropertyArrays::host_bytes(nodes, count) + own.download);

  DeviceArena& arena = resources_.arena;
  s_.batch = upload_batch(resources_, networks_);
  upload_layouts(sizes);
  bounds_ = arena.take<double>(count);
  s_.bounds = s_.ends = bounds_;
  s_.vectors = arena.take<double>(values);
  s_.products = arena.take<double>(values);
  for (auto* half = reinterpret_cast<float*>(s_.products); float*& block : s_.filter_blocks)
    block = std::exchange(half, half + values);
  s_.residuals = arena.take<float>(values);
  s_.theta = arena.take<double>(count * columns);
  s_.norms = arena.take<double>(count * columns);
  s_.rotations = arena.take<double>(count * square);
  s_.partial = arena.take<double>(segments * square);
  s_.overlaps = arena.take<double>(bodies * 6 * columns);
  s_.table = arena.take<float>(count * steps * table_row(columns));
  s_.last_weight = arena.take<double>(count * columns);
  s_.breakdowns = arena.take<std::int32_t>(count);
  s_.columns = rules_.columns;
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
  take_memory(sizes);
}

/// Indices of each network become those of the batch.
void Iteration::upload_layouts(const BlockSizes& sizes) {
  auto* const host_segments = resources_.upload.take<Segment>(sizes.segments);
  auto* const host_bodies = resources_.upload.take<RigidBody>(sizes.bodies);
  auto* const device_segments = resources_.arena.take<Segment>(sizes.segments);
  auto* const device_bodies = resources_.arena.take<RigidBody>(sizes.bodies);
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
  resources_.copy_to_device(device_segments, host_segments, sizes.segments);
  resources_.copy_to_device(device_bodies, host_bodies, sizes.bodies);
  s_.segments = device_segments;
  s_.bodies = device_bodies;
}

void Iteration::set_active(const List<std::size_t>& networks, int columns) {
  s_.active_networks = static_cast<int>(networks.size());
  s_.segment_blocks = 0;
  s_.tile_blocks = 0;
  s_.step_blocks = 0;
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
                       s_.step_blocks};
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
    s_.step_blocks +=
        step_blocks(static_cast<int>(networks_[k]->nodes()), columns, spring_tile_nodes);
  }
  resources_.copy_to_device(active_, host_active_, networks.size());
}

/// Cholesky-QR as often as the rules say, each time without what rounding brought back of the
/// rigid-body modes.
void Iteration::orthonormalise() {
  for (int pass = 0; pass < rules_.passes; ++pass) {
    check(launch_deflation(s_, stream()), "kernels of the deflation");
    check(launch_orthonormalisation(s_, stream()), "kernels of the orthonormalisation");
  }
}

void Iteration::give_up(std::size_t k, const std::string& why) {
  items_[k]->outcome = fail(Stage::solve, "not_converged",
                            fmt::format("{}, {}", counted(networks_[k]->nodes(), "residue"), why));
}

int Iteration::active_degree() const {
  int degree = 0;
  for (const FilterPart& part : filter_parts_) degree = std::max(degree, part.degree);
  return degree;
}

/// Whether network k needs no more iterations: it converged (then `chosen_` says what is taken),
/// or it failed.
bool Iteration::is_finished(std::size_t k, int outer) {
  const auto fails = [&](const std::string& why) {
    give_up(k, fmt::format("Chebyshev iteration {}: {}", outer, why));
    return true;
  };
  const Judgement& judgement = host_judgements_[k];
  switch (judgement.verdict) {
    case dependent: return fails("the vectors became linearly dependent");
    case many_zero_modes:
      return fails(counted(judgement.zeros, "zero mode") + " beside the rigid-body motions");
    case converged:
      chosen_[k] = {judgement.zeros, request_.modes};
      outer_iterations_[k] = outer;
      return true;
    case unfinished: break;
  }
  if (outer == rules_.most_iterations) return fails("the residuals did not become small enough");
  return false;
}

Task<> Iteration::deliver() {
  List<std::size_t> solved;
  solved.reserve(items_.size());
  for (std::size_t k = 0; k < items_.size(); ++k)
    if (chosen_[k].count > 0) solved.push_back(k);
  if (solved.empty()) co_return;
  const int columns = rules_.columns;
  std::copy(chosen_.begin(), chosen_.end(), host_selections_);
  resources_.copy_to_device(selections_, host_selections_, chosen_.size());
  const std::size_t values = items_.size() * static_cast<std::size_t>(rules_.columns);
  resources_.copy_to_host(theta_, s_.theta, values);
  resources_.copy_to_host(norms_, s_.norms, values);
  resources_.copy_to_host(host_bounds_, bounds_, items_.size());
  properties_->make(
      {s_.batch, selections_, s_.vectors, 0, 3 * columns, columns, 1, s_.theta, columns});
  if (request_.vectors) {
    set_active(solved, columns);
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
void Iteration::fill(std::size_t k, double seconds) {
  Item& item = *items_[k];
  Modes& found = item.modes();
  const double* const values = theta_ + k * static_cast<std::size_t>(rules_.columns);
  if (const std::string why = doubt(values); !why.empty()) return give_up(k, why);
  const std::size_t first = static_cast<std::size_t>(values - theta_ + chosen_[k].first);
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
  found.solver = rules_.solver;
  found.backend = resources_.name();
  found.seconds = seconds;
  // The last iteration needs no filter, and the first step of a filter no product.
  found.block_vectors = rules_.columns;
  found.double_products = outer_iterations_[k];
  found.single_products = products_of_start(k) + (outer_iterations_[k] - 1) * (degrees_[k] - 1);
}

}  // namespace modesweep::gpu
