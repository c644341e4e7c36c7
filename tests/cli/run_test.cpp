// SPDX-License-Identifier: MIT
// Runs that are kept, results that are not computed twice, rows as they come.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include <modesweep/run_store.hpp>

#include "base/sqlite.hpp"
#include "store/run_database.hpp"
#include "support/data_files.hpp"
#include "support/kept_run.hpp"
#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::helix;
using test_support::mmcif_text;
using test_support::pdb_text;
using test_support::rows_kept;
using test_support::RunOptions;
using test_support::RunResult;
using test_support::TempDir;

constexpr int entries = 12;

class RunTest : public testing::Test {
 protected:
  RunTest() {
    for (int i = 0; i < entries; ++i)
      folder_.write("in/h" + std::to_string(i) + ".pdb", pdb_text(helix(20 + i)));
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::filesystem::path run() const { return folder_.path() / "run"; }

  /// All that is called in one test shares one cache.
  RunResult modesweep(const std::vector<std::string>& arguments, RunOptions options = {}) const {
    options.environment["MODESWEEP_CACHE_DIR"] = path("cache");
    return test_support::run_modesweep(arguments, options);
  }
  RunResult rank(std::vector<std::string> more, const RunOptions& options = {}) const {
    more.insert(more.begin(), {"rank", "--files", path("in")});
    more.insert(more.end(), {"--format", "tsv", "--top", "0"});
    return modesweep(more, options);
  }
  RunResult rank_kept(std::vector<std::string> more, const RunOptions& options = {}) const {
    more.insert(more.end(), {"--run", run().string()});
    return rank(more, options);
  }
  /// How often an entry of the run was begun, by the end of its file's name.
  std::int64_t times_begun(const std::string& name) const {
    modesweep::Database database(run() / "run.sqlite", modesweep::Database::Access::read_only);
    modesweep::Statement select(database,
                                "SELECT attempts FROM entries WHERE CAST(file AS TEXT) LIKE ?");
    return select.bind(std::string_view("%" + name)).step() ? select.integer(0) : 0;
  }
  /// A file that is never read to its end: whoever opens it waits.
  void add_endless_file() const { ASSERT_EQ(::mkfifo(path("endless.pdb").c_str(), 0600), 0); }
  static std::string rows(const std::string& table, std::size_t columns) {
    std::string cut;
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);) {
      std::size_t end = 0;
      for (std::size_t i = 0; i < columns && end != std::string::npos; ++i)
        end = line.find('\t', end + 1);
      cut += line.substr(0, end) + '\n';
    }
    return cut;
  }
  void expect(const RunResult& result, int exit_code, const std::string& words) const {
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    EXPECT_NE(result.err.find(words), std::string::npos) << words << "\n" << result.err;
  }

  TempDir folder_;
};

TEST_F(RunTest, ASecondRunSolvesOnlyWhatIsNew) {
  const RunResult first = rank({});
  expect(first, 0, "solved by 12 shift-invert on cpu");
  const RunResult second = rank({});
  expect(second, 0, "(12 from the result cache)");
  EXPECT_EQ(second.out, first.out);
  folder_.write("in/new.pdb", pdb_text(helix(50)));
  expect(rank({}), 0, "(solved by 1 shift-invert on cpu; 12 from the result cache)");
  // A changed file is another file, other parameters are other results.
  folder_.write("in/h3.pdb", pdb_text(helix(60)));
  expect(rank({}), 0, "(solved by 1 shift-invert on cpu; 12 from the result cache)");
  expect(rank({"--cutoff", "12"}), 0, "(solved by 13 shift-invert on cpu)");
  expect(rank({"--no-result-cache"}), 0, "(solved by 13 shift-invert on cpu)");
  const RunResult origins = rank({"--columns", "origin"});
  EXPECT_EQ(origins.out.find("solved"), std::string::npos) << origins.out;
}

TEST_F(RunTest, APartOfAStructureIsAnotherResult) {
  ASSERT_EQ(rank({}).exit_code, 0);
  expect(rank({"--chains", "A"}), 0, "(solved by 12 shift-invert on cpu)");
  expect(rank({"--select", "//A/1-20", "--chains", "A"}), 0, "(solved by 12 ");
  expect(rank({"--select", "//A/1-20", "--chains", "A"}), 0, "(12 from the result cache)");
  expect(rank({"--chains", "Q"}), 3, "left out    12: 12 parse: no_chain");

  const RunResult kept = rank_kept({"--chains", "A", "--select", "1-20"});
  ASSERT_EQ(kept.exit_code, 0) << kept.err;
  expect(rank_kept({}), 2, "has chains \"A\", and now \"\" is asked for");
  expect(rank_kept({"--chains", "A", "--select", "1-19"}), 2, "has selection \"1-20\", and now");
  folder_.write("in/h4.pdb", "");
  const RunResult resumed = modesweep({"resume", run().string(), "-o", path("r.tsv")});
  EXPECT_EQ(resumed.exit_code, 2) << resumed.err;  // the file has changed
  const RunResult shown = modesweep(
      {"show", run().string(), "--top", "0", "-o", path("r.tsv"), "--columns", "residues"});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  const auto meta = nlohmann::json::parse(test_support::read_file(path("r.tsv.meta.json")));
  EXPECT_EQ(meta["parameters"]["chains"], std::vector<std::string>{"A"});
  EXPECT_EQ(meta["parameters"]["selection"], "1-20");
  EXPECT_EQ(test_support::read_file(path("r.tsv")).find("21"), std::string::npos);
}

TEST_F(RunTest, HingesAndFluctuationsAreKept) {
  const std::vector<std::string> columns = {"--columns", "pdb_id,hinges,sq_flucts"};
  ASSERT_EQ(rank({}).exit_code, 0);
  const RunResult first = rank(columns);
  expect(first, 0, "(solved by 12 shift-invert on cpu)");  // the rows at hand have none
  EXPECT_NE(first.out.find("\tA"), std::string::npos) << first.out;
  const RunResult again = rank(columns);
  expect(again, 0, "(12 from the result cache)");
  EXPECT_EQ(again.out, first.out);
  std::vector<std::string> more = columns;
  EXPECT_EQ(rank_kept(more).out, first.out);
  more.insert(more.begin(), {"show", run().string(), "--format", "tsv", "--top", "0"});
  EXPECT_EQ(modesweep(more).out, first.out);
  more[0] = "resume";
  EXPECT_EQ(modesweep(more).out, first.out);
}

TEST_F(RunTest, UniqueKeepsOneEntryAProtein) {
  const std::string reference =
      "DBREF  1ABC A    1    12  UNP    P00760   TRY1_BOVIN       1     12\n";
  for (int i = 0; i < 8; ++i)
    folder_.write("in/h" + std::to_string(i) + ".pdb", reference + pdb_text(helix(20 + i)));
  const std::string hint = "8 of the 12 rows shown are of one protein (P00760): --unique keeps";
  expect(rank({}), 0, hint);
  const RunResult unique =
      rank({"--unique", "--sort", "residues:asc", "--columns", "rank,pdb_id,residues,entries"});
  expect(unique, 0, "unique      5 rows, one a protein");
  EXPECT_EQ(unique.err.find("rows shown are of one protein"), std::string::npos);
  // Cached rows know their proteins.
  expect(unique, 0, "ranked      12 (12 from the result cache)");
  EXPECT_TRUE(
      unique.out.starts_with("rank\tpdb_id\tresidues\tentries\n1\th0\t20\t8\n2\th8\t28\t1\n"))
      << unique.out;
  EXPECT_EQ(std::count(unique.out.begin(), unique.out.end(), '\n'), 1 + 5);

  ASSERT_EQ(rank_kept({}).exit_code, 0);
  for (const char* command : {"show", "resume"}) {
    const RunResult kept =
        modesweep({command, run().string(), "--unique", "--sort", "residues:asc", "--columns",
                   "rank,pdb_id,residues,entries", "--format", "tsv"});
    EXPECT_EQ(kept.out, unique.out) << command << kept.err;
    expect(modesweep({command, run().string(), "--top", "0"}), 0, hint);
    expect(kept, 0, "ranked      12");
  }
  // The count stands in the tables that name no columns.
  EXPECT_NE(rank({"--unique"}).out.find("\tentries\tnotes\t"), std::string::npos);
  EXPECT_EQ(rank({}).out.find("\tentries\t"), std::string::npos);
}

TEST_F(RunTest, UniqueIdentityKeepsOneEntryOfLikeSequences) {
  std::filesystem::remove_all(folder_.path() / "in");
  const std::vector<std::string> residues = {"ALA", "GLY", "SER", "LYS", "GLU", "TRP", "HIS"};
  const auto add = [&](const std::string& name, int first, int mutants, const char* chain) {
    std::vector<test_support::Atom> atoms = helix(40 - first, chain);
    for (int i = 0; i < 40 - first; ++i) {
      const auto place = static_cast<std::size_t>(i + first);
      atoms[static_cast<std::size_t>(i)].residue =
          place % 7 == 3 && mutants-- > 0 ? "TYR" : residues[place * place % residues.size()];
    }
    folder_.write("in/" + name + ".pdb", pdb_text(atoms));
  };
  add("whole", 0, 0, "A");
  add("short", 4, 0, "B");    // its first residues were not seen
  add("mutant", 0, 1, "A");   // 97.5 %
  add("distant", 0, 4, "A");  // 90 %
  folder_.write("in/pieces.pdb", pdb_text(helix(40)));
  const std::vector<std::string> columns = {"--sort", "pdb_id", "--columns", "pdb_id,entries"};
  const auto ranked = [&](std::vector<std::string> more) {
    more.insert(more.end(), columns.begin(), columns.end());
    return rank(more);
  };
  EXPECT_EQ(ranked({"--unique"}).out,
            "pdb_id\tentries\ndistant\t1\nmutant\t1\npieces\t1\nshort\t1\nwhole\t1\n");
  const RunResult close = ranked({"--unique-identity", "95"});
  EXPECT_EQ(close.out, "pdb_id\tentries\ndistant\t1\nmutant\t3\npieces\t1\n");
  expect(close, 0, "unique      3 rows, one a protein (sequences identical to 95 %)");
  expect(close, 0, "ranked      5 (5 from the result cache)");
  EXPECT_EQ(close.err.find("have no sequence"), std::string::npos) << close.err;
  EXPECT_EQ(ranked({"--unique-identity", "90"}).out, "pdb_id\tentries\ndistant\t4\npieces\t1\n");
  EXPECT_NE(rank({"--columns", "sequences"}).out.find("\n" + std::string(40, 'A') + "\n"),
            std::string::npos);

  ASSERT_EQ(rank_kept({}).exit_code, 0);
  for (const char* command : {"show", "resume"}) {
    std::vector<std::string> more = {
        command, run().string(), "--unique-identity", "95", "--format", "tsv", "--top",
        "0",     "-o",           path("u.tsv")};
    more.insert(more.end(), columns.begin(), columns.end());
    expect(modesweep(more), 0, "one a protein (sequences identical to 95 %)");
    EXPECT_EQ(test_support::read_file(path("u.tsv")), close.out);
    const auto meta = nlohmann::json::parse(test_support::read_file(path("u.tsv.meta.json")));
    EXPECT_EQ(meta["order"]["unique"], true);
    EXPECT_EQ(meta["order"]["unique_identity"], 95);
  }
  for (const char* value : {"49", "101", "nan", "-95", "x"})
    EXPECT_EQ(rank({"--unique-identity", value}).exit_code, 2) << value;
}

// Lactate dehydrogenase, two chains of one crystal: a residue of one was not seen in the other, so
// that their digests differ.
TEST_F(RunTest, TwoChainsOfOneProteinAreOne) {
  const auto a = test_support::package_file("theseus-examples", "2v65_A.pdb.gz");
  const auto b = test_support::package_file("theseus-examples", "2v65_B.pdb.gz");
  if (!a || !b) GTEST_SKIP() << "Debian's theseus-examples are not installed";
  const auto rows = [&](const std::vector<std::string>& unique) {
    std::vector<std::string> arguments = {"rank",     "--files", a->string(), b->string(),
                                          "--format", "tsv",     "--columns", "entries"};
    arguments.insert(arguments.end(), unique.begin(), unique.end());
    return modesweep(arguments).out;
  };
  EXPECT_EQ(rows({"--unique"}), "entries\n1\n1\n");
  EXPECT_EQ(rows({"--unique-identity", "95"}), "entries\n2\n");
}

TEST_F(RunTest, ACopyUnderAnotherNameIsKnownByItsContent) {
  rank({});
  folder_.write("in/copy.pdb", test_support::read_file(path("in/h5.pdb")));
  const RunResult result = rank({"--columns", "pdb_id,residues"});
  expect(result, 0, "(13 from the result cache)");
  EXPECT_NE(result.out.find("\ncopy\t25\n"), std::string::npos) << result.out;
}

TEST_F(RunTest, WhatTheCacheHoldsIsStillJudgedByTheOptions) {
  folder_.write("in/small.pdb", pdb_text(helix(8)));
  expect(rank({"--min-residues", "1"}), 0, "ranked      13");
  expect(rank({}), 0, "left out    1: 1 rank: few_modes");
  expect(rank({"--min-residues", "25"}), 0, "left out    6: 6 rank: few_residues");
}

TEST_F(RunTest, AKeptRunIsShownAndGoneOnWith) {
  const RunResult first = rank_kept({});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const RunResult again = rank_kept({});
  expect(again, 0, "12 entries were finished before");
  EXPECT_EQ(again.out, first.out);
  const RunResult resumed = modesweep({"resume", run().string(), "--format", "tsv", "--top", "0"});
  expect(resumed, 0, "12 entries were finished before");
  EXPECT_EQ(resumed.out, first.out);
  const RunResult shown = modesweep({"show", run().string(), "--format", "tsv", "--top", "0"});
  expect(shown, 0, "12 solved");
  EXPECT_EQ(shown.out, first.out);
  const RunResult sorted = modesweep({"show", run().string(), "--sort", "residues:asc", "--top",
                                      "1", "--columns", "rank,residues", "-o", path("r.tsv")});
  expect(sorted, 0, "shown       1 of 12 rows");
  EXPECT_EQ(test_support::read_file(path("r.tsv")), "rank\tresidues\n1\t20\n");
  EXPECT_EQ(
      nlohmann::json::parse(test_support::read_file(path("r.tsv.meta.json")))["counts"]["ranked"],
      entries);
}

TEST_F(RunTest, WhatDiffersIsNamedAndRefused) {
  ASSERT_EQ(rank_kept({}).exit_code, 0);
  expect(rank_kept({"--cutoff", "12.5"}), 2, "has cutoff \"15\", and now \"12.5\" is asked for");
  expect(rank_kept({"--modes", "10"}), 2, "has modes \"20\"");
  expect(rank_kept({"--solver", "lapack"}), 2, "has solver \"auto\"");
  expect(modesweep({"rank", "--ids", "1UBI", "--offline", "--run", run().string()}), 2,
         "has source \"files\", and now \"ids\"");
  folder_.write("in/new.pdb", pdb_text(helix(50)));
  expect(rank_kept({}), 2, "has 12 entries, and now 13 are asked for");
  std::filesystem::remove(path("in/new.pdb"));
  folder_.write("in/h4.pdb", pdb_text(helix(99)));
  expect(rank_kept({}), 2, "in/h4.pdb has changed since the run in");
  expect(modesweep({"resume", run().string()}), 2, "in/h4.pdb has changed since the run in");
  expect(modesweep({"resume", path("in")}), 2, "there is no run in");
  {
    // As another version of the program writes it, which is no damage.
    ::modesweep::Database database(run() / "run.sqlite");
    database.execute("UPDATE parameters SET value = '999' WHERE name = 'method_version'");
    ::modesweep::define_run_functions(database);
    ::modesweep::write_kept_totals(database, entries);
  }
  expect(modesweep({"resume", run().string()}), 2, "has method version \"999\"");
  expect(modesweep({"show", path("nothing")}), 2, "there is no run in");
  expect(rank({"--retry-failed"}), 2, "--run");
}

TEST_F(RunTest, WhatFailedForGoodIsTriedAgainOnRequestAlone) {
  folder_.write("in/bad.pdb", "<html>");
  expect(rank_kept({}), 0, "parse: not_a_structure");
  folder_.write("in/bad.pdb", pdb_text(helix(40)));
  const RunResult again = rank_kept({});
  expect(again, 0, "13 entries were finished before");
  expect(again, 0, "parse: not_a_structure");
  const RunResult retried = rank_kept({"--retry-failed"});
  expect(retried, 0, "12 entries were finished before");
  expect(retried, 0, "ranked      13");
}

TEST_F(RunTest, WhatWasUnavailableIsTriedAgain) {
  const std::vector<std::string> command = {"rank",  "--ids",        "1ABC,2XYZ", "--offline",
                                            "--run", run().string(), "--format",  "tsv"};
  RunOptions options;
  options.environment["PDB_DIR"] = path("mirror");
  folder_.write("mirror/divided/pdb/ab/pdb1abc.ent", pdb_text(helix(20), "1ABC"));
  expect(modesweep(command, options), 0, "download: offline");
  folder_.write("mirror/divided/pdb/xy/pdb2xyz.ent", pdb_text(helix(30), "2XYZ"));
  const RunResult result = modesweep(command, options);
  expect(result, 0, "1 entry was finished before");
  expect(result, 0, "ranked      2");
}

// The mirror has the second entry in both formats, of different lengths.
TEST_F(RunTest, TheFormatOfFilesIsThatOfTheRun) {
  RunOptions options;
  options.environment["PDB_DIR"] = path("mirror");
  folder_.write("mirror/divided/pdb/ab/pdb1abc.ent", pdb_text(helix(20), "1ABC"));
  const std::vector<std::string> command = {"rank",      "--ids", "1ABC,2XYZ",
                                            "--offline", "--run", run().string()};
  const auto with = [](std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  const std::vector<std::string> resume = {"resume", run().string(), "--offline"};
  expect(modesweep(with(command, {"--file-format", "pdb"}), options), 0, "download: offline");
  expect(modesweep(command, options), 2,
         "has file format \"pdb\", and now \"cif\" is asked for: results of both cannot be mixed");
  expect(modesweep(with(resume, {"--file-format", "bcif"}), options), 2,
         "has file format \"pdb\", and now \"bcif\"");
  folder_.write("mirror/divided/pdb/xy/pdb2xyz.ent", pdb_text(helix(30), "2XYZ"));
  folder_.write("mirror/divided/mmCIF/xy/2xyz.cif", mmcif_text(helix(40), "2XYZ"));
  const RunResult result =
      modesweep(with(resume, {"--format", "tsv", "--columns", "pdb_id,residues"}), options);
  expect(result, 0, "ranked      2");
  EXPECT_NE(result.out.find("2XYZ\t30\n"), std::string::npos) << result.out;
}

TEST_F(RunTest, WhereFilesComeFromIsKeptUnlessItMayHoldASecret) {
  const auto start = [&](const std::string& url, const std::filesystem::path& folder) {
    return modesweep(
        {"rank", "--ids", "1ABC", "--offline", "--download-url", url, "--run", folder});
  };
  const std::filesystem::path open = run(), secret = path("secret");
  expect(start("https://a.example/<ID>.cif.gz", open), 4, "download: offline");
  expect(start("https://b.example/<ID>.cif.gz", open), 2,
         "has download url \"https://a.example/<ID>.cif.gz\", and now \"https://b.example/");
  expect(modesweep({"resume", open, "--offline"}), 4, "1ABC is neither in a mirror");
  expect(modesweep({"resume", open, "--offline", "--download-url", "https://b.example/<ID>.cif"}),
         2, "has download url");
  expect(start("https://a.example/<ID>.cif.gz?key=hunter2", secret), 4, "download: offline");
  expect(modesweep({"resume", secret, "--offline"}), 2, "was not kept: give it again");
  expect(modesweep({"show", secret}), 3, "1 failed");
  for (const auto& file : std::filesystem::directory_iterator(secret))
    EXPECT_EQ(test_support::read_file(file.path()).find("hunter2"), std::string::npos)
        << file.path();
}

TEST_F(RunTest, AnInterruptSavesWhatIsInFlight) {
  for (int i = 0; i < 60; ++i)
    folder_.write("in/big" + std::to_string(i) + ".pdb", pdb_text(helix(300)));
  RunOptions options;
  options.signals = {{SIGTERM, [this](const RunResult&) { return rows_kept(run()) > 0; }}};
  const RunResult stopped =
      rank_kept({"--threads", "1", "--solver", "eigen", "--no-result-cache"}, options);
  expect(stopped, 143, "PARTIAL");
  const modesweep::Ranking kept = test_support::ranking_of(run());
  EXPECT_GT(kept.rows.size(), 0u);
  EXPECT_LT(kept.rows.size(), 72u);
  const RunResult shown = modesweep({"show", run().string(), "--format", "tsv", "--top", "0"});
  EXPECT_EQ(shown.out, stopped.out);
  expect(shown, 0, "PARTIAL");
}

TEST_F(RunTest, ASecondSignalStopsAtOnce) {
  add_endless_file();
  RunOptions options;
  // The first one finds it at work: what it has done is kept.
  options.signals = {{SIGINT, [this](const RunResult&) { return rows_kept(run()) == entries; }},
                     {SIGTERM}};
  const RunResult result = modesweep(
      {"rank", "--files", path("in"), path("endless.pdb"), "--run", run().string()}, options);
  EXPECT_EQ(result.exit_code, 143) << result.err;
}

TEST_F(RunTest, OneProcessWorksOnARunAndOthersMayLook) {
  add_endless_file();
  const std::vector<std::string> command = {"rank",  "--files",     path("in"), path("endless.pdb"),
                                            "--run", run().string()};
  RunOptions options;
  std::atomic<bool> looked = false;
  options.signals = {{SIGKILL, [&](const RunResult&) { return looked.load(); }}};
  RunResult first;
  std::jthread worker([&] { first = modesweep(command, options); });
  while (rows_kept(run()) < entries) std::this_thread::yield();
  const RunResult shown = modesweep({"show", run().string(), "--format", "tsv"});
  expect(shown, 0, "12 solved");
  expect(shown, 0, "PARTIAL");
  const RunResult second = modesweep(command);
  expect(second, 4, "another process (");
  expect(modesweep({"resume", run().string()}), 4, "works on the run in");
  looked = true;
  worker.join();
  EXPECT_EQ(first.exit_code, 128 + SIGKILL);
}

TEST_F(RunTest, AnEntryThatThreeProcessesDiedOfIsPassedOverAndNamed) {
  add_endless_file();
  RunOptions options;
  options.signals = {{SIGKILL, [this](const RunResult&) { return rows_kept(run()) == entries; }}};
  EXPECT_EQ(modesweep({"rank", "--files", path("in"), path("endless.pdb"), "--run", run().string()},
                      options)
                .exit_code,
            128 + SIGKILL);
  // That process had finished other entries, so that its death is not yet one of three.
  for (int death = 1; death <= 3; ++death) {
    options.signals = {{SIGKILL, [this, begun = times_begun("endless.pdb")](const RunResult&) {
                          return times_begun("endless.pdb") > begun;
                        }}};
    EXPECT_EQ(modesweep({"resume", run().string()}, options).exit_code, 128 + SIGKILL) << death;
  }
  const RunResult last = modesweep({"resume", run().string(), "--failures", path("f.tsv")});
  expect(last, 0, "endless: the process died 3 times while it worked on this entry");
  expect(last, 0, "ranked      12");
  EXPECT_NE(test_support::read_file(path("f.tsv")).find("\tparse\tdied\t"), std::string::npos);
}

TEST_F(RunTest, RowsAreStreamedAsTheyAreSolved) {
  add_endless_file();
  RunOptions options;
  options.signals = {{SIGKILL, [](const RunResult& so_far) {
                        return std::count(so_far.out.begin(), so_far.out.end(), '\n') == entries;
                      }}};
  const RunResult result = modesweep(
      {"rank", "--files", path("in"), path("endless.pdb"), "--format", "jsonl", "--stream"},
      options);
  EXPECT_EQ(result.exit_code, 128 + SIGKILL);
  std::istringstream lines(result.out);
  int rows = 0;
  for (std::string line; std::getline(lines, line); ++rows) {
    const auto row = nlohmann::json::parse(line);
    EXPECT_FALSE(row.contains("rank"));
    EXPECT_EQ(row["shares"].size(), 20u);
  }
  EXPECT_EQ(rows, entries);
}

TEST_F(RunTest, AStreamBesideTheRanking) {
  const RunResult result = modesweep({"rank", "--files", path("in"), "--stream", "-o",
                                      path("r.jsonl"), "--columns", "rank,pdb_id", "--top", "3"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), entries);
  EXPECT_EQ(result.out.find("rank"), std::string::npos);
  EXPECT_TRUE(test_support::read_file(path("r.jsonl")).starts_with("{\"rank\":1,"));
  expect(rank({"--stream"}), 2, "--stream");
}

TEST_F(RunTest, AStreamThatNobodyReadsEndsQuietly) {
  for (int i = 0; i < 40; ++i)
    folder_.write("in/big" + std::to_string(i) + ".pdb", pdb_text(helix(200)));
  RunOptions options;
  options.environment["MODESWEEP_CACHE_DIR"] = path("cache");
  const RunResult result = test_support::run(
      {"bash", "-c",
       "set -o pipefail; " + test_support::modesweep_program() + " rank --files " + path("in") +
           " --format jsonl --stream --solver eigen --threads 1 | head -n 1 | wc -l"},
      options);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "1\n");
  EXPECT_TRUE(result.err.empty()) << result.err;
}

TEST_F(RunTest, VerboseEndsWithTheWaits) {
  const RunResult result = rank({"-v"});
  for (const char* words : {"waits in s  files:", "for room before the workers", "for files",
                            "for memory", "bottleneck: "})
    expect(result, 0, words);
}

}  // namespace
