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

/// Writes to standard output. A reader that went away is no error; anything else is RunError
/// (`output`).
void print(std::string_view text);

}  // namespace modesweep::cli
