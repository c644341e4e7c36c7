// SPDX-License-Identifier: MIT
// How rankings are written.
#pragma once

#include <ostream>
#include <span>
#include <vector>

#include <modesweep/columns.hpp>
#include <modesweep/ranked_rows.hpp>
#include <modesweep/row.hpp>

namespace modesweep {

/// Tab-separated with a header line, 12 significant digits, no comment lines.
void write_tsv(std::ostream& out, std::span<const Row> rows, const std::vector<Column>& columns);

/// One JSON object a line with all columns (`columns` empty) or the given ones.
void write_jsonl(std::ostream& out, std::span<const Row> rows, const std::vector<Column>& columns);

/// For people: aligned, four decimals, the last column cut so that lines fit `width` (0: not cut).
void write_table(std::ostream& out, std::span<const Row> rows, const std::vector<Column>& columns,
                 int width, bool bold_header);

/// id, file, stage, code and message of each entry that is not in the ranking, tab-separated.
void write_failures(std::ostream& out, const std::vector<LeftOut>& left_out);
void write_failures(std::ostream& out, const LeftOutSource& left_out);

/// The same of rows wherever they are; a table is gone through twice, as its widths come first.
void write_tsv(std::ostream& out, const RankedRows& rows, const std::vector<Column>& columns);
void write_jsonl(std::ostream& out, const RankedRows& rows, const std::vector<Column>& columns);
void write_table(std::ostream& out, const RankedRows& rows, const std::vector<Column>& columns,
                 int width, bool bold_header);

}  // namespace modesweep
