// SPDX-License-Identifier: MIT
// What the commands do. Each returns the exit code and throws RunError for what ends the run.
#pragma once

#include "cli/options.hpp"

namespace modesweep::cli {

int run_rank(const Arguments& arguments, Reporter& reporter);
int run_resume(const Arguments& arguments, Reporter& reporter);
int run_show(const Arguments& arguments, Reporter& reporter);
int run_modes(const Arguments& arguments, Reporter& reporter);
int run_report(const Arguments& arguments, Reporter& reporter);
int run_compare(const Arguments& arguments, Reporter& reporter);
int run_search(const Arguments& arguments, Reporter& reporter);
int run_fetch(const Arguments& arguments, Reporter& reporter);
int run_cache(const Arguments& arguments, Reporter& reporter);
int run_info(const Arguments& arguments, Reporter& reporter);
int run_bench(const Arguments& arguments, Reporter& reporter);
int run_selftest(const Arguments& arguments, Reporter& reporter);

/// The solver on the CPU that `--solver` names, or that stands behind a device.
std::unique_ptr<ModeSolver> make_cpu_solver(const std::string& name);

/// Structure files: those named, and those in the folders named. What lies there and is none is
/// counted and said, and of a folder without any what it holds instead.
std::vector<std::filesystem::path> structure_files(const std::vector<std::filesystem::path>& paths,
                                                   Reporter& reporter);

/// Writes to standard output. A reader that went away is no error; anything else is RunError
/// (`output`).
void print(std::string_view text);

/// The search service that the options name.
SearchResult search_entries(const AccessOptions& access, const std::string& term,
                            const CancelToken& cancel, Reporter& reporter);

}  // namespace modesweep::cli
