// SPDX-License-Identifier: MIT
// What the shards of a list will be, before any of them is begun.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <modesweep/cancel.hpp>
#include <modesweep/log.hpp>
#include <modesweep/requests.hpp>

namespace modesweep {

/// Of the entries whose files are at hand; the others have no size and are in no estimate.
struct ShardEstimate {
  std::size_t entries = 0;
  std::size_t sized = 0;     ///< entries whose files are at hand
  std::uint64_t bytes = 0;   ///< of these files
  double core_seconds = 0;   ///< on the CPU alone, with the built-in figures
  std::uint64_t memory = 0;  ///< bytes, on one thread
};

struct ShardPlan {
  std::vector<ShardEstimate> shards;
  ShardEstimate all;  ///< its memory: that of the shard that needs most
};

/// How many shards a list is worth: of about an hour on one core each, no more than entries, nor
/// than a job array of Slurm holds as it is set up at first.
std::int64_t proposed_shards(const ShardEstimate& all);

/// Deals a list of IDs or files. Nothing is downloaded: of an ID the size is known where the cache
/// or a mirror has its file. Without a number of shards, as many as are proposed. Throws RunError
/// as `find_entries` does, and Cancelled.
ShardPlan plan_shards(const Input& input, const Access& access, std::optional<std::int64_t> shards,
                      Reporter& reporter, const CancelToken& cancel = {});

}  // namespace modesweep
