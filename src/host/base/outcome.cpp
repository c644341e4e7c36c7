// SPDX-License-Identifier: MIT
#include <modesweep/outcome.hpp>

#include "base/download_codes.hpp"

namespace modesweep {

std::string_view to_string(Stage stage) {
  switch (stage) {
    case Stage::search: return "search";
    case Stage::download: return "download";
    case Stage::parse: return "parse";
    case Stage::network: return "network";
    case Stage::solve: return "solve";
    case Stage::rank: return "rank";
  }
  return "unknown";
}

Stage stage_named(std::string_view name) {
  for (const Stage stage :
       {Stage::search, Stage::download, Stage::parse, Stage::network, Stage::solve, Stage::rank})
    if (to_string(stage) == name) return stage;
  throw std::invalid_argument("no such stage: " + std::string(name));
}

bool is_transient(const Failure& failure) {
  const std::string& code = failure.code;
  if (code == "out_of_memory" || code == "unreadable" || code == "device_failed") return true;
  // A code that nobody classed costs a try, not an entry.
  return failure.stage == Stage::download && is_transient_download(code).value_or(true);
}

}  // namespace modesweep
