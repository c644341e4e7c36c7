// SPDX-License-Identifier: MIT
// Runs programs, the real `modesweep` above all, and keeps what they print.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace test_support {

struct RunResult {
  int exit_code = -1;  ///< 128 + signal where one ended it
  std::string out;
  std::string err;
  std::uint64_t peak_bytes = 0;  ///< of memory it had at one time
};

/// ThreadSanitizer makes a simulated device slow.
#if defined(__SANITIZE_THREAD__)
inline constexpr std::chrono::seconds default_limit{600};
#else
inline constexpr std::chrono::seconds default_limit{120};
#endif

struct RunOptions {
  std::string folder = {};  ///< working folder; the test's own where empty
  std::map<std::string, std::string> environment = {};  ///< added to a minimal one (PATH, HOME)
  std::string input = {};                               ///< standard input
  std::chrono::seconds limit = default_limit;           ///< killed after this
  struct Signal {
    int number;
    /// What it waits for, asked again and again with what was printed so far; none: nothing.
    std::function<bool(const RunResult& so_far)> when = {};
  };
  std::vector<Signal> signals = {};  ///< sent to it one after the other
};

/// Runs `arguments[0]` (looked up in PATH) and waits.
RunResult run(const std::vector<std::string>& arguments, const RunOptions& options = {});

/// A moment that does not matter: whatever the program does then, the test passes.
std::function<bool(const RunResult&)> after(int milliseconds);

/// Path of the program under test.
std::string modesweep_program();

/// A copy of it in a folder, for users who may not enter that of the build.
std::string program_for_all(const std::filesystem::path& folder);

/// `modesweep ARGUMENTS...` in a fresh home and cache unless `options.environment` names them.
RunResult run_modesweep(std::vector<std::string> arguments, RunOptions options = {});

}  // namespace test_support
