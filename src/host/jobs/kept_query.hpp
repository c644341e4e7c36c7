// SPDX-License-Identifier: MIT
// What a run on disk keeps of its request, for people and for going on.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <modesweep/rank_job.hpp>
#include <modesweep/run_store.hpp>
#include <modesweep/settings.hpp>

namespace modesweep {

/// The search, and the archives that files are downloaded from: not parameters of the results,
/// since all archives serve the same files.
std::map<std::string, std::string> query_of_entries(const Entries& entries,
                                                    const std::vector<std::string>& archives);
/// What was kept, with as many entries found. Throws RunError (`unavailable`) where a count is
/// none.
Entries entries_of_query(std::map<std::string, std::string> query, std::size_t found);

/// Makes of the query of a shard that of a whole run, which has these gaps (a sentence, or
/// nothing).
void keep_gaps(const std::string& gaps, std::map<std::string, std::string>& query);
/// The sentence; empty where a run has none.
std::string kept_gaps(const std::map<std::string, std::string>& query);

/// Sets what the run in `folder` keeps. Throws RunError (`unavailable`) where that is none of the
/// parameters' values.
void apply_kept(const std::filesystem::path& folder, const Settings& kept, RankRequest& request);

/// Throws RunError (`request`) with the first parameter of the run in `folder` that differs.
void check_parameters(const std::filesystem::path& folder, const Settings& kept,
                      const Settings& asked);

/// The request of a kept run, with what `request` has of machine and access, and what it chooses to
/// take. Throws RunError (`request`) where the run is of another method, or an address of downloads
/// was not kept and is not given.
RankRequest resumed_request(RankRequest request, const ResumeChoices& choices, RunStore& run);

}  // namespace modesweep
