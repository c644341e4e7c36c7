// SPDX-License-Identifier: MIT
// A run as it is read: its order comes from SQL, so that no more than one row is in memory, and the
// sequences of all where proteins are told apart by them.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <unordered_map>
#include <utility>

#include <modesweep/protein_clusters.hpp>
#include <modesweep/run_store.hpp>

#include "base/text.hpp"
#include "results/order_key.hpp"
#include "results/percentiles.hpp"
#include "store/result_columns.hpp"
#include "store/run_check.hpp"
#include "store/run_database.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

std::size_t count(Database& database, const std::string& sql) {
  Statement select(database, sql.c_str());
  select.step();
  return static_cast<std::size_t>(select.integer(0));
}

/// Bytes that compare as the number does: the largest first bit, and all of a negative one turned.
void append_key(std::string& key, double number) {
  constexpr std::uint64_t sign = std::uint64_t{1} << 63;
  std::uint64_t bits = std::bit_cast<std::uint64_t>(number + 0.0);
  bits = (bits & sign) != 0 ? ~bits : bits | sign;
  for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>(bits >> shift);
}

/// Binds a value so that SQL orders it as `sort_rows` does; lists compare by their elements.
/// `bytes` has to live until the statement has run.
void bind_key(Statement& statement, const Value& value, std::string& bytes) {
  bytes.clear();
  if (std::holds_alternative<std::monostate>(value)) {
    statement.bind_null();
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    statement.bind(*integer);
  } else if (const auto* number = std::get_if<double>(&value)) {
    statement.bind(*number);
  } else {
    if (const auto* text = std::get_if<std::string>(&value)) bytes = *text;
    if (const auto* numbers = std::get_if<std::vector<double>>(&value))
      for (const double element : *numbers) append_key(bytes, element);
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value))
      for (const std::string& element : *texts) (bytes += element) += '\0';
    statement.bind_bytes(bytes);
  }
}

constexpr const char* order_of_ranking = "order_key DESC, pdb_id, path_key(file)";

/// A ranking as queries on the view `ranked`. Orders other than that of its index are tables that
/// SQLite keeps in temporary files.
class RowsOfRun final : public RankedRows {
 public:
  /// `prefix`: of the names of its own tables.
  RowsOfRun(Database& database, const fs::path& folder, std::size_t ranked, const RowOrder& order,
            const std::string& prefix)
      : database_(database),
        folder_(folder),
        numbers_(
            fmt::format("SELECT number, 1 AS entries FROM ranked ORDER BY {}", order_of_ranking)),
        ranked_(ranked),
        matching_(ranked) {
    if (order.percentiles) find_percentiles();
    if (order.column || order.where) choose(order, prefix + "_values");
    rows_ = matching_;
    if (order.unique) keep_one_of_each_protein(prefix + "_proteins", order.unique_identity);
    shown_ = order.top > 0 ? std::min(order.top, rows_) : rows_;
    if (order.top > 0) numbers_ += fmt::format(" LIMIT {}", order.top);
    is_cut_from_ranking_ = !order.column && !order.where && !order.unique && shown_ < rows_;
  }

  std::size_t ranked() const override { return ranked_; }
  std::size_t matching() const override { return matching_; }
  std::size_t rows() const override { return rows_; }
  std::size_t shown() const override { return shown_; }
  std::size_t without_sequence() const override { return without_sequence_; }

  void for_each(const std::function<void(const Row&)>& visit) const override {
    reading([&] {
      Statement numbers(database_, numbers_.c_str());
      Statement select(database_, (select_rows() + " WHERE number = ?").c_str());
      std::size_t visited = 0;
      for (; numbers.step(); ++visited) {
        if (!select.bind(numbers.integer(0)).step()) throw_missing();
        Row row = read(select);
        row.entries = static_cast<int>(numbers.integer(1));
        select.reset();
        if (visited + 1 == shown_ && is_cut_from_ranking_) check_ties(row);
        visit(row);
      }
      if (visited != shown_) throw_missing();
    });
  }

  std::optional<ProteinCount> dominant_protein() const override {
    std::optional<ProteinCount> most;
    reading([&] {
      Statement select(database_,
                       fmt::format("SELECT protein, count(*) AS rows FROM ({}) JOIN results "
                                   "USING(number) WHERE protein <> '' GROUP BY protein "
                                   "ORDER BY rows DESC LIMIT 1",
                                   numbers_)
                           .c_str());
      if (select.step())
        most = ProteinCount{select.bytes(0), static_cast<std::size_t>(select.integer(1))};
    });
    if (!most || most->rows < 2 || 2 * most->rows <= shown_) return std::nullopt;
    return most;
  }

 private:
  template <class Action>
  void reading(const Action& action) const {
    try {
      action();
    } catch (const DatabaseError& error) {
      throw_as_told(folder_, error);
    }
  }

  /// "SELECT number, file ...", of which `read` makes a row.
  static std::string select_rows() {
    return fmt::format("SELECT number, file, sha256, intact, {} FROM ranked", result_names());
  }
  Row read(const Statement& select) const {
    Row row = read_result(select, 4);
    const auto percentile = percentiles_.find(select.integer(0));
    if (percentile != percentiles_.end() && row.core) row.core->percentile = percentile->second;
    row.file = select.bytes(1);
    row.sha256 = select.bytes(2);
    if (select.integer(3) == 0)
      throw_damaged(folder_,
                    fmt::format("the row of {} is damaged: its checksum is not that of its "
                                "values",
                                row.header.id));
    return row;
  }
  [[noreturn]] void throw_missing() const {
    throw_damaged(folder_, "a row of its ranking is missing");
  }

  /// A few numbers of each row stay in memory.
  void find_percentiles() {
    std::vector<std::int64_t> numbers;
    std::vector<CorePlace> places;
    Statement select(database_, select_rows().c_str());
    while (select.step()) {
      numbers.push_back(select.integer(0));
      places.push_back(core_place(read(select)));
    }
    if (numbers.size() != ranked_) throw_missing();
    const std::vector<std::optional<double>> found = core_percentiles(places);
    for (std::size_t i = 0; i < numbers.size(); ++i)
      if (found[i]) percentiles_.emplace(numbers[i], *found[i]);
  }

  /// The last row that is shown is chosen among those that tie with it by their paths, of which
  /// the index knows nothing.
  void check_ties(const Row& last) const {
    Statement ties(database_, (select_rows() + " WHERE order_key = ? AND pdb_id = ?").c_str());
    ties.bind(order_key(last.shares)).bind(last.header.id);
    while (ties.step()) read(ties);
  }

  /// The rows that meet the condition, by the column: those without a value last, ties in the order
  /// of the ranking.
  void choose(const RowOrder& order, const std::string& table) {
    database_.execute(
        fmt::format("CREATE TEMP TABLE {}(number INTEGER PRIMARY KEY, value)", table).c_str());
    Statement select(database_, select_rows().c_str());
    Statement insert(database_, fmt::format("INSERT INTO {} VALUES(?, ?)", table).c_str());
    const std::optional<Column>& column = order.column;
    std::size_t read_rows = 0;
    matching_ = 0;
    for (std::string bytes; select.step(); ++read_rows) {
      const Row row = read(select);
      if (order.where && !order.where->is_met_by(row)) continue;
      ++matching_;
      bind_key(insert.bind(select.integer(0)),
               column ? column->get(row, 0, column->index) : Value(), bytes);
      insert.run();
    }
    if (read_rows != ranked_) throw_missing();
    const bool descending = order.descending.value_or(column && column->type != ValueType::text);
    // Both in the order of their numbers, so that the join reads the file once, from its start.
    numbers_ = fmt::format(
        "SELECT number, 1 AS entries FROM {} CROSS JOIN ranked USING(number) "
        "ORDER BY value IS NULL, value{}, {}",
        table, descending ? " DESC" : "", order_of_ranking);
  }

  void keep_one_of_each_protein(const std::string& prefix, std::optional<double> percent) {
    // A row that is not shown is counted by the one that stands for its protein.
    database_.execute(
        fmt::format("CREATE TEMP TABLE {}_of(number INTEGER PRIMARY KEY, protein)", prefix)
            .c_str());
    if (percent)
      insert_clusters(prefix + "_of", *percent);
    else
      database_.execute(
          fmt::format("INSERT INTO {}_of SELECT number, protein FROM ranked WHERE intact", prefix)
              .c_str());
    if (count(database_, fmt::format("SELECT count(protein) FROM {}_of", prefix)) !=
        (percent ? matching_ : ranked_))
      throw_damaged(folder_, "rows are missing, or their checksums are not those of their values");
    database_.execute(
        fmt::format("CREATE TEMP TABLE {0}_places(place INTEGER PRIMARY KEY, number INTEGER);"
                    "INSERT INTO {0}_places(number) SELECT number FROM ({1});"
                    "CREATE TEMP TABLE {0}(place INTEGER PRIMARY KEY, number INTEGER, entries "
                    "INTEGER);"
                    // SQLite takes `number` from the row that has the smallest place.
                    "INSERT INTO {0} SELECT min(place), number, count(*) FROM {0}_places JOIN "
                    "{0}_of USING(number) GROUP BY CASE protein WHEN '' THEN number ELSE protein "
                    "END",
                    prefix, numbers_)
            .c_str());
    numbers_ = fmt::format("SELECT number, entries FROM {} ORDER BY place", prefix);
    rows_ = count(database_, fmt::format("SELECT count(*) FROM {}", prefix));
  }

  /// Instead of its protein each row that meets the condition gets the number of its cluster; those
  /// that are damaged none.
  void insert_clusters(const std::string& table, double percent) {
    ProteinClusters proteins(percent);
    std::vector<std::int64_t> numbers;
    Statement select(database_, fmt::format("SELECT number, protein, sequences FROM ranked WHERE "
                                            "intact AND number IN (SELECT number FROM ({}))",
                                            numbers_)
                                    .c_str());
    while (select.step()) {
      numbers.push_back(select.integer(0));
      proteins.add(select.bytes(1), split(select.text(2), ','));
    }
    without_sequence_ = proteins.without_sequence();
    const std::vector<std::size_t> clusters = proteins.of_entries();
    Statement insert(database_, fmt::format("INSERT INTO {} VALUES(?, ?)", table).c_str());
    for (std::size_t i = 0; i < numbers.size(); ++i)
      insert.bind(numbers[i]).bind(static_cast<std::int64_t>(clusters[i])).run();
  }

  Database& database_;
  const fs::path folder_;
  std::string numbers_;  ///< the query for number and entries of the rows shown
  std::unordered_map<std::int64_t, double>
      percentiles_;  ///< of rows by their numbers, where wanted
  std::size_t ranked_ = 0, matching_ = 0, rows_ = 0, shown_ = 0, without_sequence_ = 0;
  bool is_cut_from_ranking_ = false;  ///< rows that tie with the last one may be left away
};

class SqliteRunView final : public RunView {
 public:
  explicit SqliteRunView(const fs::path& folder)
      : folder_(folder), database_(open_run_database(folder)) {
    define_run_functions(database_);
    database_.execute("BEGIN");  // one state of the run until it is closed
    const RunSchema schema = schema_of_run(database_, folder_);
    if (schema == RunSchema::none) throw_no_run(folder_);
    view_ranked_rows(database_, schema);
    view_entries(database_, schema);
    totals_ = checked_totals(database_, schema, folder_);
  }

  Settings parameters() override {
    return reading([&] { return read_pairs<Settings>(database_, "parameters"); });
  }

  std::map<std::string, std::string> query() override {
    return reading(
        [&] { return read_pairs<std::map<std::string, std::string>>(database_, "query"); });
  }

  RunTotals totals() override { return totals_; }

  std::unique_ptr<RankedRows> ranked_rows(const RowOrder& order) override {
    return reading([&] {
      return std::make_unique<RowsOfRun>(database_, folder_, totals_.rows, order,
                                         fmt::format("order_{}", ++orders_));
    });
  }

  void for_each_left_out(const std::function<void(const LeftOut&)>& visit) override {
    reading([&] {
      Statement select(database_,
                       "SELECT name, file, stage, code, message FROM listed "
                       "WHERE state IN ('failed', 'left_out') ORDER BY name, path_key(file)");
      while (select.step())
        visit({select.bytes(0),
               select.bytes(1),
               {stage_named(select.bytes(2)), select.bytes(3), select.bytes(4)}});
    });
  }

 private:
  template <class Action>
  auto reading(const Action& action) -> decltype(action()) {
    try {
      return action();
    } catch (const DatabaseError& error) {
      throw_as_told(folder_, error);
    }
  }

  const fs::path folder_;
  Database database_;
  RunTotals totals_;
  int orders_ = 0;
};

}  // namespace

std::unique_ptr<RunView> RunView::open(const fs::path& folder) {
  if (!holds_run(folder)) throw_no_run(folder);
  try {
    return std::make_unique<SqliteRunView>(folder);
  } catch (const DatabaseError& failure) {
    throw_as_told(folder, failure);
  }
}

bool holds_run(const fs::path& folder) {
  std::error_code error;
  // What is wrong with a link is said where it is opened.
  return fs::exists(fs::symlink_status(folder / run_database_name, error));
}

}  // namespace modesweep
