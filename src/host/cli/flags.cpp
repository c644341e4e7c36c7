// SPDX-License-Identifier: MIT
#include "cli/flags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include <modesweep/comparison.hpp>
#include <modesweep/pipeline.hpp>
#include <modesweep/version.hpp>

#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/flag_names.hpp"
#include "cli/share_files.hpp"

namespace modesweep::cli {
namespace {

constexpr const char* exit_codes = R"(Exit codes:
  0  ranked (entries left out are reported)
  1  with --strict: an entry failed
  2  the command line cannot be meant
  3  nothing to rank: nothing found, or all left out
  4  something needed is unavailable: a service, a mirror, a device, or more
     than half of the downloads failed
  5  internal error
  6  output could not be written
  130, 143  interrupted (SIGINT, SIGTERM); the ranking so far was printed)";

constexpr const char* citations = R"(Please cite:
  ANM: Atilgan et al., Biophys. J. 80:505 (2001);
       Doruker, Atilgan & Bahar, Proteins 40:512 (2000)
  ProDy, whose numbers these are: Bakan, Meireles & Bahar, Bioinformatics
       27:1575 (2011); Zhang et al., Bioinformatics 37:3657 (2021)
  the PDB: wwPDB consortium, Nucleic Acids Res. 47:D520 (2019))";

constexpr const char* rank_notes =
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

constexpr const char* modes_notes =
    R"(Formats:
  nmd    for VMD's NMWiz and ProDy's parseNMD: three decimals, for looking at
  npz    the record: numpy.load reads coordinates, eigenvalues, eigenvectors,
         residues and parameters without pickle
  pdb    an animation along one mode for PyMOL and ChimeraX: a loop that starts
         and ends at the structure
  tsv, jsonl
         numbers of each residue (below)
Without -o, tsv or jsonl go to standard output, in one table. With several
inputs -o names a folder, where each entry gets a file of each format (npz
where none is named).

What a file does not state, be it B factors or residue numbers, is empty in tsv and
jsonl, and in npz NaN or the least int64. nmd leaves out the line that would lack a
value; pdb leaves B factors blank and counts such a chain from 1.

Of each eigenvector the component of the largest absolute value is positive; of
several that are as large (to 1e-6 of it), the first. Modes whose eigenvalues
differ by less than 1e-6 of the larger one are degenerate: only the space that
they span has a meaning. Eigenvalues are in the unit of gamma, square
fluctuations in k_B T over it, over the modes computed alone.)";

constexpr const char* report_notes =
    R"(The page needs no network and nothing beside it. The ranking can be sorted and
searched; each entry has its spectrum of shares, square fluctuations against B
factors, the displacements of modes 1 to 3, and those modes moving in 3-D.

A run keeps numbers, not modes: its files are read again and solved with the
parameters of the run, so that no option of the model can be given with one. An
entry whose file is gone or has changed stays in the ranking without a shape.

3Dmol.js, D3 and Observable Plot, which tools/install-deps.sh --report fetches,
go into the page from $MODESWEEP_REPORT_LIBRARIES, else from where they were
installed. Without them the page has the tables, and says what it lacks.)";

constexpr const char* compare_notes =
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

constexpr const char* bench_notes =
    R"(Each solver alone on networks in memory (structures a second of all threads, or
of one batch on the device), then whole jobs from files with each stage's share.

Gflop/s and GB/s count the products with the Hessian alone; % is of what the
device's clocks allow. digits: in which the shares of all modes agree with a
dense solve by LAPACK (above 1,000 residues with shift-invert).)";

constexpr const char* machine_group = "Machine";
constexpr const char* run_group = "A run that is kept";

void add_common(CLI::App& app, CommonOptions& options) {
  app.add_flag("-q,--quiet", options.quiet, "print results and errors only");
  app.add_flag("-v,--verbose", options.verbose, "say more on the way");
}

void add_search(CLI::App& app, Raw& raw) {
  Access& access = raw.arguments.access;
  const char* const group = "Search";
  app.add_option("--source", raw.source,
                 "service to search: ncbi (NCBI protein, limited to the PDB) or rcsb (RCSB Search "
                 "API)")
      ->check(CLI::IsMember({"ncbi", "rcsb"}))
      ->capture_default_str()
      ->group(group);
  app.add_option("--retmax", raw.retmax,
                 "records to read at most, as the service counts them (NCBI: chains), or all")
      ->capture_default_str()
      ->type_name("N|all")
      ->group(group);
  app.add_option("--email", access.ncbi.email,
                 "your address, for NCBI to reach you ($EMAIL; else none is sent)")
      ->type_name("ADDRESS")
      ->group(group);
  app.add_option("--api-key-file", raw.api_key_file,
                 "file that holds your NCBI API key (else $NCBI_API_KEY)")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--ncbi-url", access.ncbi.base_url, "base address of NCBI E-utilities")
      ->type_name("URL")
      ->group(group);
  app.add_option("--rcsb-search-url", access.rcsb.url, "address of the RCSB Search API")
      ->type_name("URL")
      ->group(group);
}

void add_connection(CLI::App& app, Raw& raw) {
  Access& access = raw.arguments.access;
  const char* const group = "Connections";
  app.add_flag("--offline", access.http.offline, "never open a socket")->group(group);
  app.add_option("--stall-time", raw.stall_seconds,
                 "a transfer of less than 1,000 bytes/s for so long has failed and is tried again")
      ->check(CLI::Range(1, 3600))
      ->type_name("SECONDS")
      ->capture_default_str()
      ->group(group);
  app.add_option("--cacert", access.http.ca_file,
                 "certificate authorities (else $SSL_CERT_FILE, $CURL_CA_BUNDLE, the system's)")
      ->type_name("FILE")
      ->group(group);
}

void add_store(CLI::App& app, Raw& raw) {
  Access& access = raw.arguments.access;
  const char* const group = "Structure files";
  app.add_option("--file-format", raw.file_format,
                 "to download: cif (mmCIF), bcif (BinaryCIF) or pdb (entries that have no such "
                 "file come as mmCIF)")
      ->check(CLI::IsMember({"cif", "bcif", "pdb"}))
      ->capture_default_str()
      ->group(group);
  app.add_option("--hosts", raw.hosts,
                 "archives to download from; the next one when one stays bad (bcif: rcsb and pdbe)")
      ->type_name("HOST,...")
      ->capture_default_str()
      ->group(group);
  app.add_option("--download-url", access.store.url_templates,
                 "where entries come from instead (may be given several times: the next host when "
                 "one stays bad, the next format where an entry lacks one): <ID> 1UBI, <id> 1ubi, "
                 "<extended> pdb_00001ubi, <hash> the divided folder")
      ->type_name("TEMPLATE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group(group);
  app.add_option("--holdings-url", access.store.holdings_url,
                 "service that is asked what became of entries that are not there (else RCSB's; "
                 "none with --download-url)")
      ->type_name("URL")
      ->group(group);
  app.add_option("--cache-dir", raw.cache_dir,
                 "cache (else $MODESWEEP_CACHE_DIR, $XDG_CACHE_HOME/modesweep, "
                 "~/.cache/modesweep); $PDB_DIR mirrors are read first")
      ->type_name("DIR")
      ->group(group);
  app.add_option("--cache-limit", access.store.cache_limit,
                 "for the structure files in the cache, such as 20G: those used longest ago go "
                 "first, those of the last hour stay")
      ->transform(CLI::AsSizeValue(false))
      ->type_name("SIZE")
      ->group(group);
}

/// Entries and files that the user names.
void add_lists(CLI::App& app, Raw& raw, const char* group) {
  app.add_option("--ids", raw.ids, "entry IDs: 1UBI,1AKE or @file or - for standard input")
      ->type_name("LIST")
      ->group(group);
  app.add_option("--files", raw.arguments.input.files, "structure files, and folders of them")
      ->type_name("PATH")
      ->group(group);
}

void add_model(CLI::App& app, Raw& raw) {
  Model& model = raw.arguments.model;
  app.add_option("--enm", raw.enm,
                 "anm: anisotropic network; gnm: Gaussian network, whose motions have no "
                 "directions (on the CPU)")
      ->check(CLI::IsMember({"anm", "gnm"}))
      ->capture_default_str()
      ->group(model_group);
  app.add_option("-c,--cutoff", raw.cutoff,
                 "contact distance in angstrom, inclusive (else 15, of gnm 10)")
      ->check(CLI::Range(4.0, 1000.0))
      ->group(model_group);
  app.add_option("-g,--gamma", model.network.gamma, "spring constant")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(model_group);
  app.add_option("-n,--modes", model.modes, "non-zero modes to compute")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str()
      ->group(model_group);
  app.add_option("--nodes", raw.nodes,
                 "prody: ProDy's calpha; polymer: every polypeptide residue; prody-app: as "
                 "`prody anm`, nucleic acids too")
      ->check(CLI::IsMember({"prody", "polymer", "prody-app"}))
      ->capture_default_str()
      ->group(model_group);
  app.add_option("--model", raw.model, "model number in the file (else the first)")
      ->type_name("N")
      ->group(model_group);
  app.add_option("--chains", raw.chains,
                 "take these chains alone, such as A,B (author's names; _ or ' ' is the chain "
                 "without a name); an entry without one of them is left out")
      ->type_name("LIST")
      ->group(model_group);
  app.add_option("--assembly", model.read.assembly,
                 "take a biological assembly by its name in the file, as a rule 1, instead of the "
                 "asymmetric unit: copies of chain A are A, A-2, A-3 ... (--chains and --select "
                 "choose before copies are made)")
      ->type_name("NAME")
      ->group(model_group);
  app.add_option("--select", model.read.selection,
                 "take the residues of a selection alone, in gemmi's CID syntax: //A/10-50, "
                 "/2/A,B, (GLY,ALA), //A/*//;b<60 (author's chains, _ for the one without a name, "
                 "and numbers)")
      ->type_name("CID")
      ->group(model_group);
}

void add_min_residues(CLI::App& app, Raw& raw) {
  app.add_option("--min-residues", raw.min_residues,
                 "let in all entries of at least so many residues, those with fewer modes than "
                 "asked for too")
      ->check(CLI::Range(1, 1 << 30))
      ->type_name("N")
      ->group(model_group);
}

/// Of commands that solve on the CPU alone.
void add_cpu_solver(CLI::App& app, Raw& raw) {
  app.add_option("--solver", raw.solver,
                 "auto (shift-invert), shift-invert, lapack or eigen, as of rank")
      ->check(CLI::IsMember({"auto", "shift-invert", "lapack", "eigen"}))
      ->capture_default_str()
      ->group(machine_group);
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

void add_limits(CLI::App& app, Raw& raw) {
  app.add_option("--threads", raw.threads, "worker threads (else the CPUs that we may use)")
      ->check(CLI::Range(1, 4096))
      ->type_name("N")
      ->group(machine_group);
  app.add_option("--max-memory", raw.arguments.machine.max_memory,
                 "for all solvers together, such as 8G (else 80 % of what we may use)")
      ->transform(CLI::AsSizeValue(false))
      ->type_name("SIZE")
      ->group(machine_group);
}

void add_machine(CLI::App& app, Raw& raw) {
  add_limits(app, raw);
  app.add_flag("--no-result-cache", raw.no_result_cache,
               "solve everything anew: neither read nor keep results in the cache")
      ->group(machine_group);
}

void add_output(CLI::App& app, Raw& raw) {
  Output& output = raw.arguments.output;
  const char* const group = "Output";
  app.add_option("--top", output.order.top, "rows to print; 0 for all")
      ->capture_default_str()
      ->group(group);
  app.add_flag("--unique", output.order.unique,
               "the best entry of each protein alone (same UniProt accessions in the file's "
               "reference records, else same sequence); entries counts what it stands for")
      ->group(group);
  app.add_option("--sort", raw.sort,
                 "another column to sort by; COLUMN:asc or COLUMN:desc for the direction")
      ->type_name("COLUMN")
      ->group(group);
  app.add_option("--columns", raw.columns, "columns to print, separated by commas (see below)")
      ->type_name("COLUMN,...")
      ->group(group);
  app.add_option("--format", raw.format,
                 "table, tsv or jsonl (else by the ending of -o, else table)")
      ->check(CLI::IsMember({"table", "tsv", "jsonl"}))
      ->group(group);
  app.add_option("-o,--output", output.file, "file to write, and FILE.meta.json beside it")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--failures", output.failures,
                 "file that lists every entry left out, with stage and reason")
      ->type_name("FILE")
      ->group(group);
}

void add_strict(CLI::App& app, Raw& raw) {
  app.add_flag("--strict", raw.arguments.output.strict, "exit with 1 when any entry failed")
      ->group("Output");
}

/// Of what computes, beside what prints.
void add_run(CLI::App& app, Raw& raw) {
  add_strict(app, raw);
  app.add_flag("--stream", raw.arguments.output.stream,
               "with --format jsonl: print each row, without its rank, when it is solved (the "
               "ranking goes to -o alone)")
      ->group("Output");
  app.add_flag("--retry-failed", raw.arguments.retry_failed,
               "of a run that is kept, try again what failed for good, too")
      ->group(run_group);
}

CLI::App* add_resume(CLI::App& app, Raw& raw) {
  CLI::App* command = app.add_subcommand("resume", "go on with a run that `rank --run` keeps");
  command->footer(exit_codes);
  command->add_option("DIR", raw.arguments.run, "folder of the run")->required();
  add_run(*command, raw);
  add_machine(*command, raw);
  add_output(*command, raw);
  add_store(*command, raw);
  add_connection(*command, raw);
  add_common(*command, raw.arguments.common);
  return command;
}

CLI::App* add_show(CLI::App& app, Raw& raw) {
  CLI::App* command = app.add_subcommand(
      "show", "print the ranking of a run that `rank --run` keeps, also while it goes on");
  command->add_option("DIR", raw.arguments.run, "folder of the run")->required();
  add_output(*command, raw);
  add_common(*command, raw.arguments.common);
  return command;
}

CLI::App* add_rank(CLI::App& app, Raw& raw) {
  CLI::App* command =
      app.add_subcommand("rank", "rank structures by the fractional variance of mode 1");
  command->footer(
      fmt::format("{}\n\n{}\n\n{}\n\n{}", column_list(), rank_notes, exit_codes, citations));
  command
      ->add_option("TERM", raw.arguments.input.term,
                   "what to search for, as in NCBI's search field")
      ->group("Input (exactly one of TERM, TERM with --archive, --ids, --files)");
  const char* const input = "Input (exactly one of TERM, TERM with --archive, --ids, --files)";
  add_lists(*command, raw, input);
  command
      ->add_option("--archive", raw.arguments.input.archive,
                   "folder of structure files to search for TERM, offline")
      ->type_name("DIR")
      ->group(input);

  add_model(*command, raw);
  add_min_residues(*command, raw);
  command
      ->add_option(
          "--solver", raw.solver,
          "auto (shift-invert), shift-invert (sparse Cholesky and block Lanczos; LAPACK "
          "for 60 nodes "
          "or fewer), lapack (dense, dsyevr) or eigen (dense, Eigen alone); on a device chebyshev "
          "(auto there) or jacobi")
      ->check(CLI::IsMember({"auto", "shift-invert", "lapack", "eigen", "chebyshev", "jacobi"}))
      ->capture_default_str()
      ->group(machine_group);
  command
      ->add_option(
          "--backend", raw.backend,
          "auto (CPU and devices side by side, where there is a device and work enough for "
          "it), cpu, or cuda (all on devices; the CPU takes what they cannot finish)")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}))
      ->capture_default_str()
      ->group(machine_group);
  command->add_option("--devices", raw.devices, "CUDA devices to use, such as 0,1 (else all)")
      ->type_name("LIST")
      ->group(machine_group);
  command
      ->add_option(
          "--balance", raw.balance,
          "static: who solves a structure depends on its coordinates, the options and the "
          "calibration alone; dynamic: who has nothing to do takes from the other, so that "
          "the last digits may differ from run to run")
      ->check(CLI::IsMember({"static", "dynamic"}))
      ->capture_default_str()
      ->group(machine_group);
  add_machine(*command, raw);
  add_output(*command, raw);
  add_run(*command, raw);
  command
      ->add_option(
          "--run", raw.arguments.run,
          "folder that keeps the run: the same command, or `modesweep resume DIR`, goes on "
          "where it stopped")
      ->type_name("DIR")
      ->group(run_group);

  add_search(*command, raw);
  add_store(*command, raw);
  add_connection(*command, raw);
  add_common(*command, raw.arguments.common);
  return command;
}

CLI::App* add_modes(CLI::App& app, Raw& raw) {
  ModesOptions& modes = raw.arguments.modes;
  CLI::App* command = app.add_subcommand(
      "modes", "write the modes of structures, for ProDy, VMD, PyMOL, ChimeraX, pandas");
  command->footer(fmt::format("{}\n\nColumns of tsv and jsonl:{}\n\n{}", modes_notes,
                              residue_column_help(), citations));
  const char* const input = "Input (one at least)";
  command
      ->add_option("INPUT", raw.modes_inputs,
                   "entry IDs (1UBI, pdb_00001ubi), structure files and folders of them (./1UBI "
                   "for one that has the name of an entry); each may name chains: 1AKE:A")
      ->group(input);
  add_lists(*command, raw, input);
  add_model(*command, raw);
  add_cpu_solver(*command, raw);
  add_limits(*command, raw);
  const char* const output = "Output";
  command
      ->add_option("--format", raw.format,
                   "nmd, npz, pdb, tsv, jsonl, or several of them such as nmd,npz (else by the "
                   "ending of -o; see below)")
      ->type_name("FORMAT,...")
      ->group(output);
  command
      ->add_option("-o,--output", modes.output,
                   "file to write; with several inputs or formats, a folder")
      ->type_name("PATH")
      ->group(output);
  command
      ->add_option("--mode", modes.animation.mode, "of pdb: the mode to show, 1 being the softest")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str()
      ->group(output);
  command
      ->add_option("--amplitude", modes.animation.amplitude,
                   "of pdb: RMSD of the extremes from the structure, in angstrom")
      ->check(CLI::Range(0.001, 1000.0))
      ->capture_default_str()
      ->group(output);
  command
      ->add_option("--frames", modes.animation.frames,
                   "of pdb: models, a multiple of four so that the extremes are among them")
      ->check(CLI::Range(4, 9996))
      ->capture_default_str()
      ->group(output);
  add_strict(*command, raw);
  add_store(*command, raw);
  add_connection(*command, raw);
  add_common(*command, raw.arguments.common);
  return command;
}

CLI::App* add_report(CLI::App& app, Raw& raw) {
  Arguments& arguments = raw.arguments;
  CLI::App* command = app.add_subcommand(
      "report", "write a ranking as one HTML page with charts and moving structures");
  command->footer(fmt::format("{}\n\n{}", report_notes, exit_codes));
  const char* const input = "Input";
  command
      ->add_option("INPUT", arguments.report.inputs,
                   "folder of a run that `rank --run` keeps, or structure files and folders of "
                   "them, which are ranked first")
      ->required()
      ->group(input);
  add_model(*command, raw);
  add_min_residues(*command, raw);
  add_cpu_solver(*command, raw);
  add_limits(*command, raw);
  const char* const output = "Output";
  command->add_option("-o,--output", arguments.output.file, "page to write")
      ->required()
      ->type_name("FILE")
      ->group(output);
  command
      ->add_option("--top", raw.report_top,
                   "entries, from the first, that the page shows with their shapes; 0 for all (the "
                   "table has all rows)")
      ->capture_default_str()
      ->group(output);
  add_strict(*command, raw);
  add_common(*command, arguments.common);
  return command;
}

CLI::App* add_compare(CLI::App& app, Raw& raw) {
  CLI::App* command = app.add_subcommand(
      "compare", "compare the modes of two structures of one protein, and the step between them");
  command->footer(fmt::format("{}\n\nColumns of tsv and jsonl, a line a mode k of A:{}\n\n{}",
                              compare_notes, comparison_column_help(), citations));
  const char* const input = "Input";
  const char* const help = "entry ID or structure file, with chains where it has others: 1AKE:A";
  command->add_option("A", raw.compare_first, help)->required()->type_name("INPUT")->group(input);
  command->add_option("B", raw.compare_second, "likewise: 4AKE:A")
      ->required()
      ->type_name("INPUT")
      ->group(input);
  add_model(*command, raw);
  add_cpu_solver(*command, raw);
  add_limits(*command, raw);
  const char* const output = "Output";
  command->add_option("--format", raw.format, "table, tsv or jsonl (else by the ending of -o)")
      ->check(CLI::IsMember({"table", "tsv", "jsonl"}))
      ->group(output);
  command->add_option("-o,--output", raw.arguments.output.file, "file to write")
      ->type_name("FILE")
      ->group(output);
  add_store(*command, raw);
  add_connection(*command, raw);
  add_common(*command, raw.arguments.common);
  return command;
}

/// Each action is a command of its own.
CLI::App* add_cache(CLI::App& app, Raw& raw) {
  CacheOptions& cache = raw.arguments.cache;
  CLI::App* command = app.add_subcommand("cache", "list, verify or clear what was downloaded");
  command->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, CacheOptions::Action action) {
    CLI::App* const sub = command->add_subcommand(name, help);
    sub->add_option("ID", cache.ids, "entry IDs (else all)");
    sub->add_option("--cache-dir", raw.cache_dir, "cache, as of rank")->type_name("DIR");
    add_common(*sub, raw.arguments.common);
    sub->callback([&cache, action] { cache.action = action; });
    return sub;
  };
  add("list", "print ID, bytes, time of last use and path of each structure file",
      CacheOptions::Action::list);
  add("verify",
      "read every structure file to its end; damaged ones are named, and fetched again when next "
      "needed",
      CacheOptions::Action::verify);
  add("clear", "remove structure files, results and archive indexes, and print what that freed",
      CacheOptions::Action::clear)
      ->add_option("--older-than", raw.older_than, "only what was not used for so many days")
      ->check(CLI::Range(1, 36500))
      ->type_name("DAYS");
  return command;
}

CLI::App* add_bench(CLI::App& app, Raw& raw) {
  BenchOptions& bench = raw.arguments.bench;
  CLI::App* command =
      app.add_subcommand("bench", "measure the solvers on this machine, CPU against GPU");
  command->footer(bench_notes);
  command->add_option("PATH", bench.files,
                      "structure files and folders (else data/demo where it is, else made-up "
                      "networks)");
  command
      ->add_option("--most-residues", bench.most_residues,
                   "joined copies of the largest file up to so many residues")
      ->check(CLI::Range(30, 1000000))
      ->capture_default_str();
  command->add_option("--seconds", bench.seconds, "each measurement, at least")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  command
      ->add_option("--solvers", bench.solvers,
                   "measure these alone, a list: shift-invert, lapack, eigen, chebyshev, jacobi")
      ->delimiter(',')
      ->check(CLI::IsMember({"shift-invert", "lapack", "eigen", "chebyshev", "jacobi"}))
      ->type_name("LIST");
  command->add_option("--threads", raw.threads, "that solve on the CPU (else the CPUs we may use)")
      ->check(CLI::Range(1, 4096))
      ->type_name("N");
  command->add_option("--format", raw.format, "table or jsonl")
      ->check(CLI::IsMember({"table", "jsonl"}));
  command->add_flag("--calibrate", bench.calibrate,
                    "measure only what --backend auto decides by, and keep it in the cache");
  command->add_option("--cache-dir", raw.cache_dir, "cache, as of rank")->type_name("DIR");
  add_common(*command, raw.arguments.common);
  return command;
}

CLI::App* add_completion(CLI::App& app, Raw& raw) {
  CLI::App* command = app.add_subcommand(
      "completion", "print a shell's completions: source <(modesweep completion bash)");
  command->add_option("SHELL", raw.shell, "bash, zsh or fish")
      ->check(
          CLI::IsMember(std::set<std::string>(completion_shells.begin(), completion_shells.end())))
      ->required();
  return command;
}

/// For the build: nobody needs to see it.
CLI::App* add_share_files(CLI::App& app, Raw& raw) {
  CLI::App* command =
      app.add_subcommand("share-files", "write man pages and completions below a folder");
  command->group("");
  command->add_option("DIR", raw.share_folder, "folder")->required();
  command->add_option("DATE", raw.date, "of the man pages")->required();
  return command;
}

}  // namespace

Commands add_commands(CLI::App& app, Raw& raw) {
  Commands commands = {};
  app.set_version_flag("--version", std::string("modesweep ") + version);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.footer(fmt::format("modesweep COMMAND --help tells more of each.\n\n{}\n\n{}", exit_codes,
                         citations));

  commands.rank = add_rank(app, raw);
  commands.resume = add_resume(app, raw);
  commands.show = add_show(app, raw);
  commands.modes = add_modes(app, raw);
  commands.report = add_report(app, raw);
  commands.compare = add_compare(app, raw);
  commands.search = app.add_subcommand("search", "print the entry IDs that a term finds");
  commands.search->add_option("TERM", raw.arguments.input.term, "what to search for")->required();
  add_search(*commands.search, raw);
  add_connection(*commands.search, raw);
  add_common(*commands.search, raw.arguments.common);
  commands.fetch =
      app.add_subcommand("fetch", "download entries into the cache and print their paths");
  commands.fetch->add_option("ID", raw.arguments.fetch_ids, "entry IDs")->required();
  add_store(*commands.fetch, raw);
  add_connection(*commands.fetch, raw);
  add_common(*commands.fetch, raw.arguments.common);
  commands.cache = add_cache(app, raw);
  commands.bench = add_bench(app, raw);
  commands.selftest = app.add_subcommand(
      "selftest", "check every operation of the devices, and the CPU solvers, on this machine");
  add_common(*commands.selftest, raw.arguments.common);
  commands.info =
      app.add_subcommand("info", "print version, build, CPU, devices and whether CUDA is in use");
  add_common(*commands.info, raw.arguments.common);
  commands.completion = add_completion(app, raw);
  commands.share_files = add_share_files(app, raw);
  return commands;
}

CommandEntry command_table(const CLI::App& app) {
  ValueNames values;
  for (const Column& column : known_columns()) values["COLUMN"].push_back(column.name);
  for (const auto& [format, name] : modes_formats) values["FORMAT"].emplace_back(name);
  values["HOST"] = public_archives();
  return read_commands(app, values);
}

}  // namespace modesweep::cli
