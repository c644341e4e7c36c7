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
#include "cli/input_words.hpp"
#include "cli/option_groups.hpp"
#include "cli/ranking_job.hpp"

namespace modesweep::cli {
namespace {

constexpr const char* share =
    R"(fv1, the fractional variance of mode 1, is its share in the variance of the
modes computed (the 20 softest by default), not of all motion; it is what
ProDy's calcFractVariance gives. A high share is often one loose end, the note
tail: --core ranks by mode 1 of the network's 20-core instead.)";

constexpr const char* conditions =
    R"(Conditions (of --where):
  NOTE               of rows that have it, such as tail
  COLUMN < VALUE     and <= > >= = (or ==) !=, where VALUE is a number, as it is and
                     not as it is shown, or text between ' or " (in it \' \" \\), or
                     another column
  COLUMN ~ 'TEXT'    text that has TEXT in it; large and small letters (of ASCII) are
                     the same
  not and or ( )     as in: not tail and (coll1 > 0.3 or residues < 200); not is taken
                     before and, and before or

A column without a value meets no comparison, not even !=, so that "not resolution > 0"
takes entries that state none. --unique and --top choose among the rows that are left.)";

struct RankOptions {
  RankRequest request;
  Output output;
  std::string hint{};  ///< at what else the words may have meant; empty: none
};

std::string note_list() {
  std::string text;
  for (const Note& note : known_notes)
    text += fmt::format("{}{:<8}{:<10}{}", text.empty() ? "" : "\n", text.empty() ? "notes:" : "",
                        note.code, with_flags(std::string(note.meaning)));
  return text;
}

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
  const bool has_words = flags.is_given("INPUT"), has_ids = flags.is_given("--ids");
  const bool has_files = flags.is_given("--files"), has_archive = !input.archive.empty();
  std::vector<std::string> inputs;
  if (has_archive) inputs.emplace_back("--archive");
  if (has_ids) inputs.emplace_back("--ids");
  if (has_files) inputs.emplace_back("--files");
  if (has_words && (inputs.empty() || has_ids || has_files)) inputs.emplace_back("INPUT");
  if (inputs.empty())
    usage(
        "nothing to rank: give a search term, entry IDs or structure files (see modesweep rank "
        "--help)");
  if (inputs.size() > 1)
    usage(
        fmt::format("give one input, not {} of them ({})", inputs.size(), fmt::join(inputs, ", ")));
  const bool has_list = has_ids || has_files || !input.ids.empty() || !input.files.empty();
  if (flags.is_given("--shard") && !has_list)
    usage(
        "--shard is of a list, not of a search, whose answer may change: keep it with modesweep "
        "search TERM > ids.txt and give --ids @ids.txt");
  if (has_archive && !has_words) usage("--archive needs a TERM to search the folder for");
  if (!has_list && trimmed(input.term).empty()) usage("the search term is empty");
}

Shard parse_shard(const std::string& text) {
  const std::optional<Shard> shard = shard_named(text);
  if (!shard)
    usage(fmt::format("--shard takes I/N with I from 0 to N - 1, as 0/8 to 7/8, not \"{}\"", text));
  return *shard;
}

void add_input(const Flags& flags, RankOptions& options) {
  Input& input = options.request.input;
  const Flags group =
      flags.in("Input (exactly one of INPUT, INPUT with --archive, --ids, --files)");
  group.convert(
      "INPUT", std::vector<std::string>(),
      [group, &options, &input](const std::vector<std::string>& words) {
        const bool is_term = group.is_given("--archive") || group.is_given("--source");
        options.hint = take_words(words, is_term, input);
      },
      "structure files and folders (x.pdb, ./folder), or entry IDs (1UBI 1AKE), or else a term to "
      "search for, as in NCBI's search field (with --archive or --source always that)");
  // Before standard input is read for IDs.
  group.then([group, &input] { check_input(group, input); });
  add_lists(group, input.ids, input.files);
  group.convert(
      "--shard", std::string(),
      [&input](const std::string& text) { input.shard = parse_shard(text); },
      "of a list of IDs or files take one of N parts alone, from 0/N on, which are the same for "
      "everyone who sees the same list (modesweep merge makes one run of all)",
      {named("I/N")});
  group.option("--archive", input.archive,
               "folder of structure files to search for the term, offline", {named("DIR")});
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
      by_name({Solver::automatic, Solver::shift_invert, Solver::filtered, Solver::lapack,
               Solver::eigen, Solver::chebyshev, Solver::jacobi}),
      "auto (of shift-invert and filtered the faster one), shift-invert (sparse Cholesky and block "
      "Lanczos, small components densely), filtered (block Lanczos on a filter, without a factor; "
      "what it cannot do by shift-invert), lapack (dense, dsyevr) or eigen (dense, Eigen alone); "
      "on a GPU chebyshev (auto there), filtered or jacobi",
      {shows_default});
  add_isa(flags, machine);
  group.choice("--backend", machine.backend,
               by_name({Backend::automatic, Backend::cpu, Backend::cuda}),
               "auto (CPU and GPUs side by side, where there is a GPU and work enough for it), "
               "cpu, or cuda (all on GPUs; the CPU takes what they cannot finish)",
               {shows_default});
  group.convert("--devices", std::string(),
                [&machine](const std::string& list) { machine.devices = parse_devices(list); },
                "GPUs to use, by CUDA's numbers, such as 0,1 (else all)", {named("LIST")});
  group.choice(
      "--balance", machine.dynamic_balance, {{"static", false}, {"dynamic", true}},
      "static: who solves a structure, CPU or GPU, depends on its coordinates, the options "
      "and the calibration alone. Dynamic: who has nothing to do takes from the other, so "
      "that the last digits may differ from run to run",
      {shows_default});
}

/// What depends on several options.
void complete(const Flags& flags, const Output& output, RankRequest& request) {
  Input& input = request.input;
  if (!input.archive.empty()) input.source = Source::archive;
  if (flags.is_given("--files")) input.source = Source::files;
  if (flags.is_given("--ids")) input.source = Source::ids;
  request.model.residuals = false;  // unless a column asks
  if (output.core) ask_for(Need::core, request.model);
  for (const Column& column : output.columns) ask_for(column.needs, request.model);
  ask_for(output.order, request.model);
  if (request.model.core && request.model.network.model == ElasticModel::gnm) usage(core_of_gnm);
  if (request.retry_failed && request.run.empty())
    usage("--retry-failed is of a run that is kept: name it with --run DIR");
  request.order = output.order;
}

Run add(const Flags& flags) {
  const auto options = std::make_shared<RankOptions>();
  auto& [request, output, hint] = *options;
  flags.footer(fmt::format("{}\n\n{}\n\n{}\n\n{}\n\n{}\n\n{}", column_list(), share, note_list(),
                           conditions, exit_codes, citations));
  add_input(flags, *options);
  add_model(flags, request.model);
  add_by(flags, request.model);
  add_min_residues(flags, request.model);
  add_devices(flags, request.machine);
  add_machine(flags, request.machine);
  add_output(flags, output);
  add_run(flags, output, request);
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
    if (!options->hint.empty()) reporter.info(options->hint);
    return run_job(RankJob(options->request, reporter, call.cancel), options->output, call,
                   reporter);
  };
}

}  // namespace

Command rank_command() {
  return {"rank", "rank structures by the fractional variance of mode 1", add};
}

}  // namespace modesweep::cli
