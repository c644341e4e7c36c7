// SPDX-License-Identifier: MIT
// What is said of a ranking on standard error.
#pragma once

#include <cstddef>
#include <string>

#include <modesweep/log.hpp>
#include <modesweep/rank_job.hpp>

#include "cli/options.hpp"

namespace modesweep::cli {

/// How much of a ranking was written.
struct Shown {
  std::size_t ranked = 0;  ///< rows there are
  std::size_t rows = 0;    ///< rows written
};

/// Of a job that has ended.
std::string summary(const RankRequest& request, const RankResult& result, const Output& output,
                    const Shown& shown);

/// Of a run as it lies on disk.
std::string summary_of_kept(const KeptRanking& kept, const Output& output, const Shown& shown);

/// Where the time went that nobody worked.
void report_waits(const RankResult& result, int threads, Reporter& reporter);

/// "2 parse: no_nodes, 1 rank: few_modes".
std::string joined(const std::map<std::string, std::size_t>& counts);

}  // namespace modesweep::cli
