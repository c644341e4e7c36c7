// SPDX-License-Identifier: MIT
// What is said of a ranking on standard error.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include <modesweep/log.hpp>
#include <modesweep/rank_job.hpp>

#include "cli/output.hpp"

namespace modesweep::cli {

/// Of a job that has ended.
void report_summary(const RankRequest& request, const RankResult& result, const Output& output,
                    Reporter& reporter);

/// Of a run as it lies on disk.
void report_summary_of_kept(const KeptRanking& kept, const Output& output, Reporter& reporter);

/// "142 of 427 meet --where ...".
std::string matching_text(const RankedRows& rows, const Condition& where);

/// Where the time went that nobody worked.
void report_waits(const RankResult& result, Reporter& reporter);

/// "2 parse: no_nodes, 1 rank: few_modes".
std::string joined(const std::map<std::string, std::size_t>& counts);

}  // namespace modesweep::cli
