// SPDX-License-Identifier: MIT
#include "cli/rank_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace modesweep::cli {
namespace {

/// What was searched for and found.
std::string entries_lines(const Entries& entries) {
  std::string text = fmt::format("\nsource      {}\n", entries.source);
  if (!entries.term.empty()) text += fmt::format("query       {}\n", entries.term);
  if (entries.search && !entries.search->understood.empty())
    text += fmt::format("understood  {}\n", entries.search->understood);
  text += fmt::format("found       {} entries", entries.found);
  if (entries.search)
    text += fmt::format(" in {} of {} records", entries.search->records_read,
                        entries.search->records_found);
  text += '\n';
  return text;
}

std::string files_line(const FetchCounts& fetched) {
  if (fetched.asked == 0) return {};
  const auto count = [&](StoredFile::Origin origin) {
    const auto found = fetched.files.find(origin);
    return found == fetched.files.end() ? std::size_t{0} : found->second;
  };
  return fmt::format("files       {} cached, {} from mirrors, {} downloaded ({:.1f} MB)\n",
                     count(StoredFile::Origin::cache), count(StoredFile::Origin::mirror),
                     count(StoredFile::Origin::network),
                     static_cast<double>(fetched.bytes_downloaded) * 1e-6);
}

std::string left_out_line(const RankResult& result, const Output& output) {
  if (result.reasons.empty()) return {};
  return fmt::format("left out    {}: {}{}\n", result.left_out_count(), joined(result.reasons),
                     output.failures.empty() ? " (--failures FILE lists them)" : "");
}

/// What of the ranking is not shown.
std::string rows_lines(const RankedRows& rows, const Output& output) {
  std::string text;
  if (output.order.unique) text += fmt::format("unique      {} rows, one a protein\n", rows.rows());
  if (rows.shown() != rows.rows())
    text +=
        fmt::format("shown       {} of {} rows (--top 0 shows all)\n", rows.shown(), rows.rows());
  return text;
}

}  // namespace

std::string joined(const std::map<std::string, std::size_t>& counts) {
  std::string text;
  for (const auto& [name, count] : counts)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  return text;
}

std::string summary(const RankRequest& request, const RankResult& result, const Output& output) {
  std::string text = entries_lines(result.entries);
  if (!request.run.empty())
    text += fmt::format("run         {}: {} entries were finished before\n", request.run.string(),
                        result.earlier);
  text += files_line(result.fetched);
  std::vector<std::string> origins;
  if (!result.counts.solvers.empty())
    origins.push_back("solved by " + joined(result.counts.solvers));
  if (result.counts.from_cache > 0)
    origins.push_back(fmt::format("{} from the result cache", result.counts.from_cache));
  text += fmt::format("ranked      {}", result.rows->ranked());
  if (!origins.empty()) text += fmt::format(" ({})", fmt::join(origins, "; "));
  text += '\n';
  if (result.damaged_in_cache > 0)
    text += fmt::format("damaged     {} results of the cache were damaged and solved again\n",
                        result.damaged_in_cache);
  text += left_out_line(result, output);
  text += fmt::format(
      "seconds     {:.2f} in all; search {:.2f}, download {:.2f}; over {} threads: parse {:.2f}, "
      "network {:.2f}, modes {:.2f}",
      result.seconds, result.entries.seconds, result.fetched.seconds, request.machine.threads,
      result.stages.parse, result.stages.network, result.stages.solve);
  if (result.stages.device > 0)
    text += fmt::format("; on devices: modes {:.2f}", result.stages.device);
  text += '\n';
  text += rows_lines(*result.rows, output);
  if (result.partial) text += "PARTIAL     the run was interrupted\n";
  return text;
}

std::string summary_of_kept(const KeptRanking& kept, const Output& output) {
  const RankResult& result = kept.result;
  std::string text = entries_lines(result.entries);
  text += fmt::format("run         {}: {}\n", kept.request.run.string(), joined(kept.states));
  text += fmt::format("ranked      {} (solved by {})\n", result.rows->ranked(),
                      joined(result.counts.solvers));
  text += left_out_line(result, output);
  text += rows_lines(*result.rows, output);
  if (result.partial) text += "PARTIAL     not all entries are through\n";
  return text;
}

void report_waits(const RankResult& result, int threads, Reporter& reporter) {
  const StageWaits& waits = result.waits;
  reporter.debug(fmt::format(
      "waits in s  files: {:.2f} for network and disk, {:.2f} for room before the workers",
      result.fetched.waited, waits.files_for_room));
  reporter.debug(fmt::format(
      "            workers ({} threads): {:.2f} for files, {:.2f} for memory, {:.2f} for room "
      "before the devices; results: {:.2f} kept and told",
      threads, waits.workers_for_files, waits.workers_for_memory, waits.workers_for_devices,
      result.stages.keep));
  if (result.stages.device > 0)
    reporter.debug(
        fmt::format("            devices: {:.2f} for structures", waits.devices_for_work));
  // Whoever is waited for and does not wait itself.
  const char* bottleneck = "workers";
  if (waits.workers_for_files / threads > waits.files_for_room)
    bottleneck = "files";
  else if (waits.workers_for_devices > std::max(waits.workers_for_files, waits.devices_for_work))
    bottleneck = "devices";
  reporter.debug(fmt::format("            bottleneck: {}", bottleneck));
}

}  // namespace modesweep::cli
