// SPDX-License-Identifier: MIT
// The self-test passes where all is well, and fails where something is not.
#include "kernels/selftest/selftest.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "kernels/engine/resources.hpp"
#include "kernels/networks.hpp"
#include "measure/samples.hpp"
#include "standin/standin.hpp"

namespace kernel_test {
namespace {

using namespace modesweep;

std::map<std::string, bool> selftest() {
  // Smaller than those of the command, which tests/standin runs.
  std::vector<Vec3> pieces = measure::globule(37);
  for (const Vec3& p : measure::globule(40)) pieces.push_back({p[0] + 200, p[1], p[2]});
  const std::vector<Network> networks = {network_of(measure::globule(45)), network_of(pieces)};
  std::map<std::string, bool> results;
  gpu::run_selftest(0, networks,
                    [&](const std::string& operation, bool passed, const std::string&) {
                      results[operation] = passed;
                    });
  return results;
}

TEST(SelfTest, PassesAndLeavesNothingBehind) {
  standin::start({});
  const auto results = selftest();
  EXPECT_GE(results.size(), 30u);
  for (const auto& [operation, passed] : results) EXPECT_TRUE(passed) << operation;
  EXPECT_EQ(standin::complaints(), "");
  EXPECT_EQ(standin::alive(), 0);
}

TEST(SelfTest, SeesAMatrixThatDidNotConverge) {
  standin::start({});
  standin::inject({.matrix = 2});
  EXPECT_FALSE(selftest().at("cuSOLVER's batched Jacobi"));
}

TEST(SelfTest, EndsWhereALaunchFails) {
  standin::start({});
  standin::inject({.launch = 5});
  EXPECT_THROW(selftest(), gpu::DeviceError);
  EXPECT_EQ(standin::alive(), 0);
}

}  // namespace
}  // namespace kernel_test
