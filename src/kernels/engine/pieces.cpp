// SPDX-License-Identifier: MIT
#include "kernels/engine/pieces.hpp"

#include <fmt/format.h>

#include "host/base/text.hpp"

namespace modesweep::gpu {

Task<> solve_in_pieces(DeviceResources& resources, Items items,
                       const std::function<Task<>(Items)>& solve_at_once) {
  std::string lacking;
  try {
    co_await solve_at_once(items);
    co_return;
  } catch (const DeviceError& error) {
    if (error.kind() != DeviceError::Kind::out_of_memory) throw;
    lacking = error.what();
  }
  if (items.size() == 1) {
    items[0]->outcome = fail(Stage::solve, "out_of_memory",
                             fmt::format("no memory on {} for {}: {}", resources.name(),
                                         counted(items[0]->network->nodes(), "residue"), lacking));
    co_return;
  }
  co_await resources.finished();  // what was queued may use memory that is given out anew
  const std::size_t half = items.size() / 2;
  co_await solve_in_pieces(resources, items.first(half), solve_at_once);
  co_await solve_in_pieces(resources, items.subspan(half), solve_at_once);
}

void reserve_device_memory(DeviceResources& resources, std::size_t bytes) {
  if (bytes > resources.memory_limit())
    throw DeviceError(
        DeviceError::Kind::out_of_memory,
        fmt::format("{:.3f} GB are wanted, {:.3f} GB can be had", static_cast<double>(bytes) * 1e-9,
                    static_cast<double>(resources.memory_limit()) * 1e-9));
  resources.arena.reserve(bytes, resources.memory_limit());
}

}  // namespace modesweep::gpu
