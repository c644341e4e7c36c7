// SPDX-License-Identifier: MIT
#include "cli/ranking_job.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "cli/exit_code.hpp"
#include "cli/interrupt.hpp"
#include "cli/output_file.hpp"
#include "cli/rank_summary.hpp"
#include "cli/ranking_output.hpp"
#include "cli/row_stream.hpp"

namespace modesweep::cli {
namespace {

bool most_downloads_failed(const RankResult& result) {
  return 2 * result.fetched.failed > result.fetched.asked;
}

/// Of the first entry left out for which `counts`, by its name; empty where there is none.
std::string first_reason(const RankResult& result, bool (*counts)(const LeftOut&)) {
  std::string reason;
  result.left_out([&](const LeftOut& entry) {
    if (!reason.empty() || !counts(entry)) return;
    reason = entry.failure.message;
    if (reason.find(entry.id) == std::string::npos)
      reason = fmt::format("{}: {}", entry.id, reason);
  });
  return reason;
}

/// Why there are fewer rows than hoped for, where the summary's counts do not say enough.
void warn_of_gaps(const RankResult& result, Reporter& reporter) {
  const Entries& entries = result.entries;
  if (entries.found == 0) {
    const std::string term = entries.term.empty() ? "" : fmt::format(" for \"{}\"", entries.term);
    if (!entries.explained)
      reporter.warning(fmt::format("nothing was found{} in {}", term, entries.source));
    return;
  }
  if (most_downloads_failed(result))
    reporter.warning(fmt::format("more than half of the downloads failed; the first: {}",
                                 first_reason(result, [](const LeftOut& entry) {
                                   return entry.failure.stage == Stage::download;
                                 })));
  else if (result.rows->ranked() == 0 && !result.partial)
    reporter.warning(fmt::format("nothing to rank: every entry was left out; the first: {}",
                                 first_reason(result, [](const LeftOut&) { return true; })));
}

/// Whether files were named of which none is there, as the search for entries has said of each:
/// there is nothing to sum up. Those of a run that is kept were there once.
bool are_all_absent(const RankRequest& request, const RankResult& result) {
  if (request.input.source != Source::files || !request.run.empty()) return false;
  bool any = false, all = result.rows->ranked() == 0;
  result.left_out([&](const LeftOut& entry) {
    std::error_code error;
    any = true;
    all = all && !std::filesystem::exists(entry.file, error);
  });
  return any && all;
}

/// Of an interrupted run: what a file holds is worth more than the ranking so far, which is printed
/// instead.
Output without_replacing(Output output, Reporter& reporter) {
  for (std::filesystem::path* const file : {&output.file, &output.failures}) {
    if (file->empty()) continue;
    const OutputTarget target = look_at(*file);
    if (target.kind != OutputTarget::Kind::file || target.status.st_size == 0) continue;
    reporter.warning(fmt::format("{} is left as it was: the run was interrupted", file->string()));
    file->clear();
  }
  return output;
}

int exit_code(const RankRequest& request, const RankResult& result, const Output& output) {
  if (result.partial) return interrupt_exit_code();
  // What is not there offline will not come: a part of a larger job has it among its failures.
  const bool is_final = request.access.http.offline && output.allow_empty;
  if (most_downloads_failed(result) && !is_final) return static_cast<int>(ExitCode::unavailable);
  return static_cast<int>(exit_code_of(result, output.strict, output.allow_empty));
}

}  // namespace

void write_ranking(const RankRequest& request, const RankResult& result, const Output& output,
                   const Call& call, Reporter& reporter) {
  const std::string record =
      output.file.empty() ? std::string() : ranking_record(request, result, call.command_line);
  const TailCounter rows(*result.rows, output.core);
  write_outputs(rows, result.left_out, record, output, request.model, result.partial);
  note_dominant_protein(rows, output, reporter);
  note_tails(rows.tails(), rows.shown(), output.core, reporter);
}

int run_job(RankJob job, const Output& output, const Call& call, Reporter& reporter) {
  check_core(output.core, output.order, output.columns, job.request().model);
  const OutputSet outputs = check_outputs(output, reporter);
  outputs.check_flags(call);
  outputs.check_run(job.request().run);
  outputs.check_store(job.request().access.store);
  outputs.check_archive(job.request().input.archive);
  job.check_files([&](const std::filesystem::path& file) { outputs.check_input(file); });
  std::optional<RowStream> stream;
  if (output.stream) {
    // There is no use in going on where nobody reads and nothing is kept.
    const bool kept = !job.request().run.empty() || !output.file.empty();
    stream.emplace(
        output.columns, output.order.where, kept ? +[] {} : +[] { request_stop(); });
    job.observe(*stream);
  }
  const RankResult result = job.run();
  if (stream) {
    stream->check();
    if (stream->is_closed() && result.partial && interrupt_exit_code() == 0) return 0;
  }
  const RankRequest& request = job.request();
  const Output to = result.partial ? without_replacing(output, reporter) : output;
  write_ranking(request, result, to, call, reporter);
  if (!are_all_absent(request, result)) {
    report_summary(request, result, to, reporter);
    report_waits(result, reporter);
    warn_of_gaps(result, reporter);
  }
  if (!result.run_failure.empty())
    throw RunError(Cause::output, fmt::format("the run in {} could not be kept: {}",
                                              request.run.string(), result.run_failure));
  return exit_code(request, result, output);
}

}  // namespace modesweep::cli
