// SPDX-License-Identifier: MIT
// How rankings are written.
#pragma once

#include <ostream>
#include <span>
#include <string>
#include <vector>

#include <modesweep/columns.hpp>
#include <modesweep/ranked_rows.hpp>
#include <modesweep/row.hpp>

namespace modesweep {

/// Tab-separated with a header line, 12 significant digits, no comment lines.
void write_tsv(std::ostream& out, std::span<const Row> rows, const std::vector<Column>& columns);

/// The same with commas instead, and quotes around what has one in it (RFC 4180, but for its line
/// ends).
void write_csv(std::ostream& out, std::span<const Row> rows, const std::vector<Column>& columns);

/// One JSON object a line with all columns (`columns` empty) or the given ones.
void write_jsonl(std::ostream& out, std::span<const Row> rows, const std::vector<Column>& columns);

/// For people: aligned, the numbers of a column in one style, four decimals as a rule. So that
/// lines fit `width` (0: any), titles are cut between words, and then columns are left out: the
/// title, those of later modes, and others from the end. Returns the names of those.
std::vector<std::string> write_table(std::ostream& out, std::span<const Row> rows,
                                     const std::vector<Column>& columns, int width,
                                     bool bold_header);

/// id, file, stage, code and message of each entry that is not in the ranking, tab-separated.
void write_failures(std::ostream& out, const std::vector<LeftOut>& left_out);
void write_failures(std::ostream& out, const LeftOutSource& left_out);

/// The same of rows wherever they are; a table is gone through twice, as its widths come first.
void write_tsv(std::ostream& out, const RankedRows& rows, const std::vector<Column>& columns);
void write_csv(std::ostream& out, const RankedRows& rows, const std::vector<Column>& columns);
void write_jsonl(std::ostream& out, const RankedRows& rows, const std::vector<Column>& columns);
std::vector<std::string> write_table(std::ostream& out, const RankedRows& rows,
                                     const std::vector<Column>& columns, int width,
                                     bool bold_header);

}  // namespace modesweep
