// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <modesweep/archive.hpp>

#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;
using test_support::helix;
using test_support::mmcif_text;
using test_support::TempDir;

class Listener final : public Reporter {
 public:
  void message(LogLevel level, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    if (level == LogLevel::warning) warnings.emplace_back(text);
    if (level == LogLevel::info) notes.emplace_back(text);
  }
  void begin_stage(std::string_view, std::uint64_t total) override { totals.push_back(total); }
  void advance(std::uint64_t done) override { advanced += done; }
  void end_stage() override { ++ended; }

  std::vector<std::string> warnings, notes;
  std::vector<std::uint64_t> totals;
  std::uint64_t advanced = 0;
  int ended = 0;

 private:
  std::mutex mutex_;
};

std::string entry(const std::string& id, const std::string& title, const std::string& keywords = "",
                  const std::string& molecule = "", const std::string& organism = "") {
  std::string text = "HEADER    PROTEIN                                 01-JAN-00   " + id + "\n";
  text += "TITLE     " + title + "\n";
  if (!molecule.empty())
    text += "COMPND    MOL_ID: 1;\nCOMPND   2 MOLECULE: " + molecule + ";\nCOMPND   3 CHAIN: A;\n";
  if (!organism.empty())
    text += "SOURCE    MOL_ID: 1;\nSOURCE   2 ORGANISM_SCIENTIFIC: " + organism + ";\n";
  if (!keywords.empty()) text += "KEYWDS    " + keywords + "\n";
  text += "ATOM      1  CA  ALA A   1      11.104   6.134  -6.504  1.00  0.00           C\nEND\n";
  return text;
}

class ArchiveTest : public testing::Test {
 protected:
  fs::path folder() const { return dir_.path() / "archive"; }
  fs::path cache() const { return dir_.path() / "cache"; }
  void put(const std::string& name, const std::string& content) {
    dir_.write("archive/" + name, content);
  }
  std::unique_ptr<Archive> open() { return open_archive(folder(), cache(), listener_); }

  static std::vector<std::string> found(Archive& archive, const std::string& term,
                                        const fs::path& folder) {
    std::vector<std::string> names;
    for (const fs::path& path : archive.search(term).files)
      names.push_back(path.lexically_relative(folder).string());
    return names;
  }
  std::vector<std::string> find(const std::string& term) { return found(*open(), term, folder()); }

  fs::path index_file() const {
    for (const auto& file : fs::directory_iterator(cache() / "archives"))
      if (file.path().extension() == ".sqlite") return file.path();
    return {};
  }

  TempDir dir_;
  Listener listener_;
};

using Names = std::vector<std::string>;

class FilledArchive : public ArchiveTest {
 protected:
  void SetUp() override {
    put("a.pdb", entry("1AAA", "CRYSTAL STRUCTURE OF HUMAN TRYPSIN", "HYDROLASE, SERINE PROTEASE"));
    put("b.pdb", entry("2BBB", "THE SPIKE GLYCOPROTEIN", "VIRUS", "SPIKE NAÏVE α-SUBUNIT",
                       "SEVERE ACUTE RESPIRATORY SYNDROME CORONAVIRUS 2"));
    put("trypsin/1TRN_A.pdb", entry("    ", ""));
    put("ubiquitin/pdb1ubi.ent", "ATOM      1  CA  ALA A   1      11.104   6.134  -6.504\n");
    put("notes.txt", "trypsin");
  }
};

TEST_F(FilledArchive, FindsWordsOfHeadersAndNames) {
  EXPECT_EQ(find("trypsin"), (Names{"a.pdb", "trypsin/1TRN_A.pdb"}));
  EXPECT_EQ(find("1aaa"), Names{"a.pdb"});
  EXPECT_EQ(find("1ubi"), Names{"ubiquitin/pdb1ubi.ent"});
  EXPECT_EQ(find("1trn"), Names{"trypsin/1TRN_A.pdb"});
  EXPECT_EQ(find("coronavirus"), Names{"b.pdb"});
  EXPECT_EQ(find("VIRUS spike"), Names{"b.pdb"});
  EXPECT_EQ(find("tryp"), Names{});
}

TEST_F(FilledArchive, HasPhrasesPrefixesAndOperators) {
  EXPECT_EQ(find("\"serine protease\""), Names{"a.pdb"});
  EXPECT_EQ(find("\"protease serine\""), Names{});
  EXPECT_EQ(find("tryp* NOT human"), Names{"trypsin/1TRN_A.pdb"});
  EXPECT_EQ(find("spike OR ubiquitin").size(), 2U);
  EXPECT_EQ(find("trypsin spike"), Names{});
}

TEST_F(FilledArchive, FoldsCaseAndDiacritics) {
  EXPECT_EQ(find("naive"), Names{"b.pdb"});
  EXPECT_EQ(find("Α-subunit"), Names{"b.pdb"});  // a capital Greek alpha
}

TEST_F(FilledArchive, CountsAndReturnsPathsBelowTheFolderAsGiven) {
  const ArchiveMatches matches = open()->search("1aaa");
  EXPECT_EQ(matches.indexed, 4U);
  EXPECT_EQ(matches.files, std::vector<fs::path>{folder() / "a.pdb"});
  EXPECT_TRUE(matches.warnings.empty());
  EXPECT_EQ(open()->search("1aaa[ID]").warnings.size(), 1U);
}

TEST_F(FilledArchive, TakesNoTermAsSyntax) {
  const auto archive = open();
  for (const char* term : {"x\"; DROP TABLE files; --",
                           "'; DELETE FROM texts; --",
                           "NEAR(a b, 2)",
                           "NEAR(",
                           "a*b",
                           "title : a",
                           "{id title}: a",
                           "- a",
                           "^a",
                           "a + b",
                           "\"a",
                           "a\"\"",
                           "\"a \"\" b\"",
                           "(((a",
                           "a NOT NOT b",
                           "\xFF\xFE",
                           "a \xC3",
                           "€",
                           "€ OR a",
                           "a NOT €",
                           "€*",
                           "?1",
                           "日本語",
                           "%s%n"})
    EXPECT_NO_THROW(archive->search(term)) << term;
  EXPECT_EQ(found(*archive, "€ human", folder()), Names{"a.pdb"});
  EXPECT_EQ(archive->search("1aaa").indexed, 4U);
}

TEST_F(FilledArchive, RefusesTermsWithoutAWord) {
  const auto archive = open();
  for (const char* term : {"", "   ", "*", "\"\"", "NOT trypsin", "OR"}) try {
      archive->search(term);
      ADD_FAILURE() << "accepted: " << term;
    } catch (const RunError& error) {
      EXPECT_EQ(error.cause(), Cause::request);
    }
}

TEST_F(FilledArchive, TakesLongTerms) {
  const auto archive = open();
  EXPECT_TRUE(archive->search(std::string(5000, 'x')).files.empty());
  std::string many, any, none;
  for (int i = 0; i < 1000; ++i) {
    std::string word = "w";
    word += std::to_string(i);
    many += word + " ";
    any += word + " OR ";
    none += " NOT " + word;
  }
  EXPECT_TRUE(archive->search(many).files.empty());
  EXPECT_EQ(found(*archive, any + "1aaa", folder()), Names{"a.pdb"});
  EXPECT_EQ(found(*archive, "1aaa" + none, folder()), Names{"a.pdb"});
}

TEST_F(ArchiveTest, PutsIdsAndTitlesBeforeFolders) {
  put("kinase/9zzz.pdb", entry("9ZZZ", "SOMETHING ELSE"));
  put("other/y.pdb", entry("3YYY", "A KINASE"));
  EXPECT_EQ(find("kinase"), (Names{"other/y.pdb", "kinase/9zzz.pdb"}));
}

TEST_F(ArchiveTest, BreaksTiesByPath) {
  for (const char* name : {"c", "a", "d", "b"})
    put(std::string("kinase/") + name + ".pdb", entry("9ZZZ", "X"));
  EXPECT_EQ(find("kinase"),
            (Names{"kinase/a.pdb", "kinase/b.pdb", "kinase/c.pdb", "kinase/d.pdb"}));
}

TEST_F(FilledArchive, ReadsOnlyWhatChanged) {
  open();
  EXPECT_EQ(listener_.totals, std::vector<std::uint64_t>{4});
  EXPECT_EQ(listener_.advanced, 4U);
  open();
  EXPECT_EQ(listener_.totals.size(), 1U);
  put("new/c.pdb", entry("3CCC", "ADDED LATER"));
  put("a.pdb", entry("1AAA", "NOW A KINASE"));
  fs::remove(folder() / "b.pdb");
  const auto archive = open();
  EXPECT_EQ(listener_.totals.back(), 2U);
  EXPECT_EQ(listener_.ended, 2);
  EXPECT_EQ(found(*archive, "added", folder()), Names{"new/c.pdb"});
  EXPECT_EQ(found(*archive, "kinase", folder()), Names{"a.pdb"});
  EXPECT_EQ(found(*archive, "human", folder()), Names{});
  EXPECT_EQ(found(*archive, "spike", folder()), Names{});
  EXPECT_EQ(archive->search("x").indexed, 4U);
}

TEST_F(FilledArchive, NoticesAChangeOfTheSameSize) {
  open();
  put("a.pdb", entry("1AAA", "CRYSTAL STRUCTURE OF HORSE TRYPSIN", "HYDROLASE, SERINE PROTEASE"));
  fs::last_write_time(folder() / "a.pdb",
                      fs::last_write_time(folder() / "a.pdb") + std::chrono::nanoseconds(7));
  EXPECT_EQ(find("horse"), Names{"a.pdb"});
}

TEST_F(FilledArchive, WarnsOnceOfUnreadableFilesAndFindsThemByName) {
  put("broken/1abc.pdb", "");
  put("broken/2abc.cif.gz", "\x1F\x8B no gzip");
  put("broken/3abc.pdb", "<html><body>not found</body></html>");
  const auto archive = open();
  ASSERT_EQ(listener_.warnings.size(), 1U);
  EXPECT_NE(listener_.warnings[0].find("3 of 7"), std::string::npos) << listener_.warnings[0];
  EXPECT_EQ(found(*archive, "broken", folder()).size(), 3U);
  EXPECT_EQ(found(*archive, "2abc", folder()), Names{"broken/2abc.cif.gz"});
  // They are not read again, but still said.
  open();
  EXPECT_EQ(listener_.totals.size(), 1U);
  EXPECT_EQ(listener_.warnings.size(), 2U);
}

TEST_F(FilledArchive, FollowsLinksButNoLoops) {
  fs::create_directory_symlink("..", folder() / "trypsin" / "up");
  fs::create_directory_symlink(".", folder() / "self");
  fs::create_symlink("nowhere", folder() / "dangling.pdb");
  const TempDir elsewhere;
  elsewhere.write("far.pdb", entry("4DDD", "FAR AWAY"));
  fs::create_directory_symlink(elsewhere.path(), folder() / "linked");
  const auto archive = open();
  EXPECT_EQ(archive->search("x").indexed, 5U);
  EXPECT_EQ(found(*archive, "4ddd", folder()), Names{"linked/far.pdb"});
}

TEST_F(FilledArchive, PassesOverHiddenFilesAndPipes) {
  put("._a.pdb", "resource fork");
  put(".hidden/z.pdb", entry("5EEE", "HIDDEN"));
  ASSERT_EQ(::mkfifo((folder() / "pipe.pdb").c_str(), 0600), 0);
  EXPECT_EQ(open()->search("x").indexed, 4U);
}

TEST_F(FilledArchive, KeepsNamesThatAreNoUtf8) {
  put("odd\xFF\xFEname.pdb", entry("6FFF", "ODD"));
  EXPECT_EQ(find("6fff"), Names{"odd\xFF\xFEname.pdb"});
  EXPECT_EQ(find("6fff"), Names{"odd\xFF\xFEname.pdb"});
  EXPECT_EQ(listener_.totals.size(), 1U);
}

TEST_F(FilledArchive, MakesABrokenIndexAnew) {
  open();
  const std::string whole = test_support::read_file(index_file());
  std::string flipped = whole;
  for (std::size_t i = 3000; i < flipped.size(); i += 40) flipped[i] = static_cast<char>(0x5A);
  const std::string half = whole.substr(0, whole.size() / 2);
  for (const std::string& content :
       {std::string(), std::string(10000, 'x'), std::string("short"), half, flipped}) {
    dir_.write(index_file().lexically_relative(dir_.path()).string(), content);
    EXPECT_EQ(find("trypsin"), (Names{"a.pdb", "trypsin/1TRN_A.pdb"})) << content.size();
    EXPECT_EQ(open()->search("1aaa").indexed, 4U);
  }
}

TEST_F(FilledArchive, MakesAnIndexOfAnotherVersionAnew) {
  open();
  const fs::path file = index_file();
  std::string content = test_support::read_file(file);
  content[63] = 99;  // the last byte of SQLite's user version
  dir_.write(file.lexically_relative(dir_.path()).string(), content);
  EXPECT_EQ(find("trypsin").size(), 2U);
  EXPECT_EQ(listener_.totals, (std::vector<std::uint64_t>{4, 4}));
}

TEST_F(ArchiveTest, OneIndexForOneFolderWhateverItsName) {
  put("a.pdb", entry("1AAA", "X"));
  open();
  open_archive(folder() / ".." / "archive" / ".", cache(), listener_);
  EXPECT_EQ(listener_.totals.size(), 1U);
}

TEST_F(ArchiveTest, RefusesWhatIsNoFolder) {
  put("a.pdb", entry("1AAA", "X"));
  for (const fs::path& path : {folder() / "missing", folder() / "a.pdb"}) try {
      open_archive(path, cache(), listener_);
      ADD_FAILURE() << path;
    } catch (const RunError& error) {
      EXPECT_EQ(error.cause(), Cause::request);
    }
}

TEST_F(ArchiveTest, SaysThatTheCacheCannotBeWritten) {
  put("a.pdb", entry("1AAA", "X"));
  const fs::path file = dir_.write("file", "");
  fs::create_directories(cache() / "archives");
  for (const fs::path& path : {file, fs::path("/proc/modesweep")}) try {
      open_archive(folder(), path, listener_);
      ADD_FAILURE() << path;
    } catch (const RunError& error) {
      EXPECT_EQ(error.cause(), Cause::unavailable);
    }
}

TEST_F(ArchiveTest, AnEmptyFolderIsAnArchiveWithAWarning) {
  fs::create_directories(folder());
  EXPECT_EQ(find("x"), Names{});
  EXPECT_EQ(listener_.warnings, Names{folder().string() + " is empty"});
}

TEST_F(FilledArchive, CountsWhatItPassesOver) {
  for (const char* name :
       {"a.txt", "b.TXT", "c.tar.gz", "deep/d.tar.gz", "Makefile", ".hidden.txt"})
    put(name, "no structure");
  fs::create_symlink("nowhere", folder() / "dangling.pdb");
  open();
  EXPECT_EQ(listener_.notes, Names{"passed over 7 files of other kinds: .txt 3, .tar.gz 2, broken "
                                   "links 1, without ending 1"});
  EXPECT_TRUE(listener_.warnings.empty());
}

TEST_F(ArchiveTest, NamesTheMostFrequentKindsAlone) {
  put("a.pdb", entry("1AAA", "X"));
  for (int kind = 0; kind < 12; ++kind)
    for (int i = 0; i <= kind; ++i)
      put(std::to_string(i) + ".k" + std::to_string(kind), "no structure");
  open();
  EXPECT_EQ(listener_.notes, Names{"passed over 78 files of other kinds: .k11 12, .k10 11, .k9 10, "
                                   ".k8 9, .k7 8, .k6 7, .k5 6, .k4 5 ..."});
}

TEST_F(ArchiveTest, SaysWhatAFolderWithoutStructuresHolds) {
  const auto warning = [&] {
    listener_.warnings.clear();
    open();
    return listener_.warnings;
  };
  put(".a.pdb", entry("1AAA", "HIDDEN"));
  EXPECT_EQ(warning(), Names{folder().string() +
                             " holds only hidden files or folders, which are passed over"});
  fs::remove(folder() / ".a.pdb");
  fs::create_directories(folder() / "deep/deeper");
  EXPECT_EQ(warning(), Names{folder().string() +
                             " holds no structure files: there are folders without files in it"});
  put("deep/a.tar", "no structure");
  EXPECT_EQ(warning(), Names{folder().string() +
                             " holds no structure files, but 1 file of other kinds: .tar 1"});
  EXPECT_TRUE(listener_.notes.empty());
}

TEST_F(ArchiveTest, KnowsTheLayoutOf2027AndTakesEachEntryOnce) {
  const std::string old_entry = "pub/wwpdb/pdb/data/entries/ab/pdb_00001abc/";
  const std::string new_entry = "pub/wwpdb/pdb/data/entries/67/pdb_1abc5678/";
  const std::string cif = mmcif_text(helix(8), "X", "A KINASE");
  put(old_entry + "structures/pdb_00001abc.cif.gz", cif);
  put(old_entry + "structures/pdb_00001abc.pdb.gz", entry("1ABC", "A KINASE"));
  put(old_entry + "structures/pdb_00001abc-noatom.xml.gz", "<PDBx/>");
  put(old_entry + "assemblies/pdb_00001abc-assembly1.cif.gz", cif);
  put(old_entry + "validation_reports/pdb_00001abc_validation.cif.gz", cif);
  put(old_entry + "experimental_data/pdb_00001abc-sf.cif.gz", cif);
  put(new_entry + "structures/pdb_1abc5678.cif", cif);
  const Names both = {new_entry + "structures/pdb_1abc5678.cif",
                      old_entry + "structures/pdb_00001abc.cif.gz"};
  EXPECT_EQ(find("kinase"), both);
  EXPECT_EQ(listener_.notes.back(),
            "passed over 2 files of other kinds: .xml.gz 1, other formats of an entry 1; of 1 "
            "entry in the layout of the PDB archive the folder structures alone is taken");
  for (const char* id : {"1abc", "1ABC", "pdb_00001abc", "PDB_00001ABC", "\"pdb_00001abc\""})
    EXPECT_EQ(find(id), Names{both[1]}) << id;
  for (const char* id : {"pdb_1abc5678", "PDB_1ABC5678"}) EXPECT_EQ(find(id), Names{both[0]}) << id;
  // An entry's own folders are of that layout as well.
  for (const char* part : {"", "structures"})
    EXPECT_EQ(
        open_archive(folder() / old_entry / part, cache(), listener_)->search("kinase").indexed,
        1U);
}

TEST_F(ArchiveTest, FindsFilesOfEitherFormOfAnId) {
  put("a/1abc.pdb", entry("    ", ""));
  put("b/pdb_00001abc_xyz.cif", "data_X\n_struct.title 'X'\n");
  put("c/PDB_00001ABC.pdb", entry("    ", ""));
  put("d/2abc.pdb", entry("    ", ""));
  for (const char* id : {"1ABC", "pdb_00001abc"}) EXPECT_EQ(find(id).size(), 3U) << id;
}

// Several processes, not threads: SQLite's locks belong to processes.
TEST_F(ArchiveTest, TakesSeveralProcessesAtOnce) {
  for (int i = 0; i < 300; ++i)
    put("kinase/" + std::to_string(i) + ".pdb", entry("1AAA", "ENTRY " + std::to_string(i)));
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      int code = 1;
      try {
        SilentReporter silent;
        const auto archive = open_archive(folder(), cache(), silent);
        code = archive->search("kinase").files.size() == 300 ? 0 : 2;
      } catch (...) {
        code = 3;
      }
      ::_exit(code);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(find("kinase").size(), 300U);
  EXPECT_TRUE(listener_.totals.empty()) << "the children's index was not complete";
}

/// Ends the process without a word, as kill -9 does, once so many files were indexed.
class KillingReporter final : public Reporter {
 public:
  explicit KillingReporter(std::uint64_t after) : left_(after) {}
  void message(LogLevel, std::string_view) override {}
  void begin_stage(std::string_view, std::uint64_t) override {}
  void advance(std::uint64_t done) override {
    if (done >= left_) ::_exit(9);
    left_ -= done;
  }
  void end_stage() override {}

 private:
  std::uint64_t left_;
};

TEST_F(ArchiveTest, GoesOnWhereAKilledProcessStopped) {
  put("0.pdb", entry("1AAA", "KINASE"));
  for (int i = 1; i < 2500; ++i)
    fs::create_hard_link(folder() / "0.pdb", folder() / (std::to_string(i) + ".pdb"));
  const pid_t child = ::fork();
  if (child == 0) {
    KillingReporter reporter(1500);
    open_archive(folder(), cache(), reporter);
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(WEXITSTATUS(status), 9);
  EXPECT_EQ(find("kinase").size(), 2500U);
  EXPECT_EQ(listener_.totals, std::vector<std::uint64_t>{500});
  EXPECT_EQ(listener_.advanced, 500U);
}

}  // namespace
}  // namespace modesweep
