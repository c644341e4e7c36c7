// SPDX-License-Identifier: MIT
// The command `show`: the ranking of a run as it lies on disk.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>

#include <modesweep/rank_job.hpp>
#include <modesweep/run_store.hpp>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/help_texts.hpp"
#include "cli/option_groups.hpp"
#include "cli/output_stream.hpp"
#include "cli/rank_summary.hpp"
#include "cli/ranking_job.hpp"
#include "cli/ranking_output.hpp"

namespace modesweep::cli {
namespace {

constexpr const char* notes =
    R"(What is shown was checked: rows, entries, parameters and query have checksums, and
the run knows how many there are. Where something is not as it was written nothing
is shown, with one sentence and exit code 4. `modesweep resume DIR` solves again
what is damaged or missing of the results.)";

struct ShowOptions {
  std::filesystem::path run;
  bool check = false;
  Output output;
};

int check(const std::filesystem::path& run, Reporter& reporter) {
  const RunCheck found = check_run(run);
  std::string text;
  for (const std::string& damage : found.damage) text += damage + '\n';
  print(text);
  reporter.info(fmt::format("run         {}: {}, {}; damaged or missing: {}", run.string(),
                            counted(found.entries, "entry", "entries"), counted(found.rows, "row"),
                            found.damage.size()));
  return static_cast<int>(found.damage.empty() ? ExitCode::ok : ExitCode::damaged);
}

int run(const ShowOptions& options, const Call& call, Reporter& reporter) {
  if (options.check) return check(options.run, reporter);
  const Output& output = options.output;
  check_outputs(output, reporter).check_run(options.run);
  const KeptRanking kept = read_kept_ranking(options.run, output.order);
  check_core(output.core, output.order, output.columns, kept.request.model);
  write_ranking(kept.request, kept.result, output, call, reporter);
  report_summary_of_kept(kept, output, reporter);
  return static_cast<int>(kept.result.rows->shown() == 0 ? ExitCode::nothing_to_rank
                                                         : ExitCode::ok);
}

Run add(const Flags& flags) {
  const auto options = std::make_shared<ShowOptions>();
  flags.option("DIR", options->run, "folder of the run", {required});
  flags.flag(
      "--check", options->check,
      "read all of the run instead, print what is damaged or missing, a line each, and end with 7 "
      "where anything is");
  add_output(flags, options->output);
  flags.footer(fmt::format("{}\n\n{}", notes, exit_codes));
  flags.common();
  return [options](const Call& call, Reporter& reporter) { return run(*options, call, reporter); };
}

}  // namespace

Command show_command() {
  return {"show", "print the ranking of a run that `rank --run` keeps, also while it goes on", add};
}

}  // namespace modesweep::cli
