// SPDX-License-Identifier: MIT
#include "cli/option_groups.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <memory>
#include <utility>

#include "base/closest.hpp"
#include "base/text.hpp"
#include "cli/parse.hpp"

namespace modesweep::cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

constexpr int widest_line = 100'000;
constexpr std::int64_t most_records = 1'000'000'000;

std::optional<std::int64_t> parse_retmax(const std::string& text) {
  if (text == "all") return std::nullopt;
  const std::optional<std::int64_t> records = whole_number(text, 1, most_records);
  if (!records)
    usage(fmt::format("--retmax takes a number of records from 1 to {} or all, not \"{}\"",
                      most_records, text));
  return records;
}

/// What has another ending is not written as something that it is not.
Format format_of_ending(const std::filesystem::path& file) {
  static const std::vector<std::pair<std::string, Format>> endings = {
      {".tsv", Format::tsv},      {".csv", Format::csv},   {".jsonl", Format::jsonl},
      {".ndjson", Format::jsonl}, {".txt", Format::table}, {"", Format::table}};
  const std::string ending = file.extension().string();
  std::vector<std::string> known;
  for (const auto& [name, format] : endings) {
    if (name == ascii_lower(ending)) return format;
    if (!name.empty()) known.push_back(name);
  }
  usage(fmt::format("{} has the ending of no format{} (there are {}; --format takes any name)",
                    file.string(), did_you_mean(ending, known), fmt::join(known, ", ")));
}

/// Names between commas, without blanks around them.
std::vector<std::string> parse_names(const std::string& list) {
  std::vector<std::string> names;
  for (const std::string& name : split(list, ','))
    if (!trimmed(name).empty()) names.emplace_back(trimmed(name));
  return names;
}

/// A model that the selection names is that of the file.
void take_model_of_selection(ReadOptions& read) {
  const auto selected_model = model_of_selection(read.selection);
  if (!selected_model) usage(fmt::format("--select: {}", selected_model.error()));
  if (*selected_model && read.model && *read.model != **selected_model)
    usage(fmt::format("--select names model {}, and --model {}", **selected_model, *read.model));
  if (*selected_model) read.model = *selected_model;
}

Condition condition_of(const std::string& text, Judged judged) {
  tl::expected<Condition, std::string> condition = parse_condition(text, judged);
  if (!condition) usage(fmt::format("--where: {}", condition.error()));
  return *std::move(condition);
}

/// COLUMN, COLUMN:asc or COLUMN:desc.
void sort_by(RowOrder& order, std::string name) {
  if (name.empty()) return;
  if (name.ends_with(":asc") || name.ends_with(":desc")) {
    order.descending = name.ends_with(":desc");
    name.resize(name.rfind(':'));
  }
  order.column = find_column(name);
}

bool is_percentile(const Column& column) { return column.name == "pct_core"; }

/// What follows from --core, and from columns of it.
void complete_columns(Output& output) {
  if (std::any_of(output.columns.begin(), output.columns.end(), is_percentile))
    output.order.percentiles = true;
  if (!output.core) return;
  if (output.columns.empty() && output.format == Format::jsonl) {
    output.columns = known_columns();
    output.order.percentiles = true;
  }
  for (Column& column : output.columns)
    if (column.name == "notes") column = notes_column(Judged::core);
}

/// What --core, --where and --no-tails make of the order, once all of them are known.
void complete_order(RowOrder& order, bool& core, const std::string& where, bool no_tails) {
  core = core || (order.column && order.column->name == "fv1_core");
  if (core && !order.column) order.column = find_column("fv1_core");
  const Judged judged = core ? Judged::core : Judged::whole;
  if (!where.empty()) order.where = condition_of(where, judged);
  if (no_tails) {
    const Condition others = condition_of(core ? "not local" : "not tail", judged);
    order.where = order.where ? both(*order.where, others) : others;
  }
  order.percentiles = (order.column && is_percentile(*order.column)) ||
                      (order.where && std::any_of(order.where->columns().begin(),
                                                  order.where->columns().end(), is_percentile));
}

/// What is to be the same on all machines is solved by what all of them have.
void check_isa(Machine& machine) {
  if (machine.isa != Isa::portable) return;
  if (machine.solver == Solver::lapack)
    usage(
        "--isa portable is not for solver lapack, which has kernels of its own for each processor");
  if (machine.backend == Backend::cuda || is_of_devices(machine.solver))
    usage("--isa portable is for the CPU alone");
  machine.backend = Backend::cpu;
}

}  // namespace

void add_search(const Flags& flags, Input& input, Access& access) {
  const Flags group = flags.in("Search");
  group.choice("--source", input.source, by_name({Source::ncbi, Source::rcsb}),
               "service to search: ncbi (NCBI protein, limited to the PDB) or rcsb (RCSB Search "
               "API)",
               {shows_default});
  group.convert("--retmax", fmt::format("{}", *input.retmax),
                [&input](const std::string& text) { input.retmax = parse_retmax(text); },
                "records to read at most, as the service counts them (NCBI: chains), or all",
                {named("N|all"), shows_default});
  group.option("--email", access.ncbi.email,
               "your address, for NCBI to reach you ($EMAIL; else none is sent)",
               {named("ADDRESS")});
  group.then([&email = access.ncbi.email] {
    if (email.empty()) email = environment("EMAIL");
  });
  std::string& api_key = access.ncbi.api_key;
  group.then([&api_key] { api_key = trimmed(environment("NCBI_API_KEY")); });
  group.convert("--api-key-file", std::string(),
                [group, &api_key](const std::string& path) {
                  if (path.empty()) return;
                  api_key = trimmed(read_text(path, "API key file"));
                  group.reads(path);
                },
                "file that holds your NCBI API key (else $NCBI_API_KEY)", {named("FILE")});
  group.option("--ncbi-url", access.ncbi.base_url, "base address of NCBI E-utilities",
               {named("URL")});
  group.option("--rcsb-search-url", access.rcsb.url, "address of the RCSB Search API",
               {named("URL")});
}

void add_connection(const Flags& flags, HttpOptions& http) {
  const Flags group = flags.in("Connections");
  group.flag("--offline", http.offline, "never open a socket");
  group.convert("--stall-time", static_cast<int>(http.stall_time.count()),
                [&http](int seconds) { http.stall_time = std::chrono::seconds(seconds); },
                "a transfer of less than 1,000 bytes/s for so long has failed and is tried again",
                {between(1, 3600), named("SECONDS"), shows_default});
  group.option("--cacert", http.ca_file,
               "certificate authorities (else $SSL_CERT_FILE, $CURL_CA_BUNDLE, the system's)",
               {named("FILE")});
  group.then([group, &ca_file = http.ca_file] {
    group.reads(ca_file);
    for (const char* const name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"})
      group.reads(environment(name));
  });
}

void add_cache_dir(const Flags& flags, std::filesystem::path& cache_dir, const char* help) {
  flags.option("--cache-dir", cache_dir, help, {named("DIR")});
  flags.then([&cache_dir] {
    if (cache_dir.empty()) cache_dir = default_cache_dir();
  });
}

void add_store(const Flags& flags, StoreOptions& store) {
  const Flags group = flags.in("Structure files");
  group.choice("--file-format", store.format,
               by_name({FileFormat::cif, FileFormat::bcif, FileFormat::pdb}),
               "to download: cif (mmCIF), bcif (BinaryCIF) or pdb (entries that have no such "
               "file come as mmCIF)",
               {shows_default});
  group.words("HOST", public_archives());
  group.convert("--hosts", fmt::format("{}", fmt::join(store.archives, ",")),
                [&store](const std::string& list) { store.archives = parse_names(list); },
                "archives to download from; the next one when one stays bad (bcif: rcsb and pdbe)",
                {named("HOST,..."), shows_default});
  group.option("--download-url", store.url_templates,
               "where entries come from instead (may be given several times: the next host when "
               "one stays bad, the next format where an entry lacks one): <ID> 1UBI, <id> 1ubi, "
               "<extended> pdb_00001ubi, <hash> the divided folder",
               {named("TEMPLATE"), repeatable});
  group.option("--holdings-url", store.holdings_url,
               "service that is asked what became of entries that are not there (else RCSB's; "
               "none with --download-url)",
               {named("URL")});
  add_cache_dir(group, store.cache_dir,
                "cache (else $MODESWEEP_CACHE_DIR, $XDG_CACHE_HOME/modesweep, "
                "~/.cache/modesweep); $PDB_DIR mirrors are read first");
  group.then([&store] {
    for (const std::string& folder : split(environment("PDB_DIR"), ':'))
      if (!folder.empty()) store.mirrors.emplace_back(folder);
  });
  group.option("--cache-limit", store.cache_limit,
               "for the structure files in the cache, such as 20G: those used longest ago go "
               "first, those of the last hour stay",
               {bytes_from(0), named("SIZE")});
}

void add_lists(const Flags& flags, std::vector<std::string>& ids,
               std::vector<std::filesystem::path>& files) {
  flags.convert("--ids", std::string(),
                [flags, &ids](const std::string& list) {
                  ids = parse_ids(list);
                  flags.reads_list(list);
                },
                "entry IDs: 1UBI,1AKE or @file or - for standard input", {named("LIST")});
  flags.convert(
      "--files", std::vector<std::string>(),
      [flags, &files](const std::vector<std::string>& words) {
        files = parse_paths(words);
        for (const std::string& word : words) flags.reads_list(word);
      },
      "structure files, and folders of them; @file or - for a list of both, a path a line "
      "(./@x for a file of that name)",
      {named("PATH")});
}

void add_model(const Flags& flags, Model& model) {
  NetworkOptions& network = model.network;
  ReadOptions& read = model.read;
  const Flags group = flags.in(model_group);
  group.choice("--enm", network.model, {{"anm", ElasticModel::anm}, {"gnm", ElasticModel::gnm}},
               "anm: anisotropic network; gnm: Gaussian network, whose motions have no "
               "directions (on the CPU)",
               {shows_default});
  group.option("-c,--cutoff", network.cutoff,
               "contact distance in angstrom, inclusive (else 15, of gnm 10)",
               {between(4.0, 1000.0)});
  group.then([group, &network] {
    if (!group.is_given("--cutoff")) network.cutoff = default_cutoff(network.model);
  });
  group.option("-g,--gamma", network.gamma, "spring constant",
               {between(1e-12, 1e12), shows_default});
  group.option("-n,--modes", model.modes, "non-zero modes to compute",
               {between(1, 10000), shows_default});
  group.choice("--nodes", read.nodes,
               by_name({NodeRule::prody, NodeRule::polymer, NodeRule::prody_app}),
               "prody: ProDy's calpha; polymer: every polypeptide residue; prody-app: as "
               "`prody anm`, nucleic acids too",
               {shows_default});
  group.option("--model", read.model, "model number in the file (else the first)",
               {between(0, std::numeric_limits<int>::max()), named("N")});
  group.convert("--chains", std::string(),
                [&read](const std::string& list) {
                  if (!list.empty()) read.chains = parse_chains(list);
                },
                "take these chains alone, such as A,B (author's names; _ or ' ' is the chain "
                "without a name); an entry without one of them is left out",
                {named("LIST")});
  group.option("--assembly", read.assembly,
               "take a biological assembly by its name in the file, as a rule 1, instead of the "
               "asymmetric unit; auto: 1 where the file states it: copies of chain A are A, A-2, "
               "A-3 ... (--chains and --select "
               "choose before copies are made)",
               {named("NAME")});
  group.option("--select", read.selection,
               "take the residues of a selection alone, in gemmi's CID syntax: //A/10-50, "
               "/2/A,B, (GLY,ALA), //A/*//;b<60 (author's chains, _ for the one without a name, "
               "and numbers)",
               {named("CID")});
  group.then([&read] { take_model_of_selection(read); });
}

void add_by(const Flags& flags, Model& model) {
  const Flags group = flags.in(model_group);
  group.choice("--by", model.by_chain, {{"entry", false}, {"chain", true}},
               "entry: all chains of an entry are one network; chain: each of them (author's "
               "names) is a network and a row of its own, such as 1AKE:A",
               {shows_default});
  group.then([&model] {
    if (model.by_chain && !model.read.assembly.empty())
      usage(fmt::format("--by chain with --assembly: {}", chains_of_assembly));
  });
}

void add_min_residues(const Flags& flags, Model& model) {
  flags.in(model_group)
      .option("--min-residues", model.min_residues,
              "let in all entries of at least so many residues, those with fewer modes than "
              "asked for too",
              {between(1, 1 << 30), named("N")});
}

void add_cpu_solver(const Flags& flags, Machine& machine) {
  machine.backend = Backend::cpu;
  flags.in(machine_group)
      .choice("--solver", machine.solver,
              by_name({Solver::automatic, Solver::shift_invert, Solver::filtered, Solver::lapack,
                       Solver::eigen}),
              "auto, shift-invert, filtered, lapack or eigen, as of rank", {shows_default});
  add_isa(flags, machine);
}

void add_isa(const Flags& flags, Machine& machine) {
  using Choice = std::optional<Isa>;
  flags.in(machine_group)
      .choice("--isa", machine.isa,
              {{"auto", Choice()},
               {"portable", Choice(Isa::portable)},
               {"avx2", Choice(Isa::avx2)},
               {"avx512", Choice(Isa::avx512)}},
              "instruction set of the solvers on the CPU: auto (the fastest that there is), "
              "portable (the same digits on every x86-64 machine, on the CPU alone, about half as "
              "fast), avx2 or avx512",
              {shows_default});
}

void add_limits(const Flags& flags, Machine& machine) {
  const Flags group = flags.in(machine_group);
  group.option("--threads", machine.threads, "worker threads (else the CPUs that we may use)",
               {between(1, 4096), named("N")});
  group.option("--max-memory", machine.max_memory,
               "for all solvers together, such as 8G (else 80 % of what we may use)",
               {bytes_from(1), named("SIZE")});
  // What was typed, before an old processor makes portable the fastest one.
  group.then([&machine] {
    check_isa(machine);
    machine = with_defaults(machine);
  });
}

void add_machine(const Flags& flags, Machine& machine) {
  add_limits(flags, machine);
  flags.in(machine_group)
      .switch_off("--no-result-cache", machine.result_cache,
                  "solve everything anew: neither read nor keep results in the cache");
}

void add_format(const Flags& flags, Format& format, std::filesystem::path& file, const char* help) {
  flags.then([flags, &format, &file] {
    if (file == "-") file.clear();
    if (!flags.is_given("--format")) format = format_of_ending(file);
  });
  flags.choice("--format", format,
               {{"table", Format::table},
                {"tsv", Format::tsv},
                {"csv", Format::csv},
                {"jsonl", Format::jsonl}},
               help);
}

void add_order(const Flags& flags, RowOrder& order, bool& core) {
  flags.flag("--core", core,
             "sort by fv1_core and show the core's columns: mode 1 of the 20-core of the network, "
             "which no loose end can lead (best with --assembly auto: whole chains that rock in "
             "the crystal lead next)");
  flags.convert(
      "--sort", std::string(), [&order](const std::string& column) { sort_by(order, column); },
      "another column to sort by; COLUMN:asc or COLUMN:desc for the direction", {named("COLUMN")});
  flags.flag("--unique", order.unique,
             "the best entry of each protein alone (same UniProt accessions in the file's "
             "reference records, else same sequence); entries counts what it stands for");
  flags.convert("--unique-identity", 0.0,
                [&order](double percent) {
                  order.unique = true;
                  order.unique_identity = percent;
                },
                "--unique by the sequences of the networks: chains are of one protein where they "
                "are identical to so many percent of the shorter one, such as 95",
                {between(50.0, 100.0), named("PERCENT")});
  struct Typed {
    std::string where;
    bool no_tails = false;
  };
  const auto typed = std::make_shared<Typed>();
  flags.convert("--where", std::string(),
                [typed](const std::string& text) {
                  condition_of(text, Judged::whole);  // what is wrong with it is said first
                  typed->where = text;
                },
                "the rows that meet it alone, such as \"coll1 >= 0.2 and not tail and title ~ "
                "'kinase'\" (see modesweep rank --help)",
                {named("CONDITION")});
  flags.flag("--no-tails", typed->no_tails,
             "short for --where \"not tail\", with --core \"not local\"; with another condition, "
             "both are met");
  flags.then(
      [typed, &order, &core] { complete_order(order, core, typed->where, typed->no_tails); });
}

void add_width(const Flags& flags, std::optional<int>& width, const char* then) {
  flags.option("--width", width,
               fmt::format("characters that lines of a table have at most: {}; 0 for all (else the "
                           "terminal's, in a file all)",
                           then),
               {between(0, widest_line), named("N")});
}

void add_output(const Flags& flags, Output& output) {
  const Flags group = flags.in(output_group);
  std::vector<std::string> columns;
  for (const Column& column : known_columns()) columns.push_back(column.name);
  group.words("COLUMN", std::move(columns));
  group.option("--top", output.order.top, "rows to print; 0 for all",
               {between(0, most_rows), named("N"), shows_default});
  add_order(group, output.order, output.core);
  group.convert("--columns", std::string(),
                [&output](const std::string& list) {
                  for (const std::string& name : parse_names(list))
                    output.columns.push_back(find_column(name));
                },
                "columns to print, separated by commas (see below)", {named("COLUMN,...")});
  add_format(group, output.format, output.file,
             "table, tsv, csv or jsonl (else by the ending of -o, else table)");
  group.option("-o,--output", output.file,
               "file to write, and FILE.meta.json beside it (- is standard output)",
               {named("FILE")});
  add_width(group, output.width, "titles are cut, then columns left out");
  group.option("--failures", output.failures,
               "file that lists every entry left out, with stage and reason", {named("FILE")});
  group.then([group, &output] {
    output.captions = !group.is_given("--quiet");
    complete_columns(output);
  });
  group.then([&output] {
    if (output.stream && output.format != Format::jsonl)
      usage("--stream prints rows as they come, which only --format jsonl can");
    const std::optional<Condition>& where = output.order.where;
    if (output.stream && where &&
        std::any_of(where->columns().begin(), where->columns().end(), is_percentile))
      usage("--stream cannot wait for pct_core, which is among all entries");
  });
}

void add_strict(const Flags& flags, bool& strict) {
  flags.in(output_group).flag("--strict", strict, "exit with 1 when any entry failed");
}

void add_run(const Flags& flags, Output& output, RankRequest& request) {
  add_strict(flags, output.strict);
  flags.in(output_group)
      .flag("--allow-empty", output.allow_empty,
            "exit with 0 where there is nothing to rank, as in a part of a larger job; with "
            "--offline "
            "also where most files are not there");
  flags.in(output_group)
      .flag("--stream", output.stream,
            "with --format jsonl: print each row, without its rank, when it is solved (the "
            "ranking goes to -o alone)");
  const Flags group = flags.in(run_group);
  group.flag("--retry-failed", request.retry_failed,
             "of a run that is kept, try again what failed for good, too");
  group.choice(
      "--run-journal", request.journal.journal,
      {{"auto", RunJournal::automatic},
       {"folder", RunJournal::folder},
       {"local", RunJournal::local}},
      "where the run is written: in its folder, or locally ($TMPDIR), from where the folder "
      "gets a whole copy every 30 s and at the end; auto: local where the folder is on a "
      "file system that several machines share",
      {shows_default});
}

}  // namespace modesweep::cli
