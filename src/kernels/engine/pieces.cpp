// SPDX-License-Identifier: MIT
#include "kernels/engine/pieces.hpp"

#include <fmt/format.h>

#include "host/base/text.hpp"

namespace modesweep::gpu {

Task<> solve_in_pieces(DeviceResources& resources, Networks networks, Outcomes outcomes,
                       const std::function<Task<>(Networks, Outcomes)>& solve_at_once) {
  std::string lacking;
  try {
    co_await solve_at_once(networks, outcomes);
    co_return;
  } catch (const DeviceError& error) {
    if (error.kind() != DeviceError::Kind::out_of_memory) throw;
    lacking = error.what();
  }
  if (networks.size() == 1) {
    *outcomes[0] = fail(Stage::solve, "out_of_memory",
                        fmt::format("no memory on {} for {}: {}", resources.name(),
                                    counted(networks[0]->nodes(), "residue"), lacking));
    co_return;
  }
  co_await resources.finished();  // what was queued may use memory that is given out anew
  const std::size_t half = networks.size() / 2;
  co_await solve_in_pieces(resources, networks.first(half), outcomes.first(half), solve_at_once);
  co_await solve_in_pieces(resources, networks.subspan(half), outcomes.subspan(half),
                           solve_at_once);
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
