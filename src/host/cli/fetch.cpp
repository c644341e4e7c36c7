// SPDX-License-Identifier: MIT
// The command `fetch`: the second step of `rank` by itself.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <string>
#include <vector>

#include <modesweep/structure_store.hpp>

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/interrupt.hpp"
#include "cli/option_groups.hpp"
#include "cli/output_stream.hpp"
#include "cli/parse.hpp"

namespace modesweep::cli {
namespace {

struct FetchOptions {
  std::vector<std::string> ids;  ///< normal form
  StoreOptions store;
  HttpOptions http;
};

int run(const FetchOptions& options, const Call& call, Reporter& reporter) {
  const std::unique_ptr<StructureStore> store =
      make_structure_store(options.store, options.http, reporter, call.cancel);
  const std::vector<std::string>& ids = options.ids;
  std::vector<std::string> paths(ids.size());
  std::size_t failed = 0;
  store->fetch(ids, [&](std::size_t index, Outcome<StoredFile> file) {
    if (file) {
      paths[index] = file->path.string();
    } else {
      ++failed;
      reporter.warning(fmt::format("{}: {}", ids[index], file.error().message));
    }
  });
  std::string text;
  for (const std::string& path : paths)
    if (!path.empty()) text += shown_path(path) + "\n";
  print(text);
  if (interrupt_exit_code() != 0) return interrupt_exit_code();
  return static_cast<int>(failed > 0 ? ExitCode::unavailable : ExitCode::ok);
}

Run add(const Flags& flags) {
  const auto options = std::make_shared<FetchOptions>();
  auto& [ids, store, http] = *options;
  flags.convert(
      "ID", std::vector<std::string>(),
      [&ids = ids](const std::vector<std::string>& typed) {
        ids = parse_ids(fmt::format("{}", fmt::join(typed, ",")));
      },
      "entry IDs");
  flags.convert("--ids", std::string(),
                [flags, &ids = ids](const std::string& list) {
                  if (!ids.empty()) usage("give entry IDs as words or with --ids, not both");
                  ids = parse_ids(list);
                  flags.reads_list(list);
                },
                "the same as a list: 1UBI,1AKE or @file or - for standard input", {named("LIST")});
  flags.then([&ids = ids] {
    if (ids.empty()) usage("nothing to fetch: give entry IDs");
  });
  add_store(flags, store);
  add_connection(flags, http);
  flags.common();
  return [options](const Call& call, Reporter& reporter) { return run(*options, call, reporter); };
}

}  // namespace

Command fetch_command() {
  return {"fetch", "download entries into the cache and print their paths", add};
}

}  // namespace modesweep::cli
