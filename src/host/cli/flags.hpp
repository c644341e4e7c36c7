// SPDX-License-Identifier: MIT
// The flags of every command: the one table that help, man pages and completions are made from.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/command_table.hpp"
#include "cli/options.hpp"

namespace modesweep::cli {

constexpr const char* model_group = "Model";  ///< of flags in help

/// What the flags write into before it is checked.
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
  std::string solver = "auto";
  std::string source = "ncbi";
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

struct Commands {
  CLI::App *rank, *resume, *show, *modes, *report, *compare, *search, *fetch, *cache, *bench,
      *selftest, *info, *completion, *share_files;
};

/// Gives the program its commands and their flags, which write into `raw`.
Commands add_commands(CLI::App& app, Raw& raw);

/// The commands as help shows them.
CommandEntry command_table(const CLI::App& app);

}  // namespace modesweep::cli
