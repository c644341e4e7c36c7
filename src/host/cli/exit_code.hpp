// SPDX-License-Identifier: MIT
// What the program ends with; documented in `modesweep --help`.
#pragma once

#include <modesweep/outcome.hpp>

namespace modesweep::cli {

enum class ExitCode : int {
  ok = 0,
  entries_failed = 1,
  usage = 2,
  nothing_to_rank = 3,
  unavailable = 4,
  internal = 5,
  output = 6,
  damaged = 7,
};

constexpr ExitCode exit_code_of(Cause cause) {
  switch (cause) {
    case Cause::request: return ExitCode::usage;
    case Cause::unavailable: return ExitCode::unavailable;
    case Cause::output: return ExitCode::output;
  }
  return ExitCode::internal;
}

}  // namespace modesweep::cli
