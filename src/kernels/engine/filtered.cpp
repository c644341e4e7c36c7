// SPDX-License-Identifier: MIT
#include "kernels/engine/filtered.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "host/solver/filtered/filter_choice.hpp"
#include "kernels/device/krylov.hpp"
#include "kernels/device/tiles.hpp"
#include "kernels/engine/chebyshev.hpp"
#include "kernels/engine/iteration.hpp"
#include "kernels/engine/pieces.hpp"

namespace modesweep::gpu {
namespace {

using modesweep::filtered::bound_steps;
using modesweep::filtered::filter_degree;
using modesweep::filtered::filter_low;
using modesweep::filtered::hides_others;
using modesweep::filtered::Looks;

// Vectors beyond the modes wanted: zero modes are none of theirs, since they are handed over.
constexpr int guard_columns = 12;
constexpr int most_outer_iterations = 6;

/// The width of the block for these modes; 0 where no block is wide enough.
int columns_for(const ModeRequest& request) {
  const int columns = request.modes + guard_columns;
  return columns <= 32 ? 32 : columns <= 40 ? 40 : 0;
}

/// When a network is done, as the CPU's solver has it, but for shares: with 1e-10 one of 140 files
/// was off by two thirds of that.
Criteria criteria_for(const ModeRequest& request) {
  constexpr double not_asked_for = std::numeric_limits<double>::infinity();
  const bool is_exact = request.vectors || request.residuals;
  Criteria criteria{};
  criteria.modes = request.modes;
  // An eigenvalue next to zero may be that of a zero mode: another solver tells.
  criteria.guards = columns_for(request) - request.modes;
  criteria.zero = 10 * zero_eigenvalue;
  criteria.residual = is_exact ? 1e-10 : not_asked_for;
  criteria.value = 2e-11;
  criteria.vector = is_exact ? not_asked_for : 5e-10;
  criteria.least_wanted = 2e-15;
  return criteria;
}

template <class T>
std::size_t padded(std::size_t count) {
  return DeviceArena::padded(count * sizeof(T));
}

static_assert(Looks::block == krylov_block);

constexpr std::size_t krylov_row = table_row(krylov_block);  // of the filter's table

/// Beside the Krylov space the springs, and room for the filter.
std::size_t own_device_bytes(const BlockSizes& s) {
  const std::size_t block = 3 * s.nodes * krylov_block;
  const std::size_t squares = krylov_slots * krylov_square;
  constexpr std::size_t order = most_krylov_vectors;
  return padded<Spring<float>>(s.contacts * spring_tile_nodes) + padded<std::int32_t>(s.nodes) +
         padded<float>(6 * s.nodes) + padded<float>((krylov_slots + 1) * block) +
         padded<double>(s.segments * squares) + padded<double>(s.networks * squares) +
         2 * padded<float>(s.networks * krylov_square) + padded<float>(s.networks * order * order) +
         padded<float>(s.networks * order * s.columns) + 2 * padded<KrylovLook>(s.networks) +
         padded<std::int32_t>(s.networks) + padded<double>(s.networks) +
         padded<float>(s.networks * filter_degree * krylov_row);
}

/// From the Ritz vectors of a filter in a Krylov space.
class Filtered final : public Iteration {
 public:
  Filtered(DeviceResources& resources, Items items, const ModeRequest& request)
      : Iteration(
            resources, items, request,
            {"filtered", columns_for(request), criteria_for(request), most_outer_iterations, 1}) {
    looks_.reserve(items.size());
    vectors_.resize(items.size());
  }

 private:
  OwnBytes own_bytes(const BlockSizes& s) const override {
    return {own_device_bytes(s),
            padded<double>(s.networks) + padded<float>(s.networks * filter_degree * krylov_row),
            2 * padded<KrylovLook>(s.networks)};
  }

  void take_memory(const BlockSizes& s) override {
    DeviceArena& arena = resources().arena;
    const std::size_t squares = krylov_slots * krylov_square;
    constexpr std::size_t order = most_krylov_vectors;
    tiles_ = {spring_tile_nodes, arena.take<Spring<float>>(s.contacts * spring_tile_nodes),
              arena.take<std::int32_t>(s.nodes), arena.take<float>(6 * s.nodes)};
    krylov_.slot_values = 3 * s.nodes * krylov_block;
    krylov_.blocks = arena.take<float>((krylov_slots + 1) * krylov_.slot_values);
    krylov_.partial = arena.take<double>(s.segments * squares);
    krylov_.along = arena.take<double>(s.networks * squares);
    krylov_.inverse = arena.take<float>(s.networks * krylov_square);
    krylov_.last = arena.take<float>(s.networks * krylov_square);
    krylov_.projected = arena.take<float>(s.networks * order * order);
    krylov_.ritz = arena.take<float>(s.networks * order * s.columns);
    krylov_.looks = arena.take<KrylovLook>(s.networks);
    looks_at_h_ = arena.take<KrylovLook>(s.networks);
    krylov_.breakdowns = arena.take<std::int32_t>(s.networks);
    krylov_.kept = columns();
    krylov_.wanted = modes();
    ends_ = arena.take<double>(s.networks);
    table_ = arena.take<float>(s.networks * filter_degree * krylov_row);
    host_ends_ = resources().upload.take<double>(s.networks);
    host_table_ = resources().upload.take<float>(s.networks * filter_degree * krylov_row);
    host_looks_ = resources().download.take<KrylovLook>(s.networks);
    host_looks_at_h_ = resources().download.take<KrylovLook>(s.networks);
  }

  int products_of_start(std::size_t k) const override {
    const int products = bound_steps + 1 + vectors_[k] / krylov_block * filter_degree;
    return (products * krylov_block + columns() - 1) / columns();
  }

  Task<> start(List<std::size_t>& unfinished) override {
    set_active(unfinished, krylov_block);
    check(cudaMemsetAsync(krylov_.breakdowns, 0, count() * sizeof(std::int32_t), stream()),
          "cudaMemsetAsync");
    check(launch_spring_tiles(blocks(), tiles_, stream()), "kernel spring_tiles");
    check(launch_rigid_block(blocks(), krylov_, stream()), "kernel rigid_block");
    find_ends();
    co_await resources().finished();
    choose_filters();
    List<std::size_t> growing = unfinished;
    for (int vectors = krylov_block; !growing.empty(); vectors += krylov_block) {
      grow(vectors / krylov_block);
      const bool is_due = std::any_of(growing.begin(), growing.end(),
                                      [&](std::size_t k) { return looks_[k].is_due(vectors); });
      if (!is_due) continue;
      check(launch_krylov_look(blocks(), krylov_, vectors, stream()), "kernel look_at_space");
      resources().copy_to_host(host_looks_, krylov_.looks, count());
      co_await resources().finished();
      if (end_growth(growing, vectors) && !growing.empty()) set_active(growing, krylov_block);
    }
    std::erase_if(unfinished, [&](std::size_t k) { return vectors_[k] == 0; });
    if (unfinished.empty()) co_return;
    subspaces().ends = ends_;
    set_active(unfinished, columns());
    check(launch_krylov_vectors(subspaces(), krylov_, stream()), "kernel krylov_vectors");
  }

  /// A batch as the kernels of the Krylov space see it.
  Subspaces blocks() const {
    Subspaces s = subspaces();
    s.columns = krylov_block;
    s.table = table_;
    s.table_steps = filter_degree;
    return s;
  }

  /// H itself in a space that begins at random, for the upper end of its spectrum, and in the
  /// smooth block.
  void find_ends() {
    const auto multiply = [&](int slot) {
      check(launch_tile_step(blocks(), tiles_,
                             {krylov_.slot(slot), nullptr, krylov_.slot(slot + 1), nullptr, -1},
                             stream()),
            "kernel tile_step");
      orthogonalise(slot + 1);
    };
    Krylov of_h = krylov_;
    of_h.looks = looks_at_h_;
    begin(KrylovStart::random);
    for (int step = 1; step <= bound_steps; ++step) multiply(step);
    check(launch_krylov_look(blocks(), of_h, bound_steps * krylov_block, stream()),
          "kernel look_at_space");
    begin(KrylovStart::smooth);
    multiply(1);
    check(launch_krylov_look(blocks(), krylov_, krylov_block, stream()), "kernel look_at_space");
    resources().copy_to_host(host_looks_at_h_, looks_at_h_, count());
    resources().copy_to_host(host_looks_, krylov_.looks, count());
  }

  void begin(KrylovStart start) {
    check(launch_krylov_start(blocks(), krylov_, start, stream()), "kernel of the Krylov start");
    orthogonalise(1);
  }
  void orthogonalise(int slot) {
    check(launch_krylov_block(blocks(), krylov_, slot, stream()),
          "kernels of the Krylov space's block");
  }

  /// The interval of each network's filter, and the factors of its recurrence.
  void choose_filters() {
    for (std::size_t k = 0; k < count(); ++k) {
      const std::int64_t rows = network(k).degrees_of_freedom();
      const KrylovLook& upper = host_looks_at_h_[k];
      const double high = double{upper.largest} + double{upper.largest_residual};
      const double low = filter_low(host_looks_[k].largest, high, rows);
      looks_.emplace_back(rows, columns(),
                          std::min<std::int64_t>(most_krylov_vectors, rows - 6 - krylov_block));
      host_ends_[k] = high;
      modesweep::filtered::Chebyshev term(low, high);
      for (int step = 0; step < filter_degree; ++step) {
        float* const scalars = host_table_ + (k * filter_degree + step) * krylov_row;
        const double next = step == 0 ? 0 : term.next();
        std::fill_n(scalars, krylov_block, 0.0f);
        scalars[krylov_block] = static_cast<float>((step == 0 ? term.sigma : 2 * next) / term.half);
        scalars[krylov_block + 1] = static_cast<float>(step == 0 ? 0 : term.sigma * next);
        scalars[krylov_block + 2] = static_cast<float>(term.centre);
        if (step > 0) term.sigma = next;
      }
    }
    resources().copy_to_device(ends_, host_ends_, count());
    resources().copy_to_device(table_, host_table_, count() * filter_degree * krylov_row);
  }

  /// The filter of the block in this slot becomes the next one.
  void grow(int slot) {
    // The recurrence goes to and fro between the next slot and one behind the last; it ends in the
    // next one, since its degree is even.
    static_assert(filter_degree % 2 == 0);
    const float* z = krylov_.slot(slot);
    const float* before = z;
    for (int step = 0; step < filter_degree; ++step) {
      float* const out = krylov_.slot(step % 2 == 0 ? krylov_slots : slot + 1);
      check(launch_tile_step(blocks(), tiles_, {z, before, out, nullptr, step}, stream()),
            "kernel tile_step");
      before = z;
      z = out;
    }
    orthogonalise(slot + 1);
  }

  /// What the look has shown: whoever has vectors enough or is given up grows no more. Whether
  /// there is somebody.
  bool end_growth(List<std::size_t>& growing, int vectors) {
    return std::erase_if(growing, [&](std::size_t k) {
             if (!looks_[k].is_due(vectors)) return false;
             const double error = host_looks_[k].error;
             const bool is_spoilt = !(error >= 0);
             const Looks::Verdict verdict =
                 is_spoilt ? Looks::Verdict::too_slow : looks_[k].judge(vectors, error);
             if (verdict == Looks::Verdict::more) return false;
             if (verdict == Looks::Verdict::enough)
               vectors_[k] = vectors;
             else
               give_up(k, std::string("filter space: ") +
                              (is_spoilt ? "single precision cannot tell its vectors apart"
                                         : Looks::reason(verdict)));
             return true;
           }) > 0;
  }

  void filter() override {
    check(launch_tile_filter(subspaces(), tiles_, active_degree(), stream()),
          "kernels of the filter");
  }

  std::string doubt(const double* values) const override {
    const std::span all(values, static_cast<std::size_t>(columns()));
    return hides_others(all, modes()) ? "too many eigenvalues are equal" : "";
  }

  SpringTiles tiles_{};
  Krylov krylov_{};
  List<Looks> looks_;
  List<int> vectors_;  ///< of the space that each network ended with; 0: it was given up
  KrylovLook* looks_at_h_ = nullptr;  // on the device
  double* ends_ = nullptr;
  float* table_ = nullptr;
  double* host_ends_ = nullptr;  // pinned
  float* host_table_ = nullptr;
  KrylovLook* host_looks_ = nullptr;
  KrylovLook* host_looks_at_h_ = nullptr;
};

}  // namespace

bool filtered_takes(const Network& network, const ModeRequest& request) {
  const int columns = columns_for(request);
  // Room for the smallest basis and as much again.
  return columns != 0 && network.components == 1 &&
         network.degrees_of_freedom() - 6 >= 2 * (columns + krylov_block);
}

std::size_t filtered_bytes(const Network& network, const ModeRequest& request) {
  const BlockSizes sizes =
      BlockSizes::of(network, columns_for(request), filter_degree_for(network.nodes()));
  return iteration_bytes(network, sizes) + own_device_bytes(sizes);
}

Task<> solve_by_filtered(DeviceResources& resources, Items items, ModeRequest request) {
  List<Item*> own, others;
  own.reserve(items.size());
  others.reserve(items.size());
  for (Item* const item : items)
    (filtered_takes(*item->network, request) ? own : others).push_back(item);
  if (!own.empty()) {
    sort_longest_first(own);
    const std::function<Task<>(Items)> solve = [&](Items some) -> Task<> {
      Filtered iteration(resources, some, request);
      co_await iteration.run();
    };
    co_await solve_in_pieces(resources, own, solve);
  }
  if (!others.empty()) co_await solve_by_chebyshev(resources, others, request);
}

}  // namespace modesweep::gpu
