// SPDX-License-Identifier: MIT
// The options that several commands have, which fill what they ask the library for.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <modesweep/condition.hpp>
#include <modesweep/rank_job.hpp>
#include <modesweep/requests.hpp>

#include "cli/flags.hpp"
#include "cli/output.hpp"

namespace modesweep::cli {

/// Which service to ask, and how.
void add_search(const Flags& flags, Input& input, Access& access);
void add_connection(const Flags& flags, HttpOptions& http);
/// Where structure files come from, the cache too.
void add_store(const Flags& flags, StoreOptions& store);
void add_cache_dir(const Flags& flags, std::filesystem::path& cache_dir, const char* help);

/// Entries and files that the user names, in the group of `flags`.
void add_lists(const Flags& flags, std::vector<std::string>& ids,
               std::vector<std::filesystem::path>& files);

constexpr const char* model_group = "Model";  ///< in help
void add_model(const Flags& flags, Model& model);
/// What a row is of.
void add_by(const Flags& flags, Model& model);
void add_min_residues(const Flags& flags, Model& model);

constexpr const char* machine_group = "Machine";
/// Of commands that solve on the CPU alone.
void add_cpu_solver(const Flags& flags, Machine& machine);
/// The instruction set of the CPU's solvers.
void add_isa(const Flags& flags, Machine& machine);
/// Threads and memory, this machine's where nothing was typed.
void add_limits(const Flags& flags, Machine& machine);
/// Those and the cache of results.
void add_machine(const Flags& flags, Machine& machine);

constexpr int most_rows = 1'000'000'000;  ///< that --top takes

constexpr const char* output_group = "Output";
/// By the ending of `file` where none was typed; a name without an ending is that of a table, and
/// `-`, which becomes empty, is standard output.
void add_format(const Flags& flags, Format& format, std::filesystem::path& file, const char* help);
/// Which rows, and in which order. `core`: ranked by the core.
void add_order(const Flags& flags, RowOrder& order, bool& core);
/// Of the lines of tables. `then`: what a narrow one costs, as help says it.
void add_width(const Flags& flags, std::optional<int>& width, const char* then);
void add_output(const Flags& flags, Output& output);
void add_strict(const Flags& flags, bool& strict);

constexpr const char* run_group = "A run that is kept";
/// Of what computes a ranking, beside what prints one.
void add_run(const Flags& flags, Output& output, RankRequest& request);

}  // namespace modesweep::cli
