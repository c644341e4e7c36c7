// SPDX-License-Identifier: MIT
#include "cli/rank_summary.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.hpp"

namespace modesweep::cli {
namespace {

/// What was searched for and found.
void report_entries(const RankRequest& request, const RankResult& result, Reporter& reporter) {
  const Entries& entries = result.entries;
  reporter.info("");
  reporter.info(fmt::format("source      {}", entries.source));
  if (!entries.term.empty()) reporter.info(fmt::format("query       {}", entries.term));
  if (entries.search && !entries.search->understood.empty())
    reporter.info(fmt::format("understood  {}", entries.search->understood));
  std::string found = "found       " + counted(std::int64_t(entries.found), "entry", "entries");
  if (entries.search)
    found += fmt::format(" in {} of {}", entries.search->records_read,
                         counted(entries.search->records_found, "record"));
  if (request.input.shard && entries.shared)
    found += fmt::format(" (shard {} of {})", to_string(*request.input.shard),
                         counted(std::int64_t(entries.shared->entries), "entry", "entries"));
  if (result.chains) found += fmt::format(", {} with nodes", counted(*result.chains, "chain"));
  reporter.info(found);
}

void report_files(const FetchCounts& fetched, Reporter& reporter) {
  if (fetched.asked == 0) return;
  const auto count = [&](StoredFile::Origin origin) {
    const auto found = fetched.files.find(origin);
    return found == fetched.files.end() ? std::size_t{0} : found->second;
  };
  reporter.info(fmt::format("files       {} cached, {} from mirrors, {} downloaded ({:.1f} MB)",
                            count(StoredFile::Origin::cache), count(StoredFile::Origin::mirror),
                            count(StoredFile::Origin::network),
                            static_cast<double>(fetched.bytes_downloaded) * 1e-6));
}

void report_left_out(const RankResult& result, const Output& output, Reporter& reporter) {
  if (result.reasons.empty()) return;
  reporter.info(fmt::format("left out    {}: {}{}", result.left_out_count(), joined(result.reasons),
                            output.failures.empty() ? " (--failures FILE lists them)" : ""));
}

/// What of the ranking is not shown.
void report_rows(const RankedRows& rows, const Output& output, Reporter& reporter) {
  const RowOrder& order = output.order;
  if (const std::optional<Condition>& where = order.where) {
    const std::string text = matching_text(rows, *where);
    if (rows.matching() == 0 && rows.ranked() > 0)
      reporter.warning("nothing to rank: " + text);
    else
      reporter.info("where       " + text);
  }
  if (order.unique)
    reporter.info(fmt::format("unique      {}, one a protein{}", counted(rows.rows(), "row"),
                              order.unique_identity ? fmt::format(" (sequences identical to {} %)",
                                                                  *order.unique_identity)
                                                    : ""));
  if (rows.without_sequence() > 0)
    reporter.info(fmt::format(
        "            {} no sequence, as rows of earlier versions and nucleic acids, and {} by "
        "the column protein",
        counted(rows.without_sequence(), "row has", "rows have"),
        rows.without_sequence() == 1 ? "goes" : "go"));
  if (rows.shown() != rows.rows())
    reporter.info(fmt::format("shown       {} of {} (--top 0 shows all)", rows.shown(),
                              counted(rows.rows(), "row")));
}

void report_gaps(const RankResult& result, Reporter& reporter) {
  if (!result.gaps.empty())
    reporter.warning(fmt::format("the run was merged with gaps: {}", result.gaps));
}

void report_seconds(const RankResult& result, Reporter& reporter) {
  std::string text = fmt::format(
      "seconds     {:.2f} in all; search {:.2f}, download {:.2f}; over {}: parse {:.2f}, "
      "network {:.2f}, modes {:.2f}",
      result.seconds, result.entries.seconds, result.fetched.seconds,
      counted(result.threads, "thread"), result.stages.parse, result.stages.network,
      result.stages.solve);
  if (result.stages.device > 0)
    text += fmt::format("; on devices: modes {:.2f}", result.stages.device);
  reporter.info(text);
}

}  // namespace

std::string matching_text(const RankedRows& rows, const Condition& where) {
  return fmt::format("{} of {} meet --where \"{}\"", rows.matching(), rows.ranked(), where.text());
}

std::string joined(const std::map<std::string, std::size_t>& counts) {
  std::string text;
  for (const auto& [name, count] : counts)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  return text;
}

void report_summary(const RankRequest& request, const RankResult& result, const Output& output,
                    Reporter& reporter) {
  report_entries(request, result, reporter);
  if (!request.run.empty())
    reporter.info(fmt::format("run         {}: {} finished before", request.run.string(),
                              counted(result.earlier, "entry was", "entries were")));
  report_files(result.fetched, reporter);
  std::vector<std::string> origins;
  if (!result.counts.solvers.empty())
    origins.push_back("solved by " + joined(result.counts.solvers));
  if (result.counts.from_cache > 0)
    origins.push_back(fmt::format("{} from the result cache", result.counts.from_cache));
  std::string ranked = fmt::format("ranked      {}", result.rows->ranked());
  if (!origins.empty()) ranked += fmt::format(" ({})", fmt::join(origins, "; "));
  reporter.info(ranked);
  if (result.damaged_in_cache > 0)
    reporter.info(fmt::format(
        "damaged     {} damaged and solved again",
        counted(result.damaged_in_cache, "result of the cache was", "results of the cache were")));
  report_left_out(result, output, reporter);
  report_seconds(result, reporter);
  report_rows(*result.rows, output, reporter);
  report_gaps(result, reporter);
  if (result.partial) reporter.info("PARTIAL     the run was interrupted");
  reporter.info("");
}

void report_summary_of_kept(const KeptRanking& kept, const Output& output, Reporter& reporter) {
  const RankResult& result = kept.result;
  report_entries(kept.request, result, reporter);
  reporter.info(fmt::format("run         {}: {}", kept.request.run.string(), joined(kept.states)));
  reporter.info(fmt::format("ranked      {} (solved by {})", result.rows->ranked(),
                            joined(result.counts.solvers)));
  report_left_out(result, output, reporter);
  report_rows(*result.rows, output, reporter);
  report_gaps(result, reporter);
  if (result.partial) reporter.info("PARTIAL     not all entries are through");
  reporter.info("");
}

void report_waits(const RankResult& result, Reporter& reporter) {
  const StageWaits& waits = result.waits;
  reporter.debug(fmt::format(
      "waits in s  files: {:.2f} for network and disk, {:.2f} for room before the workers",
      result.fetched.waited, waits.files_for_room));
  reporter.debug(
      fmt::format("            workers ({}): {:.2f} for files, {:.2f} for memory, {:.2f} for room "
                  "before the devices; results: {:.2f} kept and told",
                  counted(result.threads, "thread"), waits.workers_for_files,
                  waits.workers_for_memory, waits.workers_for_devices, result.stages.keep));
  if (result.stages.device > 0)
    reporter.debug(
        fmt::format("            devices: {:.2f} for structures", waits.devices_for_work));
  // Whoever is waited for and does not wait itself.
  const char* bottleneck = "workers";
  if (waits.workers_for_files / result.threads > waits.files_for_room)
    bottleneck = "files";
  else if (waits.workers_for_devices > std::max(waits.workers_for_files, waits.devices_for_work))
    bottleneck = "devices";
  reporter.debug(fmt::format("            bottleneck: {}", bottleneck));
}

}  // namespace modesweep::cli
