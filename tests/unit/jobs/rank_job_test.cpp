// SPDX-License-Identifier: MIT
#include <modesweep/rank_job.hpp>

#include <gtest/gtest.h>

#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include <modesweep/run_store.hpp>

#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

/// Cancels once so many rows are there.
class CancelAfter final : public EntryObserver {
 public:
  explicit CancelAfter(int rows) : left_(rows) {}
  CancelToken token() const { return source_.token(); }

  void started(std::int64_t, const std::filesystem::path&) override {}
  void parsed(std::int64_t) override {}
  void solved(std::int64_t number, const Row&) override {
    const std::lock_guard lock(mutex_);
    solved_.insert(number);
    if (--left_ == 0) source_.cancel();
  }
  void left_out(std::int64_t, const LeftOut&) override {}
  std::size_t rows() const { return solved_.size(); }

 private:
  const CancelSource source_;
  std::mutex mutex_;
  int left_;
  std::set<std::int64_t> solved_;
};

class RankJobTest : public testing::Test {
 protected:
  RankRequest request(int files) {
    RankRequest request;
    request.input.source = Source::files;
    request.machine = {.backend = Backend::cpu, .threads = 2};
    request.access.store.cache_dir = folder_.path() / "cache";
    for (int i = 0; i < files; ++i)
      request.input.files.push_back(folder_.write(
          "h" + std::to_string(i) + ".pdb", test_support::pdb_text(test_support::helix(20 + i))));
    return request;
  }
  static std::vector<Row> rows_of(const RankedRows& rows) {
    std::vector<Row> all;
    rows.for_each([&](const Row& row) { all.push_back(row); });
    return all;
  }
  static void expect_same_rows(const RankedRows& one, const RankedRows& other) {
    const std::vector<Row> a = rows_of(one), b = rows_of(other);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].file, b[i].file);
      EXPECT_EQ(a[i].shares, b[i].shares);
    }
  }
  RankResult run(const RankRequest& request) { return RankJob(request, reporter_).run(); }

  test_support::TempDir folder_;
  SilentReporter reporter_;
};

TEST_F(RankJobTest, RanksFilesAndTakesThemFromTheCacheTheNextTime) {
  const RankRequest asked = request(6);
  const RankResult first = run(asked);
  ASSERT_EQ(first.rows->ranked(), 6u);
  EXPECT_EQ(first.entries.found, 6u);
  EXPECT_EQ(first.counts.from_cache, 0u);
  EXPECT_EQ(first.counts.solvers.begin()->second, 6u);
  EXPECT_FALSE(first.partial);
  const RankResult second = run(asked);
  EXPECT_EQ(second.counts.from_cache, 6u);
  EXPECT_TRUE(second.counts.solvers.empty());
  expect_same_rows(*second.rows, *first.rows);
  RankRequest another = asked;
  another.model.network.cutoff = 12;
  EXPECT_EQ(run(another).counts.from_cache, 0u);
}

TEST_F(RankJobTest, ACancelledJobIsPartialAndItsRunGoesOn) {
  RankRequest asked = request(40);
  asked.machine.threads = 1;
  asked.machine.result_cache = false;
  asked.run = folder_.path() / "run";
  CancelAfter observer(5);
  RankJob job(asked, reporter_, observer.token());
  job.observe(observer);
  const RankResult stopped = job.run();
  EXPECT_TRUE(stopped.partial);
  EXPECT_GE(stopped.rows->ranked(), 5u);
  EXPECT_LT(stopped.rows->ranked(), 40u);
  EXPECT_EQ(stopped.rows->ranked(), observer.rows());
  { const RankJob release = std::move(job); }

  RankRequest by_folder;
  by_folder.run = asked.run;
  by_folder.machine = asked.machine;
  by_folder.access = asked.access;
  RankJob resumed = RankJob::resume(by_folder, {}, reporter_);
  EXPECT_EQ(resumed.request().input.source, Source::files);
  const RankResult result = resumed.run();
  EXPECT_EQ(result.rows->ranked(), 40u);
  EXPECT_EQ(result.earlier, stopped.rows->ranked());
  EXPECT_FALSE(result.partial);
}

class ByChain : public RankJobTest {
 protected:
  /// Files of three chains each, of which the last one is too small to be ranked.
  RankRequest by_chain(int files) {
    RankRequest asked = request(0);
    asked.model.by_chain = true;
    for (int i = 0; i < files; ++i) {
      std::vector<test_support::Atom> atoms;
      for (const auto& [name, residues] : {std::pair("A", 20 + i), {"B", 40 + i}, {"C", 6}})
        for (const test_support::Atom& atom :
             test_support::helix(residues, name, 30 * (name[0] - 'A')))
          atoms.push_back(atom);
      asked.input.files.push_back(
          folder_.write("f" + std::to_string(i) + ".pdb", test_support::pdb_text(atoms)));
    }
    return asked;
  }
  static std::set<std::string> ids(const RankResult& result) {
    std::set<std::string> ids;
    for (const Row& row : rows_of(*result.rows)) ids.insert(row.header.id);
    return ids;
  }
};

TEST_F(ByChain, EachIsARowAlsoOfAKeptRunAndOfTheCache) {
  RankRequest asked = by_chain(3);
  const RankResult first = run(asked);
  EXPECT_EQ(first.entries.found, 3u);
  EXPECT_EQ(first.chains, 9u);
  EXPECT_EQ(first.rows->ranked(), 6u);
  EXPECT_EQ(first.left_out_count(), 3u);
  EXPECT_FALSE(first.partial);
  EXPECT_EQ(ids(first), (std::set<std::string>{"f0:A", "f0:B", "f1:A", "f1:B", "f2:A", "f2:B"}));
  asked.run = folder_.path() / "run";
  const RankResult kept = run(asked);
  EXPECT_EQ(kept.counts.from_cache, 6u);
  EXPECT_EQ(kept.chains, 9u);
  expect_same_rows(*kept.rows, *first.rows);
  EXPECT_TRUE(check_run(asked.run).damage.empty());
  // Gone on with by the same list, with nothing to do.
  const RankResult again = run(asked);
  EXPECT_EQ(again.earlier, 9u);
  EXPECT_EQ(again.entries.found, 3u);
  EXPECT_EQ(again.chains, 9u);
  expect_same_rows(*again.rows, *first.rows);
  const KeptRanking shown = read_kept_ranking(asked.run, {});
  EXPECT_EQ(shown.result.chains, 9u);
  EXPECT_EQ(shown.result.entries.found, 3u);
  EXPECT_FALSE(shown.result.partial);
  for (const Row& row : rows_of(*shown.result.rows))
    EXPECT_EQ(row.header.id.back(), row.chain->front());

  RankRequest whole = asked;
  whole.model.by_chain = false;
  whole.run.clear();
  const RankResult entries = run(whole);
  EXPECT_EQ(entries.counts.from_cache, 0u);
  EXPECT_FALSE(entries.chains);
  EXPECT_EQ(ids(entries), (std::set<std::string>{"f0", "f1", "f2"}));
}

TEST_F(ByChain, ARunThatStopsAmongThemGoesOnToTheSameRows) {
  RankRequest asked = by_chain(12);
  asked.machine.result_cache = false;
  const RankResult whole = run(asked);
  asked.machine.threads = 1;
  for (const int rows : {1, 4, 9}) {
    asked.run = folder_.path() / ("run" + std::to_string(rows));
    CancelAfter observer(rows);
    {
      RankJob job(asked, reporter_, observer.token());
      job.observe(observer);
      const RankResult stopped = job.run();
      EXPECT_TRUE(stopped.partial);
      EXPECT_GE(stopped.rows->ranked(), static_cast<std::size_t>(rows));
    }
    EXPECT_TRUE(check_run(asked.run).damage.empty());
    const RankResult gone_on = run(asked);
    EXPECT_FALSE(gone_on.partial);
    EXPECT_EQ(gone_on.entries.found, 12u);
    EXPECT_EQ(gone_on.chains, 36u);
    expect_same_rows(*gone_on.rows, *whole.rows);
    EXPECT_EQ(gone_on.left_out_count(), whole.left_out_count());
    EXPECT_TRUE(check_run(asked.run).damage.empty());
  }
}

TEST_F(ByChain, IsRefusedOfAnAssembly) {
  RankRequest asked = by_chain(1);
  asked.model.read.assembly = "auto";
  EXPECT_THROW(run(asked), RunError);
}

TEST_F(RankJobTest, ARunOfOtherParametersOrEntriesIsRefused) {
  RankRequest asked = request(3);
  asked.run = folder_.path() / "run";
  run(asked);
  RankRequest other = asked;
  other.model.modes = 5;
  const auto refusal = [&](const RankRequest& wrong) -> std::string {
    try {
      run(wrong);
    } catch (const RunError& error) {
      EXPECT_EQ(error.cause(), Cause::request);
      return error.what();
    }
    return {};
  };
  EXPECT_NE(refusal(other).find("has modes \"20\", and now \"5\""), std::string::npos);
  other = asked;
  other.input.files.pop_back();
  EXPECT_NE(refusal(other).find("has 3 entries, and now 2"), std::string::npos);
  EXPECT_EQ(run(asked).earlier, 3u);
}

TEST_F(RankJobTest, ARunOnDiskIsReadWithItsParameters) {
  RankRequest asked = request(3);
  asked.model.network.cutoff = 12;
  asked.run = folder_.path() / "run";
  const RankResult result = run(asked);
  const KeptRanking kept = read_kept_ranking(asked.run, {});
  EXPECT_EQ(kept.request.model.network.cutoff, 12);
  EXPECT_EQ(kept.states.at("solved"), 3u);
  EXPECT_EQ(kept.result.rows->ranked(), 3u);
  expect_same_rows(*kept.result.rows, *result.rows);
  const auto record = nlohmann::json::parse(ranking_record(kept.request, kept.result, "show"));
  EXPECT_EQ(record["parameters"]["cutoff"], 12.0);
  EXPECT_EQ(record["counts"]["found"], 3);
  EXPECT_FALSE(record.contains("machine"));  // of a job alone
}

TEST_F(RankJobTest, AConditionIsOfTheResultNotOfTheRun) {
  RankRequest asked = request(4);
  asked.run = folder_.path() / "run";
  asked.order.where = *parse_condition("residues > 21");
  const RankResult result = run(asked);
  EXPECT_EQ(result.rows->ranked(), 4u);
  EXPECT_EQ(result.rows->matching(), 2u);
  const auto record = nlohmann::json::parse(ranking_record(asked, result, "rank"));
  EXPECT_EQ(record["order"]["where"], "residues > 21");
  EXPECT_EQ(record["counts"]["ranked"], 4);
  EXPECT_EQ(record["counts"]["matching"], 2);
  asked.order.where = std::nullopt;
  const RankResult all = run(asked);
  EXPECT_EQ(all.earlier, 4u);
  EXPECT_EQ(all.rows->shown(), 4u);
  EXPECT_TRUE(
      nlohmann::json::parse(ranking_record(asked, all, "rank"))["order"]["where"].is_null());
  RowOrder order;
  order.where = *parse_condition("residues = 21");
  EXPECT_EQ(read_kept_ranking(asked.run, order).result.rows->matching(), 1u);
}

TEST_F(RankJobTest, AConditionOnWhatRowsLackIsRefusedBeforeAnyWork) {
  RankRequest asked = request(3);
  asked.run = folder_.path() / "run";
  RowOrder order;
  order.where = *parse_condition("not tail and fv1_all > 0");
  const auto refusal = [](const auto& action) -> std::string {
    try {
      action();
    } catch (const RunError& error) {
      EXPECT_EQ(error.cause(), Cause::request);
      return error.what();
    }
    return {};
  };
  RankRequest lacking = asked;
  lacking.order = order;
  EXPECT_NE(refusal([&] { run(lacking); }).find("compares fv1_all, which"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(asked.run));
  run(asked);
  EXPECT_NE(refusal([&] { read_kept_ranking(asked.run, order); }).find("fv1_all"),
            std::string::npos);
  RankRequest by_folder;
  by_folder.run = asked.run;
  by_folder.machine = asked.machine;
  by_folder.access = asked.access;
  by_folder.order = order;
  EXPECT_NE(refusal([&] { RankJob::resume(by_folder, {}, reporter_); }).find("fv1_all"),
            std::string::npos);

  lacking.run = folder_.path() / "other";
  ask_for(order.where->columns()[0].needs, lacking.model);
  EXPECT_EQ(run(lacking).rows->ranked(), 3u);
  EXPECT_NO_THROW(read_kept_ranking(lacking.run, order));
}

// All rows have residuals, whoever asked: a condition may compare those of any run.
TEST_F(RankJobTest, AColumnOfResidualsAsksThatTheyAreSmall) {
  RankRequest asked = request(3);
  asked.model.residuals = false;
  asked.run = folder_.path() / "run";
  run(asked);
  RowOrder order;
  order.where = *parse_condition("residual < 1e-10");
  const KeptRanking kept = read_kept_ranking(asked.run, order);
  EXPECT_EQ(kept.result.rows->matching(), 3u);
  ask_for(order, asked.model);
  EXPECT_TRUE(asked.model.residuals);
}

TEST_F(RankJobTest, ModesAreHandedToWhoWantsThem) {
  RankRequest asked = request(4);
  asked.machine.result_cache = false;
  RankJob job(asked, reporter_);
  std::mutex mutex;
  std::set<std::filesystem::path> files;
  job.with_modes([&](std::int64_t, const Row& row, SolvedStructure&& solved) {
    const std::lock_guard lock(mutex);
    files.insert(row.file.filename());
    const Modes& modes = solved.modes;
    EXPECT_EQ(modes.eigenvectors.size(),
              3 * solved.structure.nodes.size() * modes.eigenvalues.size());
    EXPECT_EQ(row.eigenvalues, modes.eigenvalues);
  });
  job.run();
  EXPECT_EQ(files.size(), 4u);
}

}  // namespace
}  // namespace modesweep
