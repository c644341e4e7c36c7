// SPDX-License-Identifier: MIT
// Small files of every trait that make_cases.py writes, each read rightly or refused truly.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <modesweep/structure.hpp>

#include "base/text.hpp"
#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/table.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

using test_support::read_file;
using test_support::split_fields;

/// One row of cases.tsv, whose columns make_cases.py explains.
struct Case {
  std::string file, arguments, nodes, answer, code, also, tolerance, kind, format, trait, known;
};

std::vector<std::vector<std::string>> rows_of(const std::filesystem::path& path) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream text(read_file(path));
  for (std::string line; std::getline(text, line);) rows.push_back(split_fields(line));
  return rows;
}

std::vector<Case> read_cases(const std::filesystem::path& folder) {
  std::vector<std::vector<std::string>> rows = rows_of(folder / "cases.tsv");
  std::vector<Case> cases;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::vector<std::string>& r = rows[i];
    cases.push_back({r.at(0), r.at(1), r.at(2), r.at(3), r.at(4), r.at(5), r.at(6), r.at(7),
                     r.at(8), r.at(9), r.at(10)});
  }
  return cases;
}

/// Words between blanks; those in quotes may hold blanks.
std::vector<std::string> words_of(const std::string& arguments) {
  std::vector<std::string> words;
  bool quoted = false, in_word = false;
  for (const char c : arguments) {
    if (c == '\'') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (c != '\'') words.back() += c;
  }
  return words;
}

ReadOptions options_of(const std::string& arguments) {
  ReadOptions options;
  const std::vector<std::string> words = words_of(arguments);
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const std::string& name = words[i];
    const std::string& value = words.at(i + 1);
    if (name == "--nodes") {
      options.nodes = value == "polymer" ? NodeRule::polymer : NodeRule::prody_app;
    } else if (name == "--model") {
      options.model = std::stoi(value);
    } else if (name == "--select") {
      options.selection = value;
    } else if (name == "--assembly") {
      options.assembly = value;
    } else if (name == "--chains") {
      std::istringstream list(value);
      for (std::string chain; std::getline(list, chain, ',');) options.chains.push_back(chain);
    } else {
      ADD_FAILURE() << "no such argument: " << name;
    }
  }
  return options;
}

/// Whether the text has the word; a number is not the beginning of a longer one.
bool has_word(const std::string& text, const std::string& word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const auto digit = [&](std::size_t i) {
      return i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])) != 0;
    };
    if (!digit(end - 1) || !digit(end)) return true;
  }
  return false;
}

/// Whether the message has the words of a row: "a|b & c" is either a or b, and c.
bool has_words(const std::string& message, const std::string& words) {
  std::string rest = words + " & ";
  for (std::size_t end; (end = rest.find(" & ")) != std::string::npos; rest.erase(0, end + 3)) {
    std::istringstream alternatives(rest.substr(0, end));
    bool found = false;
    for (std::string word; std::getline(alternatives, word, '|');)
      found = found || has_word(message, ascii_lower(word));
    if (!found) return false;
  }
  return true;
}

std::string text_of(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "none";
}

/// What is wrong with a node, or nothing.
std::string node_problem(const Node& node, const std::vector<std::string>& right,
                         double tolerance) {
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (!(std::abs(node.position[axis] - std::stod(right.at(axis))) <= tolerance))
      return fmt::format("position {} {} {}", node.position[0], node.position[1], node.position[2]);
  constexpr double b_tolerance = 1e-3;  // B factors have two decimals
  const std::string& b = right.at(3);
  if (b != "*" && (node.b_factor.has_value() == b.empty() ||
                   (node.b_factor && !(std::abs(*node.b_factor - std::stod(b)) <= b_tolerance))))
    return "B factor " + text_of(node.b_factor);
  const std::string number = node.number ? std::to_string(*node.number) : "";
  if (right.at(4) != "*" && number != right.at(4)) return "number " + number;
  const std::string insertion = node.insertion == ' ' ? "" : std::string(1, node.insertion);
  if (insertion != right.at(5)) return "insertion code " + insertion;
  if (node.chain != right.at(6)) return "chain " + node.chain;
  if (node.residue != right.at(7)) return "residue " + node.residue;
  if (node.atom != right.at(8)) return "atom " + node.atom;
  return {};
}

/// What is wrong with the further facts of a row, `name=value` between blanks, or nothing.
std::string fact_problem(const Structure& structure, const std::string& also) {
  std::string title = structure.header.title;
  std::replace(title.begin(), title.end(), ' ', '_');
  const std::map<std::string, std::string> facts = {
      {"title", title},
      {"models", std::to_string(structure.models)},
      {"chains", std::to_string(structure.chains)},
      {"predicted", std::to_string(structure.predicted)},
      {"more_blocks", std::to_string(structure.more_blocks)},
      {"partial_assembly", std::to_string(structure.partial_assembly)},
      {"nucleic_left_out", std::to_string(structure.nucleic_left_out)}};
  std::istringstream list(also);
  for (std::string fact; list >> fact;) {
    const std::size_t equals = fact.find('=');
    const std::string& is = facts.at(fact.substr(0, equals));
    if (is != fact.substr(equals + 1)) return fmt::format("wanted {}, not {}", fact, is);
  }
  return {};
}

/// What is wrong with the answer to a case, or nothing.
std::string problem_of(const Case& one, const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / one.file;
  const Outcome<Structure> structure = read_structure(path, options_of(one.arguments));
  if (!structure) {
    std::string message = structure.error().message;
    if (!one.nodes.empty()) return "refused: " + message;
    if (message.starts_with(path.string())) message.erase(0, path.string().size());
    if (!has_words(ascii_lower(message), one.answer))
      return fmt::format("wanted a refusal that says {}, not{}", one.answer, message);
    const std::string& code = structure.error().code;
    if (!one.code.empty() && code != one.code)
      return fmt::format("wanted the code {}, not {}", one.code, code);
    return {};
  }
  const std::vector<Node>& nodes = structure->nodes;
  if (one.nodes.empty())
    return fmt::format("wanted a refusal that says {}; {} nodes", one.answer, nodes.size());
  const auto right = rows_of(folder / one.answer);
  if (std::to_string(right.size()) != one.nodes) return "the table contradicts itself";
  if (nodes.size() != right.size())
    return fmt::format("wanted {} nodes, not {}", right.size(), nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (const std::string problem = node_problem(nodes[i], right[i], std::stod(one.tolerance));
        !problem.empty())
      return fmt::format("node {}, which is {}: {}", i + 1, fmt::join(right[i], " "), problem);
  return fact_problem(*structure, one.also);
}

/// Cases that are right, and all.
struct Count {
  int right = 0, total = 0;

  void add(bool is_right) {
    right += is_right ? 1 : 0;
    ++total;
  }
  std::string text() const { return total == 0 ? "" : fmt::format("{}/{}", right, total); }
};

using Counts = std::map<std::string, Count>;  // by format, and "all"

void print(const std::string& name, const Counts& counts) {
  const auto text = [&](const char* form) {
    return counts.contains(form) ? counts.at(form).text() : "";
  };
  std::cout << fmt::format("{:<62}{:>10}{:>10}{:>10}{:>10}\n", name, text("pdb"), text("cif"),
                           text("bcif"), text("all"));
}

TEST(Cases, AreReadRightlyOrRefusedTruly) {
  const test_support::TempDir folder;
  const std::filesystem::path script = test_support::source_dir() / "tests/cases/make_cases.py";
  const auto made = test_support::run({PYTHON, script.string(), folder.path().string()});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const std::vector<Case> cases = read_cases(folder.path());
  ASSERT_GE(cases.size(), 140u);

  std::vector<std::pair<std::string, Counts>> traits;  // in the order of the table
  std::map<std::string, Counts> kinds;
  for (const Case& one : cases) {
    const std::string problem = problem_of(one, folder.path());
    EXPECT_EQ(problem, "") << one.file << " " << one.arguments << " (kind " << one.kind << ", "
                           << one.trait << "; known by: " << one.known << ")";
    const std::string name = one.kind + " " + one.trait;
    auto trait = std::find_if(traits.begin(), traits.end(),
                              [&](const auto& known) { return known.first == name; });
    if (trait == traits.end()) trait = traits.insert(traits.end(), {name, Counts()});
    for (const std::string& form : {one.format, std::string("all")}) {
      trait->second[form].add(problem.empty());
      kinds["kind " + one.kind][form].add(problem.empty());
      kinds["of all kinds"][form].add(problem.empty());
    }
  }
  std::cout << fmt::format("{:<62}{:>10}{:>10}{:>10}{:>10}\n", "right of total", "PDB", "mmCIF",
                           "BinaryCIF", "all");
  for (const auto& [name, counts] : traits) print(name, counts);
  for (const auto& [name, counts] : kinds) print(name, counts);
}

}  // namespace
}  // namespace modesweep
