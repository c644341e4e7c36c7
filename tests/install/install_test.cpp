// SPDX-License-Identifier: MIT
// The program where `cmake --install` puts it, and in a folder of its own: what belongs to it is
// found, and `modesweep info` says where.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

namespace fs = std::filesystem;
using test_support::run;
using test_support::RunOptions;
using test_support::RunResult;

constexpr const char* module_name = "modesweep_cuda.so";

class Install : public testing::Test {
 protected:
  /// `cmake --install`, of everything where no component is named. With `staging` as packagers do,
  /// who install for another prefix than they write to.
  void install(const fs::path& prefix, const std::string& component = "",
               const std::string& staging = "") const {
    std::vector<std::string> command = {CMAKE_PROGRAM, "--install", BUILD_FOLDER, "--prefix",
                                        prefix.string()};
    if (!component.empty()) command.insert(command.end(), {"--component", component});
    RunOptions options;
    if (!staging.empty()) options.environment["DESTDIR"] = staging;
    const RunResult result = run(command, options);
    ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
  }

  RunResult run_program(const fs::path& program, std::vector<std::string> arguments,
                        RunOptions options = {}) const {
    arguments.insert(arguments.begin(), program.string());
    options.environment["MODESWEEP_CACHE_DIR"] = (folder_.path() / "cache").string();
    return run(arguments, options);
  }

  /// What `info` says after this word, alone on its line.
  std::string info(const fs::path& program, const std::string& word,
                   const RunOptions& options = {}) const {
    const RunResult result = run_program(program, {"info"}, options);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const std::string begin = "\n" + word + std::string(11 - word.size(), ' ');
    const std::size_t at = result.out.find(begin);
    if (at == std::string::npos) return "no line " + word + " in\n" + result.out;
    const std::size_t from = at + begin.size();
    return result.out.substr(from, result.out.find('\n', from) - from);
  }

  /// The program finds the module here and can load it.
  void expect_module(const fs::path& program, const fs::path& folder) const {
    EXPECT_EQ(info(program, "module"), (folder / module_name).string());
  }

  /// Without symbolic links, which the program resolves.
  fs::path path(const std::string& name) const { return fs::canonical(folder_.path()) / name; }

  test_support::TempDir folder_;
};

TEST_F(Install, ProgramFindsTheLibrariesOfReports) {
  install(path("any"));
  const fs::path program = path("any") / INSTALL_BINDIR / "modesweep";
  const std::string library =
      std::string("any/") + INSTALL_DATADIR + "/modesweep/report-libraries/d3/";
  folder_.write(library + "library.js", "window.from_the_prefix = 1;");
  folder_.write(library + "VERSION", "9.9\n");
  folder_.write(library + "LICENSE", "none");
  const fs::path helix =
      folder_.write("helix.pdb", test_support::pdb_text(test_support::helix(20)));
  const RunResult report =
      run_program(program, {"report", helix.string(), "-o", path("report.html").string()});
  EXPECT_EQ(report.exit_code, 0) << report.err;
  EXPECT_NE(test_support::read_file(path("report.html")).find("window.from_the_prefix"),
            std::string::npos);
}

#ifdef CUDA_MODULE
TEST_F(Install, ModuleIsFoundUnderAnyPrefix) {
  install(path("usr"));
  expect_module(path("usr") / INSTALL_BINDIR / "modesweep",
                path("usr") / INSTALL_LIBDIR / "modesweep");
  // It is the folder of the program that counts, wherever it was called from.
  const fs::path prefix = path("opt/with several/folders");
  install(prefix);
  fs::create_symlink(prefix / INSTALL_BINDIR / "modesweep", path("link"));
  expect_module(path("link"), prefix / INSTALL_LIBDIR / "modesweep");
}

TEST_F(Install, ModuleIsFoundInLib64) {
  install(path("usr"), "test_lib64");
  expect_module(path("usr/bin/modesweep"), path("usr/lib64/modesweep"));
}

TEST_F(Install, ModuleIsFoundInDebiansFolder) {
  install("/usr", "test_lib_x86_64_linux_gnu", folder_.path().string());
  expect_module(path("usr/bin/modesweep"), path("usr/lib/x86_64-linux-gnu/modesweep"));
}

TEST_F(Install, ModuleIsFoundBesideTheProgram) {
  fs::create_directory(path("bundle"));
  fs::copy_file(test_support::modesweep_program(), path("bundle/modesweep"));
  fs::copy_file(CUDA_MODULE, path("bundle") / module_name);
  expect_module(path("bundle/modesweep"), path("bundle"));
}

TEST_F(Install, ModuleThatIsNotThereOrDoesNotLoadIsNamed) {
  install(path("usr"), "test_lib64");
  const fs::path module = path("usr/lib64/modesweep") / module_name;
  fs::remove(module);
  EXPECT_EQ(info(path("usr/bin/modesweep"), "module"),
            "none: modesweep_cuda.so was not found beside the program or in " +
                module.parent_path().string());
  fs::copy_file(MODULE_WITHOUT_LIBRARIES, module);
  EXPECT_EQ(info(path("usr/bin/modesweep"), "module"),
            "none: " + module.string() +
                " cannot be loaded: libcusolver_hidden.so: cannot open shared object file: No such "
                "file or directory");
}

/// The loader tells where it looks: in the folders that the module itself names, before and instead
/// of those that ldconfig or the environment know.
TEST_F(Install, ModuleFindsTheCudaLibrariesItself) {
  install(path("usr"), "test_lib64");
  const std::string module = (path("usr/lib64/modesweep") / module_name).string();
  RunOptions options;
  options.environment["LD_DEBUG"] = "libs";
  const RunResult result = run_program(path("usr/bin/modesweep"), {"info"}, options);
  for (const std::string library : {"libcusolver.so", "libcublas.so"}) {
    const std::size_t begin = result.err.find("find library=" + library);
    ASSERT_NE(begin, std::string::npos) << library << "\n" << result.err;
    const std::size_t end = result.err.find("find library=", begin + 1);
    const std::string search = result.err.substr(begin, end - begin);
    EXPECT_NE(search.find("(RUNPATH from file " + module + ")"), std::string::npos) << search;
    EXPECT_EQ(search.find("search cache="), std::string::npos) << search;
  }
}
#endif

}  // namespace
