// SPDX-License-Identifier: MIT
// The engine as a whole over the stand-in, against LAPACK, also where the device fails: with small
// proteins, or with larger ones too and at more moments.
#include "kernels/engine/engine.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <functional>
#include <limits>
#include <thread>

#include <modesweep/modes.hpp>
#include <modesweep/properties.hpp>

#include "kernels/counted_allocations.hpp"
#include "kernels/engine/chebyshev.hpp"
#include "kernels/engine/filtered.hpp"
#include "kernels/engine/jacobi.hpp"
#include "kernels/engine/layout.hpp"
#include "kernels/engine/resources.hpp"
#include "kernels/networks.hpp"
#include "solver/cpu_solvers.hpp"
#include "standin/standin.hpp"

namespace kernel_test {
namespace {

using namespace modesweep;

constexpr bool whole = ENGINE_WHOLE;

const std::vector<Network>& small_proteins() {
  static const std::vector<Network> networks = [] {
    std::vector<Network> all;
    const std::vector<const char*> files =
        whole ? std::vector<const char*>{"ubiquitin/pdb1ubi.pdb.gz",  "zinc-finger/1ard.pdb",
                                         "crambin/pdb1ejg.pdb.gz",    "cytochrome-c/d1yeb__.pdb.gz",
                                         "kunitz-domain/1adz.pdb.gz", "zinc-finger/1sp1.pdb"}
              : std::vector<const char*>{"zinc-finger/1ard.pdb", "crambin/pdb1ejg.pdb.gz",
                                         "zinc-finger/1sp1.pdb"};
    for (const char* file : files) all.push_back(demo_network(file));
    all.push_back(
        demo_network(whole ? "cytochrome-c/d1m60a_.pdb.gz" : "zinc-finger/1zfd.pdb", {13.0, 2.5}));
    return all;
  }();
  return networks;
}

/// Pieces that do not follow one another in the file.
Network shapes_in_pieces() {
  shapes::Positions mixed;
  const shapes::Positions one = shapes::helix(40), other = shapes::helix(45, 100);
  for (std::size_t i = 0; i < 45; ++i) {
    if (i < one.size()) mixed.push_back(one[i]);
    mixed.push_back(other[i]);
  }
  return network_of(mixed);
}

std::vector<Network> awkward_networks() {
  using namespace shapes;
  std::vector<Network> all;
  for (const int nodes : {1, 2, 3, 5, 8, 9, 30}) all.push_back(network_of(helix(nodes)));
  all.push_back(network_of({{0, 0, 0}, {16, 0, 0}}));
  all.push_back(network_of(line(10)));
  all.push_back(network_of(line(30)));
  all.push_back(network_of(plane()));
  all.push_back(network_of(bodies(2)));
  all.push_back(network_of(bodies(5)));
  all.push_back(network_of(isolated_node()));
  all.push_back(network_of(tail()));
  // And a rotation that a line does not have.
  Positions mixed = shapes_in_pieces().positions;
  mixed.push_back({300, 0, 0});
  for (int i = 0; i < 3; ++i) mixed.push_back({400 + 3.8 * i, 0, 0});
  all.push_back(network_of(mixed));
  return all;
}

Modes by_lapack(const Network& network, int modes = 20) {
  auto outcomes = make_lapack_solver()->solve({&network, 1}, {modes});
  if (!outcomes[0]) throw std::runtime_error(outcomes[0].error().message);
  return *std::move(outcomes[0]);
}

/// Largest relative difference that rounding allows for an eigenvalue: tests/golden/README.md.
double tolerance(double eigenvalue, double gamma) {
  return std::max(1e-9, 1e-14 * 52 * gamma / eigenvalue);
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, std::abs(a[i] - b[i]) / std::max(1.0, std::abs(b[i])));
  return most;
}

/// What was made on the device is what the host makes of the vectors.
void expect_properties(const Modes& modes) {
  Modes by_host = modes;
  finish_modes(by_host, {});
  EXPECT_LT(largest_difference(modes.collectivities, by_host.collectivities), 1e-13);
  EXPECT_LT(largest_difference(modes.square_amplitudes, by_host.square_amplitudes), 1e-15);
  EXPECT_LT(largest_difference(modes.square_fluctuations, by_host.square_fluctuations), 1e-13);
}

void expect_modes(const Outcome<Modes>& outcome, const Network& network, const Modes& expected) {
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->zero_modes, expected.zero_modes);
  ASSERT_EQ(outcome->eigenvalues.size(), expected.eigenvalues.size());
  const std::size_t n = 3 * network.positions.size();
  ASSERT_EQ(outcome->eigenvectors.size(), n * expected.eigenvalues.size());
  expect_properties(*outcome);
  for (std::size_t j = 0; j < expected.eigenvalues.size(); ++j) {
    const double value = expected.eigenvalues[j];
    EXPECT_NEAR(outcome->eigenvalues[j], value, value * tolerance(value, network.gamma)) << j;
  }
  const std::vector<double> hessian = dense_hessian(network);
  const double scale = expected.eigenvalues.empty() ? 1 : 100 * network.gamma;
  double worst_residual = 0, worst_product = 0;
  for (std::size_t j = 0; j < expected.eigenvalues.size(); ++j) {
    const double* const v = &outcome->eigenvectors[j * n];
    double square = 0;
    for (std::size_t row = 0; row < n; ++row) {
      double sum = -outcome->eigenvalues[j] * v[row];
      for (std::size_t column = 0; column < n; ++column)
        sum += hessian[row * n + column] * v[column];
      square += sum * sum;
    }
    worst_residual = std::max(worst_residual, std::sqrt(square) / scale);
    for (std::size_t i = 0; i <= j; ++i) {
      double dot = i == j ? -1 : 0;
      for (std::size_t row = 0; row < n; ++row) dot += v[row] * outcome->eigenvectors[i * n + row];
      worst_product = std::max(worst_product, std::abs(dot));
    }
  }
  EXPECT_LT(worst_residual, 1e-8);
  EXPECT_LT(worst_product, 1e-10);
}

class EngineTest : public testing::TestWithParam<gpu::Method> {
 protected:
  void SetUp() override { standin::start({}); }
  void TearDown() override {
    EXPECT_EQ(standin::complaints(), "");
    EXPECT_EQ(standin::alive(), 0);
  }
  std::unique_ptr<ModeSolver> engine(const std::vector<int>& devices = {0}) const {
    return gpu::make_engine(GetParam(), devices);
  }
};

std::string method_name(const testing::TestParamInfo<gpu::Method>& method) {
  return std::string(gpu::to_string(method.param));
}

std::size_t bytes_of(gpu::Method method, const Network& network) {
  switch (method) {
    case gpu::Method::jacobi: return gpu::jacobi_bytes(network, {});
    case gpu::Method::filtered: return gpu::filtered_bytes(network, {});
    default: return gpu::chebyshev_bytes(network, {});
  }
}

INSTANTIATE_TEST_SUITE_P(Method, EngineTest,
                         testing::Values(gpu::Method::jacobi, gpu::Method::chebyshev,
                                         gpu::Method::filtered),
                         method_name);

TEST_P(EngineTest, GivesLapacksModesOfProteins) {
  const std::vector<Network>& networks = small_proteins();
  const auto outcomes = engine()->solve(networks, {});
  ASSERT_EQ(outcomes.size(), networks.size());
  for (std::size_t i = 0; i < networks.size(); ++i) {
    SCOPED_TRACE(i);
    expect_modes(outcomes[i], networks[i], by_lapack(networks[i]));
    if (!outcomes[i]) continue;
    EXPECT_EQ(outcomes[i]->backend, "cuda:0 stand-in");
    EXPECT_EQ(outcomes[i]->solver, engine()->name());
  }
}

TEST_P(EngineTest, GivesLapacksModesOfAwkwardShapes) {
  // A block of 40 has room for 20 modes, 6 columns beyond them, and so many; filtered takes none.
  const auto has_too_many_zero_modes = [](const Network& network, const Modes& expected) {
    const int zero_modes = expected.zero_modes - gpu::Layout(network).rigid_modes;
    if (GetParam() == gpu::Method::filtered && gpu::filtered_takes(network, {}))
      return zero_modes > 0;
    return GetParam() != gpu::Method::jacobi && gpu::chebyshev_takes(network, {}) &&
           zero_modes > 14;
  };
  const std::vector<Network> networks = awkward_networks();
  const auto outcomes = engine()->solve(networks, {});
  int handed_over = 0;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    SCOPED_TRACE(i);
    const Modes expected = by_lapack(networks[i]);
    if (has_too_many_zero_modes(networks[i], expected)) {
      ASSERT_FALSE(outcomes[i]);
      EXPECT_EQ(outcomes[i].error().code, "not_converged");
      continue;
    }
    if (GetParam() == gpu::Method::filtered && !outcomes[i]) {
      // No space of single precision that holds what a helix has; anything given must be right.
      EXPECT_EQ(outcomes[i].error().code, "not_converged");
      EXPECT_NE(outcomes[i].error().message.find("filter space: "), std::string::npos);
      ++handed_over;
      continue;
    }
    expect_modes(outcomes[i], networks[i], expected);
  }
  EXPECT_LE(handed_over, 1);
}

TEST_P(EngineTest, GivesAsManyModesAsAreAskedFor) {
  const Network& network = small_proteins()[1];
  for (const int modes : {1, 6, 40}) {
    SCOPED_TRACE(modes);
    expect_modes(engine()->solve({&network, 1}, {modes})[0], network, by_lapack(network, modes));
  }
}

/// Which solver a network ends with is part of what the method promises.
std::vector<std::string> solvers(const std::vector<Outcome<Modes>>& outcomes) {
  std::vector<std::string> names;
  for (const auto& outcome : outcomes) names.push_back(outcome ? outcome->solver : "none");
  return names;
}

TEST(ChebyshevRoutes, WhatASubspaceIsNotMadeForGoesToJacobiOrFails) {
  standin::start({});
  const auto engine = gpu::make_engine(gpu::Method::chebyshev, {0});
  using namespace shapes;
  const std::vector<Network> networks = {
      network_of(helix(28)), network_of(helix(29)), network_of(bodies(2)),
      network_of(line(40)),  network_of(tail()),    demo_network("ubiquitin/pdb1ubi.pdb.gz")};
  const auto outcomes = engine->solve(networks, {});
  ASSERT_EQ(solvers(outcomes), (std::vector<std::string>{"jacobi", "chebyshev", "chebyshev", "none",
                                                         "jacobi", "chebyshev"}));
  EXPECT_NE(outcomes[3].error().message.find(" zero modes beside the rigid-body motions"),
            std::string::npos)
      << outcomes[3].error().message;
  EXPECT_EQ(solvers(engine->solve({&networks.back(), 1}, {28})).front(), "chebyshev");
  EXPECT_EQ(solvers(engine->solve({&networks.back(), 1}, {29})).front(), "jacobi");
}

TEST_P(EngineTest, TheBitsDependOnTheNetworkAlone) {
  const std::vector<Network>& networks = small_proteins();
  const auto together = engine()->solve(networks, {});
  const auto solver = engine();
  for (std::size_t i = networks.size(); i-- > 0;) {
    const auto alone = solver->solve({&networks[i], 1}, {});
    ASSERT_TRUE(alone[0]);
    ASSERT_TRUE(together[i]);
    EXPECT_EQ(alone[0]->eigenvalues, together[i]->eigenvalues);
    EXPECT_EQ(alone[0]->eigenvectors, together[i]->eigenvectors);
  }
}

TEST_P(EngineTest, SeveralThreadsAndSeveralDevices) {
  standin::Settings settings;
  settings.devices = 2;
  standin::start(settings);
  const std::vector<Network>& networks = small_proteins();
  const auto solver = engine({0, 1});
  std::vector<std::vector<Outcome<Modes>>> outcomes(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : outcomes) threads.emplace_back([&] { mine = solver->solve(networks, {}); });
  }
  for (const auto& mine : outcomes)
    for (std::size_t i = 0; i < networks.size(); ++i) {
      ASSERT_TRUE(mine[i]);
      EXPECT_EQ(mine[i]->eigenvectors, outcomes[0][i]->eigenvectors);
    }
}

/// A device of which a stream's part holds the largest of the small proteins and little more, so
/// that several batches are in work at the same time.
standin::Settings tight(gpu::Method method, int devices = 1) {
  std::size_t largest = 0;
  for (const Network& network : small_proteins())
    largest = std::max(largest, bytes_of(method, network));
  standin::Settings settings;
  settings.devices = devices;
  // The engine leaves a fifth of what is free to others.
  settings.device.memory = gpu::streams_per_device * largest * 11 / 10 * 5 / 4;
  return settings;
}

std::size_t solved(const std::vector<Outcome<Modes>>& outcomes) {
  std::size_t count = 0;
  for (const auto& outcome : outcomes) count += outcome.has_value();
  return count;
}

TEST_P(EngineTest, OtherResultsAreTheSameWhetherVectorsAreAskedForOrNot) {
  const std::vector<Network> networks = {small_proteins()[0], shapes_in_pieces(),
                                         small_proteins()[3]};
  const auto all = engine()->solve(networks, {});
  ModeRequest request;
  request.vectors = false;
  const auto without = engine()->solve(networks, request);
  request.square_fluctuations = false;
  const auto least = engine()->solve(networks, request);
  for (std::size_t i = 0; i < networks.size(); ++i) {
    ASSERT_TRUE(all[i] && without[i] && least[i]);
    for (const Modes* const some : {&*without[i], &*least[i]}) {
      EXPECT_EQ(some->eigenvalues, all[i]->eigenvalues);
      EXPECT_EQ(some->residuals, all[i]->residuals);
      EXPECT_EQ(some->collectivities, all[i]->collectivities);
      EXPECT_EQ(some->square_amplitudes, all[i]->square_amplitudes);
      EXPECT_TRUE(some->eigenvectors.empty());
    }
    EXPECT_EQ(without[i]->square_fluctuations, all[i]->square_fluctuations);
    EXPECT_TRUE(least[i]->square_fluctuations.empty());
  }
}

// Shares, collectivities, residuals, square amplitudes and fluctuations.
TEST_P(EngineTest, NoMoreThan64BytesAResidueComeBackWithoutVectors) {
  ModeRequest request;
  request.vectors = false;
  std::int64_t residues = 0;
  for (const Network& network : small_proteins()) residues += network.nodes();
  const auto solver = engine();
  const std::int64_t before = standin::counts().bytes_to_host;
  ASSERT_EQ(solved(solver->solve(small_proteins(), request)), small_proteins().size());
  EXPECT_LE(standin::counts().bytes_to_host - before, 64 * residues);
}

TEST_P(EngineTest, TheDriversThreadAllocatesNothingInSteadyState) {
  const auto solver = engine();
  ModeRequest request;
  request.vectors = false;
  const std::vector<Network> few(2, small_proteins()[1]), many(8, small_proteins()[1]);
  const auto allocations = [&](const std::vector<Network>& networks) {
    const std::int64_t before = counted_allocations::of_other_threads();
    solver->solve(networks, request);
    return counted_allocations::of_other_threads() - before;
  };
  EXPECT_GT(allocations(many), 0) << "the first batch";
  EXPECT_EQ(allocations(few), 0);
  EXPECT_EQ(allocations(many), 0);
}

TEST_P(EngineTest, NoWaitIsForOneLaneWhereAnotherMayBeDone) {
  standin::start(tight(GetParam()));
  const auto solver = engine();
  for (int repeat = 0; repeat < 2; ++repeat) solver->solve(small_proteins(), {});
  EXPECT_EQ(standin::counts().busy_streams, gpu::streams_per_device);
  EXPECT_EQ(standin::counts().waits_beside_others, 0);
}

TEST(ShareOfALane, IsAnEvenPartOfWhatIsQueued) {
  EXPECT_EQ(gpu::share_of_lane(0, 3), gpu::least_share_of_lane);
  EXPECT_EQ(gpu::share_of_lane(1.5, 3), 0.5);
  EXPECT_EQ(gpu::share_of_lane(1.5, 1), 1);
  EXPECT_EQ(gpu::share_of_lane(9, 3), 1);
}

TEST_P(EngineTest, IdleLanesShareWhatIsQueued) {
  // Of a device whose full batch is all of them, each lane takes a third.
  std::size_t bytes = 0;
  for (const Network& network : small_proteins()) bytes += bytes_of(GetParam(), network);
  standin::Settings settings;
  settings.device.memory = gpu::streams_per_device * bytes * 11 / 10 * 5 / 4;
  standin::start(settings);
  const auto solver = gpu::make_engine(GetParam(), {0});
  ASSERT_EQ(solved(solver->solve(small_proteins(), {})), small_proteins().size());
  EXPECT_EQ(standin::counts().busy_streams, gpu::streams_per_device);
  EXPECT_GE(solver->use()[0].batches, 3u);
}

TEST_P(EngineTest, NothingIsAllocatedInSteadyState) {
  const auto solver = engine();
  solver->solve(small_proteins(), {});
  const std::int64_t before = standin::counts().allocations;
  for (int repeat = 0; repeat < 3; ++repeat) solver->solve(small_proteins(), {});
  EXPECT_EQ(standin::counts().allocations, before);
}

TEST_P(EngineTest, SeveralStreamsGiveTheSameBits) {
  const std::vector<Network>& networks = small_proteins();
  const auto wanted = engine()->solve(networks, {});
  EXPECT_EQ(standin::counts().busy_streams, 1);
  standin::start(tight(GetParam()));
  const auto solver = engine();
  for (int repeat = 0; repeat < 2; ++repeat) {
    const auto outcomes = solver->solve(networks, {});
    for (std::size_t i = 0; i < networks.size(); ++i) {
      ASSERT_TRUE(wanted[i]);
      ASSERT_TRUE(outcomes[i]) << outcomes[i].error().message;
      EXPECT_EQ(outcomes[i]->eigenvalues, wanted[i]->eigenvalues);
      EXPECT_EQ(outcomes[i]->eigenvectors, wanted[i]->eigenvectors);
    }
  }
  EXPECT_EQ(standin::counts().busy_streams, gpu::streams_per_device);
}

TEST_P(EngineTest, SaysWhatTheDevicesDid) {
  standin::start(tight(GetParam(), 2));
  const auto solver = gpu::make_engine(GetParam(), {0, 1});
  EXPECT_EQ(solver->lanes(), 2 * gpu::streams_per_device);
  const std::vector<Network>& networks = small_proteins();
  solver->solve(networks, {});
  const std::vector<DeviceUse> use = solver->use();
  ASSERT_EQ(use.size(), 2u);
  EXPECT_EQ(use[1].device, "cuda:1 stand-in");
  EXPECT_EQ(use[1].model, "stand-in");
  EXPECT_EQ(use[0].networks + use[1].networks, networks.size());
  EXPECT_GE(use[0].batches + use[1].batches, 3u);
  EXPECT_LT(use[0].largest_batch, networks.size());
  EXPECT_EQ(use[0].failure + use[1].failure, "");
  double values = 0, padded = 0;
  if (GetParam() == gpu::Method::jacobi)
    for (const Network& network : networks) {
      values += std::pow(static_cast<double>(network.degrees_of_freedom()), 2);
      padded += std::pow(gpu::jacobi_edge(network.nodes()), 2);
    }
  EXPECT_EQ(use[0].matrix_values + use[1].matrix_values, values);
  EXPECT_EQ(use[0].padded_values + use[1].padded_values, padded);
}

TEST_P(EngineTest, ABatchIsFullByMemoryAndByWork) {
  standin::Settings settings;
  settings.device.memory = std::size_t{80} << 30;
  standin::start(settings);
  const auto solver = gpu::make_engine(GetParam(), {0});
  Network dense = small_proteins()[0];
  const double of_memory = solver->part_of_batch(dense, {});
  EXPECT_GT(of_memory, 0);
  EXPECT_LT(of_memory, 1e-2);
  dense.neighbours.resize(2'000'000);
  EXPECT_DOUBLE_EQ(solver->part_of_batch(dense, {}), 0.5);
  standin::start({});
  EXPECT_GT(gpu::make_engine(GetParam(), {0})->part_of_batch(small_proteins()[0], {}), of_memory);
}

TEST_P(EngineTest, EmptyBatch) { EXPECT_TRUE(engine()->solve({}, {}).empty()); }

// Faults. What the device cannot do is an outcome that says so; the next batch is tried again.

const std::vector<Network>& few_proteins() {
  static const std::vector<Network> networks = {demo_network("zinc-finger/1ard.pdb"),
                                                demo_network("zinc-finger/1zfd.pdb"),
                                                demo_network("crambin/pdb1ejg.pdb.gz")};
  return networks;
}

/// First, middle and last occasions: 1, 2, 3, 4, 6, 9 ... and the last one, or one of each.
std::vector<int> strikes(int last) {
  if (!whole) return {1, (last + 1) / 2, last};
  std::vector<int> all;
  for (int strike = 1; strike < last; strike += 1 + strike / 3) all.push_back(strike);
  all.push_back(last);
  return all;
}

TEST_P(EngineTest, NoDeviceAndOldDriver) {
  standin::Settings settings;
  settings.devices = 0;
  standin::start(settings);
  EXPECT_THROW(engine(), gpu::DeviceError);
  settings.devices = 1;
  settings.old_driver = true;
  standin::start(settings);
  try {
    engine();
    FAIL() << "an engine without a driver";
  } catch (const gpu::DeviceError& error) {
    EXPECT_STREQ(error.what(), "cudaSetDevice failed: 35 (cudaErrorInsufficientDriver)");
  }
}

TEST_P(EngineTest, MemoryThatLacksAtAnyAllocationCostsNothingButTime) {
  const auto wanted = engine()->solve(few_proteins(), {});
  const auto allocations = static_cast<int>(standin::counts().allocations);
  ASSERT_GE(allocations, 3);
  for (const int strike : strikes(allocations)) {
    SCOPED_TRACE(strike);
    standin::start({});
    const auto solver = engine();
    standin::inject({.allocation = strike});
    const auto outcomes = solver->solve(few_proteins(), {});
    // A single miss is healed by halving the batch.
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (!outcomes[i]) {
        EXPECT_EQ(outcomes[i].error().code, "out_of_memory");
        continue;
      }
      EXPECT_EQ(outcomes[i]->eigenvalues, wanted[i]->eigenvalues);
    }
    EXPECT_EQ(solved(solver->solve(few_proteins(), {})), outcomes.size());
  }
}

TEST_P(EngineTest, ASmallDeviceTakesABatchInPieces) {
  const auto wanted = engine()->solve(few_proteins(), {});
  standin::Settings settings;
  settings.device.memory = gpu::streams_per_device * 1'500'000;
  standin::start(settings);
  const auto outcomes = engine()->solve(few_proteins(), {});
  ASSERT_EQ(solved(outcomes), outcomes.size());
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    EXPECT_EQ(outcomes[i]->eigenvalues, wanted[i]->eigenvalues);
  settings.device.memory = gpu::streams_per_device * 20'000;
  standin::start(settings);
  for (const auto& outcome : engine()->solve(few_proteins(), {})) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, "out_of_memory");
  }
}

TEST_P(EngineTest, ARefusedLaunchFailsItsBatchOnly) {
  const auto solver = engine();
  solver->solve(few_proteins(), {});
  const auto launches = static_cast<int>(standin::counts().launches);
  for (const int strike : strikes(launches)) {
    SCOPED_TRACE(strike);
    standin::inject({.launch = strike});
    for (const auto& outcome : solver->solve(few_proteins(), {})) {
      ASSERT_FALSE(outcome);
      EXPECT_EQ(outcome.error().code, "device_failed");
      EXPECT_NE(outcome.error().message.find("cudaErrorLaunchOutOfResources"), std::string::npos);
    }
    EXPECT_EQ(solved(solver->solve(few_proteins(), {})), few_proteins().size());
  }
}

TEST_P(EngineTest, ALostDeviceEndsItsWorkAndNoOther) {
  standin::Settings settings;
  settings.devices = 2;
  for (int strike = 1; strike <= 3; ++strike) {
    standin::start(settings);
    {
      const auto alone = engine({0});
      ASSERT_EQ(solved(alone->solve(few_proteins(), {})), few_proteins().size());
      standin::inject({.wait = strike});
      const std::vector<Network> two = {few_proteins()[0], few_proteins()[2]};
      std::vector<Outcome<Modes>> last;
      for (int batch = 0; batch < 3; ++batch) last = alone->solve(two, {});
      for (const auto& outcome : last) {
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().code, "device_failed");
        EXPECT_NE(outcome.error().message.find("719 (cudaErrorLaunchFailure)"), std::string::npos)
            << outcome.error().message;
      }
    }
    standin::start(settings);
    const auto both = engine({0, 1});
    standin::inject({.wait = strike});
    for (int batch = 0; batch < 4; ++batch)
      EXPECT_EQ(solved(both->solve(few_proteins(), {})), few_proteins().size());
  }
}

TEST_P(EngineTest, ARefusedLaunchLeavesTheOtherStreamsAlone) {
  const std::vector<Network>& networks = small_proteins();
  const auto wanted = engine()->solve(networks, {});
  standin::start(tight(GetParam()));
  const auto solver = engine();
  solver->solve(networks, {});
  const auto launches = static_cast<int>(standin::counts().launches);
  for (const int strike : {1, launches / 2, launches}) {
    SCOPED_TRACE(strike);
    standin::inject({.launch = strike});
    const auto outcomes = solver->solve(networks, {});
    EXPECT_LT(solved(outcomes), outcomes.size());
    EXPECT_GT(solved(outcomes), 0u);
    for (std::size_t i = 0; i < outcomes.size(); ++i)
      if (outcomes[i])
        EXPECT_EQ(outcomes[i]->eigenvectors, wanted[i]->eigenvectors);
      else
        EXPECT_EQ(outcomes[i].error().code, "device_failed");
  }
}

TEST_P(EngineTest, ADeviceLostWithSeveralBatchesInWork) {
  const std::vector<Network>& networks = small_proteins();
  for (const int strike : {1, 2, 3}) {
    SCOPED_TRACE(strike);
    standin::start(tight(GetParam()));
    {
      const auto alone = gpu::make_engine(GetParam(), {0});
      standin::inject({.wait = strike});
      const auto outcomes = alone->solve(networks, {});
      EXPECT_LT(solved(outcomes), outcomes.size());
      EXPECT_NE(alone->use()[0].failure.find("719 (cudaErrorLaunchFailure)"), std::string::npos);
    }
    standin::start(tight(GetParam(), 2));
    const auto both = engine({0, 1});
    standin::inject({.wait = strike});
    EXPECT_EQ(solved(both->solve(networks, {})), networks.size());
  }
}

/// Whether `f` gives true, or ends the process, which is a copy of this one.
bool in_a_copy(const std::function<bool()>& f) {
  const pid_t child = fork();
  if (child == 0) _exit(f() ? 1 : 0);
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child)
    throw std::runtime_error("the process cannot be copied");
  return status != 0;
}

/// The proof that these tests would notice: each wait of the engine in turn returns at once. Host
/// memory is then read before the copies have filled it, or written before they have read it: the
/// results are others, or kernels run out of their memory, as a list of networks that was never
/// copied sends them to.
TEST_P(EngineTest, EachMissingWaitWouldShow) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "without its waits the engine frees memory that queued kernels use, and reads "
                  "places from memory that nothing was copied to: a sanitizer ends the program";
#endif
  const std::vector<Network> networks = {few_proteins()[0], few_proteins()[2]};
  for (const bool several : {false, true}) {
    const auto machine = [&] { standin::start(several ? tight(GetParam()) : standin::Settings{}); };
    machine();
    const auto wanted = engine()->solve(networks, {});
    const auto waits = static_cast<int>(standin::counts().waits);
    ASSERT_GE(waits, 2);
    const auto shows_without = [&](int strike) {
      machine();
      bool shows = false;
      {
        const auto solver = engine();
        standin::inject({.skipped_wait = strike});
        const auto outcomes = solver->solve(networks, {});
        for (std::size_t i = 0; i < networks.size(); ++i)
          shows = shows || !outcomes[i] || outcomes[i]->solver != wanted[i]->solver ||
                  outcomes[i]->eigenvectors != wanted[i]->eigenvectors;
      }
      return shows || !standin::complaints().empty();
    };
    EXPECT_FALSE(in_a_copy([&] { return shows_without(0); }));
    for (int strike = 1; strike <= waits; ++strike) {
      SCOPED_TRACE(strike);
      EXPECT_TRUE(in_a_copy([&] { return shows_without(strike); }));
    }
  }
  standin::start({});
}

TEST(ChebyshevFaults, ACholeskyQrThatBreaksDownFailsItsNetworkAlone) {
  standin::start({});
  const auto engine = gpu::make_engine(gpu::Method::chebyshev, {0});
  const auto wanted = engine->solve(few_proteins(), {});
  standin::inject({.raised_flag = 1});
  const auto outcomes = engine->solve(few_proteins(), {});
  // The largest network is the first one of its batch.
  ASSERT_EQ(solvers(outcomes), (std::vector<std::string>{"chebyshev", "chebyshev", "none"}));
  EXPECT_EQ(outcomes[2].error().code, "not_converged");
  EXPECT_NE(outcomes[2].error().message.find("the vectors became linearly dependent"),
            std::string::npos);
  for (const std::size_t i : {0, 1}) EXPECT_EQ(outcomes[i]->eigenvectors, wanted[i]->eigenvectors);
}

TEST(FilteredFaults, AFlagOfABreakdownFailsItsNetworkAlone) {
  standin::start({});
  const auto engine = gpu::make_engine(gpu::Method::filtered, {0});
  const auto wanted = engine->solve(few_proteins(), {});
  ASSERT_EQ(solvers(wanted), std::vector<std::string>(3, "filtered"));
  // Of the Cholesky-QR, and of the Krylov space.
  for (const auto& [flag, why] :
       {std::pair(1, "the vectors became linearly dependent"),
        std::pair(2, "filter space: single precision cannot tell its vectors apart")}) {
    standin::inject({.raised_flag = flag});
    const auto outcomes = engine->solve(few_proteins(), {});
    // The largest network is the first one of its batch.
    ASSERT_EQ(solvers(outcomes), (std::vector<std::string>{"filtered", "filtered", "none"}));
    EXPECT_EQ(outcomes[2].error().code, "not_converged");
    EXPECT_NE(outcomes[2].error().message.find(why), std::string::npos)
        << outcomes[2].error().message;
    for (const std::size_t i : {0, 1})
      EXPECT_EQ(outcomes[i]->eigenvectors, wanted[i]->eigenvectors);
  }
}

/// What a row needs, to the tolerances that it needs: nobody asks for vectors or residuals.
TEST(FilteredAccuracy, SharesAndCollectivitiesAreShiftInverts) {
  standin::start({});
  std::vector<Network> networks;
  const std::vector<const char*> files =
      whole ? std::vector<const char*>{"trypsin/1TAB_E.pdb.gz",
                                       "ubiquitin/pdb1ubi.pdb.gz",
                                       "glutamate-receptor/pdb3hsy.pdb.gz",
                                       "lactate-dehydrogenase/1i10_A.pdb.gz",
                                       "cytochrome-c/d1m60a_.pdb.gz",
                                       "crambin/pdb1ejg.pdb.gz"}
            : std::vector<const char*>{"cytochrome-c/d1m60a_.pdb.gz", "crambin/pdb1ejg.pdb.gz"};
  for (const char* file : files)
    for (const double cutoff : {15.0, 12.0, 10.0})
      networks.push_back(demo_network(file, {cutoff, 2.5}));
  ModeRequest of_rows;
  of_rows.vectors = of_rows.residuals = false;
  const auto outcomes = gpu::make_engine(gpu::Method::filtered, {0})->solve(networks, of_rows);
  const auto expected = make_shift_invert_solver()->solve(networks, {});
  std::size_t own = 0;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    SCOPED_TRACE(i);
    if (!outcomes[i]) {
      EXPECT_EQ(outcomes[i].error().code, "not_converged");
      continue;
    }
    own += outcomes[i]->solver == "filtered";
    ASSERT_TRUE(expected[i]);
    EXPECT_EQ(outcomes[i]->zero_modes, expected[i]->zero_modes);
    const std::vector<double> found = fractional_variances(outcomes[i]->eigenvalues);
    const std::vector<double> wanted = fractional_variances(expected[i]->eigenvalues);
    ASSERT_EQ(found.size(), wanted.size());
    for (std::size_t k = 0; k < found.size(); ++k)
      EXPECT_NEAR(found[k], wanted[k], 1e-10 * wanted[k]) << k;
    for (std::size_t k = 0; k < 3; ++k)
      EXPECT_NEAR(outcomes[i]->collectivities[k], expected[i]->collectivities[k],
                  1e-9 * expected[i]->collectivities[k])
          << k;
  }
  // Some are too soft at ten angstrom.
  EXPECT_GE(own, networks.size() * 2 / 3);
}

TEST(FilteredRoutes, WhatItIsNotMadeForIsHandedOver) {
  standin::start({});
  const auto engine = gpu::make_engine(gpu::Method::filtered, {0});
  using namespace shapes;
  // No room; in pieces; soft; of eight zero modes beside; and room for 28 modes.
  const std::vector<Network> networks = {network_of(helix(28)), network_of(bodies(2)),
                                         demo_network("trypsin/1TAB_E.pdb.gz", {9.0, 2.5}),
                                         network_of(line(40)),
                                         demo_network("ubiquitin/pdb1ubi.pdb.gz")};
  const auto outcomes = engine->solve(networks, {});
  ASSERT_EQ(solvers(outcomes),
            (std::vector<std::string>{"jacobi", "chebyshev", "none", "none", "filtered"}));
  EXPECT_NE(outcomes[2].error().message.find("filter space: it "), std::string::npos)
      << outcomes[2].error().message;
  EXPECT_EQ(outcomes[3].error().code, "not_converged");
  EXPECT_EQ(solvers(engine->solve({&networks.back(), 1}, {28})).front(), "filtered");
  EXPECT_EQ(solvers(engine->solve({&networks.back(), 1}, {29})).front(), "jacobi");
}

using JacobiTest = EngineTest;
INSTANTIATE_TEST_SUITE_P(Method, JacobiTest, testing::Values(gpu::Method::jacobi), method_name);

TEST_P(JacobiTest, OneMatrixThatDoesNotConvergeIsTheOnlyOneLost) {
  const auto wanted = engine()->solve(small_proteins(), {});
  for (int strike = 1; strike <= static_cast<int>(small_proteins().size()); ++strike) {
    standin::inject({.matrix = strike});
    const auto outcomes = engine()->solve(small_proteins(), {});
    EXPECT_EQ(solved(outcomes), outcomes.size() - 1);
    for (std::size_t i = 0; i < outcomes.size(); ++i)
      if (outcomes[i])
        EXPECT_EQ(outcomes[i]->eigenvalues, wanted[i]->eigenvalues);
      else
        EXPECT_EQ(outcomes[i].error().code, "not_converged");
  }
}

TEST_P(JacobiTest, AFailedCallOfTheLibraryIsNamed) {
  const auto solver = engine();
  standin::inject({.solver_call = 1});
  const auto outcomes = solver->solve({&small_proteins()[0], 1}, {});
  ASSERT_FALSE(outcomes[0]);
  EXPECT_EQ(outcomes[0].error().code, "device_failed");
  EXPECT_EQ(outcomes[0].error().message,
            "cusolverDnDsyevjBatched failed: 6 (CUSOLVER_STATUS_EXECUTION_FAILED)");
  EXPECT_TRUE(solver->solve({&small_proteins()[0], 1}, {})[0]);
}

TEST_P(JacobiTest, RefusesWhatIsTooLarge) {
  Network network;
  network.positions.resize(1001);
  network.offsets.assign(1002, 0);
  const auto outcomes = engine()->solve({&network, 1}, {});
  ASSERT_FALSE(outcomes[0]);
  EXPECT_EQ(outcomes[0].error().code, "too_large");
  EXPECT_EQ(standin::counts().launches, 0);
}

TEST(JacobiEdge, WastesLittle) {
  for (std::int64_t nodes = 1; nodes <= 1000; ++nodes) {
    const int edge = gpu::jacobi_edge(nodes);
    EXPECT_EQ(edge % 32, 0);
    EXPECT_GE(edge, 3 * nodes);
    EXPECT_LE(edge, std::max<double>(3 * static_cast<double>(nodes) + 32,
                                     3.3 * static_cast<double>(nodes)));
  }
}

}  // namespace
}  // namespace kernel_test
