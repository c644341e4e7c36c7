// SPDX-License-Identifier: MIT
// A bundle as tools/bundle.sh makes it, moved to another folder and used without any environment.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <modesweep/device.hpp>

#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

namespace fs = std::filesystem;
using test_support::run;
using test_support::RunResult;

TEST(Bundle, RunsFromAnotherFolder) {
  if (!modesweep::cuda_build().built) GTEST_SKIP() << modesweep::cuda_build().reason;
  const auto file = test_support::package_file("theseus-examples", "1adz.pdb.gz");
  if (!file) GTEST_SKIP() << "Debian package theseus-examples is not installed";
  const test_support::TempDir folder;
  const fs::path archive = folder.path() / "made.tar.xz", moved = folder.path() / "moved here";
  test_support::RunOptions slow;
  slow.limit = std::chrono::seconds(3000);
  // What builds needs its compilers, wherever they are.
  slow.environment["PATH"] = std::getenv("PATH");
  const RunResult made =
      run({(test_support::source_dir() / "tools/bundle.sh").string(), "--cuda-architectures",
           "90-real", "-o", archive.string(), "--files", file->string()},
          slow);
  ASSERT_EQ(made.exit_code, 0) << made.out << made.err;
  EXPECT_LT(fs::file_size(archive), 20'000'000u);
  fs::rename(folder.path() / "made", moved);

  // Nothing but glibc comes from this machine.
  for (const char* name : {"modesweep", "gpu_test", "gpu_golden_test", "golden_test"}) {
    const RunResult libraries = run({"ldd", (moved / name).string()});
    EXPECT_EQ(libraries.out.find("not found"), std::string::npos) << libraries.out;
    EXPECT_NE(libraries.out.find((moved / "lib/libstdc++.so.6").string()), std::string::npos)
        << libraries.out;
    for (const char* of_glibc : {"lib/libc.so", "lib/libm.so", "lib/ld-linux"})
      EXPECT_EQ(libraries.out.find((moved / of_glibc).string()), std::string::npos);
  }
  const RunResult dynamic = run({"readelf", "-d", (moved / "modesweep_cuda.so").string()});
  EXPECT_NE(dynamic.out.find("(RPATH)"), std::string::npos) << dynamic.out;
  EXPECT_NE(dynamic.out.find("/usr/local/cuda/lib64"), std::string::npos) << dynamic.out;

  const RunResult ranked = run({(moved / "modesweep").string(), "rank", "--files",
                                (moved / "data/demo/ubiquitin").string(), "--no-result-cache"});
  EXPECT_EQ(ranked.exit_code, 0) << ranked.err;
  EXPECT_NE(ranked.out.find("0.6460"), std::string::npos) << ranked.out;

  // The tests find their tables and the file beside themselves, here by both of the CPU's solvers.
  const RunResult golden =
      run({(moved / "golden_test").string(), "--gtest_filter=*theseus_examples_1adz_pdb_gz*"});
  EXPECT_EQ(golden.exit_code, 0) << golden.out;
  EXPECT_NE(golden.out.find("[       OK ]"), std::string::npos) << golden.out;
}

}  // namespace
