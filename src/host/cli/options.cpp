// SPDX-License-Identifier: MIT
#include "cli/options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>

#include <modesweep/comparison.hpp>
#include <modesweep/pdb_id.hpp>
#include <modesweep/pipeline.hpp>
#include <modesweep/version.hpp>

#include "cli/command_table.hpp"
#include "cli/commands.hpp"
#include "cli/completion.hpp"
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
are the same amino acid, else by sequence alignment (BLOSUM62). The chains that are
most alike are a pair, of equal ones those of the same name; with less than 30 %
identical residues they are none. B is laid on A by least squares (Kabsch) over the
matched residues, and its modes are turned with it.

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

constexpr const char* model_group = "Model";
constexpr const char* machine_group = "Machine";
constexpr const char* run_group = "A run that is kept";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string trimmed(std::string text) {
  text.erase(0, text.find_first_not_of(" \t\r\n"));
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

/// What CLI11 writes into before it is checked.
struct Raw {
  Arguments arguments;
  std::string retmax = "1000";
  std::string api_key_file;
  std::string cache_dir;
  std::string file_format = "cif";
  std::string hosts = fmt::format("{}", fmt::join(public_archives(), ","));
  int stall_seconds = 30;
  int older_than = 0;
  std::string ids;
  std::vector<std::string> modes_inputs;
  std::string compare_first, compare_second;
  std::string nodes = "prody";
  std::string backend = "auto";
  std::string devices;
  std::string balance = "static";
  std::string sort;
  std::string columns;
  std::string format;
  std::string enm = "anm";
  std::optional<double> cutoff;
  std::optional<int> model;
  std::string chains;
  int min_residues = 0;
  int threads = 0;
  bool no_result_cache = false;
  std::string shell;
  std::string share_folder;
  std::string date;
  std::size_t report_top = 500;
};

void add_common(CLI::App& app, CommonOptions& options) {
  app.add_flag("-q,--quiet", options.quiet, "print results and errors only");
  app.add_flag("-v,--verbose", options.verbose, "say more on the way");
}

void add_search(CLI::App& app, Raw& raw) {
  AccessOptions& access = raw.arguments.access;
  const char* const group = "Search";
  app.add_option("--source", access.source,
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
  AccessOptions& access = raw.arguments.access;
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
  AccessOptions& access = raw.arguments.access;
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
  app.add_option("--files", raw.arguments.rank.files, "structure files, and folders of them")
      ->type_name("PATH")
      ->group(group);
}

void add_model(CLI::App& app, Raw& raw) {
  RankOptions& rank = raw.arguments.rank;
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
  app.add_option("-g,--gamma", rank.network.gamma, "spring constant")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(model_group);
  app.add_option("-n,--modes", rank.modes, "non-zero modes to compute")
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
                 "take these chains alone, such as A,B (author's names); an entry without one of "
                 "them is left out")
      ->type_name("LIST")
      ->group(model_group);
  app.add_option("--assembly", rank.read.assembly,
                 "take a biological assembly by its name in the file, as a rule 1, instead of the "
                 "asymmetric unit: copies of chain A are A, A-2, A-3 ... (--chains and --select "
                 "choose before copies are made)")
      ->type_name("NAME")
      ->group(model_group);
  app.add_option("--select", rank.read.selection,
                 "take the residues of a selection alone, in gemmi's CID syntax: //A/10-50, "
                 "/2/A,B, (GLY,ALA), //A/*//;b<60 (author's chains and numbers)")
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
  app.add_option("--solver", raw.arguments.rank.solver,
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
                        column.help);
  return text;
}

void add_limits(CLI::App& app, Raw& raw) {
  RankOptions& rank = raw.arguments.rank;
  app.add_option("--threads", raw.threads, "worker threads (else the CPUs that we may use)")
      ->check(CLI::Range(1, 4096))
      ->type_name("N")
      ->group(machine_group);
  app.add_option("--max-memory", rank.max_memory,
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
  RankOptions& rank = raw.arguments.rank;
  const char* const output = "Output";
  app.add_option("--top", rank.top, "rows to print; 0 for all")
      ->capture_default_str()
      ->group(output);
  app.add_flag("--unique", rank.unique,
               "the best entry of each protein alone (same UniProt accessions in the file's "
               "reference records, else same sequence); entries counts what it stands for")
      ->group(output);
  app.add_option("--sort", raw.sort,
                 "another column to sort by; COLUMN:asc or COLUMN:desc for the direction")
      ->type_name("COLUMN")
      ->group(output);
  app.add_option("--columns", raw.columns, "columns to print, separated by commas (see below)")
      ->type_name("COLUMN,...")
      ->group(output);
  app.add_option("--format", raw.format,
                 "table, tsv or jsonl (else by the ending of -o, else table)")
      ->check(CLI::IsMember({"table", "tsv", "jsonl"}))
      ->group(output);
  app.add_option("-o,--output", rank.output, "file to write, and FILE.meta.json beside it")
      ->type_name("FILE")
      ->group(output);
  app.add_option("--failures", rank.failures,
                 "file that lists every entry left out, with stage and reason")
      ->type_name("FILE")
      ->group(output);
}

void add_strict(CLI::App& app, Raw& raw) {
  app.add_flag("--strict", raw.arguments.rank.strict, "exit with 1 when any entry failed")
      ->group("Output");
}

/// Of what computes, beside what prints.
void add_run(CLI::App& app, Raw& raw) {
  RankOptions& rank = raw.arguments.rank;
  add_strict(app, raw);
  app.add_flag("--stream", rank.stream,
               "with --format jsonl: print each row, without its rank, when it is solved (the "
               "ranking goes to -o alone)")
      ->group("Output");
  app.add_flag("--retry-failed", rank.retry_failed,
               "of a run that is kept, try again what failed for good, too")
      ->group(run_group);
}

CLI::App* add_resume(CLI::App& app, Raw& raw) {
  CLI::App* command = app.add_subcommand("resume", "go on with a run that `rank --run` keeps");
  command->footer(exit_codes);
  command->add_option("DIR", raw.arguments.rank.run, "folder of the run")->required();
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
  command->add_option("DIR", raw.arguments.rank.run, "folder of the run")->required();
  add_output(*command, raw);
  add_common(*command, raw.arguments.common);
  return command;
}

CLI::App* add_rank(CLI::App& app, Raw& raw) {
  RankOptions& rank = raw.arguments.rank;
  CLI::App* command =
      app.add_subcommand("rank", "rank structures by the fractional variance of mode 1");
  command->footer(
      fmt::format("{}\n\n{}\n\n{}\n\n{}", column_list(), rank_notes, exit_codes, citations));
  command->add_option("TERM", rank.term, "what to search for, as in NCBI's search field")
      ->group("Input (exactly one of TERM, TERM with --archive, --ids, --files)");
  const char* const input = "Input (exactly one of TERM, TERM with --archive, --ids, --files)";
  add_lists(*command, raw, input);
  command
      ->add_option("--archive", rank.archive,
                   "folder of structure files to search for TERM, offline")
      ->type_name("DIR")
      ->group(input);

  add_model(*command, raw);
  add_min_residues(*command, raw);
  command
      ->add_option(
          "--solver", rank.solver,
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
          "auto (CPU and devices side by side, where there is a device), cpu, or cuda (all "
          "on devices; the CPU takes what they cannot finish)")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}))
      ->capture_default_str()
      ->group(machine_group);
  command->add_option("--devices", raw.devices, "CUDA devices to use, such as 0,1 (else all)")
      ->type_name("LIST")
      ->group(machine_group);
  command
      ->add_option(
          "--balance", raw.balance,
          "static: who solves a structure depends on its size, the options and the "
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
          "--run", rank.run,
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
  command->add_option("-o,--output", arguments.report.output, "page to write")
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
  command->add_option("-o,--output", raw.arguments.rank.output, "file to write")
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

CommandEntry command_table(const CLI::App& app) {
  ValueNames values;
  for (const Column& column : known_columns()) values["COLUMN"].push_back(column.name);
  for (const auto& [format, name] : modes_formats) values["FORMAT"].emplace_back(name);
  values["HOST"] = public_archives();
  return read_commands(app, values);
}

[[noreturn]] void usage(const std::string& message) { throw RunError(ExitCode::usage, message); }

std::string read_stream(std::istream& stream) {
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The normal form, or a usage error that says what is wrong.
std::string parse_id(const std::string& word) {
  if (std::optional<std::string> id = normalise_pdb_id(word)) return *std::move(id);
  const std::size_t chain = word.find_last_of("_.:");
  if (chain != std::string::npos && normalise_pdb_id(word.substr(0, chain)))
    usage(fmt::format("\"{}\" names a chain: give {} and --chains {}", word, word.substr(0, chain),
                      word.substr(chain + 1)));
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
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == ',' || c == ';'; }, ' ');
  std::istringstream words(text);
  std::vector<std::string> ids;
  std::set<std::string> seen;
  for (std::string word; words >> word;)
    if (std::string id = parse_id(word); seen.insert(id).second) ids.push_back(std::move(id));
  return ids;
}

void finish_access(Raw& raw) {
  AccessOptions& access = raw.arguments.access;
  if (raw.retmax == "all") {
    access.retmax.reset();
  } else {
    std::int64_t value = 0;
    const char* const end = raw.retmax.data() + raw.retmax.size();
    const auto [stop, error] = std::from_chars(raw.retmax.data(), end, value);
    if (error != std::errc() || stop != end || value < 1)
      usage(fmt::format("--retmax takes a number of records or all, not \"{}\"", raw.retmax));
    access.retmax = value;
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
  for (const FileFormat format : file_formats)
    if (raw.file_format == to_string(format)) access.store.format = format;
  access.store.archives.clear();
  std::istringstream hosts(raw.hosts);
  for (std::string name; std::getline(hosts, name, ',');)
    if (!trimmed(name).empty()) access.store.archives.push_back(trimmed(name));
  access.store.cache_dir =
      raw.cache_dir.empty() ? default_cache_dir() : std::filesystem::path(raw.cache_dir);
  std::istringstream mirrors(environment("PDB_DIR"));
  for (std::string folder; std::getline(mirrors, folder, ':');)
    if (!folder.empty()) access.store.mirrors.emplace_back(folder);
}

std::vector<int> parse_devices(const std::string& list) {
  std::vector<int> devices;
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');) {
    int device = -1;
    const std::string text = trimmed(word);
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
  const std::string ending = raw.arguments.rank.output.extension().string();
  if (raw.format == "tsv" || (raw.format.empty() && ending == ".tsv")) return Format::tsv;
  if (raw.format == "jsonl" || (raw.format.empty() && (ending == ".jsonl" || ending == ".ndjson")))
    return Format::jsonl;
  return Format::table;
}

void check_input(const RankOptions& rank, bool has_term) {
  std::vector<std::string> inputs;
  if (has_term && rank.archive.empty()) inputs.emplace_back("TERM");
  if (!rank.archive.empty()) inputs.emplace_back("--archive");
  if (rank.has_ids) inputs.emplace_back("--ids");
  if (!rank.files.empty()) inputs.emplace_back("--files");
  if (has_term && (rank.has_ids || !rank.files.empty()) && !rank.archive.empty())
    inputs.emplace_back("TERM");
  if (inputs.empty())
    usage("nothing to rank: give a search term, --ids, or --files (see modesweep rank --help)");
  if (inputs.size() > 1)
    usage(
        fmt::format("give one input, not {} of them ({})", inputs.size(), fmt::join(inputs, ", ")));
  if (!rank.archive.empty() && !has_term) usage("--archive needs a TERM to search the folder for");
  if (has_term && trimmed(rank.term).empty()) usage("the search term is empty");
}

void finish_machine(Raw& raw) {
  RankOptions& rank = raw.arguments.rank;
  rank.result_cache = !raw.no_result_cache;
  if (rank.threads = raw.threads; rank.threads == 0) rank.threads = usable_cpus();
  if (rank.max_memory == 0) rank.max_memory = usable_memory() / 10 * 8;
}

void finish_output(Raw& raw) {
  RankOptions& rank = raw.arguments.rank;
  if (!raw.sort.empty()) {
    std::string name = raw.sort;
    if (name.ends_with(":asc") || name.ends_with(":desc")) {
      rank.descending = name.ends_with(":desc");
      name.resize(name.rfind(':'));
    }
    rank.sort = find_column(name);
  }
  std::istringstream names(raw.columns);
  for (std::string name; std::getline(names, name, ',');)
    if (!trimmed(name).empty()) rank.columns.push_back(find_column(trimmed(name)));
  rank.format = format_of(raw);
  if (rank.stream && rank.format != Format::jsonl)
    usage("--stream prints rows as they come, which only --format jsonl can");
}

/// Ascending, each once, so that the same chains are the same parameter.
std::vector<std::string> parse_chains(const std::string& list) {
  std::set<std::string> chains;
  std::istringstream names(list);
  for (std::string name; std::getline(names, name, ',');)
    if (!trimmed(name).empty()) chains.insert(trimmed(name));
  if (chains.empty()) usage(fmt::format("there is no name of a chain in \"{}\"", list));
  return {chains.begin(), chains.end()};
}

void finish_model(Raw& raw) {
  NetworkOptions& network = raw.arguments.rank.network;
  if (raw.enm == "gnm") network.model = ElasticModel::gnm;
  network.cutoff = raw.cutoff.value_or(default_cutoff(network.model));
  ReadOptions& read = raw.arguments.rank.read;
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

ModesFormat parse_modes_format(const std::string& name) {
  for (const auto& [format, text] : modes_formats)
    if (name == text) return format;
  usage(fmt::format("--format takes nmd, npz, pdb, tsv, jsonl, not \"{}\"", name));
}

void finish_modes(Raw& raw) {
  const RankOptions& rank = raw.arguments.rank;
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
  for (const std::filesystem::path& path : rank.files) add({{}, path, {}});
  if (modes.inputs.empty())
    usage("nothing to compute: give entry IDs or files (see modesweep modes --help)");
  std::istringstream names(raw.format);
  for (std::string name; std::getline(names, name, ',');)
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
  raw.arguments.rank.top = raw.report_top;
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
  raw.arguments.rank.format = format_of(raw);
  finish_model(raw);
  finish_machine(raw);
}

void finish_rank(Raw& raw, bool has_term) {
  RankOptions& rank = raw.arguments.rank;
  check_input(rank, has_term);
  if (rank.has_ids) rank.ids = parse_ids(raw.ids);
  finish_model(raw);
  if (raw.backend == "cpu") rank.backend = Backend::cpu;
  if (raw.backend == "cuda") rank.backend = Backend::cuda;
  rank.devices = parse_devices(raw.devices);
  rank.dynamic_balance = raw.balance == "dynamic";
  finish_machine(raw);
  finish_output(raw);
  const auto is_asked_for = [&](bool (Column::*need)() const) {
    return (rank.sort && (*rank.sort.*need)()) ||
           std::any_of(rank.columns.begin(), rank.columns.end(),
                       [&](const Column& column) { return (column.*need)(); });
  };
  rank.all_fluctuations = is_asked_for(&Column::needs_all_modes);
  rank.hinges = is_asked_for(&Column::needs_hinges);
  rank.square_fluctuations = is_asked_for(&Column::needs_square_fluctuations);
}

}  // namespace

ParseResult parse_command_line(int argc, const char* const* argv) {
  Raw raw;
  CLI::App app(
      "Ranks protein structures by how much of their motion one elastic-network mode "
      "holds: a search term in, a table out.",
      "modesweep");
  app.set_version_flag("--version", std::string("modesweep ") + version);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.footer(fmt::format("modesweep COMMAND --help tells more of each.\n\n{}\n\n{}", exit_codes,
                         citations));

  CLI::App* const rank = add_rank(app, raw);
  CLI::App* const resume = add_resume(app, raw);
  CLI::App* const show = add_show(app, raw);
  CLI::App* const modes = add_modes(app, raw);
  CLI::App* const report = add_report(app, raw);
  CLI::App* const compare = add_compare(app, raw);
  CLI::App* const search = app.add_subcommand("search", "print the entry IDs that a term finds");
  search->add_option("TERM", raw.arguments.search_term, "what to search for")->required();
  add_search(*search, raw);
  add_connection(*search, raw);
  add_common(*search, raw.arguments.common);
  CLI::App* const fetch =
      app.add_subcommand("fetch", "download entries into the cache and print their paths");
  fetch->add_option("ID", raw.arguments.fetch_ids, "entry IDs")->required();
  add_store(*fetch, raw);
  add_connection(*fetch, raw);
  add_common(*fetch, raw.arguments.common);
  CLI::App* const cache = add_cache(app, raw);
  CLI::App* const bench = add_bench(app, raw);
  CLI::App* const selftest = app.add_subcommand(
      "selftest", "check every operation of the devices, and the CPU solvers, on this machine");
  add_common(*selftest, raw.arguments.common);
  CLI::App* const info =
      app.add_subcommand("info", "print version, build, CPU, devices and whether CUDA is in use");
  add_common(*info, raw.arguments.common);
  CLI::App* const completion = add_completion(app, raw);
  CLI::App* const share_files = add_share_files(app, raw);

  if (argc > 1 && argv[1][0] != '-') {
    std::vector<std::string> names;
    for (const CommandEntry& command : command_table(app).commands) names.push_back(command.name());
    if (argv[1] != share_files->get_name() &&
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

  if (*completion) {
    print(completion_script(command_table(app), raw.shell));
    return {std::nullopt, 0};
  }
  if (*share_files) {
    write_share_files(command_table(app), raw.share_folder, raw.date);
    return {std::nullopt, 0};
  }

  Arguments& arguments = raw.arguments;
  for (int i = 0; i < argc; ++i)
    arguments.command_line += fmt::format("{}{}", i ? " " : "", argv[i]);
  if (*rank) {
    arguments.command = Arguments::Command::rank;
    if (rank->count("--min-residues") > 0) arguments.rank.min_residues = raw.min_residues;
    arguments.rank.has_ids = rank->count("--ids") > 0;
    finish_rank(raw, rank->count("TERM") > 0);
    if (arguments.rank.retry_failed && arguments.rank.run.empty())
      usage("--retry-failed is of a run that is kept: name it with --run DIR");
  } else if (*resume) {
    arguments.command = Arguments::Command::resume;
    arguments.access.has_format = resume->count("--file-format") > 0;
    arguments.access.has_hosts = resume->count("--hosts") > 0;
    finish_machine(raw);
    finish_output(raw);
  } else if (*show) {
    arguments.command = Arguments::Command::show;
    finish_output(raw);
  } else if (*modes) {
    arguments.command = Arguments::Command::modes;
    finish_modes(raw);
  } else if (*report) {
    arguments.command = Arguments::Command::report;
    if (report->count("--min-residues") > 0) arguments.rank.min_residues = raw.min_residues;
    finish_report(raw, *report);
  } else if (*compare) {
    arguments.command = Arguments::Command::compare;
    finish_compare(raw);
  } else if (*search) {
    arguments.command = Arguments::Command::search;
    if (trimmed(arguments.search_term).empty()) usage("the search term is empty");
  } else if (*fetch) {
    arguments.command = Arguments::Command::fetch;
    std::string list = fmt::format("{}", fmt::join(arguments.fetch_ids, ","));
    arguments.fetch_ids = parse_ids(list);
  } else if (*cache) {
    arguments.command = Arguments::Command::cache;
    const bool all = arguments.cache.ids.empty();
    arguments.cache.ids = parse_ids(fmt::format("{}", fmt::join(arguments.cache.ids, ",")));
    // A list that turns out empty must not clear everything.
    if (!all && arguments.cache.ids.empty()) usage("there is no ID in the list of IDs");
    arguments.cache.older_than = std::chrono::days(raw.older_than);
  } else if (*bench) {
    arguments.command = Arguments::Command::bench;
    arguments.bench.threads = raw.threads > 0 ? raw.threads : usable_cpus();
    arguments.bench.format = format_of(raw);
  } else if (*selftest) {
    arguments.command = Arguments::Command::selftest;
  } else {
    arguments.command = Arguments::Command::info;
  }
  finish_access(raw);
  return {std::move(arguments), 0};
}

}  // namespace modesweep::cli
