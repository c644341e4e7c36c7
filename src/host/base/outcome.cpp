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

}  // namespace modesweep
