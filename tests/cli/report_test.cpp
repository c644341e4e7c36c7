// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <regex>

#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::Atom;
using test_support::helix;
using test_support::pdb_text;
using test_support::read_file;
using test_support::run_modesweep;
using test_support::RunOptions;
using test_support::RunResult;

constexpr const char* hostile =
    "</script><img src=x onerror='window.injected=1'><b>BOLD</b> <!--<script>";

/// Helices do not vary in their B factors.
std::string with_b_factors(std::vector<Atom> atoms) {
  for (std::size_t i = 0; i < atoms.size(); ++i)
    atoms[i].b_factor = std::to_string(10 + 7 * i % 30) + ".50";
  return pdb_text(atoms, "", hostile);
}

class ReportCommand : public testing::Test {
 protected:
  ReportCommand() {
    for (int n : {20, 25, 60})
      folder_.write("in/h" + std::to_string(n) + ".pdb", pdb_text(helix(n)));
    folder_.write("in/hostile.pdb", with_b_factors(helix(40)));
    folder_.write("in/<b>bad.pdb", "<html>");
    // Two libraries that are none, so that no test needs the real ones.
    for (const char* name : {"3dmol", "d3"}) {
      const std::string at = std::string("libraries/") + name;
      folder_.write(at + "/library.js", std::string("window.from_") +
                                            (name[0] == '3' ? "x" : name) + " = '</script>';");
      folder_.write(at + "/VERSION", "9.9\n");
      folder_.write(at + "/LICENSE", std::string("LICENCE OF ") + name);
    }
  }
  RunResult modesweep(std::vector<std::string> arguments) const {
    RunOptions options;
    options.folder = folder_.path().string();
    options.environment["MODESWEEP_REPORT_LIBRARIES"] = libraries_;
    return run_modesweep(std::move(arguments), options);
  }
  RunResult report(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "report");
    arguments.insert(arguments.end(), {"-o", "report.html"});
    return modesweep(std::move(arguments));
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string page() const { return read_file(path("report.html")); }

  /// The text of an element of data.
  static std::string data(const std::string& page, const std::string& id) {
    const std::string mark = " id=\"" + id + "\">";
    const std::size_t start = page.find(mark);
    if (start == std::string::npos) return {};
    return page.substr(start + mark.size(), page.find("</script>", start) - start - mark.size());
  }
  static nlohmann::json json(const std::string& page, const std::string& id) {
    return nlohmann::json::parse(data(page, id));
  }
  static std::vector<nlohmann::json> rows(const std::string& page) {
    std::vector<nlohmann::json> rows;
    std::istringstream lines(data(page, "rows"));
    for (std::string line; std::getline(lines, line);)
      if (!line.empty()) rows.push_back(nlohmann::json::parse(line));
    return rows;
  }

  test_support::TempDir folder_;
  std::string libraries_ = "libraries";
};

TEST_F(ReportCommand, HasTheRankingThatRankPrints) {
  const RunResult result = report({"in"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.err.find("report.html: 4 entries, 4 with their shapes, 1 left out"),
            std::string::npos)
      << result.err;
  const RunResult ranked = modesweep({"rank", "--files", "in", "--format", "jsonl", "--top", "0"});
  std::istringstream lines(ranked.out);
  const std::vector<nlohmann::json> rows = ReportCommand::rows(page());
  ASSERT_EQ(rows.size(), 4u);
  for (const nlohmann::json& row : rows) {
    std::string line;
    ASSERT_TRUE(std::getline(lines, line));
    const nlohmann::json expected = nlohmann::json::parse(line);
    for (const char* name : {"rank", "pdb_id", "residues", "fv1", "coll1", "title", "shares"})
      EXPECT_EQ(row.value(name, nlohmann::json()), expected.value(name, nlohmann::json())) << name;
  }
  const nlohmann::json about = json(page(), "about");
  ASSERT_EQ(about["failures"].size(), 1u);
  EXPECT_EQ(about["failures"][0][2], "parse");
  EXPECT_EQ(about["failures"][0][3], "not_a_structure");
  EXPECT_EQ(about["parameters"][1], nlohmann::json({"cutoff", "15"}));
  EXPECT_NE(about["command"].get<std::string>().find("report in -o report.html"),
            std::string::npos);
}

TEST_F(ReportCommand, TextOfFilesIsNeverMarkup) {
  ASSERT_EQ(report({"in"}).exit_code, 0);
  const std::string text = page();
  for (const char* mark : {"<img", "<b>", "<!--<script"})
    EXPECT_EQ(text.find(mark), std::string::npos) << mark;
  const auto hostile_row = [](const nlohmann::json& row) { return row["pdb_id"] == "hostile"; };
  const std::vector<nlohmann::json> all = rows(text);
  const auto row = std::find_if(all.begin(), all.end(), hostile_row);
  ASSERT_NE(row, all.end());
  EXPECT_EQ((*row)["title"].get<std::string>().substr(0, 20), std::string(hostile).substr(0, 20));
  // A library, too, may hold what ends a script.
  EXPECT_NE(text.find("window.from_d3 = '<\\/script>'"), std::string::npos);
}

TEST_F(ReportCommand, InlinesLibrariesWithTheirLicences) {
  const RunResult with = report({"in"});
  const nlohmann::json libraries = json(page(), "about")["libraries"];
  ASSERT_EQ(libraries.size(), 2u);
  EXPECT_EQ(libraries[0]["name"], "d3");
  EXPECT_EQ(
      libraries[1],
      nlohmann::json({{"name", "3dmol"}, {"version", "9.9"}, {"licence", "LICENCE OF 3dmol"}}));
  EXPECT_EQ(with.err.find("no 3-D view"), std::string::npos);
  EXPECT_NE(with.err.find("the page has no charts: tools/install-deps.sh --report"),
            std::string::npos)
      << with.err;
  // Nothing is loaded from anywhere.
  const std::string text = page();
  const std::regex loaded(R"(<(script|link|img|iframe)[^>]*\s(src|href)=)");
  EXPECT_FALSE(std::regex_search(text.substr(0, text.find("<script id=\"library-")), loaded));
  EXPECT_NE(text.find("default-src 'none'"), std::string::npos);

  libraries_ = "nowhere";
  const RunResult without = report({"in"});
  EXPECT_EQ(without.exit_code, 0);
  EXPECT_NE(without.err.find("the page has no 3-D view"), std::string::npos) << without.err;
  EXPECT_TRUE(json(page(), "about")["libraries"].empty());
}

TEST_F(ReportCommand, OfARunHasItsParametersAndNoShapeOfWhatChanged) {
  ASSERT_EQ(modesweep({"rank", "--files", "in", "--run", "run", "--cutoff", "12", "--modes", "7",
                       "--columns", "fv1_all"})
                .exit_code,
            0);
  folder_.write("in/h25.pdb", pdb_text(helix(26)));
  std::filesystem::remove(path("in/h60.pdb"));
  const RunResult result = report({"run"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.err.find("2 entries have no shape; the first: "), std::string::npos)
      << result.err;
  const std::string text = page();
  const nlohmann::json about = json(text, "about");
  const auto has = [](const nlohmann::json& pairs, const nlohmann::json& pair) {
    return std::find(pairs.begin(), pairs.end(), pair) != pairs.end();
  };
  EXPECT_TRUE(has(about["parameters"], {"cutoff", "12"})) << about["parameters"];
  EXPECT_TRUE(has(about["origin"], {"run", "run"})) << about["origin"];
  EXPECT_TRUE(has(about["shown"], "fv1_all"));
  EXPECT_EQ(about["failures"].size(), 1u);
  const std::vector<nlohmann::json> all = rows(text);
  ASSERT_EQ(all.size(), 4u);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const nlohmann::json shape = json(text, "shape-" + std::to_string(i));
    const std::string id = all[i]["pdb_id"];
    EXPECT_EQ(all[i]["shares"].size(), 7u);
    if (id == "h25")
      EXPECT_TRUE(
          shape["missing"].get<std::string>().ends_with("h25.pdb has changed since it was "
                                                        "ranked"))
          << shape;
    else if (id == "h60")
      EXPECT_NE(shape["missing"].get<std::string>().find("h60.pdb"), std::string::npos) << shape;
    else
      EXPECT_EQ(shape["nodes"], all[i]["residues"]) << shape;
  }
}

TEST_F(ReportCommand, TopLimitsShapesNotRows) {
  ASSERT_EQ(report({"in", "--top", "2"}).exit_code, 0);
  EXPECT_EQ(rows(page()).size(), 4u);
  EXPECT_TRUE(json(page(), "shape-1").contains("words"));
  EXPECT_EQ(data(page(), "shape-2"), "");
  const nlohmann::json second = json(page(), "shape-1");
  ASSERT_EQ(report({"in", "--top", "0"}).exit_code, 0);
  EXPECT_TRUE(json(page(), "shape-3").contains("words"));
  EXPECT_EQ(json(page(), "shape-1"), second);
}

TEST_F(ReportCommand, AnInterruptLeavesAnEarlierPage) {
  ASSERT_EQ(report({"in", "--top", "1"}).exit_code, 0);
  const std::string earlier = page();
  for (int i = 0; i < 60; ++i)
    folder_.write("in/big" + std::to_string(i) + ".pdb", pdb_text(helix(300)));
  for (const char* top : {"0", "1"}) {  // in the pass that makes shapes, and in the one before it
    RunOptions options;
    options.folder = folder_.path().string();
    options.signals = {{SIGINT, test_support::after(700)}};
    const RunResult result = run_modesweep(
        {"report", "in", "--top", top, "--threads", "1", "--solver", "eigen", "-o", "report.html"},
        options);
    EXPECT_EQ(result.exit_code, 130) << result.err;
    EXPECT_EQ(page(), earlier);
  }
}

TEST_F(ReportCommand, OfAGnmHasModesWithoutDirections) {
  ASSERT_EQ(report({"in", "--enm", "gnm"}).exit_code, 0);
  EXPECT_EQ(json(page(), "shape-0")["axes"], 1);
  ASSERT_EQ(report({"in"}).exit_code, 0);
  EXPECT_EQ(json(page(), "shape-0")["axes"], 3);
}

TEST_F(ReportCommand, RanksWhatASearchFindsByTheCore) {
  const std::string demo = (test_support::source_dir() / "data/demo").string();
  const RunResult result =
      report({"ubiquitin", "--archive", demo, "--cache-dir", "cache", "--core", "--null", "3"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const nlohmann::json about = json(page(), "about");
  EXPECT_EQ(about["core"], true);
  EXPECT_EQ(about["origin"][1], nlohmann::json({"term", "ubiquitin"}));
  ASSERT_EQ(about["nulls"].size(), 1u);
  EXPECT_EQ(about["nulls"][0]["networks"], 3);
  const nlohmann::json row = rows(page()).at(0);
  EXPECT_NEAR(row["fv1_core"], 0.0988148, 1e-7);
  EXPECT_EQ(row["notes"], nullptr) << "the whole has a tail, the core none";
  EXPECT_EQ(json(page(), "shape-0")["has_core"], true);
  EXPECT_EQ(report({"a", "b", "--archive", demo}).exit_code, 2);
}

TEST_F(ReportCommand, EndsAsRankDoes) {
  EXPECT_EQ(report({"in", "--strict"}).exit_code, 1);
  folder_.write("empty/readme.txt", "");
  const RunResult nothing = report({"empty"});
  EXPECT_EQ(nothing.exit_code, 3);
  EXPECT_NE(nothing.err.find("nothing to rank"), std::string::npos) << nothing.err;
  EXPECT_EQ(modesweep({"report", "in", "-o", "nowhere/report.html"}).exit_code, 6);
  EXPECT_EQ(modesweep({"report", "in"}).exit_code, 2);
  EXPECT_EQ(report({}).exit_code, 2);

  ASSERT_EQ(modesweep({"rank", "--files", "in", "--run", "run"}).exit_code, 0);
  for (const std::vector<std::string>& flag : std::vector<std::vector<std::string>>{
           {"--cutoff", "12"}, {"--solver", "lapack"}, {"--min-residues", "1"}}) {
    const RunResult refused = report({"run", flag[0], flag[1]});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_NE(refused.err.find(flag[0] + " cannot be given with a run"), std::string::npos)
        << refused.err;
  }
  EXPECT_EQ(report({"run", "--threads", "1"}).exit_code, 0);
}

/// Pages in a browser. The real libraries are those of tools/install-deps.sh --report.
class ReportPage : public ReportCommand {
 protected:
  void check(const std::vector<std::string>& more, const char* script = "check_report.py",
             int least_checks = 21) {
    std::vector<std::string> command = {
        "/usr/bin/python3", (test_support::source_dir() / "tests/cli" / script).string(),
        path("report.html"), path("shots")};
    command.insert(command.end(), more.begin(), more.end());
    RunOptions patient;
    patient.limit = std::chrono::seconds(280);
    const RunResult result = test_support::run(command, patient);
    if (result.exit_code == 77 || result.exit_code == 127)
      GTEST_SKIP() << "no browser to open the page with: " << result.err;
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_GE(std::count(result.out.begin(), result.out.end(), '\n'), least_checks) << result.out;
  }
  /// False where the real ones are not there.
  bool takes_libraries() {
    libraries_ = (test_support::source_dir() / "build/report-libraries").string();
    const std::array names = {"3dmol", "d3", "plot"};
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
      return std::filesystem::exists(libraries_ + "/" + name + "/library.js");
    });
  }
  static constexpr const char* no_libraries =
      "there are no libraries: tools/install-deps.sh --report fetches them";
};

TEST_F(ReportPage, WorksInABrowser) {
  if (!takes_libraries()) GTEST_SKIP() << no_libraries;
  std::filesystem::copy(test_support::source_dir() / "data/demo/ubiquitin", path("in"));
  folder_.write("in/changed.pdb", pdb_text(helix(30)));
  ASSERT_EQ(modesweep({"rank", "--files", "in", "--run", "run"}).exit_code, 0);
  folder_.write("in/changed.pdb", pdb_text(helix(31)));
  ASSERT_EQ(report({"run"}).exit_code, 0);
  check({});
}

TEST_F(ReportPage, OfACompareWorksInABrowser) {
  if (!takes_libraries()) GTEST_SKIP() << no_libraries;
  const std::string demo =
      (test_support::source_dir() / "data/demo/lactate-dehydrogenase/").string();
  ASSERT_EQ(
      modesweep({"compare", demo + "6ldh_A.pdb.gz", demo + "1ldm_A.pdb.gz", "-o", "report.html"})
          .exit_code,
      0);
  constexpr int checks = 2 * 10 + 1;
  check({}, "check_comparison.py", checks);
}

TEST_F(ReportPage, HasItsTablesWithoutLibraries) {
  libraries_ = "nowhere";
  ASSERT_EQ(report({"in"}).exit_code, 0);
  check({"--bare"});
}

}  // namespace
