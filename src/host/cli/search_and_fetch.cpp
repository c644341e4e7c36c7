// SPDX-License-Identifier: MIT
// The commands `search` and `fetch`: the first two steps of `rank`, each by itself.
#include <fmt/format.h>

#include <modesweep/entries.hpp>
#include <modesweep/structure_store.hpp>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/interrupt.hpp"

namespace modesweep::cli {

int run_search(const Arguments& arguments, Reporter& reporter) {
  const SearchResult result =
      search_service(arguments.input, arguments.access, reporter, arguments.cancel);
  std::string text;
  for (const std::string& id : result.ids) text += id + "\n";
  print(text);
  if (result.ids.empty()) {
    reporter.info(fmt::format("{} found nothing in the PDB for \"{}\"", result.service,
                              arguments.input.term));
    return static_cast<int>(ExitCode::nothing_to_rank);
  }
  return 0;
}

int run_fetch(const Arguments& arguments, Reporter& reporter) {
  const std::unique_ptr<StructureStore> store = make_structure_store(
      arguments.access.store, arguments.access.http, reporter, arguments.cancel);
  const std::vector<std::string>& ids = arguments.fetch_ids;
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
    if (!path.empty()) text += path + "\n";
  print(text);
  if (interrupt_exit_code() != 0) return interrupt_exit_code();
  return static_cast<int>(failed > 0 ? ExitCode::unavailable : ExitCode::ok);
}

}  // namespace modesweep::cli
