// SPDX-License-Identifier: MIT
// A batch of networks with all that the kernels of solver `chebyshev` work on.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include "device/grid.hpp"
#include "kernels/device/subspace.hpp"
#include "kernels/device/tiles.hpp"
#include "kernels/device_data.hpp"
#include "kernels/engine/layout.hpp"

namespace kernel_test {

/// Networks in the order of their layouts, active in the order given; every array is an allocation
/// of its own and comes poisoned.
class SubspaceData {
 public:
  explicit SubspaceData(const std::vector<modesweep::Network>& networks, int columns = 40,
                        std::vector<int> degrees = {}, int tile_nodes = 2)
      : layouts(networks.begin(), networks.end()) {
    using namespace modesweep::gpu;
    if (degrees.empty()) degrees.assign(networks.size(), 20);
    std::vector<Segment> segments;
    std::vector<RigidBody> bodies;
    std::vector<Active> active;
    std::size_t nodes = 0;
    s.columns = columns;
    for (std::size_t k = 0; k < layouts.size(); ++k) {
      const Layout& layout = layouts[k];
      sorted.push_back(layout.network());
      first_row.push_back(3 * nodes);
      const auto first_segment = static_cast<std::int32_t>(segments.size());
      const auto first_body = static_cast<std::int32_t>(bodies.size());
      for (Segment segment : layout.segments) {
        segment.component += first_body;
        segments.push_back(segment);
      }
      for (RigidBody body : layout.bodies) {
        body.first_segment += first_segment;
        bodies.push_back(body);
      }
      active.push_back({static_cast<std::int32_t>(k), degrees[k], first_segment,
                        static_cast<std::int32_t>(layout.segments.size()), s.segment_blocks,
                        s.tile_blocks, s.step_blocks});
      s.segment_blocks += static_cast<int>(layout.segments.size());
      s.tile_blocks += tiles(k);
      s.step_blocks += step_blocks(static_cast<int>(sorted[k].nodes()), columns, tile_nodes);
      s.table_steps = std::max(s.table_steps, degrees[k]);
      nodes += sorted.back().positions.size();
    }
    s.active_networks = static_cast<int>(active.size());
    batch_.emplace(sorted);
    s.batch = batch_->view();
    s.segments = keep(segments);
    s.bodies = keep(bodies);
    s.active = keep(active);
    actives = active;
    all_segments = segments;
    const auto p = static_cast<std::size_t>(columns);
    const std::size_t count = layouts.size();
    bounds = make<double>(count);
    s.bounds = s.ends = bounds;
    s.vectors = make<double>(3 * nodes * p);
    s.products = make<double>(3 * nodes * p);
    for (auto* half = reinterpret_cast<float*>(s.products); float*& block : s.filter_blocks)
      block = std::exchange(half, half + 3 * nodes * p);
    s.residuals = make<float>(3 * nodes * p);
    s.theta = make<double>(count * p);
    s.norms = make<double>(count * p);
    s.rotations = make<double>(count * p * p);
    s.partial = make<double>(segments.size() * p * p);
    s.overlaps = make<double>(bodies.size() * 6 * p);
    s.table = make<float>(count * static_cast<std::size_t>(s.table_steps) * table_row(p));
    s.last_weight = make<double>(count * p);
    s.breakdowns = make<std::int32_t>(count);
    std::fill_n(s.breakdowns, count, 0);
  }

  std::size_t rows(std::size_t k) const { return 3 * sorted[k].positions.size(); }
  std::size_t columns() const { return static_cast<std::size_t>(s.columns); }
  int tiles(std::size_t k) const {
    return static_cast<int>((sorted[k].positions.size() + modesweep::gpu::tile_size - 1) /
                            modesweep::gpu::tile_size);
  }

  /// Network k's part of a block of vectors.
  template <class T>
  std::vector<T> block(const T* values, std::size_t k) const {
    const T* const begin = values + first_row[k] * columns();
    return {begin, begin + rows(k) * columns()};
  }
  /// Network k's part of what has `size` values a network.
  template <class T>
  static std::vector<T> of_network(const T* values, std::size_t k, std::size_t size) {
    return {values + k * size, values + (k + 1) * size};
  }

  /// As the engine makes them of the list of active networks.
  std::vector<modesweep::gpu::FilterPart> filter_parts(std::size_t shared_limit) const {
    std::vector<modesweep::gpu::FilterPart> parts;
    for (std::size_t k = 0; k < sorted.size(); ++k) {
      const modesweep::gpu::FilterPlan plan = modesweep::gpu::filter_plan(
          static_cast<std::int32_t>(sorted[k].positions.size()), shared_limit);
      if (parts.empty() || !(parts.back().plan == plan))
        parts.push_back({plan, static_cast<int>(k), 0, actives[k].tile_block, 0, 0});
      ++parts.back().networks;
      parts.back().tiles += tiles(k);
      parts.back().degree = std::max(parts.back().degree, actives[k].degree);
    }
    return parts;
  }

  /// Runs `step` from the same state under several orders of threads and of blocks. Returns how
  /// many of the orders gave other bits, anywhere, than the first.
  int orders_that_differ(const std::function<cudaError_t(cudaStream_t)>& step) {
    std::vector<std::vector<char>> before, first;
    for (const auto& [pointer, bytes] : written_)
      before.emplace_back(static_cast<char*>(pointer), static_cast<char*>(pointer) + bytes);
    int different = 0;
    for (const std::uint64_t order : {0, 1, 2}) {
      for (std::size_t i = 0; i < before.size(); ++i)
        std::memcpy(written_[i].first, before[i].data(), before[i].size());
      run(step, order);
      bool same = true;
      for (std::size_t i = 0; i < before.size(); ++i) {
        const char* const now = static_cast<char*>(written_[i].first);
        if (order == 0)
          first.emplace_back(now, now + before[i].size());
        else
          same = same && std::memcmp(now, first[i].data(), first[i].size()) == 0;
      }
      different += !same;
    }
    return different;
  }

  /// An array more, which kernels may write.
  template <class T>
  T* make(std::size_t size) {
    auto array = std::make_shared<DeviceArray<T>>(size);
    written_.emplace_back(array->data(), size * sizeof(T));
    T* const data = array->data();
    arrays_.push_back(std::move(array));
    return data;
  }

  void run(const std::function<cudaError_t(cudaStream_t)>& step, std::uint64_t order = 0) {
    device_host::set_thread_order(order);
    require(step(stream));
    stream.wait();
    device_host::set_thread_order(0);
  }

  modesweep::gpu::Subspaces s{};
  double* bounds = nullptr;
  const std::vector<modesweep::gpu::Layout> layouts;
  std::vector<modesweep::Network> sorted;
  std::vector<std::size_t> first_row;
  std::vector<modesweep::gpu::Active> actives;
  std::vector<modesweep::gpu::Segment> all_segments;
  TestStream stream;

 private:
  template <class T>
  const T* keep(const std::vector<T>& values) {
    auto array = std::make_shared<DeviceArray<T>>(values);
    const T* const data = array->data();
    arrays_.push_back(std::move(array));
    return data;
  }

  std::optional<BatchOnDevice> batch_;
  std::vector<std::shared_ptr<void>> arrays_;
  std::vector<std::pair<void*, std::size_t>> written_;  ///< what kernels may write, and its bytes
};

}  // namespace kernel_test
