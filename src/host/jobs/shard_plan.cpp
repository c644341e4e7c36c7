// SPDX-License-Identifier: MIT
#include <modesweep/shard_plan.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <modesweep/entries.hpp>
#include <modesweep/structure_store.hpp>

#include "base/likely_size.hpp"

namespace modesweep {
namespace {

constexpr double seconds_a_shard = 3600;
// Slurm's MaxArraySize is 1001 where nobody has set it.
constexpr std::int64_t most_proposed = 1000;

// Measured on real files of 0.02 to 21 MB (bench/results/plan-20261128.txt): what a process takes,
// and what a file adds. The memory is that of the largest file.
constexpr double seconds_a_process = 0.02;
constexpr double seconds_a_file = 0.5e-3;
constexpr double seconds_a_megabyte = 40e-3;
constexpr double memory_of_process = 25e6;
constexpr double memory_a_byte = 18;

/// The size that each entry is likely to have; none where no file is at hand.
std::vector<std::optional<std::uint64_t>> sizes_of(const std::vector<RunEntry>& list,
                                                   const Access& access, Reporter& reporter,
                                                   const CancelToken& cancel) {
  std::vector<std::optional<std::uint64_t>> sizes(list.size());
  const auto take = [&](std::size_t place, const std::filesystem::path& file) {
    if (const std::uint64_t size = likely_size(file); size > 0) sizes[place] = size;
  };
  if (list.empty()) return sizes;
  if (list.front().id.empty()) {
    for (std::size_t i = 0; i < list.size(); ++i) take(i, list[i].file);
    return sizes;
  }
  HttpOptions offline = access.http;
  offline.offline = true;
  const std::unique_ptr<StructureStore> store =
      make_structure_store(access.store, offline, reporter, cancel);
  std::vector<std::string> ids;
  for (const RunEntry& entry : list) ids.push_back(entry.id);
  store->fetch(ids, [&](std::size_t place, const Outcome<StoredFile>& file) {
    if (file) take(place, file->path);
  });
  return sizes;
}

ShardEstimate estimate(const std::vector<std::optional<std::uint64_t>>& sizes,
                       const std::vector<std::size_t>& places) {
  ShardEstimate shard;
  std::uint64_t largest = 0;
  for (const std::size_t place : places) {
    ++shard.entries;
    if (!sizes[place]) continue;
    ++shard.sized;
    shard.bytes += *sizes[place];
    largest = std::max(largest, *sizes[place]);
    shard.core_seconds +=
        seconds_a_file + seconds_a_megabyte * static_cast<double>(*sizes[place]) * 1e-6;
  }
  if (shard.sized == 0) return shard;
  shard.core_seconds += seconds_a_process;
  shard.memory =
      static_cast<std::uint64_t>(memory_of_process + memory_a_byte * static_cast<double>(largest));
  return shard;
}

}  // namespace

std::int64_t proposed_shards(const ShardEstimate& all) {
  const auto wanted = static_cast<std::int64_t>(std::ceil(all.core_seconds / seconds_a_shard));
  return std::clamp(
      wanted, std::int64_t{1},
      std::clamp(static_cast<std::int64_t>(all.entries), std::int64_t{1}, most_proposed));
}

ShardPlan plan_shards(const Input& input, const Access& access, std::optional<std::int64_t> shards,
                      Reporter& reporter, const CancelToken& cancel) {
  Input absolute = input;  // as those of shards are
  for (std::filesystem::path& file : absolute.files) file = std::filesystem::absolute(file);
  const std::vector<RunEntry> list = find_entries(absolute, access, reporter, cancel).list;
  const auto sizes = sizes_of(list, access, reporter, cancel);
  ShardPlan plan;
  plan.all = estimate(sizes, deal(list, 1).front());
  for (const std::vector<std::size_t>& places :
       deal(list, shards.value_or(proposed_shards(plan.all))))
    plan.shards.push_back(estimate(sizes, places));
  return plan;
}

}  // namespace modesweep
