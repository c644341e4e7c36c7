// SPDX-License-Identifier: MIT
#include "counting/cost.hpp"

#include <algorithm>
#include <stdexcept>

#include "kernels/engine/chebyshev.hpp"
#include "kernels/engine/filtered.hpp"
#include "kernels/engine/jacobi.hpp"
#include "kernels/engine/resources.hpp"
#include "standin/standin.hpp"

namespace counting {

using namespace modesweep;

SolveCost count_solve(gpu::Method method, const Network& network, const ModeRequest& request,
                      int shared_bytes) {
  standin::Settings settings;
  settings.device.memory = std::size_t{8} << 30;
  settings.device.shared_bytes = shared_bytes;
  standin::start(settings);
  take_launches();
  SolveCost result;
  {
    gpu::DeviceResources resources(0);
    gpu::Item item(network, request, method != gpu::Method::jacobi);
    gpu::Item* const one = &item;
    const auto solve = method == gpu::Method::jacobi     ? gpu::solve_by_jacobi
                       : method == gpu::Method::filtered ? gpu::solve_by_filtered
                                                         : gpu::solve_by_chebyshev;
    gpu::Task<> task = solve(resources, {&one, 1}, request);
    task.start();
    while (!task.done()) resources.go_on();
    task.result();
    if (!item.outcome) throw std::runtime_error(item.outcome.error().message);
    result.modes = *std::move(item.outcome);
    for (const standin::Span& span : standin::device_memory()) result.device_bytes += span.bytes;
  }
  const standin::Counts counts = standin::counts();
  result.waits = counts.waits;
  result.bytes_to_device = counts.bytes_to_device;
  result.bytes_to_host = counts.bytes_to_host;
  result.far_floor_seconds.assign(std::size(data_sheets), 0);
  result.floor_seconds.assign(std::size(data_sheets), 0);
  for (const Launch& launch : take_launches()) {
    result.kernels[kernel_name(launch.kernel)] += launch.cost;
    result.total += launch.cost;
    for (std::size_t i = 0; i < std::size(data_sheets); ++i) {
      const DataSheet& sheet = data_sheets[i];
      const auto seconds = [](std::int64_t count, double rate) {
        return static_cast<double>(count) / rate;
      };
      const double far = std::max({seconds(launch.cost.single_flops, sheet.single_flops),
                                   seconds(launch.cost.double_flops, sheet.double_flops),
                                   seconds(launch.cost.distinct_bytes, sheet.bytes)});
      result.far_floor_seconds[i] += far;
      result.floor_seconds[i] += std::max(
          far,
          seconds(launch.cost.shared_bytes + launch.cost.bytes_read + launch.cost.bytes_written,
                  sheet.near_bytes));
    }
  }
  return result;
}

}  // namespace counting
