// SPDX-License-Identifier: MIT
#include "kernels/engine/chebyshev.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "kernels/device/subspace.hpp"
#include "kernels/engine/iteration.hpp"
#include "kernels/engine/jacobi.hpp"
#include "kernels/engine/pieces.hpp"

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
  criteria.vector = std::numeric_limits<double>::infinity();
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

/// Whether the complement of the rigid-body modes has room for a block and as much again.
bool has_room(const Network& network, int columns) {
  return network.degrees_of_freedom() - 6 * std::int64_t{network.components} >= 2 * columns;
}

/// From vectors at random, by the forms of the filter that fit.
class Chebyshev final : public Iteration {
 public:
  Chebyshev(DeviceResources& resources, Items items, const ModeRequest& request)
      : Iteration(resources, items, request,
                  {"chebyshev", columns_for(request), criteria_for(request.modes),
                   most_outer_iterations, 2}) {}

 private:
  OwnBytes own_bytes(const BlockSizes&) const override { return {}; }
  void take_memory(const BlockSizes&) override {}
  Task<> start(List<std::size_t>& unfinished) override {
    set_active(unfinished, columns());
    check(launch_start_vectors(subspaces(), stream()), "kernel start_vectors");
    co_return;
  }
  int products_of_start(std::size_t) const override { return 0; }

  void filter() override {
    for (const FilterPart& part : filter_parts())
      check(launch_filter(subspaces(), part, stream()), "kernels of the filter");
  }

  std::string doubt(const double*) const override { return {}; }
};

}  // namespace

bool chebyshev_takes(const Network& network, const ModeRequest& request) {
  const int columns = columns_for(request);
  return columns != 0 && has_room(network, columns);
}

std::size_t chebyshev_bytes(const Network& network, const ModeRequest& request) {
  return iteration_bytes(
      network, BlockSizes::of(network, columns_for(request), filter_degree_for(network.nodes())));
}

Task<> solve_by_chebyshev(DeviceResources& resources, Items items, ModeRequest request) {
  List<Item*> iterative, dense;
  iterative.reserve(items.size());
  dense.reserve(items.size());
  for (Item* const item : items) (item->layout ? iterative : dense).push_back(item);
  if (!iterative.empty()) {
    sort_longest_first(iterative);
    const std::function<Task<>(Items)> solve = [&](Items some) -> Task<> {
      Chebyshev iteration(resources, some, request);
      co_await iteration.run();
    };
    co_await solve_in_pieces(resources, iterative, solve);
  }
  if (!dense.empty()) co_await solve_by_jacobi(resources, dense, request);
}

}  // namespace modesweep::gpu
