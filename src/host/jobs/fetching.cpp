// SPDX-License-Identifier: MIT
#include "jobs/fetching.hpp"

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <mutex>
#include <utility>

#include "base/clock.hpp"
#include "base/text.hpp"

namespace modesweep {

void fetch_entries(const std::vector<std::string>& ids, const Access& access, FetchCounts& counts,
                   const std::function<void(std::size_t, Outcome<StoredFile>)>& done,
                   Reporter& reporter, const CancelToken& cancel) {
  const std::unique_ptr<StructureStore> store =
      make_structure_store(access.store, access.http, reporter, cancel);
  const FetchPlan plan = store->plan(ids);
  std::string where =
      fmt::format("{}: {} cached", counted(std::ssize(ids), "entry", "entries"), plan.cached);
  if (plan.mirrored > 0) where += fmt::format(", {} in local mirrors", plan.mirrored);
  where += access.http.offline ? fmt::format(", {} missing and offline", plan.missing)
                               : fmt::format(", {} to download (about {:.0f} MB)", plan.missing,
                                             std::ceil(plan.estimated_megabytes));
  reporter.info(fmt::format("{}; cache {}", where, access.store.cache_dir.string()));

  const Stopwatch watch;
  double elsewhere = 0;
  counts.asked += ids.size();
  store->fetch(ids, [&](std::size_t place, Outcome<StoredFile> file) {
    const Stopwatch since_handed_over;
    if (!file) {
      ++counts.failed;
    } else {
      ++counts.files[file->origin];
      if (file->origin == StoredFile::Origin::network) counts.bytes_downloaded += file->bytes;
    }
    done(place, std::move(file));
    elsewhere += since_handed_over.seconds();
  });
  const double seconds = watch.seconds();
  counts.seconds += seconds;
  counts.waited += seconds - elsewhere;
}

std::function<Outcome<StoredFile>(const std::string&)> refetch(const Access& access,
                                                               Reporter& reporter,
                                                               const CancelToken& cancel) {
  StoreOptions options = access.store;
  options.read_whole = true;
  options.cache_limit = 0;  // whoever fetches the others makes room
  options.mirrors.clear();
  return [options, http = access.http, &reporter, cancel,
          turn = std::make_shared<std::mutex>()](const std::string& id) {
    const std::lock_guard lock(*turn);
    Outcome<StoredFile> fetched = fail(Stage::download, "cancelled", "interrupted before it came");
    make_structure_store(options, http, reporter, cancel)
        ->fetch({id}, [&](std::size_t, Outcome<StoredFile> file) { fetched = std::move(file); });
    return fetched;
  };
}

}  // namespace modesweep
