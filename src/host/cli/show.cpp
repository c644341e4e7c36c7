// SPDX-License-Identifier: MIT
// The command `show`: the ranking of a run as it lies on disk.
#include <filesystem>
#include <memory>

#include <modesweep/rank_job.hpp>

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/option_groups.hpp"
#include "cli/rank_summary.hpp"
#include "cli/ranking_job.hpp"
#include "cli/ranking_output.hpp"

namespace modesweep::cli {
namespace {

struct ShowOptions {
  std::filesystem::path run;
  Output output;
};

int run(const ShowOptions& options, const Call& call, Reporter& reporter) {
  const Output& output = options.output;
  check_outputs(output, reporter).check_run(options.run);
  const KeptRanking kept = read_kept_ranking(options.run, output.order);
  write_ranking(kept.request, kept.result, output, call, reporter);
  report_summary_of_kept(kept, output, reporter);
  return static_cast<int>(kept.result.rows->shown() == 0 ? ExitCode::nothing_to_rank
                                                         : ExitCode::ok);
}

Run add(const Flags& flags) {
  const auto options = std::make_shared<ShowOptions>();
  flags.option("DIR", options->run, "folder of the run", {required});
  add_output(flags, options->output);
  flags.common();
  return [options](const Call& call, Reporter& reporter) { return run(*options, call, reporter); };
}

}  // namespace

Command show_command() {
  return {"show", "print the ranking of a run that `rank --run` keeps, also while it goes on", add};
}

}  // namespace modesweep::cli
