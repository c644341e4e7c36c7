// SPDX-License-Identifier: MIT
#include <modesweep/properties.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace modesweep {
namespace {

TEST(FractionalVariances, AreSharesOfTheInverseEigenvalues) {
  const std::vector<double> shares = fractional_variances(std::vector<double>{1.0, 2.0, 4.0});
  ASSERT_EQ(shares.size(), 3u);
  EXPECT_DOUBLE_EQ(shares[0], 4.0 / 7);
  EXPECT_DOUBLE_EQ(shares[1], 2.0 / 7);
  EXPECT_DOUBLE_EQ(shares[2], 1.0 / 7);
}

TEST(FractionalVariances, DoNotDependOnGamma) {
  const std::vector<double> values = {0.033932373089, 0.152428338159, 0.359794703369};
  std::vector<double> stiffer;
  for (const double value : values) stiffer.push_back(2.5 * value);
  const std::vector<double> a = fractional_variances(values), b = fractional_variances(stiffer);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-15);
}

TEST(FractionalVariances, SumToOneOverManyOrdersOfMagnitude) {
  const std::vector<double> shares =
      fractional_variances(std::vector<double>{1e-6, 1e-3, 1.0, 50.0});
  EXPECT_NEAR(std::accumulate(shares.begin(), shares.end(), 0.0), 1.0, 1e-15);
  EXPECT_NEAR(shares[3], 2e-8 * shares[0], 1e-22);
}

TEST(FractionalVariances, OfOneModeIsAllAndOfNoneIsEmpty) {
  EXPECT_EQ(fractional_variances(std::vector<double>{2.0}), std::vector<double>{1.0});
  EXPECT_TRUE(fractional_variances({}).empty());
}

TEST(HingeNodes, LieWhereASignChangesOnTheSideThatMovesLess) {
  const auto hinges = [](std::vector<double> mode) { return hinge_nodes(mode); };
  EXPECT_EQ(hinges({0.5, 0.4, -0.1, -0.6}), std::vector<std::size_t>{2});
  EXPECT_EQ(hinges({0.5, 0.1, -0.4, -0.6}), std::vector<std::size_t>{1});
  // From there on while the next one moves less still.
  EXPECT_EQ(hinges({0.5, 0.6, -0.3, -0.2, -0.1, -0.4}), std::vector<std::size_t>{4});
  EXPECT_EQ(hinges({0.5, -0.2, -0.5, 0.6}), (std::vector<std::size_t>{1, 2}));
  EXPECT_TRUE(hinges({0.5, 0.2}).empty());
}

TEST(Correlation, IsPearsons) {
  const auto r = [](std::vector<double> a, std::vector<double> b) { return correlation(a, b); };
  EXPECT_NEAR(r({1, 2, 3}, {10, 30, 50}), 1, 1e-15);
  EXPECT_NEAR(r({1, 2, 3}, {3, 2, 1}), -1, 1e-15);
  EXPECT_NEAR(r({1, 2, 3, 4}, {1, 3, 2, 5}), 5.5 / std::sqrt(5 * 8.75), 1e-15);
  EXPECT_TRUE(std::isnan(r({20.1, 20.1, 20.1}, {1, 2, 3})));
}

TEST(Correlation, IsOverWhatIsKnown) {
  using Values = std::vector<std::optional<double>>;
  const auto r = [](const Values& a, const std::vector<double>& b) {
    return correlation_of_known(a, b);
  };
  const std::optional<double> none;
  EXPECT_NEAR(r({1.0, none, 2.0, 3.0}, {2, -50, 4, 6}).value(), 1, 1e-15);
  EXPECT_NEAR(r({1.0, none, 2.0, none, 4.0}, {3, 8, 1, 9, -5}).value(),
              correlation(std::vector<double>{1, 2, 4}, std::vector<double>{3, 1, -5}), 1e-15);
  EXPECT_EQ(r({1.0, none, 2.0}, {2, 5, 4}), none) << "two always lie on a line";
  EXPECT_EQ(r({20.0, none, 20.0, 20.0}, {2, 5, 4, 1}), none);
  EXPECT_EQ(r({20.0, none, 21.0, 22.0}, {2, 5, 2, 2}), none);
  EXPECT_EQ(r({none, none, none}, {2, 5, 4}), none);
  EXPECT_EQ(r({}, {2, 5, 4}), none);
}

TEST(MeanPlddt, IsFromZeroToAHundred) {
  using Values = std::vector<std::optional<double>>;
  const std::optional<double> none;
  EXPECT_DOUBLE_EQ(mean_plddt(Values{90.5, none, 70.5}).value(), 80.5);
  EXPECT_DOUBLE_EQ(mean_plddt(Values{0.5, 1.0, none, 0.9}).value(), 80);
  EXPECT_DOUBLE_EQ(mean_plddt(Values{0.5, 1.5}).value(), 1) << "not all are parts of one";
  EXPECT_EQ(mean_plddt(Values{none, none}), none);
  EXPECT_EQ(mean_plddt(Values{}), none);
  EXPECT_EQ(mean_plddt(Values{50.0, 100.5}), none);
  EXPECT_EQ(mean_plddt(Values{50.0, -1.0}), none);
}

TEST(Collectivity, OfOneValueANode) {
  EXPECT_NEAR(collectivity(std::vector<double>{1, -1, 0, 0}, 1), 0.5, 1e-15);
  EXPECT_EQ(square_fluctuations(std::vector<double>{0.5, 2}, std::vector<double>{1, 0, 0, 2}, 1),
            (std::vector<double>{2, 2}));
}

TEST(Collectivity, IsOneWhereAllNodesMoveAlike) {
  std::vector<double> mode;
  for (int i = 0; i < 50; ++i) mode.insert(mode.end(), {0.3, -0.2, 0.6});
  EXPECT_NEAR(collectivity(mode), 1.0, 1e-14);
}

TEST(Collectivity, IsOneOverNWhereOneNodeMoves) {
  std::vector<double> mode(3 * 40, 0.0);
  mode[3 * 17 + 1] = -0.8;
  EXPECT_NEAR(collectivity(mode), 1.0 / 40, 1e-16);
}

TEST(Collectivity, IsMOverNWhereMNodesMoveAlike) {
  std::vector<double> mode(3 * 20, 0.0);
  // Equal in size, not in direction.
  mode[0] = 1;
  mode[3 + 1] = -1;
  mode[6 + 2] = 1;
  mode[9 + 0] = 0.6;
  mode[9 + 1] = 0.8;
  EXPECT_NEAR(collectivity(mode), 4.0 / 20, 1e-15);
}

TEST(Collectivity, OfUnequalDisplacementsIsTheirEntropy) {
  // Squared displacements 1/2, 1/4, 1/8, 1/8: entropy 7/4 ln 2.
  const std::vector<double> mode = {std::sqrt(0.5),   0, 0, 0, 0.5, 0, 0, 0, std::sqrt(0.125),
                                    std::sqrt(0.125), 0, 0};
  EXPECT_NEAR(collectivity(mode), std::exp2(1.75) / 4, 1e-14);
}

TEST(Collectivity, DoesNotDependOnLengthOrSign) {
  const std::vector<double> mode = {0.1, 0.2, -0.3, 0.4, -0.5, 0.1, 0.7, 0.0, 0.2};
  std::vector<double> scaled;
  for (const double x : mode) scaled.push_back(-17.0 * x);
  EXPECT_NEAR(collectivity(mode), collectivity(scaled), 1e-15);
}

TEST(SquareFluctuations, AreSquaredLengthsOverEigenvalues) {
  const std::vector<double> modes = {0.6, 0,   0, 0, 0.8, 0,  //
                                     0,   0.6, 0, 0, 0,   -0.8};
  const std::vector<double> sums = square_fluctuations(std::vector<double>{0.5, 2.0}, modes);
  ASSERT_EQ(sums.size(), 2u);
  EXPECT_DOUBLE_EQ(sums[0], 0.36 / 0.5 + 0.36 / 2);
  EXPECT_DOUBLE_EQ(sums[1], 0.64 / 0.5 + 0.64 / 2);
  EXPECT_TRUE(square_fluctuations({}, {}).empty());
}

TEST(FinishModes, FillsInWhatIsAskedForAndDropsTheRest) {
  Modes solved;
  solved.eigenvalues = {0.5, 2.0};
  solved.eigenvectors = {0.6, 0,   0, 0, 0.8, 0,  //
                         0,   0.6, 0, 0, 0,   -0.8};
  Modes modes = solved;
  ModeRequest request;
  finish_modes(modes, request);
  EXPECT_EQ(modes.eigenvectors, solved.eigenvectors);
  EXPECT_EQ(modes.square_amplitudes, (std::vector<double>{0.6 * 0.6, 0.8 * 0.8}));
  EXPECT_EQ(modes.square_fluctuations,
            square_fluctuations(solved.eigenvalues, solved.eigenvectors));
  const double both_move = collectivity(std::span(solved.eigenvectors).first(6));
  EXPECT_EQ(modes.collectivities, (std::vector<double>{both_move, both_move}));

  request.vectors = request.square_fluctuations = false;
  Modes lean = solved;
  finish_modes(lean, request);
  EXPECT_EQ(lean.collectivities, modes.collectivities);
  EXPECT_EQ(lean.square_amplitudes, modes.square_amplitudes);
  EXPECT_TRUE(lean.eigenvectors.empty());
  EXPECT_TRUE(lean.square_fluctuations.empty());

  Modes of_gnm = solved;  // the same numbers as of six nodes
  finish_modes(of_gnm, request, 1);
  EXPECT_EQ(of_gnm.square_amplitudes, (std::vector<double>{0.6 * 0.6, 0, 0, 0, 0.8 * 0.8, 0}));
  Modes none;
  finish_modes(none, {});
  EXPECT_TRUE(none.collectivities.empty() && none.square_amplitudes.empty() &&
              none.square_fluctuations.empty());
}

TEST(Displacements, AreTheLengthsOfANodesPart) {
  EXPECT_EQ(displacements(std::vector<double>{3, 0, -4, 0, 0, 0, 2, -1, 2}),
            (std::vector<double>{5, 0, 3}));
}

std::vector<double> oriented(std::vector<double> mode) {
  orient_mode(mode);
  return mode;
}

TEST(OrientMode, MakesTheLargestComponentPositive) {
  EXPECT_EQ(oriented({0.1, -0.9, 0.4}), (std::vector<double>{-0.1, 0.9, -0.4}));
  EXPECT_EQ(oriented({-0.1, 0.9, -0.4}), (std::vector<double>{-0.1, 0.9, -0.4}));
  EXPECT_EQ(oriented({}), std::vector<double>{});
}

TEST(OrientMode, TheFirstOfEqualOnesDecidesAndRoundingDoesNot) {
  EXPECT_EQ(oriented({0.2, -0.7, 0.7}), (std::vector<double>{-0.2, 0.7, -0.7}));
  EXPECT_EQ(oriented({0.2, -0.7, 0.7 + 1e-12}), (std::vector<double>{-0.2, 0.7, -0.7 - 1e-12}));
  EXPECT_EQ(oriented({0.2, -0.7, 0.7 + 1e-12}), oriented({-0.2, 0.7, -0.7 - 1e-12}));
  EXPECT_EQ(oriented({-0.7, 0.71}), (std::vector<double>{-0.7, 0.71}));
}

TEST(OrientModes, OrientsEachOfThem) {
  Modes modes;
  modes.eigenvalues = {1, 2};
  modes.eigenvectors = {0.6, -0.8, 0.8, 0.6};
  orient_modes(modes);
  EXPECT_EQ(modes.eigenvectors, (std::vector<double>{-0.6, 0.8, 0.8, 0.6}));
  Modes none;
  orient_modes(none);
  EXPECT_TRUE(none.eigenvectors.empty());
}

TEST(DegenerateModes, AreNeighboursOfEqualEigenvalues) {
  const auto groups = [](const std::vector<double>& eigenvalues) {
    return to_string(degenerate_modes(eigenvalues));
  };
  EXPECT_EQ(groups({}), "");
  EXPECT_EQ(groups({0.1, 0.2, 0.3}), "");
  EXPECT_EQ(groups({0.1, 0.1, 0.3}), "1-2");
  EXPECT_EQ(groups({0.1, 0.1, 0.1, 0.2, 0.3, 0.3, 0.4, 0.4}), "1-3 5-6 7-8");
  EXPECT_EQ(groups({1e-4, 1.000002e-4}), "");
  EXPECT_EQ(groups({1e-4, 1.0000005e-4}), "1-2");
}

}  // namespace
}  // namespace modesweep
