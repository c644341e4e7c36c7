// SPDX-License-Identifier: MIT
// The command `compare`: the modes of two structures against each other.
#include <fmt/format.h>

#include <modesweep/comparison.hpp>

#include "cli/commands.hpp"
#include "cli/entry_modes.hpp"
#include "cli/exit_code.hpp"
#include "cli/interrupt.hpp"
#include "cli/output_stream.hpp"

namespace modesweep::cli {
namespace {

/// The one structure that an input is.
Entry entry_of(const StructureInput& input, Reporter& reporter) {
  std::vector<Entry> entries = list_entries({input}, reporter);
  if (entries.size() != 1)
    throw RunError(Cause::request, fmt::format("compare takes two structures, and {} holds {}",
                                               input.path.string(), entries.size()));
  return std::move(entries.front());
}

void write(std::ostream& out, const Comparison& comparison, Format format) {
  switch (format) {
    case Format::table: write_comparison_table(out, comparison); break;
    case Format::tsv: write_comparison_tsv(out, comparison); break;
    case Format::jsonl: write_comparison_jsonl(out, comparison); break;
  }
}

}  // namespace

int run_compare(const Arguments& arguments, Reporter& reporter) {
  const RankOptions& rank = arguments.rank;
  std::vector<Entry> entries = {entry_of(arguments.compare.first, reporter),
                                entry_of(arguments.compare.second, reporter)};
  check_writable(rank.output);
  fetch_files(entries, arguments.access, arguments.cancel, reporter);
  const std::unique_ptr<ModeSolver> solver = make_cpu_solver(rank.solver);
  std::vector<EntryModes> modes;
  for (const Entry& entry : entries) {
    if (arguments.cancel.is_cancelled()) return interrupt_exit_code();
    Outcome<EntryModes> outcome = compute_modes(entry, rank, *solver);
    if (!outcome) {
      reporter.warning(fmt::format("{}: {}", entry.name(), outcome.error().message));
      return static_cast<int>(outcome.error().stage == Stage::download ? ExitCode::unavailable
                                                                       : ExitCode::nothing_to_rank);
    }
    modes.push_back(*std::move(outcome));
  }
  const tl::expected<Comparison, std::string> comparison = compare_modes(modes[0], modes[1]);
  if (!comparison) {
    reporter.warning(
        fmt::format("{} and {}: {}", entries[0].name(), entries[1].name(), comparison.error()));
    return static_cast<int>(ExitCode::nothing_to_rank);
  }
  const Write write_all = [&](std::ostream& out) { write(out, *comparison, rank.format); };
  try {
    if (rank.output.empty())
      print(write_all);
    else
      write_file(rank.output, write_all);
  } catch (const std::system_error& error) {
    cannot_write(error);
  }
  return static_cast<int>(ExitCode::ok);
}

}  // namespace modesweep::cli
