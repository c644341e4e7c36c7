// SPDX-License-Identifier: MIT
#include <algorithm>

#include "solver/cuda_module.hpp"

namespace modesweep {
namespace {

/// A network that is too large for the solver asked for is the user's choice; the rest is the
/// device's fault, and costs time only.
bool worth_the_cpu(const Failure& failure) { return failure.code != "too_large"; }

class WithCpuBehind final : public ModeSolver {
 public:
  WithCpuBehind(std::unique_ptr<ModeSolver> device, std::unique_ptr<ModeSolver> cpu)
      : device_(std::move(device)), cpu_(std::move(cpu)) {}

  std::string_view name() const override { return device_->name(); }

  std::uint64_t memory_needed(const Network& network, const ModeRequest& request) const override {
    return std::max(device_->memory_needed(network, request),
                    cpu_->memory_needed(network, request));
  }

  std::vector<Outcome<Modes>> solve(std::span<const Network> networks,
                                    const ModeRequest& request) const override {
    std::vector<Outcome<Modes>> outcomes = device_->solve(networks, request);
    for (std::size_t i = 0; i < outcomes.size(); ++i)
      if (!outcomes[i] && worth_the_cpu(outcomes[i].error()))
        outcomes[i] = std::move(cpu_->solve(networks.subspan(i, 1), request).front());
    return outcomes;
  }

 private:
  const std::unique_ptr<ModeSolver> device_, cpu_;
};

}  // namespace

std::unique_ptr<ModeSolver> with_cpu_behind(std::unique_ptr<ModeSolver> device,
                                            std::unique_ptr<ModeSolver> cpu) {
  return std::make_unique<WithCpuBehind>(std::move(device), std::move(cpu));
}

}  // namespace modesweep
