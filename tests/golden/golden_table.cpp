// SPDX-License-Identifier: MIT
#include "golden/golden_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "support/data_files.hpp"
#include "support/table.hpp"

namespace golden {
namespace {

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

/// A suite that finds no file has tested nothing. Who names the data's folder means it to.
class NamedFilesAreHere : public testing::Environment {
  void SetUp() override {
    if (!std::getenv(test_support::data_variable)) return;
    std::string why;
    for (const Row& row : read_table("prody.tsv"))
      if ((why = row.missing()).empty()) return;
    FAIL() << test_support::data_variable << " is set, and no recorded file is here: " << why;
  }
};
[[maybe_unused]] const auto* const environment =
    testing::AddGlobalTestEnvironment(new NamedFilesAreHere);

}  // namespace

std::string Row::label() const {
  std::string name = at("package") + "/" + at("file");
  if (at("nodes") != "prody") name += "/" + at("nodes");
  for (const auto& [column, usual] :
       {std::pair("cutoff", "15"), std::pair("gamma", "1"), std::pair("modes", "20")})
    if (at(column) != usual) name += std::string("/") + column + "=" + at(column);
  return name;
}

double Row::number(const std::string& column) const {
  return std::strtod(at(column).c_str(), nullptr);
}

std::filesystem::path Row::path() const {
  return test_support::package_file(at("package"), at("file")).value();
}

std::string Row::missing() const {
  const auto file = test_support::package_file(at("package"), at("file"));
  if (!file)
    return at("file") + " is not here: Debian package " + at("package") + " is not installed";
  const auto sha256 = modesweep::file_sha256(*file);
  if (!sha256) return sha256.error().message;
  if (*sha256 != at("sha256"))
    return file->string() + " is not the file that was recorded (sha256 " + *sha256 + ")";
  return "";
}

modesweep::NodeRule Row::node_rule() const {
  using modesweep::NodeRule;
  for (const NodeRule rule : {NodeRule::prody, NodeRule::polymer, NodeRule::prody_app})
    if (to_string(rule) == at("nodes")) return rule;
  throw std::invalid_argument("no node rule is called " + at("nodes"));
}

void PrintTo(const Row& row, std::ostream* stream) { *stream << row.label(); }

std::string case_name(const Row& row) {
  std::string name = row.label();
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

std::vector<Row> read_table(const std::string& name) {
  const std::filesystem::path path = test_support::source_dir() / "tests" / "golden" / name;
  std::ifstream stream(path);
  std::string line;
  if (!std::getline(stream, line)) throw std::runtime_error("cannot read " + path.string());
  const std::vector<std::string> header = test_support::split_fields(line);
  std::vector<Row> rows;
  while (std::getline(stream, line)) {
    const std::vector<std::string> fields = test_support::split_fields(line);
    Row& row = rows.emplace_back();
    for (std::size_t i = 0; i < header.size(); ++i) row[header[i]] = fields.at(i);
  }
  return rows;
}

std::vector<Row> choose_by_size(const std::vector<SizeClass>& classes) {
  std::vector<Row> rows = read_table("prody.tsv");
  std::erase_if(rows, [](const Row& row) { return !row.has_modes(); });
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return a.number("residues") < b.number("residues");
  });
  std::vector<Row> chosen;
  auto begin = rows.begin();
  for (const SizeClass& c : classes) {
    const auto end = std::find_if(
        begin, rows.end(), [&](const Row& row) { return row.number("residues") > c.residues; });
    const auto available = static_cast<int>(end - begin);
    const int files = std::min(c.files, available);
    for (int i = 1; i <= files; ++i) chosen.push_back(begin[i * available / files - 1]);
    begin = end;
  }
  return chosen;
}

void expect_same(const Numbers& numbers, const Row& row) {
  EXPECT_EQ(std::to_string(numbers.zero_modes), row.at("zero_modes"));
  ASSERT_EQ(std::to_string(numbers.eigenvalues.size()), row.at("n_modes"));
  if (numbers.eigenvalues.empty()) return;

  const double gamma = row.number("gamma");
  const auto expect_eigenvalue = [&](std::size_t i, const std::string& column) {
    const double expected = row.number(column);
    expect_relative(numbers.eigenvalues[i], expected, tolerance(expected, gamma), column);
  };
  const std::size_t modes = numbers.eigenvalues.size();
  for (std::size_t i = 0; i < std::min<std::size_t>(4, modes); ++i)
    expect_eigenvalue(i, "ev" + std::to_string(i + 1));
  expect_eigenvalue(modes - 1, "ev_last");

  const std::size_t compared = std::min<std::size_t>(3, modes);
  ASSERT_GE(numbers.shares.size(), compared);
  ASSERT_GE(numbers.collectivities.size(), compared);
  const double first = row.number("ev1");
  for (std::size_t i = 0; i < compared; ++i) {
    const std::string n = std::to_string(i + 1);
    expect_relative(numbers.shares[i], row.number("fv" + n), tolerance(first, gamma), "fv" + n);

    // The zero modes are a neighbour too.
    const double here = row.number("ev" + n);
    double gap = here - (i == 0 ? 0 : row.number("ev" + std::to_string(i)));
    if (i + 1 < modes) gap = std::min(gap, row.number("ev" + std::to_string(i + 2)) - here);
    expect_relative(numbers.collectivities[i], row.number("coll" + n),
                    collectivity_tolerance(gap, gamma), "coll" + n);
  }
}

}  // namespace golden
