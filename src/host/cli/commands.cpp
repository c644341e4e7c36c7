// SPDX-License-Identifier: MIT
// The table of commands.
#include "cli/command.hpp"

namespace modesweep::cli {

// In the order of help: what rank_command() returns stands in rank.cpp, and so on.
#define MODESWEEP_COMMANDS(ROW) \
  ROW(rank)                     \
  ROW(resume)                   \
  ROW(show)                     \
  ROW(plan)                     \
  ROW(merge)                    \
  ROW(modes)                    \
  ROW(report)                   \
  ROW(compare)                  \
  ROW(search)                   \
  ROW(fetch)                    \
  ROW(cache)                    \
  ROW(bench)                    \
  ROW(selftest)                 \
  ROW(info)                     \
  ROW(completion)               \
  ROW(share_files)              \
  ROW(reference)

#define MODESWEEP_DECLARE(name) Command name##_command();
MODESWEEP_COMMANDS(MODESWEEP_DECLARE)

std::vector<Command> commands() {
#define MODESWEEP_CALL(name) name##_command(),
  return {MODESWEEP_COMMANDS(MODESWEEP_CALL)};
}

}  // namespace modesweep::cli
