// SPDX-License-Identifier: MIT
// The command `rank`: the main job.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <modesweep/rank_job.hpp>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/flag_names.hpp"
#include "cli/help_texts.hpp"
#include "cli/option_groups.hpp"
#include "cli/ranking_job.hpp"

namespace modesweep::cli {
namespace {

constexpr const char* notes =
    R"(fv1, the fractional variance of mode 1, is its share in the variance of the
modes computed (the 20 softest by default), not of all motion; it is what
ProDy's calcFractVariance gives. A high share is often one loose tail: look at
coll1, the collectivity of mode 1.

notes:  tail      coll1 below 0.1
        pieces    more than one connected component
        loose     more than six zero modes a component (gnm: one)
        nucleic   nucleic acid in the file, not in the network
        part      the asymmetric unit is not assembly 1 (--assembly 1 takes it)
        blocks    other data blocks of the file have atoms as well: the first is read
        unsure    an eigenvalue within its error of 1e-6: zero modes may be one off
        few       fewer non-zero modes than asked for
        fallback  the device could not finish it: solved on the CPU)";

struct RankOptions {
  RankRequest request;
  Output output;
};

std::string column_list() {
  std::string text =
      "Columns (of a table for people some, of tsv all that are marked *, of jsonl all):";
  std::set<std::string> in_tsv;
  for (const Column& column : default_columns()) in_tsv.insert(column.name);
  for (const Column& column : known_columns())
    text += fmt::format("\n  {:<16}{} {}", column.name, in_tsv.contains(column.name) ? '*' : ' ',
                        with_flags(column.help));
  return text;
}

/// Exactly one.
void check_input(const Flags& flags, const Input& input) {
  const bool has_term = flags.is_given("TERM"), has_ids = flags.is_given("--ids");
  std::vector<std::string> inputs;
  if (has_term && input.archive.empty()) inputs.emplace_back("TERM");
  if (!input.archive.empty()) inputs.emplace_back("--archive");
  if (has_ids) inputs.emplace_back("--ids");
  if (!input.files.empty()) inputs.emplace_back("--files");
  if (has_term && (has_ids || !input.files.empty()) && !input.archive.empty())
    inputs.emplace_back("TERM");
  if (inputs.empty())
    usage("nothing to rank: give a search term, --ids, or --files (see modesweep rank --help)");
  if (inputs.size() > 1)
    usage(
        fmt::format("give one input, not {} of them ({})", inputs.size(), fmt::join(inputs, ", ")));
  if (!input.archive.empty() && !has_term) usage("--archive needs a TERM to search the folder for");
  if (has_term && trimmed(input.term).empty()) usage("the search term is empty");
}

void add_input(const Flags& flags, Input& input) {
  const Flags group = flags.in("Input (exactly one of TERM, TERM with --archive, --ids, --files)");
  group.option("TERM", input.term, "what to search for, as in NCBI's search field");
  // Before standard input is read for IDs.
  group.then([group, &input] { check_input(group, input); });
  add_lists(group, input.ids, input.files);
  group.option("--archive", input.archive, "folder of structure files to search for TERM, offline",
               {named("DIR")});
}

constexpr int last_device = 1023;

std::vector<int> parse_devices(const std::string& list) {
  std::vector<int> devices;
  for (const std::string& word : split(list, ',')) {
    const std::optional<std::int64_t> number = whole_number(trimmed(word), 0, last_device);
    if (!number)
      usage(fmt::format("--devices takes numbers from 0 to {} such as 0,1, not \"{}\"", last_device,
                        list));
    const auto device = static_cast<int>(*number);
    if (std::find(devices.begin(), devices.end(), device) != devices.end())
      usage(fmt::format("--devices names device {} twice", device));
    devices.push_back(device);
  }
  return devices;
}

void add_devices(const Flags& flags, Machine& machine) {
  const Flags group = flags.in(machine_group);
  group.choice(
      "--solver", machine.solver,
      by_name({Solver::automatic, Solver::shift_invert, Solver::lapack, Solver::eigen,
               Solver::chebyshev, Solver::jacobi}),
      "auto (shift-invert), shift-invert (sparse Cholesky and block Lanczos, small components "
      "densely), lapack (dense, dsyevr) or eigen (dense, Eigen alone); on a device chebyshev "
      "(auto there) or jacobi",
      {shows_default});
  group.choice("--backend", machine.backend,
               by_name({Backend::automatic, Backend::cpu, Backend::cuda}),
               "auto (CPU and devices side by side, where there is a device and work enough for "
               "it), cpu, or cuda (all on devices; the CPU takes what they cannot finish)",
               {shows_default});
  group.convert("--devices", std::string(),
                [&machine](const std::string& list) { machine.devices = parse_devices(list); },
                "CUDA devices to use, such as 0,1 (else all)", {named("LIST")});
  group.choice("--balance", machine.dynamic_balance, {{"static", false}, {"dynamic", true}},
               "static: who solves a structure depends on its coordinates, the options and the "
               "calibration alone; dynamic: who has nothing to do takes from the other, so that "
               "the last digits may differ from run to run",
               {shows_default});
}

/// What depends on several options.
void complete(const Flags& flags, const Output& output, RankRequest& request) {
  Input& input = request.input;
  if (!input.archive.empty()) input.source = Source::archive;
  if (!input.files.empty()) input.source = Source::files;
  if (flags.is_given("--ids")) input.source = Source::ids;
  const auto is_asked_for = [&](Need need) {
    return (output.order.column && output.order.column->needs == need) ||
           std::any_of(output.columns.begin(), output.columns.end(),
                       [&](const Column& column) { return column.needs == need; });
  };
  request.model.all_fluctuations = is_asked_for(Need::all_modes);
  request.model.hinges = is_asked_for(Need::hinges);
  request.model.square_fluctuations = is_asked_for(Need::square_fluctuations);
  if (request.retry_failed && request.run.empty())
    usage("--retry-failed is of a run that is kept: name it with --run DIR");
  request.order = output.order;
}

Run add(const Flags& flags) {
  const auto options = std::make_shared<RankOptions>();
  auto& [request, output] = *options;
  flags.footer(fmt::format("{}\n\n{}\n\n{}\n\n{}", column_list(), notes, exit_codes, citations));
  add_input(flags, request.input);
  add_model(flags, request.model);
  add_min_residues(flags, request.model);
  add_devices(flags, request.machine);
  add_machine(flags, request.machine);
  add_output(flags, output);
  add_run(flags, output, request.retry_failed);
  flags.in(run_group).option(
      "--run", request.run,
      "folder that keeps the run: the same command, or `modesweep resume DIR`, goes on "
      "where it stopped",
      {named("DIR")});
  add_search(flags, request.input, request.access);
  add_store(flags, request.access.store);
  add_connection(flags, request.access.http);
  flags.common();
  flags.then([flags, options] { complete(flags, options->output, options->request); });
  return [options](const Call& call, Reporter& reporter) {
    return run_job(RankJob(options->request, reporter, call.cancel), options->output, call,
                   reporter);
  };
}

}  // namespace

Command rank_command() {
  return {"rank", "rank structures by the fractional variance of mode 1", add};
}

}  // namespace modesweep::cli
