// SPDX-License-Identifier: MIT
// The rows that meet a condition, wherever a ranking is shown.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::read_file;
using test_support::RunOptions;
using test_support::RunResult;

/// Of the dehydrogenases of data/demo five are tails, and two are not.
class Where : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  /// All that is called in one test shares one cache.
  RunResult modesweep(const std::vector<std::string>& arguments) const {
    RunOptions options;
    options.environment["MODESWEEP_CACHE_DIR"] = path("cache");
    return test_support::run_modesweep(arguments, options);
  }
  RunResult rank(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"rank", "dehydrogenase", "--archive",
                                          (test_support::source_dir() / "data/demo").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return modesweep(arguments);
  }
  /// The tsv of IDs, in one line.
  static std::string ids(const RunResult& result) {
    std::istringstream words(result.out);
    std::string text;
    for (std::string word; words >> word;) text += word + " ";
    return text;
  }

  const std::vector<std::string> as_ids_ = {"--format", "tsv", "--columns", "pdb_id"};
  test_support::TempDir folder_;
};

bool says(const RunResult& result, const std::string& text) {
  return result.err.find(text) != std::string::npos;
}

TEST_F(Where, RankShowAndResumeHaveTheSameRows) {
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), as_ids_.begin(), as_ids_.end());
    return more;
  };
  const RunResult all = rank(with({"--run", path("run")}));
  ASSERT_EQ(all.exit_code, 0) << all.err;
  EXPECT_EQ(ids(all), "pdb_id 6ldh_A 1i10_A 1ldm_A 1llc_A 1b8p_A 1emd_A 5mdh_A ");
  EXPECT_FALSE(says(all, "--where"));

  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"--where", "not tail"}, "1emd_A 5mdh_A "},
      {{"--no-tails"}, "1emd_A 5mdh_A "},
      {{"--where", "tail and fv1 >= 0.5"}, "6ldh_A 1i10_A 1ldm_A 1llc_A "},
      {{"--where", "tail or coll1 > 0.4", "--sort", "coll1"},
       "1emd_A 1ldm_A 6ldh_A 1i10_A 1b8p_A 1llc_A "},
      {{"--where", "residues < 330 and pdb_id ~ 'LD'"}, "6ldh_A 1ldm_A "},
      {{"--where", "residues < 330", "--no-tails"}, "1emd_A "},
      {{"--where", "residues > 325", "--top", "2"}, "6ldh_A 1i10_A "},
  };
  for (const auto& [flags, wanted] : cases) {
    std::vector<std::string> more = with(flags);
    EXPECT_EQ(ids(rank(more)), "pdb_id " + wanted) << flags[1];
    for (const char* command : {"show", "resume"}) {
      more = with(flags);
      more.insert(more.begin(), {command, path("run")});
      const RunResult kept = modesweep(more);
      EXPECT_EQ(kept.exit_code, 0) << kept.err;
      EXPECT_EQ(ids(kept), "pdb_id " + wanted) << command;
    }
  }
}

TEST_F(Where, SummaryAndRecordSayHowManyMeetIt) {
  const RunResult result = rank({"--where", "residues > 325", "--no-tails", "--top", "0", "--run",
                                 path("run"), "-o", path("r.tsv")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string counts =
      "where       1 of 7 meet --where \"(residues > 325) and (not tail)\"\n";
  EXPECT_TRUE(says(result, counts)) << result.err;
  EXPECT_TRUE(says(result, "ranked      7 ")) << result.err;
  const auto record = nlohmann::json::parse(read_file(path("r.tsv.meta.json")));
  EXPECT_EQ(record["order"]["where"], "(residues > 325) and (not tail)");
  EXPECT_EQ(record["counts"]["ranked"], 7);
  EXPECT_EQ(record["counts"]["matching"], 1);
  EXPECT_EQ(record["counts"]["written"], 1);

  // It is no parameter of the run, which goes on with another.
  EXPECT_TRUE(says(rank({"--where", "tail", "--run", path("run")}), "7 entries were finished"));
  const RunResult shown = modesweep({"show", path("run"), "--where", "residues > 325"});
  EXPECT_TRUE(says(shown, "where       5 of 7 meet --where \"residues > 325\"\n")) << shown.err;
}

TEST_F(Where, NothingLeftIsNothingToRank) {
  const std::string sentence = "nothing to rank: 0 of 7 meet --where \"fv1 > 1\"";
  const RunResult result =
      rank({"--where", "fv1 > 1", "--run", path("run"), "-o", path("none.tsv")});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_TRUE(says(result, sentence)) << result.err;
  const std::string file = read_file(path("none.tsv"));
  EXPECT_EQ(file.find('\n') + 1, file.size()) << "a header alone";
  for (const char* command : {"show", "resume"}) {
    const RunResult kept = modesweep({command, path("run"), "--where", "fv1 > 1"});
    EXPECT_EQ(kept.exit_code, 3);
    EXPECT_EQ(kept.out, "");
    EXPECT_TRUE(says(kept, sentence)) << kept.err;
  }
}

TEST_F(Where, WhatIsWrongIsSaidWithItsPlaceBeforeAnyWork) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"rank", "--ids", "1UBI", "--offline"},
        {"resume", path("no run")},
        {"show", path("no run")},
        {"report", path("no file"), "-o", path("page")}}) {
    std::vector<std::string> wrong = arguments;
    wrong.insert(wrong.end(), {"--where", "not tail and col1 > 0.2"});
    const RunResult result = modesweep(wrong);
    EXPECT_EQ(result.exit_code, 2) << arguments[0];
    EXPECT_TRUE(says(result,
                     "modesweep: --where: at character 14, \"col1 > 0.2\": there is no column "
                     "\"col1\"; did you mean coll1?"))
        << result.err;
  }
}

TEST_F(Where, WhatItComparesIsComputed) {
  const std::vector<std::string> condition = {"--where", "fv1_all > 0.2"};
  std::vector<std::string> more = {"--run", path("run")};
  ASSERT_EQ(rank(more).exit_code, 0);
  for (const char* command : {"show", "resume", "report"}) {
    std::vector<std::string> arguments = {command, path("run"), condition[0], condition[1]};
    if (std::string(command) == "report") arguments.insert(arguments.end(), {"-o", path("page")});
    const RunResult lacking = modesweep(arguments);
    EXPECT_EQ(lacking.exit_code, 2) << command;
    EXPECT_TRUE(says(lacking,
                     "the condition (--where) compares fv1_all, which the rows do not "
                     "have: it is computed where such a column is asked for"))
        << lacking.err;
  }
  more = {"--run",    path("other"), "--columns",  "fv1_all",
          "--format", "tsv",         condition[0], condition[1]};
  const RunResult result = rank(more);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::istringstream lines(result.out);
  std::string line;
  std::getline(lines, line);
  int rows = 0;
  for (; std::getline(lines, line); ++rows) EXPECT_GT(std::stod(line), 0.2);
  EXPECT_GT(rows, 0);
  EXPECT_LT(rows, 7);
  EXPECT_EQ(modesweep({"show", path("other"), condition[0], condition[1]}).exit_code, 0);
}

TEST_F(Where, AStreamHasTheRowsThatMeetIt) {
  const RunResult result =
      rank({"--stream", "--format", "jsonl", "--columns", "notes", "--no-tails"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "{\"notes\":null}\n{\"notes\":null}\n");
}

TEST_F(Where, AReportHasTheRowsThatMeetIt) {
  const auto demo = test_support::source_dir() / "data/demo";
  const auto report = [&](std::vector<std::string> inputs) {
    inputs.insert(inputs.begin(), "report");
    inputs.insert(inputs.end(),
                  {"-o", path("page.html"), "--where", "residues > 315", "--no-tails"});
    return modesweep(inputs);
  };
  const auto rows_of_page = [&] {
    const std::string page = read_file(path("page.html"));
    std::size_t rows = 0;
    for (std::size_t at = 0; (at = page.find("\n{\"rank\":", at)) != std::string::npos; ++at)
      ++rows;
    EXPECT_NE(page.find("1 of 7 meet --where"), std::string::npos);
    EXPECT_NE(page.find("\"pdb_id\":\"5mdh_A\""), std::string::npos);
    EXPECT_NE(page.find("id=\"shape-0\""), std::string::npos);
    return rows;
  };
  ASSERT_EQ(rank({"--run", path("run")}).exit_code, 0);
  for (const std::vector<std::string>& inputs :
       {std::vector<std::string>{path("run")},
        {(demo / "lactate-dehydrogenase").string(), (demo / "malate-dehydrogenase").string()}}) {
    const RunResult result = report(inputs);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_TRUE(says(result, "page.html: 1 entry, 1 with their shapes, 0 left out\n"));
    EXPECT_TRUE(says(result, "1 of 7 meet --where \"(residues > 315) and (not tail)\"\n"))
        << result.err;
    EXPECT_EQ(rows_of_page(), 1u);
  }
  const RunResult none =
      modesweep({"report", path("run"), "-o", path("page.html"), "--where", "residues > 1000"});
  EXPECT_EQ(none.exit_code, 3);
  EXPECT_TRUE(says(none, "0 of 7 meet --where \"residues > 1000\"\n")) << none.err;
  EXPECT_TRUE(says(none, "nothing to rank: the page has no entry")) << none.err;
}

TEST_F(Where, MoreThanAThirdOfTailsIsSaid) {
  const auto is_said = [](const RunResult& result) {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return says(result, "--no-tails") && says(result, "--core");
  };
  const RunResult all = rank({"--run", path("run")});
  EXPECT_TRUE(is_said(all));
  EXPECT_TRUE(says(all, "5 of the 7 rows shown are tails")) << all.err;
  const RunResult shown = modesweep({"show", path("run"), "--sort", "coll1", "--top", "4"});
  EXPECT_TRUE(says(shown, "2 of the 4 rows shown are tails")) << shown.err;
  EXPECT_FALSE(is_said(modesweep({"show", path("run"), "--sort", "coll1", "--top", "3"})))
      << "one of three is not more than a third";
  EXPECT_FALSE(is_said(rank({"--no-tails"})));
  EXPECT_EQ(rank({"--quiet"}).err, "");
}

}  // namespace
