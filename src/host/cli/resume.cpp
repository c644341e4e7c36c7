// SPDX-License-Identifier: MIT
// The command `resume`: the rest of a run that is kept.
#include <fmt/format.h>

#include <memory>

#include <modesweep/rank_job.hpp>

#include "cli/command.hpp"
#include "cli/help_texts.hpp"
#include "cli/option_groups.hpp"
#include "cli/ranking_job.hpp"

namespace modesweep::cli {
namespace {

constexpr const char* notes =
    R"(Results of the run that are damaged or missing (by its checksums and counts) are
solved again, with a warning that counts them.)";

struct ResumeOptions {
  RankRequest request;
  ResumeChoices choices;
  Output output;
};

Run add(const Flags& flags) {
  const auto options = std::make_shared<ResumeOptions>();
  auto& [request, choices, output] = *options;
  flags.footer(fmt::format("{}\n\n{}", notes, exit_codes));
  flags.option("DIR", request.run, "folder of the run", {required});
  add_run(flags, output, request);
  add_machine(flags, request.machine);
  add_output(flags, output);
  add_store(flags, request.access.store);
  add_connection(flags, request.access.http);
  flags.common();
  flags.then([flags, options] {
    options->request.order = options->output.order;
    options->choices = {.file_format = flags.is_given("--file-format"),
                        .hosts = flags.is_given("--hosts")};
  });
  return [options](const Call& call, Reporter& reporter) {
    return run_job(RankJob::resume(options->request, options->choices, reporter, call.cancel),
                   options->output, call, reporter);
  };
}

}  // namespace

Command resume_command() { return {"resume", "go on with a run that `rank --run` keeps", add}; }

}  // namespace modesweep::cli
