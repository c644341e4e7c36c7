// SPDX-License-Identifier: MIT
// The commands `rank`, `resume` and `show`: the main job, and what is left of it on disk.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <modesweep/rank_job.hpp>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/interrupt.hpp"
#include "cli/rank_summary.hpp"
#include "cli/ranking_output.hpp"
#include "cli/row_stream.hpp"

namespace modesweep::cli {
namespace {

RankRequest request_of(const Arguments& arguments) {
  return {arguments.input,   arguments.access, arguments.model,
          arguments.machine, arguments.run,    arguments.retry_failed};
}

bool most_downloads_failed(const RankResult& result) {
  return 2 * result.fetched.failed > result.fetched.asked;
}

/// Why there are fewer rows than hoped for, where the summary's counts do not say enough.
void warn_of_gaps(const RankResult& result, Reporter& reporter) {
  const std::vector<LeftOut>& left_out = result.ranking.left_out;
  const Entries& entries = result.entries;
  if (entries.found == 0) {
    const std::string term = entries.term.empty() ? "" : fmt::format(" for \"{}\"", entries.term);
    if (!entries.explained)
      reporter.warning(fmt::format("nothing was found{} in {}", term, entries.source));
    return;
  }
  if (result.ranking.rows.empty() && !result.partial)
    reporter.warning("nothing to rank: every entry was left out");
  const auto download = std::find_if(left_out.begin(), left_out.end(), [](const LeftOut& entry) {
    return entry.failure.stage == Stage::download;
  });
  if (most_downloads_failed(result) && download != left_out.end())
    reporter.warning(fmt::format("more than half of the downloads failed; the first: {}: {}",
                                 download->id, download->failure.message));
}

int exit_code(const RankResult& result, const Output& output) {
  if (result.partial) return interrupt_exit_code();
  if (most_downloads_failed(result)) return static_cast<int>(ExitCode::unavailable);
  return static_cast<int>(exit_code_of(result.ranking, output.strict));
}

/// Sorts, writes and prints.
Shown write_ranking(const RankRequest& request, RankResult& result, const Arguments& arguments,
                    Reporter& reporter) {
  const Output& output = arguments.output;
  Shown shown;
  shown.ranked = result.ranking.rows.size();
  const std::span<const Row> rows = select_top(result.ranking.rows, output);
  shown.rows = rows.size();
  const auto record = [&] {
    return ranking_record(request, result,
                          {.command = arguments.command_line,
                           .sort = output.sort ? output.sort->name : "fv1",
                           .unique = output.unique,
                           .top = output.top,
                           .ranked = shown.ranked,
                           .written = shown.rows});
  };
  write_outputs(rows, result.ranking.left_out, output.file.empty() ? std::string() : record(),
                output, request.model, result.partial);
  note_dominant_protein(rows, output, reporter);
  return shown;
}

int run_job(RankJob job, const Arguments& arguments, Reporter& reporter) {
  const Output& output = arguments.output;
  check_outputs(output);
  std::optional<RowStream> stream;
  if (output.stream) {
    // There is no use in going on where nobody reads and nothing is kept.
    const bool kept = !arguments.run.empty() || !output.file.empty();
    stream.emplace(
        output.columns, kept ? +[] {} : +[] { request_stop(); });
    job.observe(*stream);
  }
  RankResult result = job.run();
  if (stream) {
    stream->check();
    if (stream->is_closed() && result.partial && interrupt_exit_code() == 0) return 0;
  }
  const RankRequest& request = job.request();
  const Shown shown = write_ranking(request, result, arguments, reporter);
  reporter.info(summary(request, result, output, shown));
  report_waits(result, request.machine.threads, reporter);
  warn_of_gaps(result, reporter);
  if (!result.run_failure.empty())
    throw RunError(Cause::output, fmt::format("the run in {} could not be kept: {}",
                                              request.run.string(), result.run_failure));
  return exit_code(result, output);
}

}  // namespace

int run_rank(const Arguments& arguments, Reporter& reporter) {
  return run_job(RankJob(request_of(arguments), reporter, arguments.cancel), arguments, reporter);
}

int run_resume(const Arguments& arguments, Reporter& reporter) {
  return run_job(
      RankJob::resume(request_of(arguments), arguments.resume, reporter, arguments.cancel),
      arguments, reporter);
}

int run_show(const Arguments& arguments, Reporter& reporter) {
  check_outputs(arguments.output);
  KeptRanking kept = read_kept_ranking(arguments.run);
  const Shown shown = write_ranking(kept.request, kept.result, arguments, reporter);
  reporter.info(summary_of_kept(kept, arguments.output, shown));
  return static_cast<int>(shown.rows == 0 ? ExitCode::nothing_to_rank : ExitCode::ok);
}

}  // namespace modesweep::cli
