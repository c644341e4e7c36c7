// SPDX-License-Identifier: MIT
#include "jobs/fetching.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

namespace modesweep {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

void fetch_entries(const std::vector<std::string>& ids, const Access& access, FetchCounts& counts,
                   const std::function<void(std::size_t, Outcome<StoredFile>)>& done,
                   Reporter& reporter, const CancelToken& cancel) {
  const std::unique_ptr<StructureStore> store =
      make_structure_store(access.store, access.http, reporter, cancel);
  const FetchPlan plan = store->plan(ids);
  std::string where = fmt::format("{} entries: {} cached", ids.size(), plan.cached);
  if (plan.mirrored > 0) where += fmt::format(", {} in local mirrors", plan.mirrored);
  where += access.http.offline ? fmt::format(", {} missing and offline", plan.missing)
                               : fmt::format(", {} to download (about {:.0f} MB)", plan.missing,
                                             std::ceil(plan.estimated_megabytes));
  reporter.info(fmt::format("{}; cache {}", where, access.store.cache_dir.string()));

  const Clock::time_point start = Clock::now();
  double elsewhere = 0;
  counts.asked += ids.size();
  store->fetch(ids, [&](std::size_t place, Outcome<StoredFile> file) {
    const Clock::time_point handed_over = Clock::now();
    if (!file) {
      ++counts.failed;
    } else {
      ++counts.files[file->origin];
      if (file->origin == StoredFile::Origin::network) counts.bytes_downloaded += file->bytes;
    }
    done(place, std::move(file));
    elsewhere += seconds_since(handed_over);
  });
  const double seconds = seconds_since(start);
  counts.seconds += seconds;
  counts.waited += seconds - elsewhere;
}

}  // namespace modesweep
