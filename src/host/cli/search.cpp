// SPDX-License-Identifier: MIT
// The command `search`: the first step of `rank` by itself.
#include <fmt/format.h>

#include <memory>
#include <string>

#include <modesweep/entries.hpp>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/option_groups.hpp"
#include "cli/output_stream.hpp"

namespace modesweep::cli {
namespace {

struct SearchOptions {
  Input input;
  Access access;
};

int run(const SearchOptions& options, const Call& call, Reporter& reporter) {
  const SearchResult result = search_service(options.input, options.access, reporter, call.cancel);
  std::string text;
  for (const std::string& id : result.ids) text += id + "\n";
  print(text);
  if (result.ids.empty()) {
    reporter.info(
        fmt::format("{} found nothing in the PDB for \"{}\"", result.service, options.input.term));
    return static_cast<int>(ExitCode::nothing_to_rank);
  }
  return 0;
}

Run add(const Flags& flags) {
  const auto options = std::make_shared<SearchOptions>();
  auto& [input, access] = *options;
  flags.convert("TERM", std::string(),
                [&term = input.term](const std::string& typed) {
                  if (trimmed(typed).empty()) usage("the search term is empty");
                  term = typed;
                },
                "what to search for", {required});
  add_search(flags, input, access);
  add_connection(flags, access.http);
  flags.common();
  return [options](const Call& call, Reporter& reporter) { return run(*options, call, reporter); };
}

}  // namespace

Command search_command() { return {"search", "print the entry IDs that a term finds", add}; }

}  // namespace modesweep::cli
