// SPDX-License-Identifier: MIT
// What can be typed, in one place, and what it becomes. Nothing else sees raw flags.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <modesweep/cancel.hpp>
#include <modesweep/mode_files.hpp>
#include <modesweep/network.hpp>
#include <modesweep/ranking.hpp>
#include <modesweep/search.hpp>
#include <modesweep/structure.hpp>
#include <modesweep/structure_store.hpp>

namespace modesweep::cli {

/// Flags of every command.
struct CommonOptions {
  bool quiet = false;
  bool verbose = false;
};

/// How entries and files are reached.
struct AccessOptions {
  std::string source = "ncbi";  ///< ncbi, rcsb
  std::optional<std::int64_t> retmax = 1000;
  NcbiOptions ncbi;
  RcsbOptions rcsb;
  HttpOptions http;
  StoreOptions store;
  bool has_format = false;  ///< whether --file-format was typed
  bool has_hosts = false;   ///< likewise --hosts
};

inline constexpr std::array file_formats = {FileFormat::cif, FileFormat::bcif, FileFormat::pdb};

enum class Backend { automatic, cpu, cuda };
enum class Format { table, tsv, jsonl };

struct RankOptions {
  // exactly one of these inputs
  std::string term;
  std::filesystem::path archive;  ///< searched for `term`
  bool has_ids = false;
  std::vector<std::string> ids;  ///< normal form
  std::vector<std::filesystem::path> files;

  ReadOptions read;
  NetworkOptions network;
  int modes = 20;
  std::optional<int> min_residues;
  std::string solver = "auto";
  Backend backend = Backend::automatic;
  std::vector<int> devices;  ///< empty: all
  bool dynamic_balance = false;
  int threads = 1;
  std::uint64_t max_memory = 0;  ///< bytes

  std::optional<Column> sort;
  std::optional<bool> descending;
  std::vector<Column> columns;  ///< empty: the default
  Format format = Format::table;
  std::filesystem::path output;    ///< empty: standard output
  std::filesystem::path failures;  ///< empty: none
  std::size_t top = 10;            ///< 0: all
  bool unique = false;             ///< the best entry of each protein alone
  bool strict = false;
  bool stream = false;  ///< rows to standard output as they are solved

  bool all_fluctuations = false;  ///< a column asked for needs all modes
  bool hinges = false;            ///< likewise the hinges
  bool square_fluctuations = false;
  bool result_cache = true;
  std::filesystem::path run;  ///< folder that keeps the run; empty: none does
  bool retry_failed = false;
};

enum class ModesFormat { nmd, npz, pdb, tsv, jsonl };
/// The name of each is also the ending of its files.
inline constexpr std::array<std::pair<ModesFormat, std::string_view>, 5> modes_formats = {
    {{ModesFormat::nmd, "nmd"},
     {ModesFormat::npz, "npz"},
     {ModesFormat::pdb, "pdb"},
     {ModesFormat::tsv, "tsv"},
     {ModesFormat::jsonl, "jsonl"}}};

/// An entry, a structure file, or a folder of them.
struct StructureInput {
  std::string id;                   ///< normal form; empty for a path
  std::filesystem::path path;       ///< empty for an entry
  std::vector<std::string> chains;  ///< ascending; empty where the input names none
  bool operator==(const StructureInput&) const = default;
};

/// Beside them, `RankOptions` has the model, the solver and the machine.
struct ModesOptions {
  std::vector<StructureInput> inputs;
  std::vector<ModesFormat> formats;  ///< empty: by the ending of `output`, or the default
  std::filesystem::path output;      ///< file or folder; empty: standard output
  Animation animation;
};

/// Beside them, `RankOptions` has the model, the solver, the machine and `--top`.
struct ReportOptions {
  std::vector<std::filesystem::path> inputs;  ///< the folder of a run, or files and folders of them
  std::vector<std::string> model_flags;       ///< those typed: a run has its own model
  std::filesystem::path output;
};

/// Beside them, `RankOptions` has the model, the solver, the machine, format and output.
struct CompareOptions {
  StructureInput first, second;
};

struct BenchOptions {
  std::vector<std::filesystem::path> files;  ///< and folders; empty: data/demo, or made-up networks
  int most_residues = 3000;
  double seconds = 1;                ///< each measurement, at least
  std::vector<std::string> solvers;  ///< by name, those of the CPU and of the device; empty: all
  int threads = 1;
  Format format = Format::table;
  bool calibrate = false;
};

struct CacheOptions {
  enum class Action { list, verify, clear };
  Action action = Action::list;
  std::vector<std::string> ids;     ///< normal form; empty: all
  std::chrono::days older_than{0};  ///< since it was used last
};

struct Arguments {
  enum class Command {
    rank,
    resume,
    show,
    modes,
    report,
    compare,
    search,
    fetch,
    cache,
    info,
    bench,
    selftest
  };
  Command command;
  CommonOptions common;
  AccessOptions access;
  /// Of resume without input and model, of show the output alone, of modes and report model and
  /// machine, of compare format and output too.
  RankOptions rank;
  ModesOptions modes;
  ReportOptions report;
  CompareOptions compare;
  std::string search_term;
  std::vector<std::string> fetch_ids;
  CacheOptions cache;
  BenchOptions bench;
  std::string command_line;  ///< as typed
  CancelToken cancel;
};

/// The parsed command line, or the exit code once help, the version, completions or a usage error
/// was printed. Throws RunError (`request`) for what parses but cannot be meant.
struct ParseResult {
  std::optional<Arguments> arguments;
  int exit_code = 0;
};
ParseResult parse_command_line(int argc, const char* const* argv);

}  // namespace modesweep::cli
