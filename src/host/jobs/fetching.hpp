// SPDX-License-Identifier: MIT
// From IDs to files on their way into a pipeline.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <modesweep/cancel.hpp>
#include <modesweep/log.hpp>
#include <modesweep/rank_job.hpp>
#include <modesweep/requests.hpp>

namespace modesweep {

/// Fetches entries, each once, and says before where they will come from. `done` is called with
/// each one's place in `ids`, on the calling thread; what it takes is not counted as waiting.
void fetch_entries(const std::vector<std::string>& ids, const Access& access, FetchCounts& counts,
                   const std::function<void(std::size_t place, Outcome<StoredFile> file)>& done,
                   Reporter& reporter, const CancelToken& cancel);

/// Fetches an entry whose cached file is not what was fetched, for any thread, one at a time. Gives
/// the cached file where it turns out to be good.
std::function<Outcome<StoredFile>(const std::string& id)> refetch(const Access& access,
                                                                  Reporter& reporter,
                                                                  const CancelToken& cancel);

}  // namespace modesweep
