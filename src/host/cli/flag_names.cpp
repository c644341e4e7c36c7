// SPDX-License-Identifier: MIT
#include "cli/flag_names.hpp"

#include <fmt/format.h>

#include <utility>

namespace modesweep::cli {

std::span<const FlagName> flag_names() {
  static constexpr FlagName names[] = {
      {"the limit of memory", "--max-memory"},
      {"wanted at least", "--min-residues"},
      {"a least number of residues", "--min-residues 1"},
      {"the rule polymer", "--nodes polymer"},
      {"a ranking by chain", "--by chain"},
      {"the model gnm", "--enm gnm"},
      {"the condition", "--where"},
      {"column is asked for", "--columns, --sort, --where"},
      {"one row stands for", "--unique"},
      {"offline work", "--offline"},
      {"a file of trusted authorities", "--cacert"},
      {"folder for the cache", "--cache-dir"},
      {"the run's download URL", "--download-url"},
      {"all that were found may be read", "--retmax all"},
      {"no calibration of CPU and device yet", "modesweep bench --calibrate"},
      {"failed entries are tried again", "--retry-failed"},
      {"a partial merge", "--partial"},
      {"a merge of several instruction sets", "--mixed-isa"},
      {"the asymmetric unit is not assembly 1", "--assembly 1"},
      {"a GNM is solved", "--enm gnm"},
      {"backend cuda", "--backend cuda"},
      {"backend cpu", "--backend cpu"},
      {"devices asked for", "--devices"},
  };
  return names;
}

std::string with_flags(std::string message) {
  for (const auto& [phrase, flag] : flag_names()) {
    const std::size_t found = message.find(phrase);
    if (found == std::string::npos || message.find(flag) != std::string::npos) continue;
    if (flag.ends_with(phrase))
      message.replace(found, phrase.size(), flag);
    else
      message.insert(found + phrase.size(), fmt::format(" ({})", flag));
  }
  return message;
}

LeftOutSource with_flags(LeftOutSource left_out) {
  return [left_out = std::move(left_out)](const auto& visit) {
    left_out([&](LeftOut entry) {
      entry.failure.message = with_flags(std::move(entry.failure.message));
      visit(entry);
    });
  };
}

}  // namespace modesweep::cli
