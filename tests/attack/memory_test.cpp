// SPDX-License-Identifier: MIT
// Whatever memory, threads and time a machine leaves it, the program ends, and says why: under
// limits of the address space, of threads and of descriptors, with pipes that nobody writes to and
// such as never end, with devices and sockets in place of files, with structures made to fill the
// memory, and when it is interrupted in the midst of them.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "support/binary_cif_writer.hpp"
#include "support/process.hpp"
#include "support/sanitized.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::after;
using test_support::helix;
using test_support::mmcif_text;
using test_support::modesweep_program;
using test_support::pdb_text;
using test_support::run_modesweep;
using test_support::RunOptions;
using test_support::RunResult;
using test_support::sanitized;
using test_support::TempDir;

constexpr std::chrono::seconds limit =
    sanitized ? std::chrono::seconds(300) : std::chrono::seconds(45);

/// What the test had to kill, or what aborted or crashed, did not end by itself.
void expect_ended(const RunResult& result, const std::string& what) {
  EXPECT_EQ(result.err.find("[killed by the test"), std::string::npos) << what << "\n"
                                                                       << result.err;
  for (const int number : {SIGKILL, SIGABRT, SIGSEGV, SIGBUS, SIGFPE})
    EXPECT_NE(result.exit_code, 128 + number) << what << "\n" << result.err;
}

/// Releases 0.3.22 to 0.3.29 of OpenBLAS take their buffer as they are loaded.
bool cannot_load_blas(const RunResult& result) {
  return result.exit_code == 127 &&
         result.err.find("OpenBLAS needs 128 MB of addresses as it is loaded") != std::string::npos;
}

class Attack : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  /// The program under what `limits` (of the shell) leave it, by `before` where there is one.
  RunResult run_limited(const std::string& limits, std::vector<std::string> arguments,
                        std::vector<std::string> before = {}) {
    const std::string program =
        before.empty() ? modesweep_program() : test_support::program_for_all(folder_.path());
    std::vector<std::string> words = std::move(before);
    words.insert(words.end(), {"bash", "-c", limits + " && exec \"$0\" \"$@\"", program});
    words.insert(words.end(), arguments.begin(), arguments.end());
    RunOptions options;
    options.limit = limit;
    options.folder = folder_.path().string();
    options.environment = {{"HOME", path("home")}, {"MODESWEEP_CACHE_DIR", path("cache")}};
    return test_support::run(words, options);
  }

  /// `count` atoms in a cube of `side` angstrom, always the same.
  std::string write_cloud(const std::string& name, int count, double side) const {
    std::vector<test_support::Atom> atoms(static_cast<std::size_t>(count));
    std::uint64_t state = 1;
    const auto number = [&] {
      state = state * 6364136223846793005U + 1442695040888963407U;
      return fmt::format("{:.3f}", side * static_cast<double>(state >> 33) / (1U << 31));
    };
    for (int i = 0; i < count; ++i) {
      atoms[i].number = i % 9999 + 1;
      atoms[i].chain = std::string(1, static_cast<char>('A' + i / 9999 % 26));
      atoms[i].x = number();
      atoms[i].y = number();
      atoms[i].z = number();
    }
    return folder_.write(name, pdb_text(atoms)).string();
  }

  /// A helix of so many residues, and an assembly of so many copies of it.
  std::string write_assembly(const std::string& name, int residues, int copies) const {
    std::string text = mmcif_text(helix(residues)) +
                       "_pdbx_struct_assembly.id 1\n"
                       "_pdbx_struct_assembly_gen.assembly_id 1\n"
                       "_pdbx_struct_assembly_gen.oper_expression " +
                       fmt::format("1-{}\n", copies) +
                       "_pdbx_struct_assembly_gen.asym_id_list A\n"
                       "loop_\n_pdbx_struct_oper_list.id\n";
    for (int row = 1; row <= 3; ++row) {
      for (int column = 1; column <= 3; ++column)
        text += fmt::format("_pdbx_struct_oper_list.matrix[{}][{}]\n", row, column);
      text += fmt::format("_pdbx_struct_oper_list.vector[{}]\n", row);
    }
    for (int i = 0; i < copies; ++i)
      text += fmt::format("{} 1 0 0 {} 0 1 0 {} 0 0 1 0\n", i + 1, 10 * (i % 100), 10 * (i / 100));
    return folder_.write(name, text).string();
  }

  std::string failures() const { return test_support::read_file(folder_.path() / "failures.tsv"); }

  TempDir folder_;
};

// ---- limits of the system

TEST_F(Attack, EveryLimitOfTheAddressSpaceIsLivedWithOrRefused) {
  if (sanitized) GTEST_SKIP() << "sanitizers take terabytes of addresses";
  const std::string file = folder_.write("good.pdb", pdb_text(helix(200))).string();
  bool refused = false, ranked = false;
  for (const char* kind : {"-v", "-d"})
    for (const int kilobytes :
         {20'000, 60'000, 100'000, 150'000, 200'000, 300'000, 450'000, 700'000, 1'500'000}) {
      const std::string limits = fmt::format("ulimit {} {}", kind, kilobytes);
      const RunResult result =
          run_limited(limits, {"rank", "--files", file, "--format", "tsv", "--threads", "3",
                               "--failures", path("failures.tsv")});
      expect_ended(result, limits);
      ranked |= result.exit_code == 0;
      refused |= cannot_load_blas(result) ||
                 (result.exit_code == 3 &&
                  failures().find("OpenBLAS needs a buffer of 128 MB") != std::string::npos);
    }
  EXPECT_TRUE(refused);
  EXPECT_TRUE(ranked);
}

TEST_F(Attack, EveryCommandEndsUnderALimit) {
  if (sanitized) GTEST_SKIP() << "sanitizers take terabytes of addresses";
  const std::string file = folder_.write("good.pdb", pdb_text(helix(100))).string();
  for (const std::vector<std::string>& command : {std::vector<std::string>{"modes", file},
                                                  {"compare", file, file},
                                                  {"report", file, "-o", path("page.html")},
                                                  {"selftest"},
                                                  {"info"},
                                                  {"--version"},
                                                  {"rank", "--files", file, "--solver", "lapack"},
                                                  {"rank", "--files", file, "--solver", "eigen"}}) {
    const RunResult result = run_limited("ulimit -v 200000", command);
    expect_ended(result, command[0]);
    if (command.back() == "eigen" && !cannot_load_blas(result)) {
      EXPECT_EQ(result.exit_code, 0) << result.err;
    }
  }
}

TEST_F(Attack, ThreadsThatCannotStartAreFewerThreads) {
  if (sanitized) GTEST_SKIP() << "sanitizers take terabytes of addresses";
  const std::string file = folder_.write("good.pdb", pdb_text(helix(200))).string();
  const RunResult result = run_limited(
      "ulimit -v 1500000", {"rank", "--files", file, "--format", "tsv", "--threads", "4096"});
  expect_ended(result, "4096 threads");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::size_t end = result.err.find(" of 4096 threads can be started");
  ASSERT_NE(end, std::string::npos) << result.err;
  const std::size_t begin = result.err.rfind(' ', end - 1) + 1;
  const std::string threads = result.err.substr(begin, end - begin);
  EXPECT_NE(result.err.find("over " + threads + " threads"), std::string::npos) << result.err;
  EXPECT_NE(result.out.find("good\t"), std::string::npos) << result.out;
}

TEST_F(Attack, ThreadsLeaveMemoryForTheirWork) {
  if (sanitized) GTEST_SKIP() << "sanitizers take terabytes of addresses";
  const std::string file = write_cloud("good.pdb", 1200, 60);
  for (const int megabytes : {1000, 3000, 6000})
    for (const int threads : {100, 1000}) {
      const std::string limits = fmt::format("ulimit -v {}", megabytes * 1000);
      const RunResult result = run_limited(limits, {"rank", "--files", file, "--no-result-cache",
                                                    "--threads", std::to_string(threads)});
      expect_ended(result, limits);
      EXPECT_EQ(result.exit_code, 0) << limits << " " << threads << result.err;
    }
}

TEST_F(Attack, ASmallStackIsEnough) {
  if (sanitized) GTEST_SKIP() << "sanitizers need a larger stack to begin with";
  const std::string file = folder_.write("good.pdb", pdb_text(helix(100))).string();
  // With less the system's loader and the libraries' own constructors fail, on Debian 13 below 24.
  for (const int kilobytes : {32, 64, 160, 1000})
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"rank", "--files", file, "--threads", "3"},
          {"modes", file, "--solver", "lapack"},
          {"compare", file, file},
          {"report", file, "-o", path("page.html")}}) {
      const std::string limits = fmt::format("ulimit -s {}", kilobytes);
      const RunResult result = run_limited(limits, command);
      expect_ended(result, limits + command[0]);
      EXPECT_EQ(result.exit_code, 0) << limits << command[0] << result.err;
    }
}

TEST_F(Attack, ALimitOfProcessesEndsNothing) {
  if (sanitized) GTEST_SKIP() << "the search for leaks at the end needs a thread itself";
  const std::string file = folder_.write("good.pdb", pdb_text(helix(100))).string();
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0777), 0);
  std::vector<std::string> as_user;
  if (::geteuid() == 0) {  // whom the limit does not bind
    as_user = {"setpriv", "--reuid=65534", "--clear-groups"};
    std::vector<std::string> probe = as_user;
    probe.insert(probe.end(), {test_support::program_for_all(folder_.path()), "--version"});
    if (test_support::run(probe).exit_code != 0)
      GTEST_SKIP() << "the program cannot be run as another user";
  }
  for (const int processes : {1, 2, 4}) {
    const std::string limits = fmt::format("ulimit -u {}", processes);
    const RunResult result =
        run_limited(limits, {"rank", "--files", file, "--threads", "16"}, as_user);
    expect_ended(result, limits);
    // Those of the same user elsewhere count: with all the limit used up there is no thread at all.
    EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 4) << result.exit_code << result.err;
    EXPECT_NE(result.err.find("can be started"), std::string::npos) << result.err;
  }
}

TEST_F(Attack, ALimitOfDescriptorsEndsNothing) {
  if (sanitized) GTEST_SKIP() << "checks of types read memory through a pipe";
  const std::string file = folder_.write("good.pdb", pdb_text(helix(100))).string();
  const std::string table = path("table.tsv");
  for (const int descriptors : {4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 20, 26, 30, 40}) {
    const std::string limits = fmt::format("ulimit -n {}", descriptors);
    const RunResult result =
        run_limited(limits, {"rank", "--files", file, "--run", path(std::to_string(descriptors)),
                             "-o", table, "--failures", path("failures.tsv"), "--threads", "8"});
    expect_ended(result, limits);
    constexpr int not_loaded = 127;  // not even its libraries could be opened
    if (result.exit_code == not_loaded && descriptors < 10) continue;
    EXPECT_EQ(result.exit_code, std::filesystem::remove(table) ? 0 : 4) << limits << result.err;
    // Before any work, or not at all.
    if (result.exit_code != 0) {
      EXPECT_NE(result.err.find(fmt::format("(ulimit -n {})", descriptors)), std::string::npos)
          << result.err;
      EXPECT_FALSE(std::filesystem::exists(path(std::to_string(descriptors))));
    }
  }
}

// ---- pipes, devices and sockets in place of files

/// Every command that reads a structure, with `file` in its place.
std::vector<std::vector<std::string>> commands_with(const std::string& file,
                                                    const std::string& other,
                                                    const std::string& page) {
  return {{"rank", "--files", file, other},
          {"modes", file},
          {"compare", file, other},
          {"report", file, "-o", page}};
}

TEST_F(Attack, OneSignalEndsTheWaitForAPipe) {
  const std::string good = folder_.write("good.pdb", pdb_text(helix(100))).string();
  const std::string pipe = path("pipe.pdb");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0666), 0);
  for (const bool has_writer : {false, true}) {
    const int writer = has_writer ? ::open(pipe.c_str(), O_RDWR | O_CLOEXEC) : -1;
    for (const auto& command : commands_with(pipe, good, path("page.html"))) {
      RunOptions options;
      options.limit = limit;
      options.signals = {{SIGTERM, after(500)}};
      const RunResult result = run_modesweep(command, options);
      expect_ended(result, command[0]);
      EXPECT_EQ(result.exit_code, 128 + SIGTERM) << command[0] << result.err;
    }
    if (writer >= 0) ::close(writer);
  }
}

TEST_F(Attack, OneSignalEndsADenseSolution) {
  const std::string good = folder_.write("good.pdb", pdb_text(helix(30))).string();
  const std::string dense = write_cloud("dense.pdb", 1500, 60);
  for (const char* const solver : {"eigen", "lapack"}) {
    RunOptions options;
    options.limit = limit;
    // The large one, which is begun with, takes far longer.
    options.signals = {{SIGINT, [](const RunResult& so_far) {
                          return so_far.out.find("good") != std::string::npos;
                        }}};
    const RunResult result =
        run_modesweep({"rank", "--files", good, dense, "--solver", solver, "--threads", "2",
                       "--no-result-cache", "--format", "jsonl", "--stream"},
                      options);
    expect_ended(result, solver);
    EXPECT_EQ(result.exit_code, 128 + SIGINT) << result.err;
    EXPECT_NE(result.err.find("PARTIAL"), std::string::npos) << result.err;
  }
}

TEST_F(Attack, TwoSignalsEndItWhereverItIs) {
  const std::string pipe = path("pipe.pdb");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0666), 0);
  const std::string dense = write_cloud("dense.pdb", 1500, 60);
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"rank", "--files", pipe},
        {"rank", "--files", dense, "--solver", "lapack", "--no-result-cache"},
        {"modes", dense, "--solver", "eigen"}}) {
    RunOptions options;
    options.limit = limit;
    // Two of one kind that wait for a process at once are one.
    options.signals = {{SIGINT, after(500)}, {SIGTERM}};
    const RunResult result = run_modesweep(command, options);
    expect_ended(result, command[0]);
    // The first one ends it where it has only just begun.
    EXPECT_TRUE(result.exit_code == 128 + SIGTERM || result.exit_code == 128 + SIGINT)
        << command[0] << result.exit_code << result.err;
  }
}

TEST_F(Attack, WhatComesThroughAPipeIsRead) {
  const std::string text = pdb_text(helix(100), "1ABC");
  folder_.write("in.pdb", text);
  const std::string program = modesweep_program();
  const auto ranked = [&](const std::string& input) {
    RunOptions options;
    options.limit = limit;
    options.folder = folder_.path().string();
    options.environment = {{"HOME", path("home")}, {"MODESWEEP_CACHE_DIR", path("cache")}};
    return test_support::run(
        {"bash", "-c",
         "exec " + program +
             " rank --no-result-cache --format tsv --columns pdb_id,fv1,sha256 --files " + input},
        options);
  };
  const RunResult expected = ranked("in.pdb");
  EXPECT_EQ(expected.exit_code, 0) << expected.err;
  for (const char* input : {"<(cat in.pdb)", "<(sleep 0.3; cat in.pdb)", "/dev/stdin < in.pdb"}) {
    const RunResult result = ranked(input);
    EXPECT_EQ(result.exit_code, 0) << input << result.err;
    EXPECT_EQ(result.out, expected.out) << input;
  }
  const RunResult zipped = ranked("<(gzip -c in.pdb)");
  EXPECT_EQ(zipped.exit_code, 0) << zipped.err;
  const RunResult endless = ranked("<(yes 2>/dev/null) --max-memory 200M");
  expect_ended(endless, "an endless pipe");
  EXPECT_EQ(endless.exit_code, 3) << endless.err;
  EXPECT_NE(endless.err.find("1 parse: too_large"), std::string::npos) << endless.err;
  if (!sanitized) {
    EXPECT_LT(endless.peak_bytes, 250'000'000U);
  }
}

/// Neither a folder nor anything that has an end: it is refused, as an input of every kind.
void expect_refused(const std::string& file, const std::string& why, const std::string& good,
                    const std::string& page) {
  RunOptions options;
  options.limit = limit;
  for (const auto& command : commands_with(file, good, page)) {
    const RunResult result = run_modesweep(command, options);
    expect_ended(result, command[0]);
    EXPECT_EQ(result.exit_code, command[0] == "rank" ? 0 : 3) << command[0] << result.err;
    if (command[0] == "modes") {
      EXPECT_NE(result.err.find(file + ": it is a " + why), std::string::npos) << result.err;
    }
  }
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"rank", "--offline", "--ids", "@" + file},
        {"rank", "x", "--offline", "--api-key-file", file}}) {
    const RunResult result = run_modesweep(command, options);
    expect_ended(result, command.back());
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_NE(result.err.find("it is a " + why), std::string::npos) << result.err;
  }
}

TEST_F(Attack, SocketsAreRefused) {
  const std::string good = folder_.write("good.pdb", pdb_text(helix(100))).string();
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string file = path("socket.pdb");
  ASSERT_LT(file.size(), sizeof address.sun_path);
  std::strcpy(address.sun_path, file.c_str());
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  expect_refused(file, "socket, not a file", good, path("page.html"));
  ::close(socket);
}

TEST_F(Attack, DevicesAreRefused) {
  const std::string good = folder_.write("good.pdb", pdb_text(helix(100))).string();
  const std::string file = path("zero.pdb");  // as /dev/zero is, in a folder of our own
  if (::mknod(file.c_str(), S_IFCHR | 0444, makedev(1, 5)) != 0)
    GTEST_SKIP() << "no device can be made here: " << std::strerror(errno);
  expect_refused(file, "device file", good, path("page.html"));
}

TEST_F(Attack, ListsHaveAnEnd) {
  RunOptions options;
  options.limit = limit;
  const RunResult result = test_support::run(
      {"bash", "-c",
       "yes 1UBI 2>/dev/null | exec " + modesweep_program() + " rank --offline --ids -"},
      options);
  expect_ended(result, "an endless list");
  EXPECT_EQ(result.exit_code, 2) << result.err;
  EXPECT_NE(result.err.find("has more than the 64 MB that are read"), std::string::npos)
      << result.err;
}

// ---- structures made to fill the memory

/// A control group within this process's own, which ends with the test.
class ControlGroup {
 public:
  explicit ControlGroup(std::uint64_t bytes) {
    std::ifstream groups("/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {
      const std::size_t memory = line.find(":memory:");
      if (memory == std::string::npos) continue;  // of version 2 only an empty group has others
      folder_ = "/sys/fs/cgroup/memory" + line.substr(memory + 8) + "/modesweep-test-" +
                std::to_string(::getpid());
      std::error_code error;
      exists_ = std::filesystem::create_directory(folder_, error);
      std::ofstream(folder_ / "memory.limit_in_bytes") << bytes;
    }
  }
  ~ControlGroup() {
    std::error_code error;
    if (exists_) std::filesystem::remove(folder_, error);
  }
  ControlGroup(const ControlGroup&) = delete;
  ControlGroup& operator=(const ControlGroup&) = delete;

  /// And may be entered.
  bool exists() const {
    return exists_ && test_support::run(
                          {"bash", "-c", "echo $$ > '" + (folder_ / "cgroup.procs").string() + "'"})
                              .exit_code == 0;
  }
  /// The program, begun in it.
  RunResult run(const std::string& arguments) const {
    return test_support::run({"bash", "-c",
                              "echo $$ > '" + (folder_ / "cgroup.procs").string() + "' && exec '" +
                                  modesweep_program() + "' " + arguments});
  }

 private:
  std::filesystem::path folder_;
  bool exists_ = false;
};

TEST_F(Attack, AControlGroupIsKeptTo) {
  if (sanitized) GTEST_SKIP() << "a sanitizer takes several times the memory";
  {
    // Enough to load the CUDA libraries, where there are some.
    const ControlGroup wide(1'000'000'000);
    if (!wide.exists()) GTEST_SKIP() << "no control group of memory can be made here";
    const RunResult info = wide.run("info");
    EXPECT_NE(info.out.find("memory     1.0 GB to use (/sys/fs/cgroup/memory"), std::string::npos)
        << info.out << info.err;
  }
  const ControlGroup group(100'000'000);
  const std::string cloud = write_cloud("cloud.pdb", 20'000, 120);
  const RunResult ranked =
      group.run("rank --files '" + cloud + "' --failures '" + path("failures.tsv") + "'");
  EXPECT_EQ(ranked.exit_code, 3) << ranked.err;
  EXPECT_NE(failures().find("\tout_of_memory\t"), std::string::npos) << failures();
}

TEST_F(Attack, ContactsAreCountedBeforeTheyAreKept) {
  const std::string cloud = write_cloud("cloud.pdb", 50'000, 700);
  // Too little for the residues, whatever holds them together, and for their contacts.
  for (const auto& [memory, message] :
       {std::pair("500M", "the modes of 50000 residues, by solver auto, need about"),
        std::pair("1500M", "50000 residues with more than ")}) {
    const RunResult result =
        run_modesweep({"rank", "--files", cloud, "--cutoff", "1000", "--max-memory", memory,
                       "--failures", path("failures.tsv")},
                      {.limit = limit});
    expect_ended(result, memory);
    EXPECT_EQ(result.exit_code, 3) << result.err;
    EXPECT_NE(failures().find("\tnetwork\tout_of_memory\t"), std::string::npos) << failures();
    EXPECT_NE(failures().find(message), std::string::npos) << failures();
    EXPECT_NE(failures().find(", and the limit of memory (--max-memory) is "), std::string::npos)
        << failures();
    if (!sanitized) {
      EXPECT_LT(result.peak_bytes, 300'000'000U);
    }
  }
}

TEST_F(Attack, CopiesAreCountedBeforeTheyAreMade) {
  const std::string virus = write_assembly("virus.cif", 2000, 1000);
  for (const char* command : {"rank", "modes"}) {
    std::vector<std::string> words = {command};
    if (words[0] == "rank") words.emplace_back("--files");
    words.insert(words.end(), {virus, "--assembly", "1", "--max-memory", "500M"});
    const RunResult result = run_modesweep(words, {.limit = limit});
    expect_ended(result, command);
    EXPECT_EQ(result.exit_code, 3) << result.err;
    if (words[0] == "modes")
      EXPECT_NE(result.err.find("the 2000000 nodes of assembly 1 need about 0.8 GB"),
                std::string::npos)
          << result.err;
    else
      EXPECT_NE(result.err.find("1 parse: out_of_memory"), std::string::npos) << result.err;
    if (!sanitized) {
      EXPECT_LT(result.peak_bytes, 200'000'000U);
    }
  }
}

TEST_F(Attack, WhatUnpacksToMoreThanThereIsMemoryForIsRefused) {
  // A thousand members of gzip, each a megabyte of a remark: 1 GB.
  std::string line = "REMARK 999 " + std::string(68, 'x') + "\n", remarks;
  while (remarks.size() < 1'000'000) remarks += line;
  folder_.write("remarks", remarks);
  RunOptions options;
  options.folder = folder_.path().string();
  ASSERT_EQ(test_support::run({"sh", "-c",
                               "gzip -1 remarks && for i in 1 2 3 4 5 6 7 8 9 10; do cat "
                               "remarks.gz; done > ten && for i in 1 2 3 4 5 6 7 8 9 10; do cat "
                               "ten; done > hundred && cat hundred hundred hundred hundred "
                               "hundred > big.pdb.gz"},
                              options)
                .exit_code,
            0);
  const RunResult result =
      run_modesweep({"modes", path("big.pdb.gz"), "--max-memory", "150M"}, {.limit = limit});
  expect_ended(result, "500 MB from few");
  EXPECT_EQ(result.exit_code, 3) << result.err;
  if (!sanitized) {
    EXPECT_LT(result.peak_bytes, 250'000'000U);
  }
}

TEST_F(Attack, SizesThatABinaryFileStatesAreAdmitted) {
  // Nine million times the same value, in some bytes.
  const std::string bytes = test_support::binary_cif(
      "X", {test_support::packed_category(
               "_atom_site", 9'000'000,
               {test_support::packed_column(
                   {"id",
                    test_support::encode_integers({1}, test_support::IntegerCoding::plain),
                    {}})})});
  const RunResult result =
      run_modesweep({"modes", folder_.write("huge.bcif", bytes).string(), "--max-memory", "50M"},
                    {.limit = limit});
  expect_ended(result, "nine million atoms");
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_NE(result.err.find("the atoms of the file need about 72 MB, and the limit of memory"),
            std::string::npos)
      << result.err;
}

// ---- interrupted in the midst of it

TEST_F(Attack, OneSignalEndsLongLoops) {
  // All pairs of 50,000 residues, more than the memory named has room for: nothing is taken.
  const std::string cloud = write_cloud("cloud.pdb", 50'000, 700);
  RunOptions options;
  options.limit = limit;
  options.signals = {{SIGTERM, after(1000)}};
  const RunResult result = run_modesweep(
      {"rank", "--files", cloud, "--cutoff", "1000", "--max-memory", "40G", "--run", path("run")},
      options);
  expect_ended(result, "contacts");
  EXPECT_EQ(result.exit_code, 128 + SIGTERM) << result.err;
  // Nobody takes the entry for one that kills the process.
  const RunResult shown = run_modesweep({"show", path("run")});
  EXPECT_EQ(shown.err.find("suspect"), std::string::npos) << shown.err;
}

// ---- much text beside the atoms

TEST_F(Attack, HeadersTakeLittleMoreThanTheirText) {
  const std::string atoms = pdb_text(helix(60)), table = mmcif_text(helix(60));
  const std::string letters(60, 'A');
  std::string molecules = "REMARK 350 BIOMOLECULE: 1";
  for (int i = 2; i < 20; ++i) molecules += fmt::format(",{}", i);
  struct Case {
    const char* file;
    std::string begin, line, end;
  };
  const std::vector<Case> cases = {
      {"title.pdb", "", "TITLE     " + letters + "\n", atoms},
      {"compnd.pdb", "", "COMPND    MOLECULE: " + letters + ";\n", atoms},
      {"seqres.pdb", "", "SEQRES   1 A   60  ALA GLY ALA GLY ALA GLY ALA GLY ALA GLY\n", atoms},
      {"remark.pdb", molecules + "\nREMARK 350 APPLY THE FOLLOWING TO CHAINS: A\n",
       "REMARK 350 AND CHAINS: A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P\n", atoms},
      {"title.cif", table + "_struct.title\n;", letters + "\n", ";\n"},
      {"parts.cif",
       table + "_pdbx_struct_assembly_gen.assembly_id 1\n"
               "_pdbx_struct_assembly_gen.oper_expression 1\n"
               "_pdbx_struct_assembly_gen.asym_id_list\n;",
       "A,A,A,A,A,A,A,A,A,A,A,A,A,A,A,A,A\n", ";\n"},
      {"entities.cif", table + "loop_\n_entity.id\n_entity.type\n", "1 water\n", ""},
      {"tags.cif", table + "loop_\n", "_a\n", ""},
      {"pairs.cif", "data_x\n", "_atom_site.a 1\n", ""},
  };
  for (const Case& one : cases) {
    const std::string file = path(one.file);
    std::ofstream out(file, std::ios::binary);
    out << one.begin;
    while (out.tellp() < 24'000'000) out << one.line;
    out << one.end;
    out.close();
    RunOptions options;
    options.limit = limit;
    const RunResult result = run_modesweep(
        {"rank", "--files", file, "--max-memory", "60M", "--solver", "eigen", "--threads", "1"},
        options);
    expect_ended(result, one.file);
    // Those of mmCIF are refused, and what PDB files have too much of is left.
    EXPECT_EQ(result.exit_code, file.ends_with(".pdb") ? 0 : 3) << one.file << result.err;
    if (!sanitized) {
      EXPECT_LT(result.peak_bytes, 110'000'000U) << one.file;
    }
    std::filesystem::remove(file);
  }
}

}  // namespace
