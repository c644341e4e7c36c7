// SPDX-License-Identifier: MIT
// The commands `search` and `fetch`: the first two steps of `rank`, each by itself.
#include <fmt/format.h>

#include <modesweep/search.hpp>
#include <modesweep/structure_store.hpp>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/interrupt.hpp"

namespace modesweep::cli {

SearchResult search_entries(const AccessOptions& access, const std::string& term,
                            const CancelToken& cancel, Reporter& reporter) {
  const std::unique_ptr<SearchService> service =
      access.source == "rcsb" ? make_rcsb_search(access.rcsb, access.http, reporter, cancel)
                              : make_ncbi_search(access.ncbi, access.http, reporter, cancel);
  SearchResult result = service->search(term, access.retmax);
  for (const std::string& warning : result.warnings) reporter.warning(warning);
  if (result.records_found > result.records_read)
    reporter.info(fmt::format(
        "{} has {} records for this; the first {} were read: {} entries (--retmax all reads all)",
        result.service, result.records_found, result.records_read, result.ids.size()));
  return result;
}

int run_search(const Arguments& arguments, Reporter& reporter) {
  const SearchResult result =
      search_entries(arguments.access, arguments.search_term, arguments.cancel, reporter);
  std::string text;
  for (const std::string& id : result.ids) text += id + "\n";
  print(text);
  if (result.ids.empty()) {
    reporter.info(fmt::format("{} found nothing in the PDB for \"{}\"", result.service,
                              arguments.search_term));
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
