// SPDX-License-Identifier: MIT
// What a run on disk keeps of its request, for people and for going on.
#pragma once

#include <cstdint>
#include <map>
#include <set>
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

/// What a run was merged of, where it is not all of its list by one instruction set.
struct MergeNotes {
  std::set<std::int64_t> shards;  ///< that it has, of a list whose shards are not all there
  std::int64_t shard_count = 0;   ///< 0: it has all
  std::set<std::string> isas;     ///< several, or none
  std::string lost;               ///< what no shard had, a sentence

  /// For people; empty where there is nothing to say.
  std::string text() const;
};
/// Makes of the query of a part that of the whole.
void keep_notes(const MergeNotes& notes, std::map<std::string, std::string>& query);
/// Throws RunError (`unavailable`) where what was kept is none.
MergeNotes kept_notes(const std::map<std::string, std::string>& query);

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
