// SPDX-License-Identifier: MIT
// A ranking as the options of `rank`, `resume` and `show` want it: which rows, how, and where to.
#pragma once

#include <map>
#include <span>
#include <string>
#include <system_error>

#include <modesweep/log.hpp>

#include "cli/exit_code.hpp"
#include "cli/options.hpp"

namespace modesweep::cli {

/// Sorts the rows as asked for, and leaves one a protein where asked for; returns those to be
/// shown.
std::span<const Row> select_top(std::vector<Row>& rows, const RankOptions& rank);

/// One line where one protein holds more than half of the rows shown.
void note_dominant_protein(std::span<const Row> shown, const RankOptions& rank, Reporter& reporter);

/// To standard output. `partial`: not all entries are in it.
void print_ranking(std::span<const Row> rows, const RankOptions& rank, bool partial);

/// Hours of work must not end at a name that could never be written: throws RunError (`output`)
/// where the options name one.
void check_outputs(const RankOptions& rank);

/// Writes --failures, -o and its record beside it, or prints the rows where there is no -o. Where
/// the disk is full the rows go to standard output before RunError (`output`) is thrown.
void write_outputs(std::span<const Row> rows, const std::vector<LeftOut>& left_out,
                   const std::string& record, const RankOptions& rank, bool partial);

/// What a run ends with that was neither interrupted nor cut off.
ExitCode exit_code_of(const Ranking& ranking, bool strict);

/// "2 parse: no_nodes, 1 rank: few_modes", and how many there are of each.
std::map<std::string, std::size_t> counts_of_reasons(const std::vector<LeftOut>& left_out);
/// "3 shift-invert on cpu", likewise.
std::map<std::string, std::size_t> counts_of_solvers(std::span<const Row> rows);
std::string joined(const std::map<std::string, std::size_t>& counts);

/// The summary's lines on what is not in the ranking, and on what of it is not shown.
std::string left_out_line(const std::vector<LeftOut>& left_out, const RankOptions& rank);
std::string shown_line(std::size_t shown, std::size_t rows);

}  // namespace modesweep::cli
