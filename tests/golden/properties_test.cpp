// SPDX-License-Identifier: MIT
// GNMs, fluctuations, B-factor correlations and hinges against what ProDy said about real files.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include <modesweep/modes.hpp>
#include <modesweep/properties.hpp>

#include "golden/golden_table.hpp"
#include "solver/cpu_solvers.hpp"

namespace modesweep {
namespace {

// What the numbers are asked to agree to; eigenvalues and shares are held to more by expect_same.
constexpr double property_tolerance = 1e-6;

/// The columns of one model under the names that expect_same knows.
golden::Row of_model(const golden::Row& row, const std::string& model) {
  golden::Row result;
  result["gamma"] = "1";
  for (const auto& [column, value] : row)
    if (column.starts_with(model + "_")) result[column.substr(model.size() + 1)] = value;
  return result;
}

std::vector<std::size_t> indices(const std::string& list) {
  std::vector<std::size_t> result;
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');) result.push_back(std::stoul(word));
  return result;
}

void expect_near(double ours, const golden::Row& row, const std::string& column) {
  const double prody = row.number(column);
  EXPECT_LE(std::abs(ours - prody), property_tolerance * std::abs(prody))
      << column << ": " << ours << ", ProDy " << prody;
}

class GoldenProperties : public testing::TestWithParam<golden::Row> {};

TEST_P(GoldenProperties, AgreeWithProDy) {
  golden::Row row = GetParam();
  if (const std::string why = row.missing(); !why.empty()) GTEST_SKIP() << why;
  const Structure structure = read_structure(row.path(), {}).value();
  ASSERT_EQ(std::to_string(structure.nodes.size()), row.at("residues"));
  std::vector<Vec3> positions;
  std::vector<double> b_factors;
  for (const Node& node : structure.nodes) {
    positions.push_back(node.position);
    b_factors.push_back(node.b_factor.value_or(0));  // as ProDy has those that are not stated
  }
  for (const ElasticModel model : {ElasticModel::anm, ElasticModel::gnm}) {
    const golden::Row expected = of_model(row, model == ElasticModel::gnm ? "gnm" : "anm");
    const Network network = build_network(positions, {default_cutoff(model), 1.0, model}).value();
    for (const auto& solver : {make_shift_invert_solver(), make_lapack_solver()}) {
      SCOPED_TRACE(std::string(to_string(model)) + " by " + std::string(solver->name()));
      ModeRequest request;
      request.all_fluctuations = true;
      const Modes modes = solver->solve({&network, 1}, request).at(0).value();
      const auto size = static_cast<std::size_t>(network.degrees_of_freedom());
      const auto mode = [&](std::size_t k) {
        return std::span(modes.eigenvectors).subspan(k * size, size);
      };
      golden::Numbers numbers{
          modes.zero_modes, modes.eigenvalues, fractional_variances(modes.eigenvalues), {}};
      for (std::size_t k = 0; k < 3; ++k)
        numbers.collectivities.push_back(collectivity(mode(k), axes(model)));
      golden::expect_same(numbers, expected);

      const std::vector<double> fluctuations =
          square_fluctuations(modes.eigenvalues, modes.eigenvectors, axes(model));
      expect_near(fluctuations.front(), expected, "sq_fluct_first");
      expect_near(fluctuations.back(), expected, "sq_fluct_last");
      const double r = correlation(b_factors, fluctuations);
      if (expected.at("bfactor_corr").empty())
        EXPECT_TRUE(std::isnan(r)) << r;
      else
        expect_near(r, expected, "bfactor_corr");
      const std::vector<double>& all = modes.all_fluctuations;
      ASSERT_EQ(all.size(), structure.nodes.size());
      expect_near(std::accumulate(all.begin(), all.end(), 0.0), expected, "trace");
      expect_near(all.front(), expected, "sq_fluct_all_first");
      expect_near(all.back(), expected, "sq_fluct_all_last");
      if (!expected.at("bfactor_corr_all").empty())
        expect_near(correlation(b_factors, all), expected, "bfactor_corr_all");
      if (model == ElasticModel::gnm) {
        EXPECT_EQ(hinge_nodes(mode(0)), indices(row.at("hinges")));
      }
    }
  }
}

std::vector<golden::Row> rows() {
  std::vector<golden::Row> rows = golden::read_table("prody_properties.tsv");
  // With the parameters of prody.tsv, which this table leaves at their defaults.
  for (golden::Row& row : rows)
    for (const auto& [column, usual] : {std::pair("nodes", "prody"), std::pair("cutoff", "15"),
                                        std::pair("gamma", "1"), std::pair("modes", "20")})
      row[column] = usual;
  return rows;
}

INSTANTIATE_TEST_SUITE_P(File, GoldenProperties, testing::ValuesIn(rows()),
                         [](const auto& test) { return golden::case_name(test.param); });

}  // namespace
}  // namespace modesweep
