// SPDX-License-Identifier: MIT
#include "cli/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>

#include <modesweep/pdb_id.hpp>
#include <modesweep/pipeline.hpp>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/exit_code.hpp"
#include "cli/flags.hpp"
#include "cli/share_files.hpp"

namespace modesweep::cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

[[noreturn]] void usage(const std::string& message) { throw RunError(Cause::request, message); }

std::string read_stream(std::istream& stream) {
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The normal form, or a usage error that says what is wrong.
std::string parse_id(const std::string& word) {
  if (std::optional<std::string> id = normalise_pdb_id(word)) return *std::move(id);
  constexpr const char* marks = "_.:";
  for (std::size_t mark = 0; (mark = word.find_first_of(marks, mark)) != std::string::npos; ++mark)
    if (normalise_pdb_id(word.substr(0, mark)))
      usage(fmt::format("\"{}\" names a chain: give {} and --chains {}", word, word.substr(0, mark),
                        word.substr(mark + 1)));
  usage(
      fmt::format("\"{}\" is not a PDB ID (4 characters such as 1UBI, or 12 such as "
                  "pdb_00001ubi)",
                  word.size() > 60 ? word.substr(0, 60) + "..." : word));
}

std::vector<std::string> parse_ids(const std::string& list) {
  std::string text = list;
  if (list == "-") {
    text = read_stream(std::cin);
  } else if (list.starts_with('@')) {
    std::ifstream file(list.substr(1));
    if (!file) usage(fmt::format("cannot read the list of IDs {}", list.substr(1)));
    text = read_stream(file);
  }
  std::vector<std::string> ids;
  std::set<std::string> seen;
  for (const std::string_view word : words(text, ",; \t\r\n\v\f"))
    if (std::string id = parse_id(std::string(word)); seen.insert(id).second)
      ids.push_back(std::move(id));
  return ids;
}

void finish_access(Raw& raw) {
  Access& access = raw.arguments.access;
  Input& input = raw.arguments.input;
  if (raw.retmax == "all") {
    input.retmax.reset();
  } else {
    std::int64_t value = 0;
    const char* const end = raw.retmax.data() + raw.retmax.size();
    const auto [stop, error] = std::from_chars(raw.retmax.data(), end, value);
    if (error != std::errc() || stop != end || value < 1)
      usage(fmt::format("--retmax takes a number of records or all, not \"{}\"", raw.retmax));
    input.retmax = value;
  }
  if (access.ncbi.email.empty()) access.ncbi.email = environment("EMAIL");
  if (raw.api_key_file.empty()) {
    access.ncbi.api_key = trimmed(environment("NCBI_API_KEY"));
  } else {
    std::ifstream file(raw.api_key_file);
    if (!file) usage(fmt::format("cannot read the API key file {}", raw.api_key_file));
    access.ncbi.api_key = trimmed(read_stream(file));
  }
  access.http.stall_time = std::chrono::seconds(raw.stall_seconds);
  for (const FileFormat format : {FileFormat::cif, FileFormat::bcif, FileFormat::pdb})
    if (raw.file_format == to_string(format)) access.store.format = format;
  access.store.archives.clear();
  for (const std::string& name : split(raw.hosts, ','))
    if (!trimmed(name).empty()) access.store.archives.emplace_back(trimmed(name));
  access.store.cache_dir =
      raw.cache_dir.empty() ? default_cache_dir() : std::filesystem::path(raw.cache_dir);
  for (const std::string& folder : split(environment("PDB_DIR"), ':'))
    if (!folder.empty()) access.store.mirrors.emplace_back(folder);
}

std::vector<int> parse_devices(const std::string& list) {
  std::vector<int> devices;
  for (const std::string& word : split(list, ',')) {
    int device = -1;
    const std::string_view text = trimmed(word);
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, device);
    if (error != std::errc() || stop != end || device < 0)
      usage(fmt::format("--devices takes numbers such as 0,1, not \"{}\"", list));
    if (std::find(devices.begin(), devices.end(), device) != devices.end())
      usage(fmt::format("--devices names device {} twice", device));
    devices.push_back(device);
  }
  return devices;
}

Format format_of(const Raw& raw) {
  const std::string ending = raw.arguments.output.file.extension().string();
  if (raw.format == "tsv" || (raw.format.empty() && ending == ".tsv")) return Format::tsv;
  if (raw.format == "jsonl" || (raw.format.empty() && (ending == ".jsonl" || ending == ".ndjson")))
    return Format::jsonl;
  return Format::table;
}

/// Exactly one input.
void finish_input(Raw& raw, const CLI::App& command) {
  Input& input = raw.arguments.input;
  const bool has_term = command.count("TERM") > 0, has_ids = command.count("--ids") > 0;
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
  input.source = raw.source == "rcsb" ? Source::rcsb : Source::ncbi;
  if (!input.archive.empty()) input.source = Source::archive;
  if (!input.files.empty()) input.source = Source::files;
  if (has_ids) {
    input.source = Source::ids;
    input.ids = parse_ids(raw.ids);
  }
}

void finish_machine(Raw& raw) {
  Machine& machine = raw.arguments.machine;
  machine.solver = solver_named(raw.solver);
  machine.result_cache = !raw.no_result_cache;
  machine.threads = raw.threads;
  machine = with_defaults(machine);
}

void finish_output(Raw& raw) {
  Output& output = raw.arguments.output;
  if (!raw.sort.empty()) {
    std::string name = raw.sort;
    if (name.ends_with(":asc") || name.ends_with(":desc")) {
      output.order.descending = name.ends_with(":desc");
      name.resize(name.rfind(':'));
    }
    output.order.column = find_column(name);
  }
  for (const std::string& name : split(raw.columns, ','))
    if (!trimmed(name).empty()) output.columns.push_back(find_column(trimmed(name)));
  output.format = format_of(raw);
  if (output.stream && output.format != Format::jsonl)
    usage("--stream prints rows as they come, which only --format jsonl can");
}

/// Ascending, each once, so that the same chains are the same parameter. A blank is the name of the
/// chain without one.
std::vector<std::string> parse_chains(const std::string& list) {
  std::set<std::string> chains;
  for (const std::string& name : split(list, ','))
    if (!name.empty()) chains.emplace(trimmed(name).empty() ? " " : trimmed(name));
  if (chains.empty()) usage(fmt::format("there is no name of a chain in \"{}\"", list));
  return {chains.begin(), chains.end()};
}

void finish_model(Raw& raw) {
  NetworkOptions& network = raw.arguments.model.network;
  if (raw.enm == "gnm") network.model = ElasticModel::gnm;
  network.cutoff = raw.cutoff.value_or(default_cutoff(network.model));
  ReadOptions& read = raw.arguments.model.read;
  if (raw.nodes == "polymer") read.nodes = NodeRule::polymer;
  if (raw.nodes == "prody-app") read.nodes = NodeRule::prody_app;
  if (raw.model) read.model = *raw.model;
  if (!raw.chains.empty()) read.chains = parse_chains(raw.chains);
  const auto selected_model = model_of_selection(read.selection);
  if (!selected_model) usage(fmt::format("--select: {}", selected_model.error()));
  if (*selected_model && read.model && *read.model != **selected_model)
    usage(fmt::format("--select names model {}, and --model {}", **selected_model, *read.model));
  if (*selected_model) read.model = *selected_model;
}

/// By its form: `1UBI` is an entry also where a file has that name. Either may name chains behind a
/// colon.
StructureInput parse_input(const std::string& text) {
  std::error_code error;
  const std::size_t colon = text.rfind(':');
  if (colon != std::string::npos && text.find('/', colon) == std::string::npos &&
      !std::filesystem::exists(text, error)) {
    StructureInput input = parse_input(text.substr(0, colon));
    if (!input.chains.empty()) usage(fmt::format("name chains as in 1AKE:A,B, not \"{}\"", text));
    input.chains = parse_chains(text.substr(colon + 1));
    return input;
  }
  if (const std::optional<std::string> id = normalise_pdb_id(text)) return {*id, {}, {}};
  if (std::filesystem::exists(text, error) || text.find('/') != std::string::npos ||
      is_structure_file_name(text))
    return {{}, text, {}};
  return {parse_id(text), {}, {}};
}

ModesFormat parse_modes_format(std::string_view name) {
  for (const auto& [format, text] : modes_formats)
    if (name == text) return format;
  usage(fmt::format("--format takes nmd, npz, pdb, tsv, jsonl, not \"{}\"", name));
}

void finish_modes(Raw& raw) {
  ModesOptions& modes = raw.arguments.modes;
  const auto add = [&](StructureInput input) {
    if (!raw.chains.empty() && !input.chains.empty())
      usage("name chains with the input or with --chains, not with both");
    if (std::find(modes.inputs.begin(), modes.inputs.end(), input) == modes.inputs.end())
      modes.inputs.push_back(std::move(input));
  };
  for (const std::string& text : raw.modes_inputs) add(parse_input(text));
  if (!raw.ids.empty())
    for (const std::string& id : parse_ids(raw.ids)) add({id, {}, {}});
  for (const std::filesystem::path& path : raw.arguments.input.files) add({{}, path, {}});
  if (modes.inputs.empty())
    usage("nothing to compute: give entry IDs or files (see modesweep modes --help)");
  for (const std::string& name : split(raw.format, ','))
    modes.formats.push_back(parse_modes_format(trimmed(name)));
  if (modes.animation.frames % 4 != 0)
    usage(
        fmt::format("--frames takes a multiple of four, not {}: structure and extremes are to be "
                    "among them",
                    modes.animation.frames));
  finish_model(raw);
  finish_machine(raw);
}

void finish_report(Raw& raw, const CLI::App& command) {
  for (const CLI::Option* option : command.get_options())
    if (option->count() > 0 &&
        (option->get_group() == model_group || option->get_name() == "--solver"))
      raw.arguments.report.model_flags.push_back(option->get_name());
  raw.arguments.output.order.top = raw.report_top;
  finish_model(raw);
  finish_machine(raw);
}

void finish_compare(Raw& raw) {
  CompareOptions& compare = raw.arguments.compare;
  compare.first = parse_input(raw.compare_first);
  compare.second = parse_input(raw.compare_second);
  for (const StructureInput& input : {compare.first, compare.second})
    if (!raw.chains.empty() && !input.chains.empty())
      usage("name chains with the inputs or with --chains, not with both");
  if (raw.enm == "gnm") usage("a GNM's modes have no directions to compare: --enm anm");
  raw.arguments.output.format = format_of(raw);
  finish_model(raw);
  finish_machine(raw);
}

void finish_rank(Raw& raw, const CLI::App& command) {
  Arguments& arguments = raw.arguments;
  finish_input(raw, command);
  if (command.count("--min-residues") > 0) arguments.model.min_residues = raw.min_residues;
  finish_model(raw);
  Machine& machine = arguments.machine;
  if (raw.backend == "cpu") machine.backend = Backend::cpu;
  if (raw.backend == "cuda") machine.backend = Backend::cuda;
  machine.devices = parse_devices(raw.devices);
  machine.dynamic_balance = raw.balance == "dynamic";
  finish_machine(raw);
  finish_output(raw);
  const Output& output = arguments.output;
  const auto is_asked_for = [&](Need need) {
    return (output.order.column && output.order.column->needs == need) ||
           std::any_of(output.columns.begin(), output.columns.end(),
                       [&](const Column& column) { return column.needs == need; });
  };
  arguments.model.all_fluctuations = is_asked_for(Need::all_modes);
  arguments.model.hinges = is_asked_for(Need::hinges);
  arguments.model.square_fluctuations = is_asked_for(Need::square_fluctuations);
  if (arguments.retry_failed && arguments.run.empty())
    usage("--retry-failed is of a run that is kept: name it with --run DIR");
}

void finish_resume(Raw& raw, const CLI::App& command) {
  raw.arguments.resume = {.file_format = command.count("--file-format") > 0,
                          .hosts = command.count("--hosts") > 0};
  finish_machine(raw);
  finish_output(raw);
}

void finish_search(Raw& raw) {
  Input& input = raw.arguments.input;
  if (trimmed(input.term).empty()) usage("the search term is empty");
  input.source = raw.source == "rcsb" ? Source::rcsb : Source::ncbi;
}

void finish_cache(Raw& raw) {
  CacheOptions& cache = raw.arguments.cache;
  const bool all = cache.ids.empty();
  cache.ids = parse_ids(fmt::format("{}", fmt::join(cache.ids, ",")));
  // A list that turns out empty must not clear everything.
  if (!all && cache.ids.empty()) usage("there is no ID in the list of IDs");
  cache.older_than = std::chrono::days(raw.older_than);
}

}  // namespace

ParseResult parse_command_line(int argc, const char* const* argv) {
  Raw raw;
  CLI::App app(
      "Ranks protein structures by how much of their motion one elastic-network mode "
      "holds: a search term in, a table out.",
      "modesweep");
  const Commands commands = add_commands(app, raw);

  if (argc > 1 && argv[1][0] != '-') {
    std::vector<std::string> names;
    for (const CommandEntry& command : command_table(app).commands) names.push_back(command.name());
    if (argv[1] != commands.share_files->get_name() &&
        std::find(names.begin(), names.end(), argv[1]) == names.end())
      usage(
          fmt::format("there is no command \"{}\"; there are {}", argv[1], fmt::join(names, ", ")));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error, std::cout, std::cerr);
    return {std::nullopt, code == 0 ? 0 : static_cast<int>(ExitCode::usage)};
  }

  if (*commands.completion) {
    print(completion_script(command_table(app), raw.shell));
    return {std::nullopt, 0};
  }
  if (*commands.share_files) {
    write_share_files(command_table(app), raw.share_folder, raw.date);
    return {std::nullopt, 0};
  }

  Arguments& arguments = raw.arguments;
  for (int i = 0; i < argc; ++i)
    arguments.command_line += fmt::format("{}{}", i ? " " : "", argv[i]);
  if (*commands.rank) {
    arguments.command = Arguments::Command::rank;
    finish_rank(raw, *commands.rank);
  } else if (*commands.resume) {
    arguments.command = Arguments::Command::resume;
    finish_resume(raw, *commands.resume);
  } else if (*commands.show) {
    arguments.command = Arguments::Command::show;
    finish_output(raw);
  } else if (*commands.modes) {
    arguments.command = Arguments::Command::modes;
    finish_modes(raw);
  } else if (*commands.report) {
    arguments.command = Arguments::Command::report;
    if (commands.report->count("--min-residues") > 0)
      arguments.model.min_residues = raw.min_residues;
    finish_report(raw, *commands.report);
  } else if (*commands.compare) {
    arguments.command = Arguments::Command::compare;
    finish_compare(raw);
  } else if (*commands.search) {
    arguments.command = Arguments::Command::search;
    finish_search(raw);
  } else if (*commands.fetch) {
    arguments.command = Arguments::Command::fetch;
    arguments.fetch_ids = parse_ids(fmt::format("{}", fmt::join(arguments.fetch_ids, ",")));
  } else if (*commands.cache) {
    arguments.command = Arguments::Command::cache;
    finish_cache(raw);
  } else if (*commands.bench) {
    arguments.command = Arguments::Command::bench;
    arguments.bench.threads = raw.threads > 0 ? raw.threads : usable_cpus();
    arguments.bench.format = format_of(raw);
  } else if (*commands.selftest) {
    arguments.command = Arguments::Command::selftest;
  } else {
    arguments.command = Arguments::Command::info;
  }
  finish_access(raw);
  return {std::move(arguments), 0};
}

}  // namespace modesweep::cli
