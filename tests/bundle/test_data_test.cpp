// SPDX-License-Identifier: MIT
// Where the tests find their data: from where they lie, or by MODESWEEP_TEST_DATA; and a golden
// suite that is told of data and finds none fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/data_files.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

namespace fs = std::filesystem;

TEST(BundleTestData, IsFoundFromTheTestProgram) {
  const test_support::EnvironmentVariable unset(test_support::data_variable, std::nullopt);
  EXPECT_TRUE(fs::is_regular_file(test_support::source_dir() / "tests/golden/prody.tsv"));
  EXPECT_TRUE(fs::is_regular_file(test_support::build_dir() / "modesweep"));
}

class BundleTestDataNamed : public testing::Test {
 protected:
  BundleTestDataNamed() {
    const fs::path golden = test_support::source_dir() / "tests/golden";
    std::string line;
    std::ifstream stream(golden / "prody.tsv");
    std::getline(stream, line);
    header_ = line + "\n";
  }
  /// A golden suite that is told of these data.
  test_support::RunResult run_golden_test() const {
    test_support::RunOptions options;
    options.environment[test_support::data_variable] = folder_.path().string();
    return test_support::run({(test_support::build_dir() / GOLDEN_TEST).string()}, options);
  }
  std::string header_;
  const test_support::TempDir folder_;
};

TEST_F(BundleTestDataNamed, HasPackagesFilesBelowFiles) {
  const test_support::EnvironmentVariable named(test_support::data_variable,
                                                folder_.path().string());
  const fs::path file = folder_.write("files/usr/share/doc/theseus/examples/made/up.pdb", "END\n");
  EXPECT_EQ(test_support::package_file("theseus-examples", "made/up.pdb"), file);
  EXPECT_EQ(test_support::package_file("theseus-examples", "up.pdb"), file);
  EXPECT_EQ(test_support::package_file("theseus-examples", "1adz.pdb.gz"), std::nullopt)
      << "the folder that is named comes first";
}

TEST_F(BundleTestDataNamed, WithoutTablesIsAFailure) {
  const auto result = run_golden_test();
  EXPECT_NE(result.exit_code, 0) << result.out;
  EXPECT_NE(result.err.find("cannot read"), std::string::npos) << result.err;
}

TEST_F(BundleTestDataNamed, WithoutTheRecordedFilesIsAFailure) {
  // One row, of a file that no machine has.
  std::string row = "theseus-examples\tno-such-file.pdb\tprody\t15\t1\t20\t0";
  for (auto columns = std::count(header_.begin(), header_.end(), '\t') - 6; columns > 0; --columns)
    row += "\t";
  folder_.write("tests/golden/prody.tsv", header_ + row + "\n");
  folder_.write("tests/golden/prody_variants.tsv", header_);
  const auto result = run_golden_test();
  EXPECT_NE(result.exit_code, 0) << result.out;
  EXPECT_NE(result.out.find("MODESWEEP_TEST_DATA is set, and no recorded file is here"),
            std::string::npos)
      << result.out;
}

}  // namespace
