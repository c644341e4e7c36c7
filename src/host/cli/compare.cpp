// SPDX-License-Identifier: MIT
// The command `compare`: the modes of two structures against each other.
#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include <modesweep/comparison.hpp>
#include <modesweep/modes_job.hpp>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/interrupt.hpp"
#include "cli/output_stream.hpp"

namespace modesweep::cli {
namespace {

/// The one structure that an input is.
StructureInput structure_of(const StructureInput& input, Reporter& reporter) {
  std::vector<StructureInput> structures = list_structures({input}, reporter);
  if (structures.size() != 1)
    throw RunError(Cause::request, fmt::format("compare takes two structures, and {} holds {}",
                                               input.file.string(), structures.size()));
  return std::move(structures.front());
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
  const Output& output = arguments.output;
  const std::vector<StructureInput> inputs = {structure_of(arguments.compare.first, reporter),
                                              structure_of(arguments.compare.second, reporter)};
  check_writable(output.file);
  std::vector<EntryModes> modes;
  std::optional<ExitCode> failed;
  ModesJob job({inputs, arguments.access, arguments.model, arguments.machine}, reporter,
               arguments.cancel);
  const std::size_t through = job.run([&](std::size_t input, Outcome<EntryModes> outcome) {
    if (failed) return;
    if (outcome) {
      modes.push_back(*std::move(outcome));
    } else {
      reporter.warning(fmt::format("{}: {}", inputs[input].name(), outcome.error().message));
      failed = outcome.error().stage == Stage::download ? ExitCode::unavailable
                                                        : ExitCode::nothing_to_rank;
    }
  });
  if (through < inputs.size()) return interrupt_exit_code();
  if (failed) return static_cast<int>(*failed);
  const tl::expected<Comparison, std::string> comparison = compare_modes(modes[0], modes[1]);
  if (!comparison) {
    reporter.warning(
        fmt::format("{} and {}: {}", inputs[0].name(), inputs[1].name(), comparison.error()));
    return static_cast<int>(ExitCode::nothing_to_rank);
  }
  const Write write_all = [&](std::ostream& out) { write(out, *comparison, output.format); };
  try {
    if (output.file.empty())
      print(write_all);
    else
      write_file(output.file, write_all);
  } catch (const std::system_error& error) {
    cannot_write(error);
  }
  return static_cast<int>(ExitCode::ok);
}

}  // namespace modesweep::cli
