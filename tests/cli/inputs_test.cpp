// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <regex>

#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::helix;
using test_support::pdb_text;
using test_support::run_modesweep;
using test_support::TempDir;

std::string demo() { return (test_support::source_dir() / "data" / "demo").string(); }

void expect_usage(const std::vector<std::string>& arguments, const char* words) {
  const auto result = run_modesweep(arguments);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(result.out.empty());
  EXPECT_NE(result.err.find(words), std::string::npos) << result.err;
}

TEST(Usage, WhatCannotBeMeant) {
  expect_usage({"rnak"}, "rnak");
  expect_usage({"rank"}, "nothing to rank");
  expect_usage({"rank", ""}, "term is empty");
  expect_usage({"rank", "  \t"}, "term is empty");
  expect_usage({"search", " "}, "term is empty");
  expect_usage({"rank", "a", "--ids", "1UBI"}, "one input");
  expect_usage({"rank", "--ids", "1UBI", "--files", "x.pdb"}, "one input");
  expect_usage({"rank", "a", "--archive", "x", "--ids", "1UBI"}, "one input");
  expect_usage({"rank", "--archive", "x"}, "needs a TERM");
  expect_usage({"rank", "--ids", "1AKE_A"}, "names a chain");
  expect_usage({"rank", "--ids", "../../etc/passwd"}, "not a PDB ID");
  expect_usage({"rank", "--ids", std::string(200, 'A')}, "not a PDB ID");
  expect_usage({"rank", "--ids", "@/nonexistent/list"}, "cannot read the list");
  expect_usage({"fetch", "1UBI;rm"}, "not a PDB ID");
  expect_usage({"rank", "a", "--retmax", "-3"}, "--retmax");
  expect_usage({"rank", "a", "--retmax", "many"}, "--retmax");
  expect_usage({"rank", "a", "--cutoff", "3.9"}, "cutoff");
  for (const char* gamma : {"0", "-1", "nan", "inf", "1e-13", "1e13"})
    expect_usage({"rank", "a", "--gamma", gamma}, "--gamma");
  for (const char* cutoff : {"nan", "-nan", "inf", "-15", "1e3000"})
    expect_usage({"rank", "a", "--cutoff", cutoff}, "--cutoff");
  for (const char* flag : {"--top", "--max-memory", "--cache-limit", "--modes", "--threads"})
    expect_usage({"rank", "a", flag, "-1"}, flag);
  expect_usage({"modes", "1UBI", "--amplitude", "nan"}, "--amplitude");
  expect_usage({"rank", "a", "--columns", "fv1,nonsense"}, "no column \"nonsense\"");
  expect_usage({"rank", "a", "--sort", "nonsense:asc"}, "no column \"nonsense\"");
  expect_usage({"rank", "a", "--api-key-file", "/nonexistent/key"}, "API key file");
  expect_usage({"rank", "trypsin", "--archive", "/nonexistent/folder"}, "/nonexistent/folder");
}

TEST(Usage, WhatWasMeantIsProposedInOneLine) {
  const auto says = [](const std::vector<std::string>& words) {
    return run_modesweep(words).err.substr(0, run_modesweep(words).err.find('\n'));
  };
  EXPECT_EQ(says({"rnak"}), "modesweep: there is no command \"rnak\"; did you mean rank?");
  // The flag is wrong, not the word after it, nor what then lacks.
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"rank", "--archve", "DIR", "trypsin"}, {"rank", "--archve=DIR"}})
    EXPECT_EQ(says(words),
              "modesweep: rank has no option --archve; did you mean "
              "--archive?");
  EXPECT_EQ(says({"search", "--retmx", "5"}),
            "modesweep: search has no option --retmx; did you mean --retmax?");
  EXPECT_EQ(says({"report", "in", "--ouptut", "x.html"}),
            "modesweep: report has no option --ouptut; did you mean --output?");
  EXPECT_EQ(says({"cache", "list", "--cach-dir", "x"}),
            "modesweep: cache list has no option --cach-dir; did you mean --cache-dir?");
  EXPECT_EQ(says({"search", "a", "b"}), "modesweep: search takes no further word: \"b\"");
  EXPECT_EQ(says({"rank", "a", "--columns", "fv1,notse"}),
            "modesweep: there is no column \"notse\"; did you mean notes?");
  EXPECT_EQ(says({"rank", "a", "--source", "ncib"}),
            "modesweep: --source: \"ncib\" is none of ncbi, rcsb; did you mean ncbi?");
  EXPECT_EQ(says({"modes", "1UBI", "--format", "pbd", "-o", "x"}),
            "modesweep: --format takes nmd, npz, pdb, pml, cxc, tsv, csv, jsonl, not \"pbd\"; did "
            "you mean pdb?");
  EXPECT_EQ(says({"rank", "a", "-o", "x.cvs"})
                .find("modesweep: x.cvs has the ending of no format; "
                      "did you mean .csv?"),
            0u);
}

TEST(Inputs, CudaIsASentenceAndExitCode4) {
  const auto result = run_modesweep({"rank", "--files", demo(), "--backend", "cuda"});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
}

TEST(Inputs, TheArchiveIsSearchedAndRanked) {
  const auto result = run_modesweep({"rank", "trypsin", "--archive", demo(), "--format", "tsv"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 11) << result.out;
  EXPECT_NE(result.err.find("shown       10 of 16 rows"), std::string::npos) << result.err;
}

TEST(Inputs, NothingFoundIsExitCode3) {
  const auto result = run_modesweep({"rank", "phlogiston", "--archive", demo()});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_TRUE(result.out.empty());
  EXPECT_NE(result.err.find("nothing was found for \"phlogiston\""), std::string::npos);
}

TEST(Inputs, FoldersAreWalkedAndOneIdTwiceIsTwoRows) {
  const TempDir folder;
  folder.write("a/x.pdb", pdb_text(helix(20), "1ABC"));
  folder.write("b/deep/y.pdb", pdb_text(helix(30), "1ABC"));
  folder.write("b/notes.txt", "not a structure");
  const auto result = run_modesweep(
      {"rank", "--files", folder.path().string(), "--format", "tsv", "--columns", "pdb_id,file"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 3) << result.out;
  EXPECT_NE(result.out.find("1ABC\t" + (folder.path() / "a/x.pdb").string()), std::string::npos);
  EXPECT_NE(result.out.find("1ABC\t" + (folder.path() / "b/deep/y.pdb").string()),
            std::string::npos);
}

TEST(Inputs, FilesComeFromAListAsWell) {
  const TempDir folder;
  folder.write("in/a.pdb", pdb_text(helix(20)));
  folder.write("in/b c.pdb", pdb_text(helix(21)));
  folder.write("more/d.pdb", pdb_text(helix(22)));
  folder.write("@x.pdb", pdb_text(helix(23)));
  const std::string paths = "in/a.pdb\n\nin/b c.pdb\r\nmore\nin/a.pdb";
  folder.write("list", paths);
  test_support::RunOptions here;
  here.folder = folder.path().string();
  here.input = paths;
  const auto ranked = [&](std::vector<std::string> files) {
    files.insert(files.begin(), {"rank", "--format", "tsv", "--columns", "file", "--sort", "file",
                                 "--no-result-cache", "--files"});
    return run_modesweep(files, here);
  };
  const std::string three = "file\nin/a.pdb\nin/b c.pdb\nmore/d.pdb\n";
  EXPECT_EQ(ranked({"@list"}).out, three);
  EXPECT_EQ(ranked({"-"}).out, three);
  EXPECT_EQ(ranked({"in", "@list", "more"}).out, three);
  EXPECT_EQ(ranked({"./@x.pdb"}).out, "file\n./@x.pdb\n");
  expect_usage({"rank", "--files", "@/nonexistent/list"}, "cannot read the list of files");
  // The list is an input: nothing is written over it.
  folder.write("one", "in/a.pdb\n");
  const auto refused = run_modesweep({"rank", "--files", "@one", "-o", "one"}, here);
  EXPECT_EQ(refused.exit_code, 2) << refused.err;
}

TEST(Inputs, WordsArePathsOrEntriesOrATerm) {
  const TempDir folder;
  folder.write("a.pdb", pdb_text(helix(20)));
  folder.write("in/b.pdb", pdb_text(helix(21)));
  folder.write("1UBI", "");
  folder.write("a file", "");
  test_support::RunOptions here;
  here.folder = folder.path().string();
  const auto ranked = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "rank");
    for (const char* more : {"--offline", "--format", "tsv", "--columns", "file"})
      words.emplace_back(more);
    return run_modesweep(words, here);
  };
  const auto files = ranked({"a.pdb", "./in"});
  EXPECT_EQ(files.exit_code, 0) << files.err;
  EXPECT_EQ(std::count(files.out.begin(), files.out.end(), '\n'), 3) << files.out;
  EXPECT_EQ(ranked({"a.pdb", "--shard", "0/2"}).exit_code, 0);
  // Neither a search nor a download can be had here, and each says what it wanted.
  const auto entry = ranked({"1ubi"});
  EXPECT_NE(entry.err.find("left out    1: 1 download"), std::string::npos) << entry.err;
  EXPECT_EQ(ranked({"1UBI"}).err.find("there is a file 1UBI here as well: modesweep rank ./1UBI"),
            0u);
  const auto term = ranked({"in"});
  EXPECT_EQ(term.exit_code, 4);
  EXPECT_EQ(term.err.find("there is a folder in here as well: modesweep rank ./in ranks it\n"), 0u)
      << term.err;
  const auto mixed = ranked({"a.pdb", "trypsin"});
  EXPECT_EQ(mixed.exit_code, 2);
  EXPECT_NE(mixed.err.find("\"a.pdb\" is a path, and \"trypsin\" is what to search for"),
            std::string::npos)
      << mixed.err;
  for (const auto& [word, advice] : {std::pair("a.pdb", "modesweep rank a.pdb ranks it"),
                                     std::pair("in", "modesweep rank ./in ranks it"),
                                     std::pair("1ake", "modesweep rank 1ake ranks it")}) {
    const auto alone = run_modesweep({word}, here);
    EXPECT_EQ(alone.exit_code, 2);
    EXPECT_NE(alone.err.find(advice), std::string::npos) << alone.err;
  }
}

TEST(Inputs, AFileThatIsNotThereIsNamedAtOnce) {
  const TempDir folder;
  folder.write("a.pdb", pdb_text(helix(20)));
  test_support::RunOptions here;
  here.folder = folder.path().string();
  const std::string reason = "warning: nosuch.pdb: No such file or directory\n";
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"rank", "nosuch.pdb"}, {"rank", "--files", "nosuch.pdb"}}) {
    const auto alone = run_modesweep(command, here);
    EXPECT_EQ(alone.exit_code, 3);
    EXPECT_EQ(alone.err, reason);
  }
  const auto many = run_modesweep({"rank", "a.pdb", "nosuch.pdb"}, here);
  EXPECT_EQ(many.exit_code, 0);
  EXPECT_TRUE(many.err.starts_with(reason)) << many.err;
  EXPECT_NE(many.err.find("left out    1: 1 parse: unreadable"), std::string::npos) << many.err;

  std::vector<std::string> names = {"rank", "--failures", "left.tsv"};
  for (int i = 0; i < 12; ++i) names.push_back("no" + std::to_string(i) + ".pdb");
  const auto none = run_modesweep(names, here);
  EXPECT_EQ(std::count(none.err.begin(), none.err.end(), '\n'), 11) << none.err;
  EXPECT_NE(none.err.find("12 files in all are not there"), std::string::npos) << none.err;
  const std::string left = test_support::read_file(folder.path() / "left.tsv");
  EXPECT_EQ(std::count(left.begin(), left.end(), '\n'), 13) << left;
}

TEST(Inputs, NothingToRankIsNoFailureWhereThatIsAllowed) {
  const TempDir folder;
  folder.write("few.pdb", pdb_text(helix(5)));
  folder.write("list", "\n");
  for (const std::string& files :
       {(folder.path() / "few.pdb").string(), "@" + (folder.path() / "list").string()}) {
    EXPECT_EQ(run_modesweep({"rank", "--files", files}).exit_code, 3) << files;
    const std::string run = (folder.path() / "run").string();
    const auto allowed = run_modesweep({"rank", "--files", files, "--allow-empty", "--run", run});
    EXPECT_EQ(allowed.exit_code, 0) << allowed.err;
    EXPECT_NE(allowed.err.find("nothing"), std::string::npos) << allowed.err;
    EXPECT_EQ(run_modesweep({"resume", run}).exit_code, 3) << files;
    EXPECT_EQ(run_modesweep({"resume", run, "--allow-empty"}).exit_code, 0) << files;
    std::filesystem::remove_all(run);
  }
}

TEST(Inputs, WhatAFolderHoldsBesideStructuresIsCounted) {
  const TempDir folder;
  const std::string text = pdb_text(helix(20));
  for (const char* name : {"a.pdbx", "b.pdb1", "c.ent1", "d1dlwa_", "e.pdb", "deep/f.PQR"})
    folder.write(name, text);
  for (const char* name : {"a.txt", "b.txt", "deep/c.txt", "d.tar", ".hidden.pdb", ".git/x.pdb"})
    folder.write(name, "no structure");
  for (const std::string& path : {folder.path().string(), folder.path().string() + "/"}) {
    const auto result = run_modesweep(
        {"rank", "--files", path, "--format", "tsv", "--min-residues", "1", "--columns", "file"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 7) << result.out;
    EXPECT_TRUE(result.err.starts_with("passed over 4 files of other kinds: .txt 3, .tar 1\n"))
        << result.err;
    EXPECT_EQ(result.out.find("hidden"), std::string::npos) << result.out;
  }
}

TEST(Inputs, AFolderWithoutStructuresIsOneTrueSentence) {
  const TempDir empty, others, hidden;
  others.write("a.tar", "");
  others.write("deep/b.txt", "");
  others.write("c.txt", "");
  hidden.write(".a.pdb", pdb_text(helix(20)));
  for (const auto& [folder, sentence] :
       {std::pair(&empty, " is empty"),
        std::pair(&others, " holds no structure files, but 3 files of other kinds: .txt 2, .tar 1"),
        std::pair(&hidden, " holds only hidden files or folders, which are passed over")}) {
    const std::string path = folder->path().string();
    const std::string line = "warning: " + path + sentence + "\n";
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"rank", "--files", path},
          {"modes", path},
          {"rank", "trypsin", "--archive", path}}) {
      const auto result = run_modesweep(command);
      EXPECT_EQ(result.exit_code, 3) << result.err;
      EXPECT_TRUE(result.err.starts_with(line)) << result.err;
      EXPECT_EQ(result.err.find("warning", line.size()), std::string::npos) << result.err;
    }
  }
}

/// One of everything, in whatever a command says.
TEST(Inputs, OneOfAKindIsNoPlural) {
  const TempDir folder;
  folder.write("in/1abc.pdb", pdb_text(helix(20), "1ABC"));
  folder.write("in/notes.txt", "no structure");
  folder.write("lone.pdb", pdb_text(helix(1), "2XYZ"));
  const auto at = [&](const char* name) { return (folder.path() / name).string(); };
  const std::vector<std::string> one = {"--threads", "1", "--modes", "1"};
  const std::regex plural(
      R"((^|[ (\n])1 ([a-z-]+ )?(atoms|entries|files|folders|modes|nodes|records|residues|rows|)"
      R"(structures|threads)\b)");
  for (std::vector<std::string> command :
       {std::vector<std::string>{"rank", "--files", at("in"), "-v", "--unique"},
        {"rank", "1ABC", "--archive", at("in"), "-v"},
        {"rank", "--files", at("in"), "--run", at("run")},
        {"rank", "--files", at("in"), "--run", at("run")},
        {"rank", "--files", at("in"), at("lone.pdb"), "--failures", "-"},
        {"rank", "--files", at("in"), "--min-residues", "30", "--failures", "-"},
        {"compare", at("in/1abc.pdb"), at("in/1abc.pdb")},
        {"report", at("in"), "-o", at("report.html")}}) {
    command.insert(command.end(), one.begin(), one.end());
    const auto result = run_modesweep(command);
    EXPECT_TRUE(std::regex_search(result.err + result.out, std::regex("\\b1 [a-z]")))
        << result.err << result.out;
    std::smatch found;
    const std::string said = result.err + result.out;
    EXPECT_FALSE(std::regex_search(said, found, plural)) << said;
  }
}

TEST(Inputs, FilesThatAreNamedAndMissingOrNoStructuresAreLeftOutWithTheirReasons) {
  const TempDir folder;
  const std::string failures = (folder.path() / "failures.tsv").string();
  const std::string tar = folder.write("a.tar", "no structure").string();
  const std::string good = folder.write("a.pdb", pdb_text(helix(20))).string();
  const std::string missing = (folder.path() / "missing.pdb").string();
  const auto result = run_modesweep(
      {"rank", "--files", good, tar, missing, "--min-residues", "1", "--failures", failures});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.err.find("left out    2: "), std::string::npos) << result.err;
  const std::string list = test_support::read_file(failures);
  EXPECT_NE(list.find(tar + "\tparse\tnot_a_structure\t"), std::string::npos) << list;
  EXPECT_NE(list.find(missing + "\tparse\tunreadable\t"), std::string::npos) << list;
}

TEST(Inputs, AFileNamedByAnExtendedIdIsOfThatEntry) {
  const TempDir folder;
  for (const char* name : {"pdb_00001abc.pdb", "x/PDB_00001ABC_xyz.pdb", "y/pdb_00001abc_A.pdb"})
    folder.write(name, pdb_text(helix(20), "    "));
  for (int i = 0; i < 2; ++i) {  // read, and from the result cache
    const auto result = run_modesweep({"rank", "--files", folder.path().string(), "--format", "tsv",
                                       "--min-residues", "1", "--columns", "pdb_id"});
    EXPECT_EQ(result.out, "pdb_id\n1ABC\n1ABC\npdb_00001abc_A\n") << result.err;
  }
  const auto modes = run_modesweep({"modes", (folder.path() / "pdb_00001abc.pdb").string()});
  EXPECT_NE(modes.out.find("\n1ABC\t"), std::string::npos) << modes.out.substr(0, 200);
}

TEST(Inputs, EitherFormOfAnIdIsReadFromAMirrorOf2027) {
  const TempDir mirror;
  const std::string file = "pub/wwpdb/pdb/data/entries/ab/pdb_00001abc/structures/pdb_00001abc.pdb";
  mirror.write(file, pdb_text(helix(20), "1ABC"));
  test_support::RunOptions options;
  options.environment["PDB_DIR"] = mirror.path().string();
  for (const char* id : {"1abc", "PDB_00001ABC"}) {
    const auto result = run_modesweep({"rank", "--ids", id, "--offline", "--format", "tsv",
                                       "--min-residues", "1", "--columns", "pdb_id,file"},
                                      options);
    EXPECT_EQ(result.out, "pdb_id\tfile\n1ABC\t" + (mirror.path() / file).string() + "\n")
        << result.err;
  }
}

TEST(Inputs, IdsFromAListAreReadFromAMirrorOffline) {
  const TempDir mirror;
  mirror.write("divided/pdb/ab/pdb1abc.ent", pdb_text(helix(20), "1ABC"));
  test_support::RunOptions options;
  options.environment["PDB_DIR"] = mirror.path().string();
  options.input = "1abc\n2XYZ pdb_00001abc\n";
  const auto result =
      run_modesweep({"rank", "--ids", "-", "--offline", "--format", "tsv"}, options);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("\n1\t1ABC\t"), std::string::npos) << result.out;
  EXPECT_NE(result.err.find("download: offline"), std::string::npos) << result.err;
}

TEST(Inputs, MoreThanHalfOfTheDownloadsFailedIsExitCode4) {
  const auto result = run_modesweep({"rank", "--ids", "1UBI,2LZM", "--offline"});
  EXPECT_EQ(result.exit_code, 4) << result.err;
}

TEST(Inputs, AnUnwritableCacheIsOneSentenceAndExitCode4) {
  const TempDir folder;
  folder.write("file", "");
  for (const std::string command : {"ids", "archive"}) {
    std::vector<std::string> arguments = {"rank", "--cache-dir",
                                          (folder.path() / "file" / "cache").string()};
    if (command == "ids")
      arguments.insert(arguments.end(), {"--ids", "1UBI"});
    else
      arguments.insert(arguments.end(), {"trypsin", "--archive", demo()});
    const auto result = run_modesweep(arguments);
    EXPECT_EQ(result.exit_code, 4) << result.err;
    EXPECT_NE(result.err.find("cache"), std::string::npos) << result.err;
  }
}

}  // namespace
