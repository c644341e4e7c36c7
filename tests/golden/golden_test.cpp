// SPDX-License-Identifier: MIT
// The library against what ProDy itself said about real files: one case a row of the tables.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>
#include <modesweep/properties.hpp>
#include <modesweep/structure.hpp>

#include "support/data_files.hpp"

namespace modesweep {
namespace {

/// One line of a table by column.
struct Row : std::map<std::string, std::string> {
  std::string label() const;
};

/// What CTest calls the case.
void PrintTo(const Row& row, std::ostream* stream) { *stream << row.label(); }

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line)
    if (c == '\t')
      fields.emplace_back();
    else
      fields.back() += c;
  return fields;
}

std::vector<Row> read_table(const std::string& name) {
  std::ifstream stream(test_support::source_dir() / "tests" / "golden" / name);
  std::string line;
  std::getline(stream, line);
  const std::vector<std::string> header = split(line);
  std::vector<Row> rows;
  while (std::getline(stream, line)) {
    const std::vector<std::string> fields = split(line);
    Row& row = rows.emplace_back();
    for (std::size_t i = 0; i < header.size(); ++i) row[header[i]] = fields.at(i);
  }
  return rows;
}

/// The large rows by LAPACK take minutes and are a program of their own; all others, and the large
/// ones by the shift-invert solver, are quick.
constexpr bool large_rows = GOLDEN_LARGE;

bool is_large(const Row& row) { return row.at("solver") != "dense"; }

double number(const Row& row, const std::string& column) {
  return std::strtod(row.at(column).c_str(), nullptr);
}

// A dense Hessian of more residues than this takes gigabytes and tens of minutes.
constexpr int most_residues_lapack = 2000;

std::vector<Row> rows_of_this_program() {
  std::vector<Row> rows;
  for (const char* table : {"prody.tsv", "prody_variants.tsv"})
    for (const Row& row : read_table(table))
      if (!large_rows || (is_large(row) && number(row, "residues") <= most_residues_lapack))
        rows.push_back(row);
  return rows;
}

std::string Row::label() const {
  std::string name = at("package") + "/" + at("file");
  if (at("nodes") != "prody") name += "/" + at("nodes");
  for (const auto& [column, usual] :
       {std::pair("cutoff", "15"), std::pair("gamma", "1"), std::pair("modes", "20")})
    if (at(column) != usual) name += std::string("/") + column + "=" + at(column);
  return name;
}

std::string case_name(const testing::TestParamInfo<Row>& row) {
  std::string name = row.param.label();
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

NodeRule node_rule(const std::string& name) {
  for (const NodeRule rule : {NodeRule::prody, NodeRule::polymer, NodeRule::prody_app})
    if (to_string(rule) == name) return rule;
  throw std::invalid_argument("no node rule is called " + name);
}

// The tolerances are derived in README.md beside this file.

/// Of the absolute error of an eigenvalue, in units of gamma: 1e-14 of the largest eigenvalue that
/// a protein has at 15 angstrom.
constexpr double eigenvalue_error = 1e-14 * 52;
constexpr double least_tolerance = 1e-9;

/// Relative, for eigenvalues and shares.
double tolerance(double eigenvalue, double gamma) {
  return std::max(least_tolerance, eigenvalue_error * gamma / eigenvalue);
}

/// Relative, for the collectivity of a mode whose nearest other eigenvalue is `gap` away.
double collectivity_tolerance(double gap, double gamma) {
  return std::max(least_tolerance, 20 * eigenvalue_error * gamma / gap);
}

void expect_relative(double actual, double expected, double bound, const std::string& what) {
  EXPECT_LE(std::abs(actual - expected), bound * expected)
      << what << ": " << actual << ", ProDy " << expected << ", relative difference "
      << std::abs(actual - expected) / expected;
}

void expect_same_modes(const Network& network, const ModeSolver& solver, const Row& row) {
  SCOPED_TRACE(std::string(solver.name()));
  const ModeRequest request{std::atoi(row.at("modes").c_str())};
  const std::vector<Outcome<Modes>> outcomes = solver.solve({&network, 1}, request);
  ASSERT_EQ(outcomes.size(), 1u);
  ASSERT_TRUE(outcomes[0]) << outcomes[0].error().message;
  const Modes& modes = *outcomes[0];
  EXPECT_EQ(std::to_string(modes.zero_modes), row.at("zero_modes"));
  ASSERT_EQ(std::to_string(modes.eigenvalues.size()), row.at("n_modes"));
  if (modes.eigenvalues.empty()) return;

  const double gamma = network.gamma;
  const auto expect_eigenvalue = [&](std::size_t i, const std::string& column) {
    const double expected = number(row, column);
    expect_relative(modes.eigenvalues[i], expected, tolerance(expected, gamma), column);
  };
  for (std::size_t i = 0; i < std::min<std::size_t>(4, modes.eigenvalues.size()); ++i)
    expect_eigenvalue(i, "ev" + std::to_string(i + 1));
  expect_eigenvalue(modes.eigenvalues.size() - 1, "ev_last");

  const std::vector<double> shares = fractional_variances(modes.eigenvalues);
  const double first = number(row, "ev1");
  const auto width = static_cast<std::size_t>(network.degrees_of_freedom());
  for (std::size_t i = 0; i < std::min<std::size_t>(3, shares.size()); ++i) {
    const std::string n = std::to_string(i + 1);
    expect_relative(shares[i], number(row, "fv" + n), tolerance(first, gamma), "fv" + n);

    // The zero modes are a neighbour too.
    const double here = number(row, "ev" + n);
    double gap = here - (i == 0 ? 0 : number(row, "ev" + std::to_string(i)));
    if (i + 1 < modes.eigenvalues.size())
      gap = std::min(gap, number(row, "ev" + std::to_string(i + 2)) - here);
    const std::span<const double> mode(&modes.eigenvectors[i * width], width);
    expect_relative(collectivity(mode), number(row, "coll" + n), collectivity_tolerance(gap, gamma),
                    "coll" + n);
  }
}

class Golden : public testing::TestWithParam<Row> {};

TEST_P(Golden, AgreesWithProDy) {
  const Row& row = GetParam();
  const auto path = test_support::package_file(row.at("package"), row.at("file"));
  if (!path)
    GTEST_SKIP() << row.at("file") << " is not here: Debian package " << row.at("package")
                 << " is not installed";
  const Outcome<std::string> sha256 = file_sha256(*path);
  ASSERT_TRUE(sha256) << sha256.error().message;
  if (*sha256 != row.at("sha256"))
    GTEST_SKIP() << *path << " is not the file that was recorded (sha256 " << *sha256 << ")";

  ReadOptions options;
  options.nodes = node_rule(row.at("nodes"));
  const Outcome<Structure> structure = read_structure(*path, options);
  if (row.at("status") == "no_ca") {
    ASSERT_FALSE(structure) << structure->nodes.size() << " nodes, where ProDy selects none";
    EXPECT_EQ(structure.error().code, "no_nodes");
    return;
  }
  ASSERT_TRUE(structure) << structure.error().message;
  EXPECT_EQ(std::to_string(structure->nodes.size()), row.at("residues"));

  std::vector<Vec3> positions;
  for (const Node& node : structure->nodes) positions.push_back(node.position);
  const Outcome<Network> network =
      build_network(positions, {number(row, "cutoff"), number(row, "gamma")});
  if (row.at("status") == "error: array must not contain infs or NaNs") {
    ASSERT_FALSE(network);
    EXPECT_EQ(network.error().code, "coincident_nodes");
    return;
  }
  ASSERT_EQ(row.at("status"), "ok") << "this test does not know what to expect";
  ASSERT_TRUE(network) << network.error().message;
  if (large_rows || !is_large(row)) expect_same_modes(*network, *make_lapack_solver(), row);
  if (large_rows) return;
  expect_same_modes(*network, *make_shift_invert_solver(), row);
  // All eigenpairs by Eigen take long; the small entries show that it is the same problem.
  if (network->nodes() <= 120) expect_same_modes(*network, *make_eigen_solver(), row);
}

INSTANTIATE_TEST_SUITE_P(File, Golden, testing::ValuesIn(rows_of_this_program()), case_name);

TEST(GoldenTables, HaveEnoughFiles) {
  std::set<std::string> files;
  for (const Row& row : read_table("prody.tsv"))
    if (row.at("status") == "ok" && number(row, "fv1") > 0) files.insert(row.at("sha256"));
  EXPECT_GE(files.size(), 150u);
}

}  // namespace
}  // namespace modesweep
