// SPDX-License-Identifier: MIT
// Outputs that are pointed at what must not be lost: devices, links, inputs, each other.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "support/kept_run.hpp"
#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

namespace fs = std::filesystem;
using test_support::helix;
using test_support::modesweep_program;
using test_support::pdb_text;
using test_support::read_file;
using test_support::RunOptions;
using test_support::RunResult;

constexpr uid_t stranger = 65534;

struct stat status_of(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
  return status;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class Outputs : public testing::Test {
 protected:
  Outputs() {
    for (int n : {20, 25, 30}) folder_.write(input(n), pdb_text(helix(n)));
    ::chmod(folder_.path().c_str(), 0777);
  }
  static std::string input(int n) { return "in/h" + std::to_string(n) + ".pdb"; }
  fs::path path(const std::string& name) const { return folder_.path() / name; }
  std::string read(const std::string& name) const { return read_file(path(name)); }

  RunOptions options() const {
    RunOptions options;
    options.folder = folder_.path();
    options.environment = {{"MODESWEEP_CACHE_DIR", path("cache")},
                           {"HOME", path("home")},
                           {"PROGRAM", modesweep_program()},
                           {"RANK", modesweep_program() + " rank --files in"}};
    return options;
  }
  RunResult run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), modesweep_program());
    return test_support::run(arguments, options());
  }
  RunResult rank(std::vector<std::string> more) const {
    more.insert(more.begin(), {"rank", "--files", "in"});
    return run(more);
  }
  /// In the folder; $RANK ranks its files, $PROGRAM is the program.
  RunResult shell(const std::string& script) const {
    return test_support::run({"bash", "-c", script}, options());
  }
  /// The same as an ordinary user, who may write in the folder.
  RunResult shell_of_user(const std::string& script) const {
    if (::geteuid() != 0) return shell(script);
    RunOptions as_user = options();
    as_user.environment["PROGRAM"] = test_support::program_for_all(folder_.path());
    as_user.environment["RANK"] = as_user.environment["PROGRAM"] + " rank --files in";
    return test_support::run(
        {"setpriv", "--reuid=" + std::to_string(stranger), "--clear-groups", "bash", "-c", script},
        as_user);
  }
  /// A mount namespace, which an ordinary user has within a user namespace alone.
  static std::string namespaces() { return ::geteuid() == 0 ? "-m" : "-Urm"; }
  static bool may_mount() {
    return test_support::run({"unshare", namespaces(), "true"}).exit_code == 0;
  }
  /// The same as `shell` in a mount namespace of its own, where ./dev has devices `null` and
  /// `full`.
  RunResult shell_with_devices(const std::string& script) const {
    fs::create_directories(path("dev"));
    return test_support::run(
        {"unshare", namespaces(), "bash", "-c",
         "set -e; mount --make-rprivate /; mount -t tmpfs none dev; chmod 755 dev\n"
         // Where no device may be made, the machine's are mounted, which nothing can replace.
         "device() { mknod -m 666 $1 c 1 $2 2> refused || { touch $1; mount --bind /$1 $1; }; }\n"
         "device dev/null 3; device dev/full 7; set +e\n" +
             script},
        options());
  }
  /// A link with the ending of a page, which alone may be one.
  std::string page_that_is(const std::string& name) const {
    fs::remove(path("page.html"));
    fs::create_symlink(name, path("page.html"));
    return "page.html";
  }
  /// Exit code 2, a sentence, and no trace of work.
  void expect_refused(const RunResult& result, const std::string& sentence) const {
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_TRUE(contains(result.err, sentence)) << result.err;
    EXPECT_FALSE(contains(result.err, "ranked ")) << result.err;
    EXPECT_EQ(result.out, "");
  }
  test_support::TempDir folder_;
};

#define NEEDS_MOUNTS() \
  if (!may_mount()) GTEST_SKIP() << "no mount namespace can be made here"

TEST_F(Outputs, DevicesStayDevices) {
  NEEDS_MOUNTS();
  const RunResult result = shell_with_devices(
      "$RANK -o dev/null --failures dev/null; echo $?; ln -s null dev/link; $RANK -o dev/link; "
      "echo "
      "$?; $RANK -o dev/full; echo $?; $PROGRAM modes in/h20.pdb --format npz -o dev/null; echo "
      "$?; "
      "$PROGRAM compare in/h20.pdb in/h25.pdb -o dev/null; echo $?; $PROGRAM report in -o "
      "dev/null; "
      "echo $?; cd dev; stat -c '%n %F %a' *");
  EXPECT_TRUE(contains(result.out, "rank  ")) << "what does not fit goes to standard output";
  EXPECT_TRUE(
      result.out.ends_with("6\n0\n0\n0\n"
                           "full character special file 666\nlink symbolic link 777\n"
                           "null character special file 666\n"))
      << result.out << result.err;
  EXPECT_TRUE(result.out.starts_with("0\n0\n")) << result.out << result.err;
  EXPECT_TRUE(contains(result.err, "No space left")) << result.err;
}

TEST_F(Outputs, AnOrdinaryUserWritesToADevice) {
  NEEDS_MOUNTS();
  const std::string as_user = ::geteuid() == 0 ? "setpriv --reuid=" + std::to_string(stranger) +
                                                     " --clear-groups " +
                                                     test_support::program_for_all(folder_.path())
                                               : "$PROGRAM";
  const RunResult result =
      shell_with_devices(as_user + " rank --files in -o dev/null; echo $?; ls dev");
  EXPECT_EQ(result.out, "0\nfull\nnull\n") << result.err;
}

TEST_F(Outputs, DescriptorsAreWrittenWhereTheyStand) {
  fs::create_symlink("/proc/self/fd/1", path("stdout"));
  fs::create_symlink("/proc/self/fd", path("fd"));
  const std::string table = rank({"--quiet"}).out;
  for (const char* name : {"stdout", "fd/1", "/proc/self/fd/1", "/proc/thread-self/fd/1"}) {
    const RunResult piped = rank({"--quiet", "-o", name});
    EXPECT_EQ(piped.exit_code, 0) << piped.err;
    EXPECT_EQ(piped.out, table) << name;
    // What a file has before, and what comes behind, stays.
    folder_.write("log", "before\n");
    const RunResult appended =
        shell("(echo begun; $RANK --quiet -o " + std::string(name) + "; echo $?) >> log");
    EXPECT_EQ(read("log"), "before\nbegun\n" + table + "0\n") << name << appended.err;
  }
  const RunResult third = shell("$RANK --quiet -o fd/3 --failures fd/4 3> rows 4> failures");
  EXPECT_EQ(third.exit_code, 0) << third.err;
  EXPECT_EQ(read("rows"), table);
  EXPECT_TRUE(read("failures").starts_with("pdb_id\t")) << read("failures");
  EXPECT_EQ(shell("$RANK --quiet -o >(cat > substituted); wait $!; cat substituted").out, table);
  for (const auto& file : fs::directory_iterator(folder_.path()))
    EXPECT_FALSE(contains(file.path().string(), "meta.json")) << file.path();
  for (const char* script : {"$RANK -o fd/9", "$RANK -o fd/3 3< in/h20.pdb", "$RANK -o fd/x"}) {
    const RunResult result = shell(script);
    EXPECT_EQ(result.exit_code, 6) << script;
    EXPECT_FALSE(contains(result.err, "ranked ")) << script << result.err;
  }
}

TEST_F(Outputs, LinksAreFollowed) {
  folder_.write("data/real.tsv", "old");
  ::chmod(path("data/real.tsv").c_str(), 0600);
  fs::create_symlink("data/real.tsv", path("link.tsv"));
  fs::create_symlink(path("link.tsv"), path("link2.tsv"));
  fs::create_symlink("data/fresh.tsv", path("dangling.tsv"));
  const ino_t before = status_of(path("data/real.tsv")).st_ino;
  EXPECT_EQ(rank({"-o", "link2.tsv", "--failures", "dangling.tsv"}).exit_code, 0);
  for (const char* link : {"link.tsv", "link2.tsv", "dangling.tsv"})
    EXPECT_TRUE(S_ISLNK(status_of(path(link)).st_mode)) << link;
  EXPECT_TRUE(read("data/real.tsv").starts_with("rank\t"));
  EXPECT_NE(status_of(path("data/real.tsv")).st_ino, before) << "replaced, not written over";
  EXPECT_EQ(status_of(path("data/real.tsv")).st_mode & 07777u, 0600u);
  EXPECT_TRUE(read("data/fresh.tsv").starts_with("pdb_id\t"));
  fs::create_symlink("loop", path("loop"));
  EXPECT_EQ(rank({"-o", "loop"}).exit_code, 6);
}

TEST_F(Outputs, ModeAndUmaskAreHonoured) {
  folder_.write("kept.tsv", "old");
  ::chmod(path("kept.tsv").c_str(), 0640);
  ASSERT_EQ(shell("umask 002; $RANK -o kept.tsv; umask 077; $RANK -o new.tsv").exit_code, 0);
  EXPECT_EQ(status_of(path("kept.tsv")).st_mode & 07777u, 0640u);
  EXPECT_EQ(status_of(path("kept.tsv.meta.json")).st_mode & 07777u, 0664u);
  EXPECT_EQ(status_of(path("new.tsv")).st_mode & 07777u, 0600u);
}

TEST_F(Outputs, TheOwnerIsKept) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files to others";
  folder_.write("theirs.tsv", "old");
  ASSERT_EQ(::chown(path("theirs.tsv").c_str(), stranger, 12), 0);
  ASSERT_EQ(rank({"-o", "theirs.tsv"}).exit_code, 0);
  EXPECT_EQ(status_of(path("theirs.tsv")).st_uid, stranger);
  EXPECT_EQ(status_of(path("theirs.tsv")).st_gid, 12u);
  // An ordinary user cannot make root the owner of a new file, so the old one is written.
  folder_.write("roots.tsv", "old");
  ::chmod(path("roots.tsv").c_str(), 0666);
  const RunResult result = shell_of_user("$RANK -o roots.tsv");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(status_of(path("roots.tsv")).st_uid, 0u);
  EXPECT_TRUE(read("roots.tsv").starts_with("rank\t"));
}

TEST_F(Outputs, AFileInAReadOnlyFolderIsWrittenInPlace) {
  folder_.write("locked/r.tsv", std::string(100'000, 'x'));
  ::chmod(path("locked/r.tsv").c_str(), 0666);
  ::chmod(path("locked").c_str(), 0555);
  const RunResult result = shell_of_user("$RANK -o locked/r.tsv");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.err, "locked/r.tsv gets no record")) << result.err;
  const std::string rows = read("locked/r.tsv");
  EXPECT_TRUE(rows.starts_with("rank\t"));
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 4);
  // A disk that turns out full leaves what was there.
  const RunResult full = shell_of_user("ulimit -f 1; $RANK --format jsonl -o locked/r.tsv");
  EXPECT_EQ(full.exit_code, 6) << full.err;
  EXPECT_EQ(read("locked/r.tsv"), rows);
  // So are modes, where all of their files are there.
  ::chmod(path("locked").c_str(), 0755);
  folder_.write("locked/h20.npz", "old");
  ::chmod(path("locked/h20.npz").c_str(), 0666);
  ::chmod(path("locked").c_str(), 0555);
  EXPECT_EQ(shell_of_user("$PROGRAM modes in/h20.pdb -o locked/").exit_code, 0);
  EXPECT_TRUE(read("locked/h20.npz").starts_with("PK"));
  EXPECT_EQ(shell_of_user("$PROGRAM modes in -o locked/").exit_code, 6);
  // A new file there cannot be.
  EXPECT_EQ(shell_of_user("$RANK -o locked/new.tsv").exit_code, 6);
  ::chmod(path("locked").c_str(), 0755);
}

TEST_F(Outputs, AMountedFileIsWrittenInPlace) {
  NEEDS_MOUNTS();
  folder_.write("mounted", "old");
  folder_.write("r.tsv", "old");
  const RunResult result = shell_with_devices(
      "mount --bind mounted r.tsv && $RANK -o r.tsv; echo $?; head -c 5 mounted");
  EXPECT_EQ(result.out, "0\nrank\t") << result.err;
}

TEST_F(Outputs, AWriteProtectedFileIsNotReplaced) {
  folder_.write("protected.tsv", "old");
  ::chmod(path("protected.tsv").c_str(), 0444);
  const RunResult result = shell_of_user("$RANK -o protected.tsv");
  EXPECT_EQ(result.exit_code, 6) << result.err;
  EXPECT_FALSE(contains(result.err, "ranked ")) << result.err;
  EXPECT_EQ(read("protected.tsv"), "old");
}

TEST_F(Outputs, WhatCanBeNoOutputIsKnownBeforeTheWork) {
  fs::create_directory(path("folder"));
  fs::create_symlink("folder", path("link"));
  fs::create_directory(path("r.tsv.meta.json"));
  sockaddr_un address{AF_UNIX, "socket"};
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  std::strncpy(address.sun_path, path("socket").c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  for (const std::string name : {"folder", "folder/", "link", ".", "new/", "socket", "r.tsv"}) {
    for (const char* option : {"-o", "--failures"}) {
      if (name == "r.tsv" && option != std::string("-o")) continue;  // its record is a folder
      const RunResult result = rank({option, name});
      EXPECT_EQ(result.exit_code, 6) << name << result.err;
      EXPECT_TRUE(contains(result.err, name)) << result.err;
      EXPECT_FALSE(contains(result.err, "ranked ")) << result.err;
      EXPECT_EQ(result.out, "");
    }
  }
  EXPECT_EQ(run({"report", "in", "-o", "folder"}).exit_code, 6);
  EXPECT_EQ(run({"compare", "in/h20.pdb", "in/h25.pdb", "-o", "folder"}).exit_code, 6);
  ::close(socket);
}

TEST_F(Outputs, AFifoIsWrittenAndStaysOne) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  const std::string table = rank({"--quiet"}).out;
  const RunResult read_whole = shell("cat fifo & $RANK --quiet -o fifo; echo $? >&2; wait");
  EXPECT_EQ(read_whole.out, table);
  EXPECT_EQ(read_whole.err, "0\n");
  // A reader that goes away is no error, as on standard output.
  EXPECT_EQ(shell("true < fifo & $RANK --quiet -o fifo").exit_code, 0);
  EXPECT_TRUE(S_ISFIFO(status_of(path("fifo")).st_mode));
  EXPECT_FALSE(fs::exists(path("fifo.meta.json")));
  expect_refused(rank({"-o", "fifo", "--failures", "./fifo"}), "are the same file");
}

TEST_F(Outputs, NoReaderOfAFifoOutlastsASignal) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  RunOptions interrupted = options();
  interrupted.signals = {
      {SIGTERM, [this](const RunResult&) { return test_support::rows_kept(path("run")) == 3; }}};
  const RunResult result = test_support::run(
      {modesweep_program(), "rank", "--files", "in", "--quiet", "-o", "fifo", "--run", "run"},
      interrupted);
  EXPECT_EQ(result.exit_code, 143) << result.err;
  EXPECT_TRUE(contains(result.out, "h30")) << "what was computed is printed";
}

TEST_F(Outputs, NoTwoAreOneFile) {
  folder_.write("there.tsv", "old");
  folder_.write("data/x", "");
  fs::create_symlink("there.tsv", path("link.tsv"));
  fs::create_symlink("new.tsv", path("dangling.tsv"));
  fs::create_hard_link(path("there.tsv"), path("hard.tsv"));
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"new.tsv", "new.tsv"},
      {"new.tsv", "./data/../new.tsv"},
      {"new.tsv", path("new.tsv")},
      {"new.tsv", "dangling.tsv"},
      {"there.tsv", "link.tsv"},
      {"there.tsv", "hard.tsv"},
      {"there.tsv", "there.tsv.meta.json"}};
  for (const auto& [file, failures] : pairs)
    expect_refused(rank({"-o", file, "--failures", failures}), "are the same file");
  expect_refused(shell("$RANK -o there.tsv >> there.tsv"), "are the same file");
  expect_refused(shell("$RANK --failures there.tsv >> there.tsv"), "are the same file");
  EXPECT_EQ(read("there.tsv"), "old");
  EXPECT_FALSE(fs::exists(path("new.tsv")));
}

TEST_F(Outputs, NoOutputIsAnInput) {
  const std::string structure = read(input(20));
  fs::create_symlink("in/h20.pdb", path("link"));
  fs::create_hard_link(path(input(20)), path("hard"));
  folder_.write("ids", "1UBI\n");
  folder_.write("key", "secret");
  for (const char* name : {"in/h20.pdb", "link", "hard", "./in/../in/h20.pdb"}) {
    expect_refused(rank({"--format", "tsv", "-o", name}), "is an input as well");
    expect_refused(rank({"--failures", name}), "is an input as well");
    expect_refused(run({"rank", "helix", "--archive", "in", "--format", "tsv", "-o", name}),
                   "it would be lost");
    expect_refused(run({"compare", "in/h20.pdb", "in/h25.pdb", "--format", "tsv", "-o", name}),
                   "is an input as well");
    expect_refused(run({"report", "in", "-o", page_that_is(name)}), "is an input as well");
    expect_refused(run({"modes", "in/h20.pdb", "--format", "tsv", "-o", name}),
                   "is an input as well");
  }
  expect_refused(run({"rank", "--offline", "--ids", "@ids", "-o", "ids"}), "is an input as well");
  expect_refused(shell("$PROGRAM rank --offline --ids - -o ids < ids"), "standard input");
  expect_refused(run({"rank", "x", "--offline", "--api-key-file", "key", "-o", "key"}),
                 "is an input as well");
  folder_.write("libraries/d3/library.js", "d3");
  expect_refused(shell("MODESWEEP_REPORT_LIBRARIES=libraries $PROGRAM report in -o " +
                       page_that_is("libraries/d3/library.js")),
                 "is an input as well");
  // The animation of h20 would be the structure that it is of; one link leads there, too.
  expect_refused(run({"modes", "in", "--format", "pdb", "-o", "in"}), "is an input as well");
  fs::create_directory(path("out"));
  fs::create_symlink("../in/h25.pdb", path("out/h25.npz"));
  expect_refused(run({"modes", "in", "-o", "out/"}), "is an input as well");
  fs::remove(path("out/h25.npz"));
  fs::create_symlink("h20.npz", path("out/h25.npz"));
  expect_refused(run({"modes", "in", "-o", "out/"}), "are the same file");
  EXPECT_EQ(read(input(20)), structure);
  EXPECT_EQ(read("ids"), "1UBI\n");
  EXPECT_EQ(read("key"), "secret");
}

TEST_F(Outputs, NoOutputIsAFileOfTheRunOrTheCache) {
  ASSERT_EQ(rank({"--run", "run", "-o", "run/rank.tsv"}).exit_code, 0) << "its own names are free";
  const std::string table = run({"show", "run"}).out;
  fs::create_symlink("run/run.sqlite", path("link"));
  for (const char* name : {"run/run.sqlite", "run/run.sqlite-wal", "run/run.lock", "link"}) {
    expect_refused(run({"show", "run", "--format", "tsv", "-o", name}), "it would be lost");
    expect_refused(run({"resume", "run", "--format", "tsv", "-o", name}), "it would be lost");
    expect_refused(rank({"--run", "run", "--format", "tsv", "-o", name}), "it would be lost");
    expect_refused(run({"report", "run", "-o", page_that_is(name)}), "it would be lost");
  }
  expect_refused(run({"resume", "run", "--format", "tsv", "-o", input(25)}), "is an input as well");
  expect_refused(run({"report", "run", "-o", page_that_is(input(25))}), "is an input as well");
  expect_refused(run({"report", "run", "--where", "residues > 1000", "-o", "page.html"}),
                 "is an input as well");
  EXPECT_EQ(run({"show", "run"}).out, table);
  folder_.write("cache/structures/ab/1ABC.pdb.gz", "x");
  folder_.write("mirror/divided/pdb/ab/pdb1abc.ent", pdb_text(helix(22), "1ABC"));
  for (const char* name : {"cache/results.sqlite", "cache/structures/ab/1ABC.pdb.gz",
                           "cache/structures/new", "cache/calibration.json"})
    expect_refused(rank({"--format", "tsv", "-o", name}), "is a file of the cache");
  expect_refused(shell("PDB_DIR=$PWD/mirror $PROGRAM modes 1ABC --offline --format tsv -o "
                       "mirror/divided/pdb/ab/pdb1abc.ent"),
                 "is a file of the archive");
}

TEST_F(Outputs, AnImpossibleNameCostsItsEntryAlone) {
  const std::string longest(251, 'x');
  folder_.write("in/" + longest + ".pdb", pdb_text(helix(22)));
  fs::create_directories(path("out/h25.jsonl"));
  const RunResult result = run({"modes", "in", "--format", "jsonl,npz", "-o", "out/"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.err, "name too long")) << result.err;
  EXPECT_TRUE(contains(result.err, "Is a directory")) << result.err;
  for (const std::string name : {"h20.jsonl", "h20.npz", "h25.npz", "h30.npz"})
    EXPECT_TRUE(fs::exists(path("out/" + name))) << name;
  EXPECT_TRUE(fs::exists(path("out/" + longest + ".npz")));
  EXPECT_EQ(run({"modes", "in", "--format", "jsonl", "-o", "out/", "--strict"}).exit_code, 1);
  fs::create_symlink("nowhere/h30.nmd", path("out/h30.nmd"));
  EXPECT_EQ(run({"modes", "in", "--format", "nmd", "-o", "out/"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(path("out/h20.nmd")));
  // Where it is all there is to write, it is known before the work.
  EXPECT_EQ(run({"modes", "in/h20.pdb", "-o", longest + ".jsonl"}).exit_code, 6);
}

/// Signals meet a run at work: the pipe that takes its rows is full before half of them are solved.
class Signals : public Outputs {
 protected:
  Signals() {
    for (int i = 0; i < 150; ++i)
      folder_.write("many/m" + std::to_string(i) + ".pdb", pdb_text(helix(21, "A", i)));
  }
  /// The rows that came, and a line with the exit code.
  std::string ranked(const std::string& before, const std::string& more, const char* signal) const {
    return shell("{ " + before +
                 " echo $BASHPID > pid; exec $PROGRAM rank --files many --format jsonl --stream "
                 "--no-result-cache --quiet --threads 1 " +
                 more + "; } | { read -r first; kill -" + signal +
                 " $(cat pid); echo \"$first\"; cat; }; echo ${PIPESTATUS[0]}")
        .out;
  }
};

TEST_F(Signals, InheritedAsIgnoredStayIgnored) {
  for (const std::string signal : {"INT", "TERM"}) {
    const std::string out = ranked("trap '' " + signal + ";", "", signal.c_str());
    EXPECT_TRUE(out.ends_with("}\n0\n")) << out.substr(out.size() - 100);
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 151);
  }
}

TEST_F(Signals, LeaveWhatWasThere) {
  folder_.write("old.jsonl", "old");
  folder_.write("empty", "");
  const std::string out = ranked("", "-o old.jsonl --failures empty", "INT");
  EXPECT_TRUE(out.ends_with("}\n130\n")) << out.substr(out.size() - 100);
  EXPECT_EQ(read("old.jsonl"), "old");
  EXPECT_FALSE(fs::exists(path("old.jsonl.meta.json")));
  EXPECT_TRUE(read("empty").starts_with("pdb_id\t"));
  EXPECT_TRUE(ranked("", "-o new.jsonl", "INT").ends_with("}\n130\n"));
  EXPECT_TRUE(contains(read("new.jsonl.meta.json"), "\"partial\": true"));
}

class Printing : public Outputs {
 protected:
  Printing() {
    folder_.write("cache/structures/bc/1ABC.pdb", pdb_text(helix(22), "1ABC"));
    EXPECT_EQ(rank({"--run", "run", "--quiet"}).exit_code, 0);
  }
  /// Every way that the program prints.
  const std::vector<std::string> lines_ = {"--help",
                                           "--version",
                                           "rank --help",
                                           "cache list --help",
                                           "completion bash",
                                           "info",
                                           "cache list",
                                           "cache clear 9XYZ",
                                           "show run --quiet",
                                           "rank --files in --quiet",
                                           "rank --files in --quiet --format jsonl --stream",
                                           "modes in/h20.pdb --quiet",
                                           "compare in/h20.pdb in/h20.pdb --quiet"};
};

TEST_F(Printing, IntoNothingIsExitCode6) {
  for (const std::string& line : lines_) {
    const RunResult result = shell("exec $PROGRAM " + line + " >&-");
    EXPECT_EQ(result.exit_code, 6) << line << result.err;
    EXPECT_TRUE(contains(result.err, "standard output could not be written")) << line << result.err;
  }
}

TEST_F(Printing, IntoAFullDiskIsExitCode6) {
  for (const std::string& line : lines_) {
    // No file may grow further: a full disk that any user can make.
    const RunResult result =
        shell("truncate -s 64M full; ulimit -f 65536; exec $PROGRAM " + line + " >> full");
    EXPECT_EQ(result.exit_code, 6) << line << result.err;
    EXPECT_TRUE(contains(result.err, "standard output could not be written")) << line << result.err;
  }
}

TEST_F(Printing, IntoAFullDeviceIsExitCode6) {
  NEEDS_MOUNTS();
  const RunResult result = shell_with_devices(
      "for line in --help --version 'show run --quiet'; do $PROGRAM $line > dev/full; echo $?; "
      "done");
  EXPECT_EQ(result.out, "6\n6\n6\n") << result.err;
}

TEST_F(Printing, ToAReaderThatWentAwayIsNoError) {
  // Programs that run others may have them ignore the signal; shells do not.
  for (const char* line : {"--help", "--version", "rank --help", "info"}) {
    const RunResult result =
        shell("set -o pipefail; (sleep 0.2; exec env --default-signal=PIPE $PROGRAM " +
              std::string(line) + ") | true");
    EXPECT_EQ(result.exit_code, 0) << line << result.err;
  }
}

TEST_F(Printing, NoFileTakesThePlaceOfAStandardStream) {
  const RunResult result = shell(
      "$RANK --run closed --format jsonl <&- >&- 2>&-; echo $?; $PROGRAM no-such-command 2>&-; "
      "echo $?; $PROGRAM show closed --quiet --format tsv --columns pdb_id");
  EXPECT_EQ(result.out, "6\n2\npdb_id\nh30\nh25\nh20\n") << result.err;
  for (const auto& file : fs::directory_iterator(path("closed"))) {
    const std::string text = read_file(file.path());
    EXPECT_FALSE(contains(text, "\"pdb_id\"") || contains(text, "modesweep:")) << file.path();
  }
}

}  // namespace
