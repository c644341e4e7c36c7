// SPDX-License-Identifier: MIT
// What solver `chebyshev` may take of a device, and what it makes of the shared memory there is.
#include "kernels/engine/chebyshev.hpp"

#include <gtest/gtest.h>

#include "kernels/device/subspace.hpp"
#include "kernels/engine/resources.hpp"
#include "kernels/networks.hpp"
#include "standin/standin.hpp"

namespace kernel_test {
namespace {

using namespace modesweep;

const std::vector<Network>& proteins() {
  static const std::vector<Network> networks = {demo_network("ubiquitin/pdb1ubi.pdb.gz"),
                                                demo_network("crambin/pdb1ejg.pdb.gz"),
                                                demo_network("cytochrome-c/d1yeb__.pdb.gz")};
  return networks;
}

std::vector<Outcome<Modes>> solve(const standin::Settings& settings,
                                  const std::vector<const Network*>& networks) {
  standin::start(settings);
  std::vector<gpu::Item> all;
  std::vector<gpu::Item*> items;
  all.reserve(networks.size());
  for (const Network* network : networks)
    items.push_back(&all.emplace_back(*network, ModeRequest{}, true));
  {
    gpu::DeviceResources resources(0);
    gpu::Task<> task = gpu::solve_by_chebyshev(resources, items, {});
    task.start();
    while (!task.done()) resources.go_on();
    task.result();
  }
  std::vector<Outcome<Modes>> outcomes;
  for (gpu::Item& item : all) outcomes.push_back(std::move(item.outcome));
  EXPECT_EQ(standin::complaints(), "");
  EXPECT_EQ(standin::alive(), 0);
  return outcomes;
}

std::vector<const Network*> all_of(const std::vector<Network>& networks) {
  std::vector<const Network*> all;
  for (const Network& network : networks) all.push_back(&network);
  return all;
}

TEST(ChebyshevCost, FourKilobytesOfDeviceMemoryAResidue) {
  for (const Network& network : proteins()) {
    standin::Settings settings;
    // The engine leaves a fifth of what is free to others.
    settings.device.memory = static_cast<std::size_t>(network.nodes()) * 4096 * 5 / 4;
    const auto outcomes = solve(settings, {&network});
    ASSERT_TRUE(outcomes[0]) << outcomes[0].error().message;
    EXPECT_EQ(outcomes[0]->solver, "chebyshev");
  }
}

TEST(ChebyshevCost, OneWaitAnOuterIterationOfABatchAndOneForTheModes) {
  int outer = 0;
  for (const auto& outcome : solve({}, all_of(proteins())))
    outer = std::max(outer, outcome.value().double_products);
  EXPECT_EQ(standin::counts().waits, outer + 1);
}

TEST(ChebyshevForms, TheModesAreTheSameWhateverTheSharedMemoryHolds) {
  const auto wanted = solve({}, all_of(proteins()));
  const auto resident = standin::counts().launches;
  // Too little for any, and for some.
  for (const int limit : {4 * 1024, 18 * 1024}) {
    SCOPED_TRACE(limit);
    standin::Settings settings;
    settings.device.shared_bytes = limit;
    // The other kernels' needs are below what every device has without asking.
    const auto outcomes = solve(settings, all_of(proteins()));
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      ASSERT_TRUE(outcomes[i]);
      EXPECT_EQ(outcomes[i]->solver, "chebyshev");
      EXPECT_EQ(outcomes[i]->zero_modes, wanted[i]->zero_modes);
      for (std::size_t j = 0; j < wanted[i]->eigenvalues.size(); ++j)
        EXPECT_NEAR(outcomes[i]->eigenvalues[j] / wanted[i]->eigenvalues[j], 1, 1e-9);
    }
    // A launch a step, in at least four iterations of twenty steps.
    EXPECT_GT(standin::counts().launches, resident + 4 * 19);
  }
}

}  // namespace
}  // namespace kernel_test
