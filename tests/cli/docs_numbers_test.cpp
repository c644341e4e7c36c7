// SPDX-License-Identifier: MIT
// Numbers that the pages and --help name are those of the code: a page that tells of a constant has
// a row here, with the words around its number.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <modesweep/core.hpp>
#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>
#include <modesweep/ranking.hpp>

#include "solver/shift_invert/shift_invert_solver.hpp"
#include "sources/limits.hpp"
#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

using modesweep::ElasticModel;
using test_support::read_file;
using test_support::source_dir;

constexpr int default_modes = modesweep::ModeRequest().modes;
constexpr int rigid = modesweep::rigid_motions(ElasticModel::anm);

/// The one file of the sources with this name, wherever it lies.
std::filesystem::path source_file(const std::string& name) {
  std::vector<std::filesystem::path> found;
  for (const char* folder : {"src", "include"})
    for (const auto& file : std::filesystem::recursive_directory_iterator(source_dir() / folder))
      if (file.path().filename() == name) found.push_back(file.path());
  EXPECT_EQ(found.size(), 1u) << "files by the name " << name;
  return found.empty() ? std::filesystem::path() : found.front();
}

/// A product, quotient or shift of numbers, such as `3 * 80`, `std::size_t{16} << 20`.
double value_of(std::string expression) {
  expression = std::regex_replace(expression, std::regex("'"), "");
  expression = std::regex_replace(expression, std::regex(R"([A-Za-z_:]+\w*[({]|[)}])"), "");
  std::istringstream words(expression);
  double value = 0;
  words >> value;
  std::string sign;
  for (double next = 0; words >> sign >> next;)
    value = sign == "*" ? value * next : sign == "/" ? value / next : std::ldexp(value, int(next));
  return value;
}

/// What a source file initialises a name with.
double constant(const std::string& file, const std::string& name) {
  const std::string text = read_file(source_file(file));
  const std::regex definition("\\b" + name + R"((?:\s*=\s*|\{)([^;,]+?)(?:\}?;|,\s))");
  std::smatch match;
  if (std::regex_search(text, match, definition)) return value_of(match[1]);
  ADD_FAILURE() << file << " defines no " << name;
  return 0;
}

std::string help_of(const std::string& command) {
  return test_support::run_modesweep({command, "--help-all"}).out;
}

/// The default that help names of an option: `--top N  rows to print [0 - 9] (default: 10)`.
double default_of(const std::string& command, const std::string& option) {
  const std::string help = help_of(command);
  std::smatch match;
  if (std::regex_search(help, match, std::regex(option + R"( [^\n]*\(default: ([^)]+)\))")))
    return value_of(match[1]);
  ADD_FAILURE() << command << " tells no default of " << option;
  return 0;
}

double rows_of(const std::string& table, const std::string& status = "") {
  double count = 0;
  std::istringstream lines(read_file(source_dir() / "tests/golden" / table));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) count += line.ends_with(status);
  return count;
}

/// `page` is a file from the top of the repository or the name of a command, whose help is meant.
struct Statement {
  const char* page;
  const char* words;  ///< with `#` in place of the number; a number may also be a word such as ten
  double value;
};

std::string with_single_blanks(const std::string& text) {
  return std::regex_replace(text, std::regex(R"(\s+)"), " ");
}

std::optional<double> read_number(const std::string& text) {
  static const std::vector<std::string> words = {"zero", "one",   "two",   "three", "four", "five",
                                                 "six",  "seven", "eight", "nine",  "ten"};
  const auto word = std::find(words.begin(), words.end(), text);
  if (word != words.end()) return word - words.begin();
  const std::string digits = std::regex_replace(text, std::regex(","), "");
  char* end = nullptr;
  const double value = std::strtod(digits.c_str(), &end);
  return *end == '\0' ? std::optional(value) : std::nullopt;
}

/// Every number that the page has at this place; the same words may stand there several times.
std::vector<double> stated(const Statement& statement) {
  const std::string page = statement.page;
  const std::string text =
      with_single_blanks(page.ends_with(".md") ? read_file(source_dir() / page) : help_of(page));
  const std::string words = statement.words;
  const std::size_t mark = words.find('#');
  const std::string before = words.substr(0, mark), after = words.substr(mark + 1);
  static const std::regex number(R"(^(\d+(?:,\d{3})*(?:\.\d+)?(?:e-?\d+)?|[a-z]+))");
  std::vector<double> numbers;
  for (std::size_t at = text.find(before); at != std::string::npos;
       at = text.find(before, at + 1)) {
    const std::string rest = text.substr(at + before.size(), after.size() + 30);
    std::smatch match;
    if (!std::regex_search(rest, match, number)) continue;
    if (rest.compare(match[1].length(), after.size(), after) != 0) continue;
    if (const std::optional<double> value = read_number(match[1])) numbers.push_back(*value);
  }
  return numbers;
}

void expect_true(const std::vector<Statement>& statements) {
  for (const Statement& statement : statements) {
    const std::vector<double> numbers = stated(statement);
    EXPECT_FALSE(numbers.empty()) << statement.page << " does not say: " << statement.words;
    for (const double number : numbers)
      EXPECT_NEAR(number, statement.value, 1e-9 * statement.value)
          << statement.page << ": " << statement.words;
  }
}

TEST(DocsNumbers, OfTheModel) {
  const double anm = modesweep::default_cutoff(ElasticModel::anm);
  const double gnm = modesweep::default_cutoff(ElasticModel::gnm);
  const double zero = modesweep::zero_eigenvalue;
  const double local = modesweep::local_collectivity;
  const double fewest = constant("properties.cpp", "fewest");
  expect_true({
      {"README.md", "any two within # angstrom", anm},
      {"README.md", "the # softest modes, not of all motion", default_modes},
      {"README.md", "local: below #;", local},
      {"docs/glossary.md", "joined by a spring: # angstrom", anm},
      {"docs/glossary.md", "angstrom (GNM: #)", gnm},
      {"docs/glossary.md", "collectivity below #", local},
      {"docs/glossary.md", "(eigenvalue below # gamma)", zero},
      {"docs/numbers.md", "contacts within `--cutoff` # angstrom", anm},
      {"docs/numbers.md", "spring constant `--gamma` #;", modesweep::NetworkOptions().gamma},
      {"docs/numbers.md", "contacts within # angstrom, one value a node", gnm},
      {"docs/numbers.md", "the `--modes` # softest", default_modes},
      {"docs/numbers.md", "an eigenvalue of # or more", zero},
      {"docs/numbers.md", "With more than # zero modes", rigid},
      {"docs/numbers.md", "modes computed (`--modes`, #)", default_modes},
      {"docs/numbers.md", "Cutoff # angstrom, six zero modes", anm},
      {"docs/numbers.md", "Cutoff # angstrom, one zero mode", gnm},
      {"docs/numbers.md", "Eigenvalues below # gamma", zero},
      {"docs/numbers.md", "eigenvalues below # gamma of all", zero},
      {"docs/numbers.md", "of the GNM (cutoff #)", gnm},
      {"docs/numbers.md", "There is no value where fewer than # are stated", fewest},
      {"docs/numbers.md", "a gap costs # whatever its length",
       constant("sequence_alignment.hpp", "gap_cost")},
      {"docs/numbers.md", "of which it has at least # % of the length",
       constant("protein_clusters.cpp", "least_coverage")},
      {"docs/reference.md", "Entries with fewer than # non-zero modes", default_modes},
      {"docs/reference.md", "non-zero modes (# residues or fewer)",
       (default_modes + rigid - 1) / 3},
      {"rank", "(else 15, of gnm #)", gnm},
      {"rank", "(else #, of gnm", anm},
      {"rank", "local coll1 below #", local},
      {"docs/numbers.md", "has # or more contacts within the set", modesweep::core_contacts},
      {"docs/numbers.md", "pairs within # angstrom, whatever", modesweep::core_cutoff},
      {"rank", "eigenvalues below # gamma", zero},
      {"rank", "loose more than # zero modes", rigid},
      {"rank", "within its error of #:", zero},
      {"rank", "(the # softest by default)", default_modes},
      {"rank", "where fewer than # are stated", fewest},
      {"rank", "(calcHinges; cutoff #,", gnm},
  });
}

TEST(DocsNumbers, OfTheSolvers) {
  const char* const file = "shift_invert_solver.cpp";
  const double residual = constant(file, "residual_tolerance");
  const double dense = constant(file, "most_dense_order") / 3;
  const double width = constant("memory_layout.hpp", "block_width");
  const double zero = modesweep::zero_eigenvalue;
  expect_true({
      {"docs/numbers.md", "below #, asked of the solver", residual},
      {"docs/solvers.md", "iteration on its inverse, # right-hand sides", width},
      {"docs/solvers.md", "every residual is below # of the largest", residual},
      {"docs/solvers.md", "Factors of more than # operations", constant(file, "dissected_flops")},
      {"docs/solvers.md", "on which side of # it lies", zero},
      {"docs/solvers.md", "it is refined to #;", constant(file, "finer_tolerance")},
      {"docs/solvers.md", "Of components of # nodes or fewer", constant(file, "dense_order") / 3},
      {"docs/solvers.md", "pairs are in contact the limit is #;",
       constant(file, "most_filled_order") / 3},
      {"docs/solvers.md", "Components of up to # nodes", dense},
      {"docs/solvers.md", "Up to # nodes, where LAPACK", dense},
      {"docs/solvers.md", "number of blocks of # vectors", width},
      {"docs/solvers.md", "# MB for partly used pages",
       constant(file, "partly_used_pages") / (1 << 20)},
      {"docs/solvers.md", "eight vectors, # at most with 20 modes",
       double(modesweep::shift_invert::estimated_blocks(default_modes))},
      {"docs/solvers.md", "at most with # modes", default_modes},
      {"docs/gpu.md", "is measured up to # residues",
       constant("bench.cpp", "most_residues_jacobi")},
      {"docs/gpu.md", "counting as # residues each", constant("placement.cpp", "typical_residues")},
      {"docs/gpu.md", "Networks of fewer than # residues",
       constant("placement.cpp", "least_nodes")},
      {"docs/gpu.md", "one thread over # streams", constant("engine.hpp", "streams_per_device")},
      {"bench", "(above # residues with shift-invert)",
       constant("bench.cpp", "most_residues_lapack")},
  });
}

TEST(DocsNumbers, OfCommands) {
  const double same_mode = constant("properties.cpp", "equal_eigenvalues");
  const double same_part = constant("properties.cpp", "equal_components");
  const double of_ten = 10 * constant("node_match.cpp", "same_numbers");
  expect_true({
      {"docs/sources.md", "records (#;", default_of("rank", "--retmax")},
      {"docs/sources.md", "as a busy host is, # times in all", constant("downloader.hpp", "tries")},
      {"docs/reference.md", "prints all rows instead of #.", default_of("rank", "--top")},
      {"docs/modes.md", "along `--mode #`", default_of("modes", "--mode")},
      {"docs/modes.md", "a loop of `--frames #` models", default_of("modes", "--frames")},
      {"docs/modes.md", "an RMSD of `--amplitude #` angstrom", default_of("modes", "--amplitude")},
      {"docs/modes.md", "displacement in modes 1 to #", constant("residues.cpp", "modes_shown")},
      {"docs/modes.md", "as large (to # of it)", same_part},
      {"docs/modes.md", "differ by less than # of the larger", same_mode},
      {"modes", "as large (to # of it)", same_part},
      {"modes", "differ by less than # of the larger", same_mode},
      {"docs/compare.md", "by their numbers where # of ten agree", of_ten},
      {"compare", "by their numbers where # of ten have the same", of_ten},
      {"compare", "with less than # % identical",
       100 * constant("node_match.cpp", "least_identity")},
      {"compare", "of the first # modes of A", constant("comparison.cpp", "essential_modes")},
      {"compare", "as many as hold # % of it",
       100 * constant("comparison.hpp", "least_morph_part")},
      {"docs/compare.md", "together hold # % of it",
       100 * constant("comparison.hpp", "least_morph_part")},
      {"docs/report.md", "`--top #` entries have shapes", default_of("report", "--top")},
      {"docs/report.md", "the displacements of modes 1 to #,",
       constant("shape.cpp", "modes_shown")},
      {"report", "the displacements of modes 1 to #,", constant("shape.cpp", "modes_shown")},
      {"docs/runs.md", "passed over and named once # processes in a row",
       constant("run_store.cpp", "most_deaths")},
  });
}

TEST(DocsNumbers, OfLimits) {
  const double megabyte = 1 << 20;
  const double order = constant("dense.cpp", "largest_order");
  expect_true({
      {"docs/reference.md", "a downloaded file, as sent | # MB",
       static_cast<double>(modesweep::structure_transfer.body_bytes) / megabyte},
      {"docs/reference.md", "a line of a structure file | # MB",
       constant("text_format.cpp", "longest_line") / megabyte},
      {"docs/reference.md", "a column of a BinaryCIF file | #",
       constant("binary_cif.cpp", "most_rows")},
      {"docs/reference.md", "operators of an assembly | #",
       constant("assemblies.hpp", "most_operators")},
      {"docs/reference.md", "nodes of an assembly | #", constant("assemblies.cpp", "most_nodes")},
      {"docs/reference.md", "a coordinate, in angstrom | #",
       constant("network.cpp", "largest_coordinate")},
      {"docs/reference.md", "`--solver eigen`) | #;", std::floor(order / 3)},
      {"docs/reference.md", "; of a GNM # |", order},
      {"docs/reference.md", "`jacobi`, on a GPU | #",
       constant("jacobi.hpp", "largest_jacobi_network")},
      {"docs/files.md", "lines of any length from # columns on",
       constant("pdb_reader.cpp", "to_coordinates")},
  });
}

TEST(DocsNumbers, OfTablesOfOtherPrograms) {
  expect_true({
      {"docs/validation.md", "own results for # real files", rows_of("prody.tsv")},
      {"docs/validation.md", "the numbers of #, and of five", rows_of("prody.tsv", "ok")},
      {"docs/validation.md", "`prody_variants.tsv` holds # runs", rows_of("prody_variants.tsv")},
      {"docs/validation.md", "ProDy's GNMs of # of the files", rows_of("prody_properties.tsv")},
      {"docs/validation.md", "Of # pairs of structures", rows_of("prody_compare.tsv")},
  });
}

TEST(DocsNumbers, OfReportLibraries) {
  const std::string script = read_file(source_dir() / "tools/install-deps.sh");
  const std::string page = with_single_blanks(read_file(source_dir() / "docs/report.md"));
  static const std::regex fetched(R"(fetch_library \S+ \S+ (\d+\.\d+\.\d+))");
  std::size_t libraries = 0;
  for (auto it = std::sregex_iterator(script.begin(), script.end(), fetched);
       it != std::sregex_iterator(); ++it, ++libraries)
    EXPECT_NE(page.find(") " + (*it)[1].str() + " "), std::string::npos) << (*it)[1];
  EXPECT_EQ(libraries, 3u);
}

}  // namespace
