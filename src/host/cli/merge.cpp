// SPDX-License-Identifier: MIT
// The command `merge`: one run of those of several processes.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <vector>

#include <modesweep/merge_job.hpp>
#include <modesweep/rank_job.hpp>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/help_texts.hpp"
#include "cli/option_groups.hpp"
#include "cli/parse.hpp"
#include "cli/rank_summary.hpp"

namespace modesweep::cli {
namespace {

constexpr const char* notes =
    R"(The runs have the same parameters, method and instruction set, and every row is
checked by its checksum on the way. Of shards (rank --shard I/N) all N are there,
of the same list, and through. What is missing, twice or unfinished is named, with
exit code 2; --partial merges what there is, and show repeats what is missing. The
merged run is a run as any other: show, report and resume take it.)";

int run(const MergeRequest& request, const Call& call, Reporter& reporter) {
  const MergeResult result = merge_runs(request, reporter, call.cancel);
  for (const std::string& gap : result.gaps) reporter.warning(gap);
  const KeptRanking kept = read_kept_ranking(request.run, {});
  reporter.info(fmt::format("merged      {}: {}, ranked {}, left out {}",
                            counted(std::ssize(request.parts), "run"),
                            counted(std::int64_t(result.entries), "entry", "entries"),
                            kept.result.rows->ranked(), kept.result.left_out_count()));
  reporter.info(fmt::format("run         {}: {} (modesweep show {} prints its ranking)",
                            request.run.string(), joined(kept.states), request.run.string()));
  return 0;
}

Run add(const Flags& flags) {
  const auto request = std::make_shared<MergeRequest>();
  flags.option("OUT", request->run, "folder of the merged run, which holds none yet", {required});
  flags.convert("RUN", std::vector<std::string>(),
                [flags, request](const std::vector<std::string>& words) {
                  request->parts = parse_paths(words);
                  for (const std::string& word : words) flags.reads_list(word);
                },
                "folders of the runs; @file or - for a list of them, one a line", {required});
  flags.flag("--partial", request->partial,
             "merge what there is where shards are missing, twice or unfinished");
  flags.flag("--mixed-isa", request->mixed_isa,
             "take runs of different instruction sets (rank --isa), whose last digits may differ");
  flags.footer(fmt::format("{}\n\n{}", notes, exit_codes));
  flags.common();
  return [request](const Call& call, Reporter& reporter) { return run(*request, call, reporter); };
}

}  // namespace

Command merge_command() {
  return {"merge", "make one run of those that shards of a list were ranked in", add};
}

}  // namespace modesweep::cli
