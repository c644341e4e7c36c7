// SPDX-License-Identifier: MIT
// What `rank`, `resume` and `show` have in common.
#pragma once

#include <modesweep/rank_job.hpp>

#include "cli/command.hpp"
#include "cli/output.hpp"

namespace modesweep::cli {

/// Runs the job, and writes and says what came of it. Returns the exit code.
int run_job(RankJob job, const Output& output, const Call& call, Reporter& reporter);

/// Writes the rows, and beside a file its record.
void write_ranking(const RankRequest& request, const RankResult& result, const Output& output,
                   const Call& call, Reporter& reporter);

}  // namespace modesweep::cli
