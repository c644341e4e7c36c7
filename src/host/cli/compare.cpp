// SPDX-License-Identifier: MIT
// The command `compare`: the modes of structures of one protein against each other.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <modesweep/comparison.hpp>
#include <modesweep/modes_job.hpp>
#include <modesweep/report.hpp>

#include "base/clock.hpp"
#include "base/closest.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/exit_code.hpp"
#include "cli/help_texts.hpp"
#include "cli/interrupt.hpp"
#include "cli/option_groups.hpp"
#include "cli/output_file.hpp"
#include "cli/output_set.hpp"
#include "cli/output_stream.hpp"
#include "cli/parse.hpp"
#include "cli/report_libraries.hpp"
#include "cli/wrapped.hpp"

namespace modesweep::cli {
namespace {

constexpr const char* notes =
    R"(Residues are matched by their numbers where nine of ten have the same one and
are the same amino acid, else by sequence alignment (BLOSUM62); modified residues,
protonation states (HIE, CYX) and force fields' names of chain ends (NALA) are the
amino acid that they are a form of. Where the numbers of one chain name begin again,
another chain begins, which is listed as A-2; a chain without a name is _. The chains that are most alike are a pair, of equal ones those
of the same name; with less than 30 % identical residues they are none. B is laid on
A by least squares (Kabsch) over the matched residues, and its modes are turned with
it.

The modes are those of each structure's own whole network. Over the matched
residues a mode is the part of its vector that belongs to them, scaled to length 1
(ProDy's sliceModel with norm=True), and overlaps are absolute (calcOverlap without
its sign). For RMSIP (calcSubspaceOverlap) and cumulative overlaps (calcCumulOverlap)
the parts are orthonormalised from mode 1 on, so that neither passes 1. Where all
residues match all are ProDy's numbers. What modes hold of the step is the square of
their overlap with it, a part of its square length; at a residue, its displacement
by their part of the step.

--morph goes in equal steps from A along the part of the step that the first modes
of A span, as many as hold 95 % of it, or all that were computed.

More than two structures are each matched with the first. All numbers are over the
residues of the first that all of them have, and each two are laid on each other. What
does not match the first is left out. With the first named before a pattern that
has it too (1ake.cif *.cif) it counts once.)";

enum class CompareFormat { table, tsv, csv, jsonl, html };

/// What a line for programs is of.
enum class Per { residue, mode };

constexpr std::array<std::pair<CompareFormat, std::string_view>, 5> format_names = {
    {{CompareFormat::table, "table"},
     {CompareFormat::tsv, "tsv"},
     {CompareFormat::csv, "csv"},
     {CompareFormat::jsonl, "jsonl"},
     {CompareFormat::html, "html"}}};

constexpr int morph_frames = 21;

struct CompareOptions {
  std::vector<StructureInput> inputs;  ///< a file may be a folder of them
  Access access;
  Model model;
  Machine machine;
  CompareFormat format = CompareFormat::table;
  bool is_format_typed = false;  ///< else by the ending of `file`
  std::optional<Per> per;
  bool all = false;             ///< of the table: nothing is cut
  std::optional<int> width;     ///< of the table's lines, 0: any; none: the terminal's
  std::filesystem::path file;   ///< empty: standard output
  std::filesystem::path morph;  ///< empty: none
};

/// What is no file (a pipe, /dev/stdout) needs no ending.
CompareFormat format_of_ending(const std::filesystem::path& file) {
  const OutputTarget::Kind kind = look_at(file).kind;
  if (kind == OutputTarget::Kind::stream || kind == OutputTarget::Kind::descriptor)
    return CompareFormat::table;
  const std::string ending = file.extension().string();
  if (ending == ".txt") return CompareFormat::table;
  if (ending == ".ndjson") return CompareFormat::jsonl;
  std::vector<std::string> known = {".txt"};
  for (const auto& [format, name] : format_names) {
    if (format == CompareFormat::table) continue;
    known.push_back(fmt::format(".{}", name));
    if (ending == known.back()) return format;
  }
  usage(fmt::format("{} has the ending of no format{} (there are {}; --format takes any name)",
                    file.string(), did_you_mean(ending, known), fmt::join(known, ", ")));
}

LineFormat line_format(CompareFormat format) {
  switch (format) {
    case CompareFormat::csv: return LineFormat::csv;
    case CompareFormat::jsonl: return LineFormat::jsonl;
    default: return LineFormat::tsv;
  }
}

/// One input may stand twice, unless it is one of many: `1ake.cif *.cif` names the first.
std::vector<StructureInput> structures_of(const CompareOptions& options, Reporter& reporter) {
  std::vector<StructureInput> all;
  for (const StructureInput& input : options.inputs)
    for (StructureInput& structure : list_structures({input}, reporter))
      all.push_back(std::move(structure));
  if (all.size() <= 2) return all;
  std::vector<StructureInput> each;
  for (StructureInput& structure : all) {
    structure.file = structure.file.lexically_normal();
    if (std::find(each.begin(), each.end(), structure) == each.end())
      each.push_back(std::move(structure));
  }
  return each;
}

/// What was computed: of two structures the first two, of more the third.
struct Results {
  std::optional<Comparison> comparison;
  std::optional<StepOfResidues> step;
  std::optional<ComparisonMatrix> matrix;
};

tl::expected<Results, std::string> compared(const std::vector<EntryModes>& modes, bool are_two) {
  Results results;
  if (are_two) {
    auto comparison = compare_modes(modes[0], modes[1]);
    if (!comparison) return tl::unexpected(std::move(comparison.error()));
    results.comparison = *std::move(comparison);
    results.step = step_of_residues(modes[0], modes[1]).value();  // they match
    return results;
  }
  auto matrix = compare_all(modes);
  if (!matrix) return tl::unexpected(std::move(matrix.error()));
  results.matrix = *std::move(matrix);
  return results;
}

/// Broken between words; what is no paragraph goes on below its own text.
void write_lines(std::ostream& out, const std::string& table, int width) {
  constexpr std::size_t indent = 4;
  for (const std::string& line : split(table, '\n'))
    out << wrapped(line, width, line.starts_with(' ') ? indent : 0) << '\n';
}

void write(std::ostream& out, const Results& results, const CompareOptions& options) {
  const auto write_as = [&](const auto& for_people, const auto& for_programs) {
    if (options.format == CompareFormat::table) {
      const int width =
          options.width.value_or(options.file.empty() ? terminal_width(STDOUT_FILENO) : 0);
      std::ostringstream table;
      if (write_comparison_table(table, for_people, options.all, static_cast<std::size_t>(width)))
        table << "\n--all shows all.\n";
      write_lines(out, table.str(), width);
    } else {
      write_comparison_lines(out, for_programs, line_format(options.format));
    }
  };
  if (results.matrix)
    write_as(*results.matrix, *results.matrix);
  else if (options.per == Per::mode)
    write_as(*results.comparison, *results.comparison);
  else
    write_as(*results.comparison, *results.step);
}

/// Keeps a morph that cannot be in PDB format from appearing.
struct NoMorph {
  std::string reason;
};

/// False where there is none; the reason was said then.
bool wrote_morph(const Results& results, const CompareOptions& options, Reporter& reporter) {
  if (options.morph.empty()) return true;
  try {
    write_file(options.morph, [&](std::ostream& out) {
      if (Written written = write_morph(out, *results.step, morph_frames); !written)
        throw NoMorph{std::move(written.error())};
    });
  } catch (const NoMorph& none) {
    reporter.warning(none.reason);
    return false;
  }
  const StepOfResidues& step = *results.step;
  const std::string along = fmt::format(
      "{}: from {} towards {} along modes 1 to {}, which hold {:.1f} %", options.morph.string(),
      step.first, step.second, step.morph_modes, 100 * step.morph_part);
  if (step.morph_modes == step.mode_displacements.size() && step.morph_part < least_morph_part)
    reporter.info(along + ": all that were computed (--modes computes more)");
  else
    reporter.info(along);
  return true;
}

/// The structures that could be solved.
struct Solved {
  std::vector<EntryModes> modes;
  bool has_first = false;          ///< the first input is among them
  std::optional<ExitCode> failed;  ///< of the first that could not be
  bool interrupted = false;
};

Solved solve(const std::vector<StructureInput>& inputs, const CompareOptions& options,
             const Call& call, Reporter& reporter) {
  Solved solved;
  ModesJob job({inputs, options.access, options.model, options.machine}, reporter, call.cancel);
  const std::size_t through = job.run([&](std::size_t input, Outcome<EntryModes> outcome) {
    if (outcome) {
      solved.has_first = solved.has_first || input == 0;
      solved.modes.push_back(*std::move(outcome));
      return;
    }
    reporter.warning(fmt::format("{}: {}", inputs[input].name(), outcome.error().message));
    if (!solved.failed)
      solved.failed = outcome.error().stage == Stage::download ? ExitCode::unavailable
                                                               : ExitCode::nothing_to_rank;
  });
  solved.interrupted = through < inputs.size();
  return solved;
}

/// What cannot be written so, and what is for two structures alone.
void check_formats(const CompareOptions& options, std::size_t structures) {
  const std::string morph = options.morph.extension().string();
  if (!options.morph.empty() && morph != ".pdb" && morph != ".ent")
    usage(fmt::format("--morph writes PDB format: {} has not the ending .pdb or .ent",
                      options.morph.string()));
  const bool is_for_people =
      options.format == CompareFormat::table || options.format == CompareFormat::html;
  if (options.per && is_for_people) usage("--per is of tsv, csv and jsonl: others have both");
  if (structures == 2) return;
  for (const auto& [name, is_given] :
       {std::pair("--per", options.per.has_value()), std::pair("--morph", !options.morph.empty()),
        std::pair("html", options.format == CompareFormat::html)})
    if (is_given) usage(fmt::format("{} is of two structures, and here are {}", name, structures));
}

/// The page with its libraries, or all that other formats hold.
Write output_of(const Results& results, const std::vector<EntryModes>& modes,
                const CompareOptions& options, const OutputSet& outputs, const Call& call,
                Reporter& reporter) {
  if (options.format != CompareFormat::html)
    return [&](std::ostream& out) { write(out, results, options); };
  ComparisonReport report{call.command_line,   utc_now(),     modes[0].parameters,
                          *results.comparison, *results.step, find_report_libraries(outputs)};
  say_missing(report.libraries, reporter);
  return [report = std::move(report)](std::ostream& out) { write_comparison_report(out, report); };
}

int run(CompareOptions options, const Call& call, Reporter& reporter) {
  const std::vector<StructureInput> inputs = structures_of(options, reporter);
  if (inputs.size() < 2)
    usage(fmt::format("compare takes two structures at least, not {}", inputs.size()));
  OutputSet outputs;
  for (const auto& [name, file] :
       {std::pair("-o", options.file), std::pair("--morph", options.morph)}) {
    check_writable(file);
    outputs.add(name, file);
  }
  outputs.check_flags(call);
  outputs.check_store(options.access.store);
  for (const StructureInput& input : inputs) outputs.check_input(input.file);
  if (!options.file.empty() && !options.is_format_typed)
    options.format = format_of_ending(options.file);
  check_formats(options, inputs.size());
  const Solved solved = solve(inputs, options, call, reporter);
  if (solved.interrupted) return interrupt_exit_code();
  // Of many those that are left are compared with the first.
  const bool are_two = inputs.size() == 2;
  if (solved.failed && (are_two || solved.modes.size() < 2 || !solved.has_first))
    return static_cast<int>(*solved.failed);
  const auto results = compared(solved.modes, are_two);
  if (!results) {
    reporter.warning(
        are_two ? fmt::format("{} and {}: {}", inputs[0].name(), inputs[1].name(), results.error())
                : results.error());
    return static_cast<int>(ExitCode::nothing_to_rank);
  }
  if (results->matrix)
    for (const auto& [name, reason] : results->matrix->left_out)
      reporter.warning(fmt::format("{} is left out: {}", name, reason));
  try {
    const Write output = output_of(*results, solved.modes, options, outputs, call, reporter);
    if (options.file.empty())
      print(output);
    else
      write_file(options.file, output);
    if (!wrote_morph(*results, options, reporter))
      return static_cast<int>(ExitCode::nothing_to_rank);
  } catch (const std::system_error& error) {
    cannot_write(error);
  }
  return static_cast<int>(ExitCode::ok);
}

/// A motion along which two structures are compared has a direction, and chains are named once.
void check(const CompareOptions& options) {
  for (const StructureInput& input : options.inputs)
    if (!options.model.read.chains.empty() && !input.chains.empty())
      usage("name chains with the inputs or with --chains, not with both");
  if (options.model.network.model == ElasticModel::gnm)
    usage("a GNM's modes have no directions to compare: --enm anm");
}

void add_outputs(const Flags& flags, CompareOptions& options) {
  const Flags group = flags.in(output_group);
  std::vector<std::pair<std::string, CompareFormat>> formats;
  for (const auto& [format, name] : format_names) formats.emplace_back(name, format);
  group.then([&options] {
    if (options.file == "-") options.file.clear();
  });
  group.choice("--format", options.format, formats,
               "table, tsv, csv, jsonl or html, a page (else by the ending of -o, txt being the "
               "table)");
  group.then([group, &options] { options.is_format_typed = group.is_given("--format"); });
  using Choice = std::optional<Per>;
  group.choice("--per", options.per,
               {{"residue", Choice(Per::residue)}, {"mode", Choice(Per::mode)}},
               "of tsv, csv and jsonl: a line a residue (as without it) or a line a mode of A");
  group.flag("--all", options.all,
             "all modes, or structures, in the table, not the first ten alone");
  add_width(group, options.width, "matrices have the columns that fit");
  group.option("-o,--output", options.file, "file to write; - is standard output", {named("FILE")});
  group.option("--morph", options.morph,
               "PDB file to write as well: models from A towards B, as far as the first modes that "
               "hold 95 % of the step lead",
               {named("FILE")});
}

Run add(const Flags& flags) {
  const auto options = std::make_shared<CompareOptions>();
  flags.footer(
      fmt::format("{}\n\nColumns of a line a residue that is matched (tsv, csv, jsonl):{}\n\n"
                  "Columns of a line a mode k of A (--per mode):{}\n\n"
                  "Columns of a line a pair of more than two structures:{}\n\n{}",
                  notes, comparison_residue_column_help(), comparison_column_help(),
                  comparison_pair_column_help(), citations));
  flags.in("Input").convert(
      "INPUT", std::vector<std::string>(),
      [options](const std::vector<std::string>& words) {
        for (const std::string& word : words) options->inputs.push_back(parse_structure(word));
      },
      "A, B and maybe more: entry IDs, structure files and folders of them, each with chains where "
      "it has others: 1AKE:A (4AKE:_ is the chain without a name)",
      {required});
  add_model(flags, options->model);
  add_cpu_solver(flags, options->machine);
  add_limits(flags, options->machine);
  add_outputs(flags, *options);
  add_store(flags, options->access.store);
  add_connection(flags, options->access.http);
  flags.common();
  flags.then([options] { check(*options); });
  return [options](const Call& call, Reporter& reporter) { return run(*options, call, reporter); };
}

}  // namespace

Command compare_command() {
  return {"compare", "compare the modes of structures of one protein, and the steps between them",
          add};
}

}  // namespace modesweep::cli
