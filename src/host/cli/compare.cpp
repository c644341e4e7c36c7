// SPDX-License-Identifier: MIT
// The command `compare`: the modes of two structures against each other.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <modesweep/comparison.hpp>
#include <modesweep/modes_job.hpp>

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/help_texts.hpp"
#include "cli/interrupt.hpp"
#include "cli/option_groups.hpp"
#include "cli/output_file.hpp"
#include "cli/output_set.hpp"
#include "cli/output_stream.hpp"
#include "cli/parse.hpp"

namespace modesweep::cli {
namespace {

constexpr const char* notes =
    R"(Residues are matched by their numbers where nine of ten have the same one and
are the same amino acid, else by sequence alignment (BLOSUM62); modified residues,
protonation states (HIE, CYX) and force fields' names of chain ends (NALA) are the
amino acid that they are a form of. Where the numbers of one chain name begin again,
another chain begins. The chains that are most alike are a pair, of equal ones those
of the same name; with less than 30 % identical residues they are none. B is laid on
A by least squares (Kabsch) over the matched residues, and its modes are turned with
it.

The modes are those of each structure's own whole network. Over the matched
residues a mode is the part of its vector that belongs to them, scaled to length 1
(ProDy's sliceModel with norm=True), and overlaps are absolute (calcOverlap without
its sign). For RMSIP (calcSubspaceOverlap) and cumulative overlaps (calcCumulOverlap)
the parts are orthonormalised from mode 1 on, so that neither passes 1. Where all
residues match all are ProDy's numbers.)";

struct CompareOptions {
  StructureInput first, second;
  Access access;
  Model model;
  Machine machine;
  Format format = Format::table;
  std::filesystem::path file;  ///< empty: standard output
};

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

int run(const CompareOptions& options, const Call& call, Reporter& reporter) {
  const std::vector<StructureInput> inputs = {structure_of(options.first, reporter),
                                              structure_of(options.second, reporter)};
  check_writable(options.file);
  OutputSet outputs;
  outputs.add("-o", options.file);
  outputs.check_flags(call);
  outputs.check_store(options.access.store);
  for (const StructureInput& input : inputs) outputs.check_input(input.file);
  std::vector<EntryModes> modes;
  std::optional<ExitCode> failed;
  ModesJob job({inputs, options.access, options.model, options.machine}, reporter, call.cancel);
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
  const Write write_all = [&](std::ostream& out) { write(out, *comparison, options.format); };
  try {
    if (options.file.empty())
      print(write_all);
    else
      write_file(options.file, write_all);
  } catch (const std::system_error& error) {
    cannot_write(error);
  }
  return static_cast<int>(ExitCode::ok);
}

/// A motion along which two structures are compared has a direction, and chains are named once.
void check(const CompareOptions& options) {
  for (const StructureInput& input : {options.first, options.second})
    if (!options.model.read.chains.empty() && !input.chains.empty())
      usage("name chains with the inputs or with --chains, not with both");
  if (options.model.network.model == ElasticModel::gnm)
    usage("a GNM's modes have no directions to compare: --enm anm");
}

Run add(const Flags& flags) {
  const auto options = std::make_shared<CompareOptions>();
  flags.footer(fmt::format("{}\n\nColumns of tsv and jsonl (a line a mode k of A):{}\n\n{}", notes,
                           comparison_column_help(), citations));
  const Flags inputs = flags.in("Input");
  const auto add_input = [&](const char* name, StructureInput& input, const char* help) {
    inputs.convert(name, std::string(),
                   [&input](const std::string& text) { input = parse_structure(text); }, help,
                   {required, named("INPUT")});
  };
  add_input("A", options->first,
            "entry ID or structure file, with chains where it has others: 1AKE:A");
  add_input("B", options->second, "likewise: 4AKE:A");
  add_model(flags, options->model);
  add_cpu_solver(flags, options->machine);
  add_limits(flags, options->machine);
  const Flags output = flags.in(output_group);
  add_format(output, options->format, options->file,
             "table, tsv or jsonl (else by the ending of -o)");
  output.option("-o,--output", options->file, "file to write", {named("FILE")});
  add_store(flags, options->access.store);
  add_connection(flags, options->access.http);
  flags.common();
  flags.then([options] { check(*options); });
  return [options](const Call& call, Reporter& reporter) { return run(*options, call, reporter); };
}

}  // namespace

Command compare_command() {
  return {"compare",
          "compare the modes of two structures of one protein, and the step between them", add};
}

}  // namespace modesweep::cli
