// SPDX-License-Identifier: MIT
// A ranking as the options of `rank`, `resume` and `show` want it: which rows, how, and where to.
#pragma once

#include <span>
#include <string>
#include <system_error>

#include <modesweep/log.hpp>

#include "cli/exit_code.hpp"
#include "cli/options.hpp"

namespace modesweep::cli {

/// Sorts the rows as asked for, and leaves one a protein where asked for; returns those to be
/// shown.
std::span<const Row> select_top(std::vector<Row>& rows, const Output& output);

/// One line where one protein holds more than half of the rows shown.
void note_dominant_protein(std::span<const Row> shown, const Output& output, Reporter& reporter);

/// To standard output. `partial`: not all entries are in it.
void print_ranking(std::span<const Row> rows, const Output& output, const Model& model,
                   bool partial);

/// Hours of work must not end at a name that could never be written: throws RunError (`output`)
/// where the options name one.
void check_outputs(const Output& output);

/// Writes --failures, -o and its record beside it, or prints the rows where there is no -o. Where
/// the disk is full the rows go to standard output before RunError (`output`) is thrown.
void write_outputs(std::span<const Row> rows, const std::vector<LeftOut>& left_out,
                   const std::string& record, const Output& output, const Model& model,
                   bool partial);

/// What a run ends with that was neither interrupted nor cut off.
ExitCode exit_code_of(const Ranking& ranking, bool strict);

}  // namespace modesweep::cli
