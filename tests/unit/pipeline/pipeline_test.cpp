// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include <modesweep/pipeline.hpp>
#include <modesweep/properties.hpp>

#include "solver/cpu_solvers.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

class PipelineTest : public testing::Test {
 protected:
  std::filesystem::path helix_file(const std::string& name, int residues) {
    return folder_.write(name, test_support::pdb_text(test_support::helix(residues)));
  }
  static PipelineOptions options(int threads = 2) {
    PipelineOptions result;
    result.threads = threads;
    result.max_memory = std::uint64_t{1} << 30;
    return result;
  }
  Ranking rank(const std::vector<std::filesystem::path>& files, const PipelineOptions& chosen) {
    Pipeline pipeline(chosen, *solver_, reporter_);
    for (const auto& file : files) pipeline.submit("", file);
    return pipeline.finish();
  }

  test_support::TempDir folder_;
  SilentReporter reporter_;
  std::unique_ptr<ModeSolver> solver_ = make_lapack_solver();
};

TEST_F(PipelineTest, RowsAndFailuresTogetherAreAllEntries) {
  std::vector<std::filesystem::path> files;
  for (int i = 0; i < 20; ++i)
    files.push_back(helix_file("h" + std::to_string(i) + ".pdb", 20 + i));
  files.push_back(folder_.write("bad.pdb", "<html>"));
  files.push_back(folder_.path() / "missing.pdb");
  files.push_back(helix_file("small.pdb", 8));
  const Ranking ranking = rank(files, options());
  EXPECT_EQ(ranking.rows.size(), 20u);
  ASSERT_EQ(ranking.left_out.size(), 3u);
  EXPECT_EQ(ranking.left_out[0].failure.code, "not_a_structure");
  EXPECT_EQ(ranking.left_out[1].failure.code, "unreadable");
  EXPECT_EQ(ranking.left_out[2].failure.code, "few_modes");
  EXPECT_TRUE(std::is_sorted(ranking.rows.begin(), ranking.rows.end(),
                             [](const Row& a, const Row& b) { return a.shares[0] > b.shares[0]; }));
}

/// One entry of the cache that has another SHA-256, or is gone, and what is fetched in its place.
TEST_F(PipelineTest, NoRowComesFromAFileThatIsNotWhatWasFetched) {
  const auto altered = helix_file("altered.pdb", 20), good = helix_file("good.pdb", 30);
  const std::string hash = *file_sha256(good);
  const std::vector<std::pair<std::filesystem::path, Outcome<StoredFile>>> cases = {
      {altered, StoredFile{good, StoredFile::Origin::network, 0, hash}},
      {folder_.path() / "gone.pdb", StoredFile{good, StoredFile::Origin::network, 0, hash}},
      {altered, StoredFile{altered, StoredFile::Origin::network, 0, hash}},
      {altered, fail(Stage::download, "not_found", "gone")}};
  std::vector<std::string> came_to;
  int fetched = 0;
  for (const auto& [file, again] : cases) {
    PipelineOptions chosen = options();
    chosen.fetch_again = [&](const std::string& id) {
      EXPECT_EQ(id, "1ABC");
      ++fetched;
      return again;
    };
    Pipeline pipeline(chosen, *solver_, reporter_);
    pipeline.submit("1ABC", file, 0, {}, hash);
    const Ranking ranking = pipeline.finish();
    came_to.push_back(ranking.rows.empty() ? ranking.left_out.at(0).failure.code
                                           : std::to_string(ranking.rows[0].residues));
  }
  EXPECT_EQ(came_to, (std::vector<std::string>{"30", "30", "cache", "not_found"}));
  EXPECT_EQ(fetched, 4) << "once each";
}

TEST_F(PipelineTest, TheSameBitsWithAnyNumberOfThreads) {
  std::vector<std::filesystem::path> files;
  for (int i = 0; i < 12; ++i)
    files.push_back(helix_file("h" + std::to_string(i) + ".pdb", 20 + i));
  const Ranking one = rank(files, options(1)), four = rank(files, options(4));
  ASSERT_EQ(one.rows.size(), four.rows.size());
  for (std::size_t i = 0; i < one.rows.size(); ++i) {
    EXPECT_EQ(one.rows[i].header.id, four.rows[i].header.id);
    EXPECT_EQ(one.rows[i].shares, four.rows[i].shares);
    EXPECT_EQ(one.rows[i].collectivities, four.rows[i].collectivities);
  }
}

TEST_F(PipelineTest, MinResiduesLetsSmallOnesIn) {
  PipelineOptions chosen = options();
  chosen.model.min_residues = 7;
  const Ranking ranking = rank(
      {helix_file("six.pdb", 6), helix_file("seven.pdb", 7), helix_file("nine.pdb", 9)}, chosen);
  ASSERT_EQ(ranking.rows.size(), 2u);
  EXPECT_EQ(ranking.left_out.at(0).failure.code, "few_residues");
  for (const Row& row : ranking.rows) {
    EXPECT_EQ(row.few_modes, row.residues == 7);
    EXPECT_EQ(row.shares.size(), row.residues == 7 ? 15u : 20u);  // ProDy crashes at 7 and 8
  }
}

TEST_F(PipelineTest, WhatDoesNotFitIsLeftOutWithTheReason) {
  PipelineOptions chosen = options();
  chosen.max_memory = 100'000;
  const Ranking ranking = rank({helix_file("a.pdb", 10), helix_file("b.pdb", 200)}, chosen);
  EXPECT_EQ(ranking.rows.size(), 1u);
  ASSERT_EQ(ranking.left_out.size(), 1u);
  EXPECT_EQ(ranking.left_out[0].failure.code, "out_of_memory");
  EXPECT_NE(ranking.left_out[0].failure.message.find("the limit of memory"), std::string::npos);
}

TEST_F(PipelineTest, CancelledDropsWhatIsQueued) {
  const CancelSource source;
  source.cancel();
  PipelineOptions chosen = options();
  chosen.cancel = source.token();
  EXPECT_TRUE(rank({helix_file("a.pdb", 20)}, chosen).rows.empty());
}

/// Remembers what it is told; keeps rows by their hash.
class Memory final : public EntryObserver, public ResultCache {
 public:
  void started(std::int64_t number, const std::filesystem::path&) override { note(number, 's'); }
  void parsed(std::int64_t number) override { note(number, 'p'); }
  void solved(std::int64_t number, const Row& row) override {
    note(number, 'd');
    const std::lock_guard lock(mutex_);
    ids[number] = row.header.id;
  }
  void left_out(std::int64_t number, const LeftOut&) override { note(number, 'x'); }
  std::optional<Row> find(const std::string& sha256,
                          const std::optional<std::string>& chain) override {
    const std::lock_guard lock(mutex_);
    const auto found = rows.find(sha256 + chain.value_or(""));
    if (found == rows.end()) return std::nullopt;
    found->second.from_cache = true;
    return found->second;
  }
  void keep(const Row& row) override {
    const std::lock_guard lock(mutex_);
    rows[row.sha256 + row.chain.value_or("")] = row;
  }
  std::size_t damaged() const override { return 0; }

  std::map<std::int64_t, std::string> told;
  std::map<std::int64_t, std::string> ids;
  std::map<std::string, Row> rows;

 private:
  void note(std::int64_t number, char what) {
    const std::lock_guard lock(mutex_);
    told[number] += what;
  }
  std::mutex mutex_;
};

TEST_F(PipelineTest, WhatIsCalledOffMidwayIsNeitherRankedNorLeftOut) {
  /// Calls off the run once an entry of it is in work.
  class Interrupting final : public EntryObserver {
   public:
    void started(std::int64_t, const std::filesystem::path&) override { source.cancel(); }
    void parsed(std::int64_t) override {}
    void solved(std::int64_t, const Row&) override {}
    void left_out(std::int64_t, const LeftOut&) override {}
    void dropped(std::int64_t number) override { last = number; }
    CancelSource source;
    std::int64_t last = 0;
  };
  Interrupting observer;
  PipelineOptions chosen = options(1);
  chosen.cancel = observer.source.token();
  chosen.observers = {&observer};
  const std::filesystem::path pipe = folder_.path() / "pipe.pdb";  // nobody writes to it
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  Pipeline pipeline(chosen, *solver_, reporter_);
  pipeline.submit("", pipe, 7);
  const Ranking ranking = pipeline.finish();
  EXPECT_TRUE(ranking.rows.empty());
  EXPECT_TRUE(ranking.left_out.empty());
  EXPECT_EQ(observer.last, 7);
}

TEST_F(PipelineTest, WhatBreaksInAnObserverIsThrownWhereTheRunIsFinished) {
  class Breaking final : public EntryObserver {
   public:
    void started(std::int64_t, const std::filesystem::path&) override { throw std::bad_alloc(); }
    void parsed(std::int64_t) override {}
    void solved(std::int64_t, const Row&) override {}
    void left_out(std::int64_t, const LeftOut&) override {}
  };
  Breaking observer;
  PipelineOptions chosen = options();
  chosen.observers = {&observer};
  Pipeline pipeline(chosen, *solver_, reporter_);
  for (int i = 0; i < 30; ++i) pipeline.submit("", helix_file("a.pdb", 20));
  EXPECT_THROW(pipeline.finish(), std::bad_alloc);
}

TEST_F(PipelineTest, ObserversAreToldOfEachEntryByItsNumber) {
  Memory memory;
  PipelineOptions chosen = options();
  chosen.observers = {&memory};
  Pipeline pipeline(chosen, *solver_, reporter_);
  for (int i = 0; i < 10; ++i)
    pipeline.submit(i == 0 ? "1ABC" : "", helix_file("h" + std::to_string(i) + ".pdb", 20 + i), i);
  pipeline.submit("", folder_.write("bad.pdb", "<html>"), 10);
  pipeline.submit("", helix_file("small.pdb", 8), 11);
  pipeline.leave_out({"2ABC", {}, {Stage::download, "not_found", "there is none"}}, 12);
  pipeline.finish();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(memory.told[i], "spd") << i;
  EXPECT_EQ(memory.told[10], "sx");
  EXPECT_EQ(memory.told[11], "spx");
  EXPECT_EQ(memory.told[12], "x");
  EXPECT_EQ(memory.ids[0], "1ABC");
  EXPECT_EQ(memory.ids[1], "h1");
}

/// Chains of 20, 24, 8 and 28 residues.
std::string four_chains() {
  std::vector<test_support::Atom> atoms;
  double shift = 0;
  for (const auto& [name, residues] : {std::pair("A", 20), {"B", 24}, {"C", 8}, {"", 28}}) {
    for (const test_support::Atom& atom : test_support::helix(residues, name, shift))
      atoms.push_back(atom);
    shift += 30;
  }
  return test_support::pdb_text(atoms);
}

TEST_F(PipelineTest, ByChainEachIsARowFromOneReading) {
  for (const int threads : {1, 4}) {
    Memory memory;
    PipelineOptions chosen = options(threads);
    chosen.model.by_chain = true;
    chosen.observers = {&memory};
    chosen.cache = &memory;
    std::atomic<std::int64_t> numbers = 100;
    std::map<std::int64_t, std::vector<std::string>> divided;
    std::mutex mutex;
    chosen.divide = [&](std::int64_t number, const std::vector<std::string>& chains) {
      const std::lock_guard lock(mutex);
      divided[number] = chains;
      std::vector<std::int64_t> all = {number};
      while (all.size() < chains.size()) all.push_back(numbers++);
      return all;
    };
    const std::filesystem::path file = folder_.write("f.pdb", four_chains());
    Ranking ranking;
    for (const bool again : {false, true}) {
      Pipeline pipeline(chosen, *solver_, reporter_);
      pipeline.submit("1ABC", file, 3);
      pipeline.submit("", helix_file("one.pdb", 30), 4);
      pipeline.submit("", folder_.write("bad.pdb", "<html>"), 5);
      ranking = pipeline.finish();
      ASSERT_EQ(ranking.rows.size(), 4u);
      EXPECT_EQ(pipeline.counts().from_cache, again ? 4u : 0u);
      ASSERT_EQ(ranking.left_out.size(), 2u);
      EXPECT_EQ(ranking.left_out[0].id, "1ABC:C");
      EXPECT_EQ(ranking.left_out[0].failure.code, "few_modes");
      EXPECT_EQ(ranking.left_out[1].id, "bad");
    }
    EXPECT_EQ(divided[3], (std::vector<std::string>{"A", "B", "C", ""}));
    EXPECT_EQ(divided[4], (std::vector<std::string>{"A"}));
    EXPECT_EQ(memory.told[3], "spdspd");
    EXPECT_EQ(memory.told[4], "spdspd");
    EXPECT_EQ(memory.told[5], "sxsx");
    std::map<std::string, int> residues;
    for (const Row& row : ranking.rows) {
      residues[row.header.id] = row.residues;
      EXPECT_EQ(row.chains, 1);
      EXPECT_EQ(row.header.id.substr(row.header.id.find(':') + 1),
                row.chain->empty() ? "_" : *row.chain);
    }
    EXPECT_EQ(residues, (std::map<std::string, int>{
                            {"1ABC:A", 20}, {"1ABC:B", 24}, {"1ABC:_", 28}, {"one:A", 30}}));
    std::map<std::string, int> ends;  // of the chains that no number was given for before
    for (const auto& [number, told] : memory.told)
      if (number >= 100) ++ends[told];
    EXPECT_EQ(ends, (std::map<std::string, int>{{"spd", 4}, {"spx", 2}}));
  }
}

TEST_F(PipelineTest, AChainOfAFileThatWasDividedBeforeIsOneEntry) {
  Memory memory;
  PipelineOptions chosen = options();
  chosen.model.by_chain = true;
  chosen.observers = {&memory};
  chosen.divide = [](std::int64_t, const std::vector<std::string>&) {
    ADD_FAILURE();
    return std::vector<std::int64_t>();
  };
  Pipeline pipeline(chosen, *solver_, reporter_);
  const std::filesystem::path file = folder_.write("f.pdb", four_chains());
  pipeline.submit("1ABC", file, 7, {"B"});
  pipeline.submit("", file, 8, {""});
  const Ranking ranking = pipeline.finish();
  ASSERT_EQ(ranking.rows.size(), 2u);
  EXPECT_EQ(memory.ids[7], "1ABC:B");
  EXPECT_EQ(memory.ids[8], "f:_");
  EXPECT_EQ(memory.told[7], "spd");
}

TEST_F(PipelineTest, WhatTheCacheHoldsIsNotParsed) {
  Memory memory;
  PipelineOptions chosen = options();
  chosen.cache = &memory;
  std::vector<std::filesystem::path> files;
  for (int i = 0; i < 10; ++i)
    files.push_back(helix_file("h" + std::to_string(i) + ".pdb", 20 + i));
  const Ranking first = rank(files, chosen);
  EXPECT_EQ(memory.rows.size(), 10u);
  chosen.observers = {&memory};
  files.push_back(helix_file("new.pdb", 60));
  const Ranking second = rank(files, chosen);
  EXPECT_EQ(memory.told[0].find("pp"), std::string::npos) << "only the new file was parsed";
  EXPECT_EQ(std::count(memory.told[0].begin(), memory.told[0].end(), 'd'), 11);
  ASSERT_EQ(second.rows.size(), 11u);
  for (const Row& row : second.rows) {
    EXPECT_EQ(row.from_cache, row.header.id != "new");
    const auto before = std::find_if(first.rows.begin(), first.rows.end(), [&](const Row& other) {
      return other.header.id == row.header.id;
    });
    if (before == first.rows.end()) continue;
    EXPECT_EQ(row.shares, before->shares);
    EXPECT_EQ(row.file, before->file);
  }
}

TEST_F(PipelineTest, BFactorsThatAreNotStatedCountForNothing) {
  using test_support::helix, test_support::mmcif_text;
  PipelineOptions chosen = options();
  chosen.model.square_fluctuations = true;
  const auto row_of = [&](const std::vector<std::optional<double>>& b_factors) {
    std::vector<test_support::Atom> atoms = helix(static_cast<int>(b_factors.size()));
    for (std::size_t i = 0; i < atoms.size(); ++i)
      atoms[i].b_factor = b_factors[i] ? std::to_string(*b_factors[i]) : i % 2 == 0 ? "?" : ".";
    return rank({folder_.write("b.cif", mmcif_text(atoms))}, chosen).rows.at(0);
  };
  std::vector<std::optional<double>> b_factors;
  for (int i = 0; i < 30; ++i)
    b_factors.push_back(i % 3 == 0 ? std::nullopt : std::optional(10 + 7.5 * (i * i % 11)));
  const Row row = row_of(b_factors);
  EXPECT_NEAR(row.bfactor_corr.value(), correlation_of_known(b_factors, row.sq_flucts).value(),
              1e-12);
  EXPECT_EQ(row.plddt_mean, std::nullopt);

  std::vector<std::optional<double>> few(30), equal(30);
  EXPECT_EQ(row_of(few).bfactor_corr, std::nullopt);
  few[3] = 10;
  few[8] = 20;
  EXPECT_EQ(row_of(few).bfactor_corr, std::nullopt);
  few[9] = 15;
  EXPECT_TRUE(row_of(few).bfactor_corr.has_value());
  equal[3] = equal[8] = equal[9] = 40;
  EXPECT_EQ(row_of(equal).bfactor_corr, std::nullopt);
}

TEST_F(PipelineTest, APredictedModelHasItsPlddtInsteadOfBFactors) {
  const std::string categories =
      "loop_\n_ma_qa_metric.id\n_ma_qa_metric.mode\n_ma_qa_metric.name\n_ma_qa_metric.type\n"
      "1 global pLDDT pLDDT\n2 local pLDDT pLDDT\n#\n"
      "_ma_data.id 1\n_ma_data.content_type 'model coordinates'\n#\n"
      "_ma_model_list.model_id 1\n_ma_model_list.model_type 'Ab initio model'\n#\n";
  const auto row_of = [&](double least, double step) {
    std::vector<test_support::Atom> atoms = test_support::helix(20);
    for (std::size_t i = 0; i < 20; ++i)
      atoms[i].b_factor = std::to_string(least + step * static_cast<double>(i));
    PipelineOptions chosen = options();
    chosen.model.all_fluctuations = true;
    std::string text = test_support::mmcif_text(atoms) + categories;
    const std::string experiment = "_exptl.method 'X-RAY DIFFRACTION'\n";
    text.erase(text.find(experiment), experiment.size());
    return rank({folder_.write("m.cif", text)}, chosen).rows.at(0);
  };
  for (const Row& row : {row_of(51, 2), row_of(0.51, 0.02)}) {
    EXPECT_EQ(row.bfactor_corr, std::nullopt);
    EXPECT_EQ(row.bfactor_corr_all, std::nullopt);
    EXPECT_TRUE(row.trace_all.has_value());
    EXPECT_NEAR(row.plddt_mean.value(), 70, 1e-4);
  }
}

TEST_F(PipelineTest, HingesDoNotDependOnTheNamesOfChains) {
  PipelineOptions chosen = options();
  chosen.model.hinges = true;
  const auto hinges_of = [&](const std::string& first, const std::string& second) {
    std::vector<test_support::Atom> atoms = test_support::helix(30, first);
    for (const test_support::Atom& atom : test_support::helix(30, second, 8.5))
      atoms.push_back(atom);
    return rank({folder_.write("two.pdb", test_support::pdb_text(atoms))}, chosen)
        .rows.at(0)
        .hinges.value();
  };
  std::vector<std::string> named = hinges_of("A", "B");
  EXPECT_FALSE(named.empty());
  for (std::string& residue : named) residue.erase(0, 1);
  EXPECT_EQ(hinges_of("", ""), named);

  std::vector<std::string> of_nodes;  // counted from 1, as the residues of both helices are
  chosen.with_modes = [&](std::int64_t, const Row&, SolvedStructure&& solved) {
    for (const std::size_t i : solved.hinges)
      of_nodes.push_back(std::to_string(*solved.structure.nodes[i].number));
  };
  EXPECT_EQ(hinges_of("", ""), named);
  EXPECT_EQ(of_nodes, named);
}

/// LAPACK, and what it was asked for.
class AskedSolver final : public ModeSolver {
 public:
  std::string_view name() const override { return lapack_->name(); }
  std::uint64_t memory_needed(const Network& network, const ModeRequest& request) const override {
    return lapack_->memory_needed(network, request);
  }
  std::vector<Outcome<Modes>> solve(std::span<const Network> networks,
                                    const ModeRequest& request) const override {
    const std::lock_guard lock(mutex_);
    asked.push_back(request);
    return lapack_->solve(networks, request);
  }

  mutable std::vector<ModeRequest> asked;

 private:
  const std::unique_ptr<ModeSolver> lapack_ = make_lapack_solver();
  mutable std::mutex mutex_;
};

TEST_F(PipelineTest, VectorsAndResidualsAreAskedForWhereSomebodyLooksAtThem) {
  const std::filesystem::path file = helix_file("h.pdb", 40);
  const auto asked = [&](const auto& choose) {
    PipelineOptions chosen = options();
    choose(chosen);
    const AskedSolver solver;
    Pipeline pipeline(chosen, solver, reporter_);
    pipeline.submit("", file);
    EXPECT_EQ(pipeline.finish().rows.size(), 1u);
    return solver.asked;
  };
  const auto of_rows = asked([](PipelineOptions&) {});
  ASSERT_EQ(of_rows.size(), 1u);
  EXPECT_FALSE(of_rows[0].vectors);
  EXPECT_TRUE(of_rows[0].residuals);
  EXPECT_TRUE(of_rows[0].square_fluctuations) << "B factors are held against them";
  EXPECT_FALSE(asked([](PipelineOptions& o) { o.model.residuals = false; })[0].residuals);
  EXPECT_TRUE(asked([](PipelineOptions& o) { o.model.core = true; })[0].vectors);
  EXPECT_TRUE(asked([](PipelineOptions& o) {
                o.with_modes = [](std::int64_t, const Row&, SolvedStructure&& solved) {
                  EXPECT_EQ(solved.modes.eigenvectors.size(), std::size_t{3} * 40 * 20);
                };
              })[0]
                  .vectors);
  const auto of_gnm = [](PipelineOptions& o) {
    o.model.network.model = ElasticModel::gnm;
    o.model.network.cutoff = default_cutoff(ElasticModel::gnm);
  };
  EXPECT_FALSE(asked(of_gnm)[0].vectors);
  EXPECT_TRUE(asked([&](PipelineOptions& o) {
                of_gnm(o);
                o.model.hinges = true;
              })[0]
                  .vectors);
  const auto of_hinges = asked([](PipelineOptions& o) { o.model.hinges = true; });
  ASSERT_EQ(of_hinges.size(), 2u);
  EXPECT_TRUE(of_hinges[0].vectors) << "the GNM's";
  EXPECT_FALSE(of_hinges[1].vectors);
}

TEST_F(PipelineTest, WaitsAreMeasured) {
  PipelineOptions chosen = options(1);
  Pipeline pipeline(chosen, *solver_, reporter_);
  const std::filesystem::path file = helix_file("h.pdb", 150);
  // Sooner or later whoever has nothing else to do than this has to wait.
  while (pipeline.waits().files_for_room == 0) pipeline.submit("", file);
  pipeline.finish();
  EXPECT_EQ(pipeline.waits().workers_for_devices, 0);
  double for_files = 0;
  while (for_files == 0) {
    Pipeline idle(chosen, *solver_, reporter_);
    std::this_thread::yield();
    idle.finish();
    for_files = idle.waits().workers_for_files;
  }
  EXPECT_GT(for_files, 0);
}

}  // namespace
}  // namespace modesweep
