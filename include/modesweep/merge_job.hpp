// SPDX-License-Identifier: MIT
// One run of several that were made of parts of one list, by several processes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <modesweep/cancel.hpp>
#include <modesweep/log.hpp>

namespace modesweep {

struct MergeRequest {
  std::filesystem::path run;                 ///< folder of the whole; none holds a run there
  std::vector<std::filesystem::path> parts;  ///< folders of runs
  bool partial = false;                      ///< also where something of the whole is missing
  bool mixed_isa = false;  ///< also where their instruction sets differ, and with them last digits
};

struct MergeResult {
  std::size_t entries = 0;        ///< of the whole, as listed
  std::vector<std::string> gaps;  ///< what keeps it from being whole, a sentence each
};

/// Reads all of each part and checks that it is as it was written, and that they go together: same
/// parameters, method and instruction set; of shards, the same list, none missing, none twice, all
/// entries through. Rows, failures and orders of the whole are those of one process that had the
/// list alone; an entry that two parts have is taken from the first. Throws RunError: `request`
/// where they do not go together, or are not whole and `partial` is not asked for; `unavailable`
/// where one cannot be read or is damaged; `output` where the whole cannot be written. Of a merge
/// that does not come to its end nothing is left. Throws Cancelled.
MergeResult merge_runs(const MergeRequest& request, Reporter& reporter,
                       const CancelToken& cancel = {});

}  // namespace modesweep
