// SPDX-License-Identifier: MIT
#include <modesweep/outcome.hpp>

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
  if (failure.stage != Stage::download) return false;
  if (code.starts_with("http_4"))
    return code == "http_408" || code == "http_425" || code == "http_429";
  return code != "not_found" && code != "obsolete" && code != "wrong_entry";
}

}  // namespace modesweep
