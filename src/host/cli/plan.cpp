// SPDX-License-Identifier: MIT
// The command `plan`: what the shards of a list will be.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>

#include <modesweep/shard_plan.hpp>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/help_texts.hpp"
#include "cli/interrupt.hpp"
#include "cli/option_groups.hpp"
#include "cli/output_stream.hpp"

namespace modesweep::cli {
namespace {

constexpr const char* notes =
    R"(Core-seconds and memory are estimates from the sizes of the files (compressed ones
count four times), of rank with its defaults on one thread of one CPU; of T threads
the memory is up to T times that. Where files of IDs are not in the cache or a
mirror nothing is estimated for them: fetch them first. Nothing is downloaded.)";

struct PlanOptions {
  Input input;
  Access access;
  int shards = 0;
};

std::string number_or_dash(bool known, const std::string& text) { return known ? text : "-"; }

std::string line(const std::string& name, const ShardEstimate& shard) {
  const bool known = shard.sized > 0;
  return fmt::format(
      "{:<12} {:>9} {:>11} {:>13} {:>10}\n", name, shard.entries,
      number_or_dash(known, fmt::format("{:.1f}", static_cast<double>(shard.bytes) * 1e-6)),
      number_or_dash(known, fmt::format("{:.1f}", shard.core_seconds)),
      number_or_dash(known, fmt::format("{:.0f}", static_cast<double>(shard.memory) * 1e-6)));
}

int run(const PlanOptions& options, const Call& call, Reporter& reporter) {
  const std::optional<std::int64_t> shards =
      options.shards > 0 ? std::optional<std::int64_t>(options.shards) : std::nullopt;
  const ShardPlan plan = plan_shards(options.input, options.access, shards, reporter, call.cancel);
  if (interrupt_exit_code() != 0) return interrupt_exit_code();
  const auto count = static_cast<std::int64_t>(plan.shards.size());
  std::string text = fmt::format("{:<12} {:>9} {:>11} {:>13} {:>10}\n", "shard", "entries", "MB",
                                 "core-seconds", "memory/MB");
  for (std::int64_t number = 0; number < count; ++number)
    text += line(to_string(Shard{number, count}), plan.shards[static_cast<std::size_t>(number)]);
  text += line("all", plan.all);
  print(text);
  if (plan.all.sized < plan.all.entries)
    reporter.warning(fmt::format(
        "{} no file here, or an empty one, and {} in no estimate",
        counted(std::int64_t(plan.all.entries - plan.all.sized), "entry has", "entries have"),
        plan.all.entries - plan.all.sized == 1 ? "is" : "are"));
  if (plan.all.sized > 0)
    reporter.info(fmt::format("proposed    {}, of about an hour on one core at most",
                              counted(proposed_shards(plan.all), "shard")));
  return static_cast<int>(plan.all.entries == 0 ? ExitCode::nothing_to_rank : ExitCode::ok);
}

Run add(const Flags& flags) {
  const auto options = std::make_shared<PlanOptions>();
  auto& [input, access, shards] = *options;
  const Flags group = flags.in("Input (one of --ids, --files)");
  add_lists(group, input.ids, input.files);
  group.option("--shards", shards, "how many (else as many as are proposed)",
               {between(1, static_cast<int>(most_shards)), named("N")});
  add_store(flags, access.store);
  flags.then([flags, &input = input] {
    const bool has_ids = flags.is_given("--ids");
    if (has_ids == flags.is_given("--files")) usage("give a list to plan for: --ids or --files");
    input.source = has_ids ? Source::ids : Source::files;
  });
  flags.footer(fmt::format("{}\n\n{}", notes, exit_codes));
  flags.common();
  return [options](const Call& call, Reporter& reporter) { return run(*options, call, reporter); };
}

}  // namespace

Command plan_command() {
  return {"plan", "print what the shards of a list will hold and need", add};
}

}  // namespace modesweep::cli
