// SPDX-License-Identifier: MIT
// Each step of the sparse solver on networks whose numbers are known on paper (five_nodes.hpp).
#include "five_nodes.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <numeric>
#include <set>

#include <modesweep/modes.hpp>
#include <modesweep/properties.hpp>

#include "solver/shift_invert/block_lanczos.hpp"
#include "solver/shift_invert/cholesky.hpp"
#include "solver/shift_invert/kirchhoff.hpp"
#include "solver/shift_invert/null_space.hpp"
#include "solver/shift_invert/rigid_motions.hpp"
#include "solver/shift_invert/selected_inverse.hpp"

namespace {

using namespace modesweep::shift_invert;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using modesweep::ModeSolver;
using modesweep::Network;
using modesweep::Solver;

constexpr double tiny = 1e-13;
constexpr double vanishing = 1e-9;

const simd::Operations& operations() { return simd::operations(modesweep::best_isa()); }

MatrixXd hessian(const Network& network) {
  const std::vector<double> values = modesweep::dense_hessian(network);
  const auto n = static_cast<Eigen::Index>(network.degrees_of_freedom());
  return Eigen::Map<const MatrixXd>(values.data(), n, n);
}

/// In elimination order.
MatrixXd hessian(const five_nodes::Prepared& prepared, const Network& network) {
  const MatrixXd h = hessian(network);
  const std::vector<std::int32_t>& order = prepared.symbolic.order;
  MatrixXd result(h.rows(), h.cols());
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t j = 0; j < order.size(); ++j)
      result.block<3, 3>(3 * i, 3 * j) = h.block<3, 3>(3 * order[i], 3 * order[j]);
  return result;
}

/// Two triangles that share an edge, about which they turn freely.
Network two_leaves() {
  return *modesweep::build_network({{0, 0, 0}, {1, 0, 0}, {0.5, 0.75, 0.25}, {0.5, -0.75, 0.25}},
                                   {.cutoff = 1.2, .gamma = 1});
}

/// The columns of a basis.
MatrixXd columns(const BlockBasis& basis, int count) {
  MatrixXd result(basis.rows(), count);
  for (int k = 0; k < count; ++k)
    for (std::ptrdiff_t i = 0; i < basis.rows(); ++i)
      result(i, k) = basis.pointers()[k / block_width][i * block_width + k % block_width];
  return result;
}

TEST(FiveNodes, ContactsAndHessianAreThoseOnPaper) {
  const Network network = five_nodes::network();
  EXPECT_EQ(network.offsets, (std::vector<std::int64_t>{0, 4, 8, 12, 15, 18}));
  EXPECT_EQ(network.neighbours,
            (std::vector<std::int32_t>{1, 2, 3, 4, 0, 2, 3, 4, 0, 1, 3, 4, 0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(network.components, 1);
  const MatrixXd h = hessian(network);
  const auto expect_diagonal = [&](int node, double x, double y, double z) {
    MatrixXd expected = MatrixXd::Zero(3, 3);
    expected.diagonal() << x, y, z;
    EXPECT_LT((h.block(3 * node, 3 * node, 3, 3) - expected).norm(), tiny) << node;
  };
  expect_diagonal(0, 13.0 / 6, 0.5, 4.0 / 3);
  expect_diagonal(3, 0.5, 0.5, 2);
  MatrixXd between(3, 3);  // nodes 0 and 3
  between << -1, 0, std::sqrt(2.0), 0, 0, 0, std::sqrt(2.0), 0, -2;
  EXPECT_LT((h.block(0, 9, 3, 3) - between / 3).norm(), tiny);
  EXPECT_EQ(h.block(9, 12, 3, 3).norm(), 0);
}

TEST(FiveNodes, ComponentsKeepTheOrderOfTheFile) {
  std::vector<modesweep::Vec3> positions = five_nodes::network().positions;
  std::vector<modesweep::Vec3> both;
  for (const modesweep::Vec3& p : positions) {
    both.push_back(p);
    both.push_back({p[0] + 100, p[1], p[2]});
  }
  const Network network = *modesweep::build_network(both, {.cutoff = 2});
  const std::vector<Component> components = split_components(network);
  ASSERT_EQ(components.size(), 2u);
  EXPECT_EQ(components[0].nodes, (std::vector<std::int32_t>{0, 2, 4, 6, 8}));
  EXPECT_EQ(components[1].nodes, (std::vector<std::int32_t>{1, 3, 5, 7, 9}));
  for (const Component& component : components)
    EXPECT_EQ(component.network.neighbours, five_nodes::network().neighbours);
}

TEST(FiveNodes, ContactsInEliminationOrderAreTheSameContacts) {
  const Network network = five_nodes::network();
  const five_nodes::Prepared p(network);
  ASSERT_EQ(p.contacts.nodes(), 5);
  for (std::ptrdiff_t i = 0; i < 5; ++i) {
    std::set<std::int32_t> found, expected;
    for (std::int64_t k = p.contacts.offsets[i]; k < p.contacts.offsets[i + 1]; ++k)
      found.insert(p.symbolic.order[p.contacts.neighbours[k]]);
    const std::int32_t node = p.symbolic.order[i];
    for (std::int64_t k = network.offsets[node]; k < network.offsets[node + 1]; ++k)
      expected.insert(network.neighbours[k]);
    EXPECT_EQ(found, expected) << i;
  }
}

TEST(FiveNodes, HessianTimesABlock) {
  const Network network = five_nodes::network();
  const five_nodes::Prepared p(network);
  std::vector<double> x(15 * block_width), y(x.size());
  std::iota(x.begin(), x.end(), -7.0);
  p.contacts.apply(operations(), x.data(), y.data());
  using Rows = Eigen::Matrix<double, Eigen::Dynamic, block_width, Eigen::RowMajor>;
  const MatrixXd expected = hessian(p, network) * Eigen::Map<const Rows>(x.data(), 15, block_width);
  EXPECT_LT((Eigen::Map<const Rows>(y.data(), 15, block_width) - expected).norm(), 1e-11);
}

TEST(FiveNodes, RigidMotionsAreSixAndStrainNothing) {
  const Network network = five_nodes::network();
  const five_nodes::Prepared p(network);
  const std::vector<std::vector<double>> motions = rigid_motions(p.contacts.view());
  ASSERT_EQ(motions.size(), 6u);
  MatrixXd m(15, 6);
  for (int k = 0; k < 6; ++k) m.col(k) = Eigen::Map<const VectorXd>(motions[k].data(), 15);
  EXPECT_LT((m.transpose() * m - MatrixXd::Identity(6, 6)).norm(), tiny);
  EXPECT_LT((hessian(p, network) * m).norm(), tiny);

  // Six degrees of freedom of three nodes at most; fixing them leaves nothing that moves freely.
  const std::vector<std::int64_t> grounded = grounding(p.contacts.view(), motions.size());
  ASSERT_EQ(grounded.size(), 6u);
  std::set<std::int64_t> nodes;
  for (const std::int64_t row : grounded) nodes.insert(row / 3);
  EXPECT_LE(nodes.size(), 3u);
  MatrixXd held(6, 6);
  for (int k = 0; k < 6; ++k) held.row(k) = m.row(grounded[k]);
  EXPECT_GT(std::abs(held.determinant()), 1e-4);
}

TEST(FiveNodes, AStraightLineHasFiveRigidMotionsAndASingleNodeThree) {
  const Network line = *modesweep::build_network({{0, 0, 0}, {1, 1, 1}, {2, 2, 2}}, {.cutoff = 9});
  EXPECT_EQ(rigid_motions(five_nodes::Prepared(line).contacts.view()).size(), 5u);
  const Network single = *modesweep::build_network({{1, 2, 3}}, {.cutoff = 9});
  EXPECT_EQ(rigid_motions(reorder(single, std::vector<std::int32_t>{0}).view()).size(), 3u);
}

/// A factor of the five nodes' Hessian with six degrees of freedom grounded.
struct Factored {
  explicit Factored(const Network& n)
      : network(n),
        prepared(network),
        factor(prepared.symbolic, operations(), threads),
        motions(rigid_motions(prepared.contacts.view())),
        grounded(grounding(prepared.contacts.view(), motions.size())) {
    factor.factor(prepared.contacts, grounded, vanishing);
  }

  Network network;
  five_nodes::Prepared prepared;
  Threads threads{1};
  Cholesky factor;
  std::vector<std::vector<double>> motions;
  std::vector<std::int64_t> grounded;
};

TEST(FiveNodes, TheGroundedFactorSolves) {
  Factored f(five_nodes::network());
  EXPECT_TRUE(f.factor.vanished().empty());
  std::vector<double> block(15 * block_width);
  std::iota(block.begin(), block.end(), 1.0);
  for (const std::int64_t row : f.grounded) std::fill_n(&block[row * block_width], block_width, 0);
  const std::vector<double> forces = block;
  f.factor.solve(block.data());
  using Rows = Eigen::Matrix<double, Eigen::Dynamic, block_width, Eigen::RowMajor>;
  MatrixXd residual =
      hessian(f.prepared, f.network) * Eigen::Map<Rows>(block.data(), 15, block_width) -
      Eigen::Map<const Rows>(forces.data(), 15, block_width);
  for (const std::int64_t row : f.grounded) {
    residual.row(row).setZero();  // what holds them takes the rest
    for (int c = 0; c < block_width; ++c) EXPECT_EQ(block[row * block_width + c], 0);
  }
  EXPECT_LT(residual.norm(), 1e-9);
}

TEST(FiveNodes, TheFactorTimesItsTransposeIsTheGroundedHessian) {
  Factored f(five_nodes::network());
  // Panel of each supernode: its own rows, then those below.
  MatrixXd l = MatrixXd::Zero(15, 15);
  for (const Supernode& s : f.prepared.symbolic.supernodes) {
    std::vector<std::int64_t> rows;
    for (std::int32_t i = 0; i < s.nodes; ++i) rows.push_back(s.first + i);
    for (std::int32_t i = 0; i < s.below; ++i) rows.push_back(f.prepared.symbolic.rows[s.rows + i]);
    const std::int64_t width = 3 * s.nodes;
    for (std::size_t i = 0; i < rows.size(); ++i)
      for (std::int64_t a = 0; a < 3; ++a)
        for (std::int64_t column = 0; column < width; ++column) {
          const auto row = static_cast<std::int64_t>(3 * i) + a;
          if (row > column)
            l(3 * rows[i] + a, 3 * s.first + column) = f.factor.panel(s)[row * width + column];
        }
    for (std::int64_t column = 0; column < width; ++column) {
      const double inverse = f.factor.inverse_diagonal(s)[column];
      l(3 * s.first + column, 3 * s.first + column) = inverse == 0 ? 0 : 1 / inverse;
    }
  }
  MatrixXd expected = hessian(f.prepared, f.network);
  MatrixXd product = l * l.transpose();
  for (const std::int64_t row : f.grounded)
    for (MatrixXd* m : {&expected, &product}) {
      m->row(row).setZero();
      m->col(row).setZero();
    }
  EXPECT_LT((product - expected).norm(), tiny);
}

TEST(FiveNodes, TheNullSpaceIsTheRigidMotions) {
  Factored f(five_nodes::network());
  const std::optional<NullSpace> found =
      null_space(f.prepared.contacts, f.factor, operations(), f.motions, vanishing);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->dimension, 6);
}

TEST(FiveNodes, TwoLeavesTurnAboutTheirEdge) {
  // Twelve degrees of freedom, five springs: one free motion beside the six.
  Factored f(two_leaves());
  ASSERT_EQ(f.network.neighbours.size(), 10u);
  EXPECT_EQ(f.factor.vanished().size(), 1u);
  const std::optional<NullSpace> found =
      null_space(f.prepared.contacts, f.factor, operations(), f.motions, vanishing);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->dimension, 7);
  // The basis has the rigid motions in blocks of their own; columns beyond its modes are zero.
  const MatrixXd all = columns(found->basis, static_cast<int>(found->basis.blocks() * block_width));
  EXPECT_LT((hessian(f.prepared, f.network) * all).norm(), 1e-12);
  EXPECT_NEAR((all.transpose() * all).trace(), 7, 1e-12);
  EXPECT_EQ(Eigen::FullPivLU<MatrixXd>(all).setThreshold(1e-8).rank(), 7);
}

TEST(FiveNodes, TheDiagonalOfThePseudoInverse) {
  Factored f(five_nodes::network());
  const std::optional<NullSpace> zero =
      null_space(f.prepared.contacts, f.factor, operations(), f.motions, vanishing);
  ASSERT_TRUE(zero);
  const std::vector<double> diagonal =
      pseudo_inverse_diagonal(f.prepared.symbolic, f.factor, zero->basis, operations());
  ASSERT_EQ(diagonal.size(), 15u);
  EXPECT_NEAR(std::accumulate(diagonal.begin(), diagonal.end(), 0.0), five_nodes::inverse_trace,
              1e-12);
  // By symmetry the three nodes of the triangle move alike, and so do the apexes.
  std::vector<double> nodes(5);
  for (int i = 0; i < 5; ++i)
    for (int a = 0; a < 3; ++a) nodes[f.prepared.symbolic.order[i]] += diagonal[3 * i + a];
  EXPECT_NEAR(nodes[0], nodes[1], 1e-13);
  EXPECT_NEAR(nodes[0], nodes[2], 1e-13);
  EXPECT_NEAR(nodes[3], nodes[4], 1e-13);
}

/// A Gaussian network whose nodes lie on a line, each in contact with the next: its Kirchhoff
/// matrix has the eigenvalues 4 sin^2(pi k / 2N) and the eigenvectors cos(pi k (i + 1/2) / N).
TEST(APathOfNodes, BlockLanczosFindsItsSoftestModes) {
  constexpr int n = 120;
  std::vector<modesweep::Vec3> line;
  for (int i = 0; i < n; ++i) line.push_back({static_cast<double>(i), 0, 0});
  const Network path = *modesweep::build_network(
      line, {.cutoff = 1.5, .gamma = 1, .model = modesweep::ElasticModel::gnm});
  const Network triples = node_triples(path);
  five_nodes::Prepared p(triples);
  const std::vector<std::int32_t>& order = p.symbolic.order;
  add_kirchhoff_blocks(path, order, p.contacts);
  const Threads threads(1);
  Cholesky factor(p.symbolic, operations(), threads);
  factor.factor(p.contacts, kirchhoff_grounding(path, order), vanishing);
  const std::optional<NullSpace> zero =
      null_space(p.contacts, factor, operations(), kirchhoff_null_space(path, order), vanishing);
  ASSERT_TRUE(zero);
  EXPECT_EQ(zero->dimension, 1);
  const LanczosResult result = softest_modes(
      p.contacts, zero->basis, [&](double* block) { factor.solve(block); }, operations(),
      {.modes = 5,
       .twice = true,
       .zero = 1e-6,
       .residual = 1e-10,
       .largest = 2,
       .dimension = n - 1,
       .factor_values = p.symbolic.factor_values});
  ASSERT_TRUE(result.converged);
  ASSERT_GE(result.eigenvalues.size(), 5u);
  EXPECT_EQ(result.zero_modes, 0);
  const double pi = std::acos(-1.0);
  const MatrixXd vectors = columns(result.vectors, 5);
  for (int k = 1; k <= 5; ++k) {
    EXPECT_NEAR(result.eigenvalues[k - 1], 4 * std::pow(std::sin(pi * k / (2 * n)), 2), 1e-13) << k;
    EXPECT_LE(result.residuals[k - 1], 1e-10);
    VectorXd expected(n);  // degree of freedom a of triple t is node 3 t + a
    for (int place = 0; place < n / 3; ++place)
      for (int a = 0; a < 3; ++a)
        expected[3 * place + a] = std::cos(pi * k * (3 * order[place] + a + 0.5) / n);
    EXPECT_NEAR(std::abs(expected.normalized().dot(vectors.col(k - 1))), 1, 1e-12) << k;
  }
}

class FiveNodesBy : public testing::TestWithParam<Solver> {};

TEST_P(FiveNodesBy, HaveTheEigenvaluesOnPaper) {
  const std::unique_ptr<ModeSolver> solver = modesweep::make_cpu_solver(GetParam());
  for (const double gamma : {1.0, 2.5}) {
    const Network network = five_nodes::network(gamma);
    modesweep::ModeRequest request;
    request.modes = 9;
    request.all_fluctuations = true;
    const auto modes = solver->solve({&network, 1}, request).front();
    ASSERT_TRUE(modes) << modes.error().message;
    EXPECT_EQ(modes->zero_modes, 6);
    ASSERT_EQ(modes->eigenvalues.size(), 9u);
    for (std::size_t k = 0; k < 9; ++k)
      EXPECT_NEAR(modes->eigenvalues[k], gamma * five_nodes::eigenvalues()[k], 1e-12) << k;
    EXPECT_NEAR(
        std::accumulate(modes->all_fluctuations.begin(), modes->all_fluctuations.end(), 0.0),
        five_nodes::inverse_trace / gamma, 1e-12);
  }
}

TEST_P(FiveNodesBy, HaveWhatIsAskedForAlone) {
  const std::unique_ptr<ModeSolver> solver = modesweep::make_cpu_solver(GetParam());
  // Two parts, so that they are merged where a solver takes each by itself.
  std::vector<modesweep::Vec3> positions = five_nodes::network(1).positions;
  for (std::size_t i = 0; i < 5; ++i) {
    positions.push_back(positions[i]);
    positions.back()[0] += 1000;
  }
  for (const Network& network :
       {five_nodes::network(2.5), *modesweep::build_network(positions, {})}) {
    modesweep::ModeRequest request;
    request.modes = 5;
    const modesweep::Modes whole = solver->solve({&network, 1}, request).front().value();
    ASSERT_EQ(whole.eigenvalues.size(), 5u);
    modesweep::Modes by_hand = whole;
    modesweep::finish_modes(by_hand, request);
    EXPECT_EQ(whole.collectivities, by_hand.collectivities);
    EXPECT_EQ(whole.collectivities.size(), 3u);
    EXPECT_EQ(whole.square_amplitudes, by_hand.square_amplitudes);
    EXPECT_EQ(whole.square_amplitudes.size(), network.positions.size());
    EXPECT_EQ(whole.square_fluctuations, by_hand.square_fluctuations);
    EXPECT_EQ(whole.square_fluctuations.size(), network.positions.size());

    request.vectors = request.square_fluctuations = request.residuals = false;
    const modesweep::Modes lean = solver->solve({&network, 1}, request).front().value();
    EXPECT_TRUE(lean.eigenvectors.empty());
    EXPECT_TRUE(lean.square_fluctuations.empty());
    EXPECT_EQ(lean.collectivities, whole.collectivities);
    EXPECT_EQ(lean.square_amplitudes, whole.square_amplitudes);
    EXPECT_EQ(lean.eigenvalues, whole.eigenvalues);
  }
}

INSTANTIATE_TEST_SUITE_P(Solvers, FiveNodesBy,
                         testing::Values(Solver::shift_invert, Solver::lapack, Solver::eigen),
                         [](const auto& solver) {
                           std::string name(to_string(solver.param));
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
