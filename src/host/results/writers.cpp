// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>

#include <modesweep/writers.hpp>

#include "base/text.hpp"
#include "results/text_fields.hpp"

namespace modesweep {
namespace {

std::string table_field(const Value& value) {
  if (const double* number = std::get_if<double>(&value))
    return *number != 0 && *number < 1e-3 ? fmt::format("{:.1e}", *number)
                                          : fmt::format("{:.4f}", *number);
  return tsv_field(value);
}

/// Bytes that continue a UTF-8 character take no place of their own.
bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::size_t display_width(std::string_view text) {
  return text.size() -
         static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues_character));
}

std::string cut(const std::string& text, std::size_t width) {
  if (display_width(text) <= width) return text;
  if (width < 4) return {};
  std::size_t bytes = 0, characters = 0;
  while (bytes < text.size() && (characters < width - 3 || continues_character(text[bytes])))
    characters += !continues_character(text[bytes++]);
  return text.substr(0, bytes) + "...";
}

/// Rows that somebody has put in their order.
class RowsAsTheyStand final : public RankedRows {
 public:
  explicit RowsAsTheyStand(std::span<const Row> rows) : rows_(rows) {}

  std::size_t ranked() const override { return rows_.size(); }
  std::size_t matching() const override { return rows_.size(); }
  std::size_t rows() const override { return rows_.size(); }
  std::size_t shown() const override { return rows_.size(); }
  void for_each(const std::function<void(const Row&)>& visit) const override {
    for (const Row& row : rows_) visit(row);
  }
  std::optional<ProteinCount> dominant_protein() const override {
    return modesweep::dominant_protein(rows_);
  }

 private:
  std::span<const Row> rows_;
};

}  // namespace

void write_tsv(std::ostream& out, const RankedRows& rows, const std::vector<Column>& columns) {
  for (const Column& column : columns)
    out << (&column == &columns.front() ? "" : "\t") << column.name;
  out << '\n';
  rows.for_each([&, place = std::int64_t{0}](const Row& row) mutable {
    ++place;
    for (const Column& column : columns)
      out << (&column == &columns.front() ? "" : "\t")
          << tsv_field(column.get(row, place, column.index));
    out << '\n';
  });
}

void write_jsonl(std::ostream& out, const RankedRows& rows, const std::vector<Column>& columns) {
  rows.for_each([&, place = std::int64_t{0}](const Row& row) mutable {
    ++place;
    Fields fields;
    for (const Column& column : columns.empty() ? known_columns() : columns)
      fields.emplace_back(column.name, column.get(row, place, column.index));
    out << json_line(fields);
  });
}

void write_table(std::ostream& out, const RankedRows& rows, const std::vector<Column>& columns,
                 int width, bool bold_header) {
  std::vector<std::size_t> widths;
  std::vector<bool> right_aligned(columns.size(), true);
  for (const Column& column : columns) widths.push_back(column.name.size());
  // Twice, as lines that wait for their widths would be all of the ranking in memory.
  const auto for_each_line = [&](const auto& visit) {
    rows.for_each([&, place = std::int64_t{0}](const Row& row) mutable {
      ++place;
      std::vector<Value> line;
      for (const Column& column : columns) line.push_back(column.get(row, place, column.index));
      visit(line);
    });
  };
  for_each_line([&](const std::vector<Value>& line) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (std::holds_alternative<std::string>(line[c]) ||
          std::holds_alternative<std::vector<std::string>>(line[c]))
        right_aligned[c] = false;
      widths[c] = std::max(widths[c], display_width(table_field(line[c])));
    }
  });
  const auto line_of = [&](const std::vector<std::string>& cells) {
    std::string text;
    std::size_t used = 0;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const bool last = c + 1 == columns.size();
      std::string cell = cells[c];
      if (last && !right_aligned[c] && width > 0)
        cell = cut(cell, static_cast<std::size_t>(std::max(0, width - static_cast<int>(used))));
      const std::string padding(widths[c] - std::min(widths[c], display_width(cell)), ' ');
      if (right_aligned[c])
        text += padding + cell;
      else
        text += last ? cell : cell + padding;
      if (!last) text += "  ";
      used += widths[c] + 2;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  std::vector<std::string> names;
  for (const Column& column : columns) names.push_back(column.name);
  const std::string header = line_of(names);
  out << (bold_header ? "\x1b[1m" + header + "\x1b[0m" : header) << '\n';
  for_each_line([&](const std::vector<Value>& line) {
    std::vector<std::string> cells;
    for (const Value& value : line) cells.push_back(table_field(value));
    out << line_of(cells) << '\n';
  });
}

void write_failures(std::ostream& out, const LeftOutSource& left_out) {
  out << "pdb_id\tfile\tstage\tcode\tmessage\n";
  left_out([&](const LeftOut& entry) {
    fmt::print(out, "{}\t{}\t{}\t{}\t{}\n", printable(entry.id), printable(entry.file.string()),
               to_string(entry.failure.stage), entry.failure.code,
               printable(entry.failure.message));
  });
}

void write_tsv(std::ostream& out, std::span<const Row> rows, const std::vector<Column>& columns) {
  write_tsv(out, RowsAsTheyStand(rows), columns);
}

void write_jsonl(std::ostream& out, std::span<const Row> rows, const std::vector<Column>& columns) {
  write_jsonl(out, RowsAsTheyStand(rows), columns);
}

void write_table(std::ostream& out, std::span<const Row> rows, const std::vector<Column>& columns,
                 int width, bool bold_header) {
  write_table(out, RowsAsTheyStand(rows), columns, width, bold_header);
}

void write_failures(std::ostream& out, const std::vector<LeftOut>& left_out) {
  write_failures(out, [&](const std::function<void(const LeftOut&)>& visit) {
    for (const LeftOut& entry : left_out) visit(entry);
  });
}

}  // namespace modesweep
