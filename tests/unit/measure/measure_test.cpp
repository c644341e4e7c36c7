// SPDX-License-Identifier: MIT
#include "measure/measure.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "measure/samples.hpp"

namespace modesweep::measure {
namespace {

TEST(Agreement, CountsDigits) {
  const std::vector<double> reference = {0.5, 0.25};
  EXPECT_EQ(digits_of_agreement(reference, reference), 16);
  EXPECT_NEAR(digits_of_agreement(std::vector<double>{0.5, 0.25 * (1 + 1e-7)}, reference), 7, 1e-6);
  EXPECT_EQ(digits_of_agreement(std::vector<double>{0.5}, reference), 0);
  EXPECT_EQ(digits_of_agreement(std::vector<double>{0.5, -9}, reference), 0);
}

/// Takes 10 ms a network by the clock of its own, and says what it did as solver chebyshev would.
class SlowSolver final : public ModeSolver {
 public:
  std::string_view name() const override { return "slow"; }
  std::uint64_t memory_needed(const Network&, const ModeRequest&) const override { return 0; }
  std::vector<Outcome<Modes>> solve(std::span<const Network> networks,
                                    const ModeRequest&) const override {
    ++calls;
    if (fails) return {fail(Stage::solve, "not_converged", "it did not converge")};
    passed = passed + 0.010 * static_cast<double>(networks.size());
    Modes modes;
    modes.eigenvalues = {1, 2};
    modes.solver = "slow";
    modes.single_products = 100;
    modes.double_products = 10;
    modes.block_vectors = 40;
    return std::vector<Outcome<Modes>>(networks.size(), modes);
  }
  mutable std::atomic<int> calls = 0;
  mutable std::atomic<double> passed = 0;  ///< seconds
  bool fails = false;
};

class Measure : public testing::Test {
 protected:
  Measure() {
    reference_.eigenvalues = {1, 2};
    effort_.clock = [this] { return solver_.passed.load(); };
  }
  const Network network_ = build_network(globule(60), {}).value();
  Modes reference_;
  SlowSolver solver_;
  Effort effort_;
};

TEST_F(Measure, TimesAStructureOfABatch) {
  effort_.batch = 3;
  effort_.seconds = 0;
  const Measurement m = measure_on_device(solver_, network_, reference_, effort_);
  EXPECT_EQ(solver_.calls, 1);
  EXPECT_EQ(m.structures, 3);
  EXPECT_NEAR(m.seconds, 0.010, 1e-12);
  EXPECT_EQ(m.digits, 16);
  // 14 operations a contact, 110 products of 40 vectors.
  ASSERT_TRUE(m.flops_per_second);
  EXPECT_NEAR(*m.flops_per_second * m.seconds,
              14.0 * static_cast<double>(network_.neighbours.size()) * 110 * 40, 1);
}

TEST_F(Measure, TheBatchGrowsAsFarAsThereIsTime) {
  effort_.batch = 50;
  effort_.seconds = 1000;
  effort_.repetitions = 1;
  EXPECT_EQ(measure_on_device(solver_, network_, reference_, effort_).structures, 50);
  EXPECT_EQ(solver_.calls, 2 + 2);  // 8 and 32 on the way, 50 to warm up and once more
  effort_.seconds = 0;
  EXPECT_EQ(measure_on_device(solver_, network_, reference_, effort_).structures, 8);
}

TEST_F(Measure, TheCheckpointEndsIt) {
  effort_.batch = 50;
  effort_.seconds = 1000;
  effort_.checkpoint = [&] {
    if (solver_.calls == 2) throw std::runtime_error("enough");
  };
  EXPECT_THROW(measure_on_device(solver_, network_, reference_, effort_), std::runtime_error);
  EXPECT_EQ(solver_.calls, 2);
}

TEST_F(Measure, ThreadsOfTheCpuWorkAtTheSameTime) {
  effort_.threads = 4;
  effort_.seconds = 0.1;
  effort_.repetitions = 2;
  const Measurement m = measure_on_cpu(solver_, network_, reference_, effort_);
  EXPECT_EQ(solver_.calls, 3 * 4);       // once to warm up
  EXPECT_NEAR(m.seconds, 0.010, 1e-12);  // by a clock that goes on for each thread
}

TEST_F(Measure, AFailureIsKept) {
  solver_.fails = true;
  const Measurement m = measure_on_cpu(solver_, network_, reference_, {});
  EXPECT_EQ(m.failure, "it did not converge");
  EXPECT_FALSE(m.flops_per_second);
}

}  // namespace
}  // namespace modesweep::measure
