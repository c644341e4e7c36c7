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
#include <modesweep/modes_job.hpp>
#include <modesweep/rank_job.hpp>
#include <modesweep/ranking.hpp>
#include <modesweep/requests.hpp>

namespace modesweep::cli {

/// Flags of every command.
struct CommonOptions {
  bool quiet = false;
  bool verbose = false;
};

enum class Format { table, tsv, jsonl };

/// Which rows or numbers are written, how, and where to.
struct Output {
  std::optional<Column> sort;
  std::optional<bool> descending;
  std::vector<Column> columns;  ///< empty: the default
  Format format = Format::table;
  std::filesystem::path file;      ///< empty: standard output
  std::filesystem::path failures;  ///< empty: none
  std::size_t top = 10;            ///< 0: all
  bool unique = false;             ///< the best entry of each protein alone
  bool strict = false;
  bool stream = false;  ///< rows to standard output as they are solved
};

enum class ModesFormat { nmd, npz, pdb, tsv, jsonl };
/// The name of each is also the ending of its files.
inline constexpr std::array<std::pair<ModesFormat, std::string_view>, 5> modes_formats = {
    {{ModesFormat::nmd, "nmd"},
     {ModesFormat::npz, "npz"},
     {ModesFormat::pdb, "pdb"},
     {ModesFormat::tsv, "tsv"},
     {ModesFormat::jsonl, "jsonl"}}};

struct ModesOptions {
  std::vector<StructureInput> inputs;  ///< a file may be a folder of them
  std::vector<ModesFormat> formats;    ///< empty: by the ending of `output`, or the default
  std::filesystem::path output;        ///< file or folder; empty: standard output
  Animation animation;
};

struct ReportOptions {
  std::vector<std::filesystem::path> inputs;  ///< the folder of a run, or files and folders of them
  std::vector<std::string> model_flags;       ///< those typed: a run has its own model
};

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
  // Requests, each a concern: a command takes those that it uses.
  Input input;
  Access access;
  Model model;
  Machine machine;
  Output output;
  std::filesystem::path run;  ///< folder that keeps a run; empty: none does
  bool retry_failed = false;
  ResumeChoices resume;

  ModesOptions modes;
  ReportOptions report;
  CompareOptions compare;
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
