// SPDX-License-Identifier: MIT
// The filtered solver and its inner loops, on networks made on the spot.
#include "solver/filtered/filtered_solver.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "solver/cpu_solvers.hpp"
#include "solver/filtered/hessian.hpp"
#include "solver/shift_invert/shift_invert_solver.hpp"
#include "unit/solver/shift_invert_check.hpp"

namespace modesweep {
namespace {

using namespace shift_invert_check;

constexpr auto width = static_cast<std::size_t>(shift_invert::block_width);

/// Points of a spindle three times as long as wide, which bends softly as a protein does, on a
/// lattice a little out of shape and about as dense as C-alphas.
std::vector<Vec3> globule(int nodes, unsigned seed) {
  constexpr double spacing = 5.2, disorder = 1, length = 3;
  constexpr int half = 5;
  std::vector<Vec3> positions;
  for (int x = -3 * half; x <= 3 * half; ++x)
    for (int y = -half; y <= half; ++y)
      for (int z = -half; z <= half; ++z)
        positions.push_back({spacing * x, spacing * y, spacing * z});
  const auto size = [](const Vec3& p) {
    return p[0] * p[0] / (length * length) + p[1] * p[1] + p[2] * p[2];
  };
  std::stable_sort(positions.begin(), positions.end(),
                   [&](const Vec3& a, const Vec3& b) { return size(a) < size(b); });
  positions.resize(static_cast<std::size_t>(nodes));
  std::sort(positions.begin(), positions.end());
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> step(-disorder, disorder);
  for (Vec3& position : positions)
    for (double& x : position) x += step(random);
  return positions;
}

class FilteredIsa : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!is_supported(GetParam())) GTEST_SKIP() << "not of this machine's processor";
  }
};
INSTANTIATE_TEST_SUITE_P(Isa, FilteredIsa, testing::Values(Isa::portable, Isa::avx2, Isa::avx512),
                         [](const auto& isa) { return std::string(to_string(isa.param)); });

std::vector<float> random_floats(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> value(-1, 1);
  std::vector<float> values(count);
  for (float& x : values) x = value(random);
  return values;
}

TEST_P(FilteredIsa, AStepIsThatOfTheDenseHessian) {
  const Network network = network_of(globule(101, 4));
  const filtered::Threads threads(1);
  const shift_invert::ContactView contacts = {network.nodes(), network.positions.front().data(),
                                              network.offsets.data(), network.neighbours.data()};
  const filtered::Hessian hessian(contacts, filtered::simd::operations(GetParam()), threads);
  const std::vector<double> dense = dense_hessian(network);
  const std::size_t rows = 3 * network.positions.size();
  const std::vector<float> z = random_floats(rows * width, 1),
                           before = random_floats(rows * width, 2),
                           rest = random_floats(rows * width, 3), factor = random_floats(width, 5);
  for (const bool keeps : {false, true})
    for (const bool has_rest : {false, true}) {
      if (has_rest && !keeps) continue;
      std::vector<float> out = before;
      filtered::simd::FilterStep step{z.data(), out.data(), 0.5f, 3, keeps ? 0.25f : 0.0f,
                                      nullptr,  nullptr};
      if (has_rest) {
        step.residual = rest.data();
        step.factor = factor.data();
      }
      hessian.apply(step);
      for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t c = 0; c < width; ++c) {
          double sum = -3.0 * double{z[i * width + c]};
          for (std::size_t j = 0; j < rows; ++j)
            sum += dense[i * rows + j] * double{z[j * width + c]};
          if (has_rest) sum += double{rest[i * width + c]} * double{factor[c]};
          sum *= 0.5;
          if (keeps) sum -= 0.25 * double{before[i * width + c]};
          ASSERT_NEAR(out[i * width + c], sum, 2e-5) << i << ' ' << c;
        }
    }
}

TEST_P(FilteredIsa, ProductsOfBlocksAreThoseOfMatrices) {
  const Network network = network_of(globule(173, 4));
  const filtered::Threads threads(1);
  const shift_invert::ContactView contacts = {network.nodes(), network.positions.front().data(),
                                              network.offsets.data(), network.neighbours.data()};
  const filtered::Hessian hessian(contacts, filtered::simd::operations(GetParam()), threads);
  const std::size_t rows = 3 * network.positions.size();
  for (const std::size_t count : {1u, 2u, 3u}) {
    std::vector<std::vector<float>> blocks;
    std::vector<const float*> pointers;
    for (std::size_t k = 0; k < count; ++k)
      blocks.push_back(random_floats(rows * width, static_cast<unsigned>(10 + k)));
    for (const std::vector<float>& block : blocks) pointers.push_back(block.data());
    const std::vector<float> w = random_floats(rows * width, 7);
    const std::vector<double> products = hessian.inner_products(pointers, w.data());
    const std::vector<float> coefficients = random_floats(count * width * width, 8);
    std::vector<float> sum = w;
    hessian.add_combinations(pointers, coefficients, sum.data());
    for (std::size_t k = 0; k < count; ++k)
      for (std::size_t i = 0; i < width; ++i)
        for (std::size_t j = 0; j < width; ++j) {
          double wanted = 0;
          for (std::size_t r = 0; r < rows; ++r)
            wanted += double{blocks[k][r * width + i]} * double{w[r * width + j]};
          ASSERT_NEAR(products[(k * width + i) * width + j], wanted, 1e-4);
        }
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t j = 0; j < width; ++j) {
        double wanted = w[r * width + j];
        for (std::size_t k = 0; k < count; ++k)
          for (std::size_t i = 0; i < width; ++i)
            wanted += double{blocks[k][r * width + i]} *
                      double{coefficients[(k * width + i) * width + j]};
        ASSERT_NEAR(sum[r * width + j], wanted, 1e-5);
      }
    shift_invert::Square square;
    for (std::size_t i = 0; i < square.size(); ++i) square[i] = double{coefficients[i]};
    std::vector<float> turned = w;
    hessian.multiply_right(turned.data(), square);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t j = 0; j < width; ++j) {
        double wanted = 0;
        for (std::size_t i = 0; i < width; ++i)
          wanted += double{w[r * width + i]} * square[i * width + j];
        ASSERT_NEAR(turned[r * width + j], wanted, 1e-5);
      }
  }
}

TEST_P(FilteredIsa, AgreesWithLapack) {
  const auto solver = filtered::make_solver(GetParam(), filtered::Scope::possible);
  const auto oracle = make_lapack_solver();
  for (const int nodes : {100, 150, 333}) {
    const Network network = network_of(globule(nodes, static_cast<unsigned>(nodes)));
    const Modes modes = solve(*solver, network);
    EXPECT_EQ(modes.solver, "filtered") << nodes;
    expect_same_modes(network, modes, solve(*oracle, network));
    expect_eigenpairs(network, modes);
  }
}

class Filtered : public testing::Test {
 protected:
  const std::unique_ptr<ModeSolver> solver_ = make_filtered_solver();
};

TEST_F(Filtered, TheSameBitsWhereThreadsShareOneNetwork) {
  const Network network = network_of(globule(400, 5));
  const Modes alone = solve(*solver_, network);
  ASSERT_EQ(alone.solver, "filtered");
  for (const int threads : {2, 3}) {
    const auto outcome = solver_->solve({&network, 1}, {20, threads});
    EXPECT_EQ(outcome[0]->eigenvalues, alone.eigenvalues);
    EXPECT_EQ(outcome[0]->eigenvectors, alone.eigenvectors);
    EXPECT_EQ(outcome[0]->residuals, alone.residuals);
  }
}

TEST_F(Filtered, SpringConstantScalesEigenvaluesAlone) {
  const std::vector<Vec3> positions = globule(150, 5);
  const Modes one = solve(*solver_, network_of(positions));
  const Modes other = solve(*solver_, network_of(positions, 15, 3));
  ASSERT_EQ(one.solver, "filtered");
  EXPECT_EQ(one.eigenvectors, other.eigenvectors);
  for (std::size_t k = 0; k < one.eigenvalues.size(); ++k)
    EXPECT_EQ(3 * one.eigenvalues[k], other.eigenvalues[k]);
}

TEST_F(Filtered, AnyNumberOfModes) {
  const Network network = network_of(globule(250, 6));
  const auto oracle = make_lapack_solver();
  for (const int count : {1, 3, 8, 17, 24, 33, 40, 41}) {
    const Modes modes = solve(*solver_, network, count);
    // With more of them the basis grows to where a factor is faster.
    EXPECT_TRUE(count <= 20 ? modes.solver == "filtered"
                            : count <= 40 || modes.solver == "shift-invert")
        << count;
    ASSERT_EQ(std::ssize(modes.eigenvalues), count);
    expect_same_modes(network, modes, solve(*oracle, network, count));
    expect_eigenpairs(network, modes);
  }
}

/// What it hands over, and that the modes are right all the same.
TEST_F(Filtered, HandsOverWhatItIsNotMadeFor) {
  const auto oracle = make_lapack_solver();
  const std::vector<Vec3> one = globule(150, 7);
  std::vector<Vec3> pieces = one, hinged = one;
  for (const Vec3& p : globule(120, 8)) pieces.push_back({p[0] + 500, p[1], p[2]});
  // A node in contact with one or two others swings freely.
  double highest = 0;
  for (const Vec3& p : one) highest = std::max(highest, p[2]);
  hinged.push_back({0, 0, highest + 14});
  const std::vector<Vec3> small = globule(90, 9);
  std::vector<Vec3> line;
  for (int i = 0; i < 120; ++i) line.push_back({3.8 * i, 0, 0});
  for (const std::vector<Vec3>& positions : {pieces, hinged, line, small}) {
    const Network network = network_of(positions);
    const Modes modes = solve(*solver_, network);
    EXPECT_NE(modes.solver, "filtered") << positions.size();
    const Modes wanted = solve(*oracle, network);
    EXPECT_EQ(modes.zero_modes, wanted.zero_modes);
    ASSERT_EQ(modes.eigenvalues.size(), wanted.eigenvalues.size());
    for (std::size_t k = 0; k < modes.eigenvalues.size(); ++k)
      EXPECT_NEAR(modes.eigenvalues[k], wanted.eigenvalues[k], 1e-9 * wanted.eigenvalues.back());
  }
  NetworkOptions gnm;
  gnm.model = ElasticModel::gnm;
  gnm.cutoff = 10;
  const Network of_gnm = build_network(one, gnm).value();
  EXPECT_EQ(solve(*solver_, of_gnm).solver, "shift-invert");
}

TEST_F(Filtered, IsChosenWhereItIsFaster) {
  const auto automatic = make_automatic_solver();
  EXPECT_EQ(automatic->name(), "auto");
  ModeRequest numbers;
  numbers.vectors = numbers.residuals = false;
  const auto chosen = [&](const Network& network, const ModeRequest& request) {
    return automatic->solve({&network, 1}, request).front().value().solver;
  };
  std::vector<Vec3> positions = globule(400, 5);
  const Network dense = network_of(positions);
  EXPECT_EQ(chosen(dense, numbers), "filtered");
  EXPECT_EQ(chosen(network_of(globule(149, 5)), numbers), "shift-invert");
  // A loose end of ten nodes.
  const Vec3 end = *std::max_element(positions.begin(), positions.end());
  for (int i = 1; i <= 10; ++i) positions.push_back({end[0] + 3.8 * i, end[1] + i % 2, end[2]});
  EXPECT_EQ(chosen(network_of(positions), numbers), "shift-invert");
  ModeRequest request = numbers;
  request.residuals = true;
  EXPECT_EQ(chosen(dense, request), "shift-invert");
  request = numbers;
  request.vectors = true;
  EXPECT_EQ(chosen(dense, request), "shift-invert");
  request = numbers;
  request.modes = 41;
  EXPECT_EQ(chosen(dense, request), "shift-invert");
  EXPECT_GE(automatic->memory_needed(dense, numbers),
            make_shift_invert_solver()->memory_needed(dense, numbers));
}

TEST_F(Filtered, AllFluctuationsComeFromAFactor) {
  const Network network = network_of(globule(150, 5));
  ModeRequest request;
  request.all_fluctuations = true;
  const auto outcome = solver_->solve({&network, 1}, request);
  EXPECT_EQ(outcome[0]->all_fluctuations.size(), network.positions.size());
}

}  // namespace
}  // namespace modesweep
