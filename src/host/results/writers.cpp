// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include <modesweep/writers.hpp>

#include "base/text.hpp"
#include "results/text_fields.hpp"

namespace modesweep {
namespace {

/// How the numbers of a column are shown, all of them alike.
struct NumberStyle {
  int decimals = 4;
  bool scientific = false;
};

/// Four decimals, or as many as show two digits of the smallest number; below 1e-5 powers of ten.
NumberStyle style_of(double smallest) {
  constexpr double least_of_four = 1e-3, least_fixed = 1e-5;
  if (smallest >= least_of_four) return {};
  if (smallest < least_fixed) return {2, true};
  return {static_cast<int>(std::ceil(-std::log10(smallest))) + 1, false};
}

/// What is so near to zero is shown as zero.
constexpr double least_shown = 1e-12;

std::string table_field(const Value& value, const NumberStyle& style) {
  if (const double* number = std::get_if<double>(&value); number && std::isfinite(*number))
    return style.scientific && std::abs(*number) >= least_shown
               ? fmt::format("{:.{}e}", *number, style.decimals)
               : fmt::format("{:.{}f}", *number, style.scientific ? 1 : style.decimals);
  return tsv_field(value);
}

/// Bytes that continue a UTF-8 character take no place of their own.
bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::size_t display_width(std::string_view text) {
  return text.size() -
         static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues_character));
}

/// Between words; nothing where not one of them fits.
std::string cut(const std::string& text, std::size_t width) {
  if (display_width(text) <= width) return text;
  constexpr std::string_view dots = " ...";
  std::size_t end = 0;
  for (std::size_t blank = text.find(' '); blank != std::string::npos;
       blank = text.find(' ', blank + 1)) {
    if (display_width(std::string_view(text).substr(0, blank)) + dots.size() > width) break;
    end = blank;
  }
  return end == 0 ? std::string() : text.substr(0, end).append(dots);
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

void write_lines(std::ostream& out, const RankedRows& rows, const std::vector<Column>& columns,
                 const Delimiter& delimiter) {
  const auto write_line = [&](const auto& field) {
    for (const Column& column : columns) {
      if (&column != &columns.front()) out << delimiter.mark;
      out << field(column);
    }
    out << '\n';
  };
  write_line([](const Column& column) { return column.name; });
  rows.for_each([&, place = std::int64_t{0}](const Row& row) mutable {
    ++place;
    write_line([&](const Column& column) {
      return delimiter.field(column.get(row, place, column.index));
    });
  });
}

/// Lines of cells below each other.
class Table {
 public:
  explicit Table(const std::vector<Column>& columns) {
    for (const Column& column : columns)
      columns_.push_back({&column, column.name.size(), column.type == ValueType::number});
  }

  /// Goes through all rows, as lines that wait for their widths would be all of the ranking in
  /// memory.
  void measure(const RankedRows& rows) {
    rows.for_each([&, place = std::int64_t{0}](const Row& row) mutable {
      ++place;
      for (Cells& cells : columns_)
        cells.measure(cells.column->get(row, place, cells.column->index));
    });
    for (Cells& cells : columns_) cells.choose_style();
  }

  /// Returns the names of the columns that are left out, in their order.
  std::vector<std::string> fit(std::size_t width) {
    if (width == 0) return {};
    std::vector<std::string> left_out;
    while (width_of_line() > width) {
      const auto title = std::find_if(columns_.begin(), columns_.end(), [](const Cells& cells) {
        return cells.column->name == "title";
      });
      if (title != columns_.end()) {
        constexpr std::size_t least_title = 12;
        const std::size_t others = width_of_line() - title->width;
        if (others + least_title <= width) {
          title->width = width - others;
          break;
        }
      }
      if (columns_.size() == 1) break;
      const auto next = title != columns_.end() ? title : least_wanted();
      left_out.push_back(next->column->name);
      columns_.erase(next);
    }
    return left_out;
  }

  std::string header() const {
    return line([](const Cells& cells) { return cells.column->name; });
  }

  void write(std::ostream& out, const RankedRows& rows) const {
    rows.for_each([&, place = std::int64_t{0}](const Row& row) mutable {
      ++place;
      out << line([&](const Cells& cells) {
        const Column& column = *cells.column;
        const std::string text = table_field(column.get(row, place, column.index), cells.style);
        return column.name == "title" ? cut(text, cells.width) : text;
      }) << '\n';
    });
  }

 private:
  /// One column.
  struct Cells {
    const Column* column;
    std::size_t width;
    bool right;                                                 ///< aligned: numbers alone
    double smallest = std::numeric_limits<double>::infinity();  ///< of the absolute numbers shown
    std::size_t width_of_four = 0;  ///< of the numbers, were they shown with four decimals
    bool any_negative = false;
    NumberStyle style{};

    void measure(const Value& value) {
      const double* const number = std::get_if<double>(&value);
      if (!number || !std::isfinite(*number)) {
        width = std::max(width, display_width(tsv_field(value)));
        right = right && !std::holds_alternative<std::string>(value);
        return;
      }
      if (std::abs(*number) >= least_shown) smallest = std::min(smallest, std::abs(*number));
      width_of_four = std::max(width_of_four, table_field(value, {}).size());
      any_negative = any_negative || *number < 0;
    }

    void choose_style() {
      if (width_of_four == 0) return;
      style = style_of(smallest);
      constexpr std::size_t of_scientific = std::string_view("1.23e-05").size();
      width = std::max(width, style.scientific
                                  ? of_scientific + any_negative
                                  : width_of_four + static_cast<std::size_t>(style.decimals) - 4);
    }
  };
  static constexpr std::size_t gap = 2;

  std::size_t width_of_line() const {
    std::size_t width = gap * (columns_.size() - 1);
    for (const Cells& cells : columns_) width += cells.width;
    return width;
  }

  /// The column of the latest mode but the first; where there is none, the last column.
  std::vector<Cells>::iterator least_wanted() {
    auto least = columns_.end() - 1;
    int mode = 1;
    for (auto cells = columns_.begin(); cells != columns_.end(); ++cells)
      if (cells->column->type == ValueType::number && cells->column->index > mode) {
        mode = cells->column->index;
        least = cells;
      }
    return least;
  }

  template <class Text>
  std::string line(const Text& text_of) const {
    std::string line;
    for (const Cells& cells : columns_) {
      if (&cells != &columns_.front()) line.append(gap, ' ');
      const std::string text = text_of(cells);
      const std::string padding(cells.width - std::min(cells.width, display_width(text)), ' ');
      line += cells.right ? padding + text : text + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
  }

  std::vector<Cells> columns_;
};

}  // namespace

void write_tsv(std::ostream& out, const RankedRows& rows, const std::vector<Column>& columns) {
  write_lines(out, rows, columns, by_tabs);
}

void write_csv(std::ostream& out, const RankedRows& rows, const std::vector<Column>& columns) {
  write_lines(out, rows, columns, by_commas);
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

std::vector<std::string> write_table(std::ostream& out, const RankedRows& rows,
                                     const std::vector<Column>& columns, int width,
                                     bool bold_header) {
  Table table(columns);
  table.measure(rows);
  std::vector<std::string> left_out = table.fit(static_cast<std::size_t>(std::max(0, width)));
  out << (bold_header ? "\x1b[1m" + table.header() + "\x1b[0m" : table.header()) << '\n';
  table.write(out, rows);
  return left_out;
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

void write_csv(std::ostream& out, std::span<const Row> rows, const std::vector<Column>& columns) {
  write_csv(out, RowsAsTheyStand(rows), columns);
}

void write_jsonl(std::ostream& out, std::span<const Row> rows, const std::vector<Column>& columns) {
  write_jsonl(out, RowsAsTheyStand(rows), columns);
}

std::vector<std::string> write_table(std::ostream& out, std::span<const Row> rows,
                                     const std::vector<Column>& columns, int width,
                                     bool bold_header) {
  return write_table(out, RowsAsTheyStand(rows), columns, width, bold_header);
}

void write_failures(std::ostream& out, const std::vector<LeftOut>& left_out) {
  write_failures(out, [&](const std::function<void(const LeftOut&)>& visit) {
    for (const LeftOut& entry : left_out) visit(entry);
  });
}

}  // namespace modesweep
