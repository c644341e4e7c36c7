// SPDX-License-Identifier: MIT
#include "store/run_merge.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>
#include <system_error>
#include <utility>

#include <modesweep/run_store.hpp>

#include "base/descriptor.hpp"
#include "store/result_columns.hpp"
#include "store/run_check.hpp"
#include "store/run_database.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

// Of entries, without what is of the process that had them in work, and what is written anew.
constexpr const char* copied_columns =
    "id, file, state, attempts, suspect, deaths, size, mtime_ns, sha256, name, stage, code, "
    "message, time, version, chain";
constexpr int copied_count = 16;

std::string marks(int count, int first) {
  std::string text;
  for (int i = 0; i < count; ++i) text += fmt::format("{}?{}", i == 0 ? "" : ", ", first + i);
  return text;
}

fs::path unfinished_file(const fs::path& folder) {
  return folder / fmt::format("{}.merging", run_database_name);
}

void sync(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 || (::fsync(file.get()) != 0 && errno != EINVAL && errno != EROFS))
    throw std::system_error(errno, std::generic_category(), path.string());
}

}  // namespace

struct MergedRun::Statements {
  explicit Statements(Database& database)
      : name(database, "INSERT OR IGNORE INTO temp.names VALUES(?)"),
        entry(database, fmt::format("INSERT INTO entries(number, found_in, {}) VALUES(?1, ?2, {})",
                                    copied_columns, marks(copied_count, 3))
                            .c_str()),
        row(database, insert_row_sql(database).c_str()) {}
  Statement name, entry, row;
};

/// A run that is read, all of one state.
class MergedRun::Source {
 public:
  explicit Source(const fs::path& folder) : folder_(folder), database_(open_run_database(folder)) {
    define_run_functions(database_);
    database_.execute("BEGIN");
    const RunSchema schema = schema_of_run(database_, folder_);
    if (schema == RunSchema::none) throw_no_run(folder_);
    if (schema != RunSchema::present)
      throw RunError(Cause::request,
                     fmt::format("the run in {0} is of a version before: modesweep resume {0} "
                                 "makes it one of this version",
                                 folder_.string()));
    if (const std::string column = unknown_result_column(database_); !column.empty())
      throw RunError(Cause::request, fmt::format("the run in {} is of a later version: its rows "
                                                 "have \"{}\", which this one does not know",
                                                 folder_.string(), column));
    view_ranked_rows(database_, schema);
    view_entries(database_, schema);
    check_entries(database_, schema, folder_);
    checked_totals(database_, schema, folder_);
  }

  /// Hands over each entry, with its number there, and whether it was found in another.
  template <class Visit>
  void for_each_entry(const Visit& visit) {
    Statement select(database_, fmt::format("SELECT number, found_in, unharmed, {} FROM listed "
                                            "ORDER BY number",
                                            copied_columns)
                                    .c_str());
    while (select.step()) {
      if (select.integer(2) == 0)
        throw_damaged(folder_, fmt::format("what is written of entry {} is not as it was written",
                                           select.integer(0)));
      visit(select);
    }
  }

  template <class Visit>
  void for_each_row(const Visit& visit) {
    Statement select(database_, fmt::format("SELECT number, intact, {} FROM ranked ORDER BY number",
                                            result_names())
                                    .c_str());
    while (select.step()) {
      if (select.integer(1) == 0)
        throw_damaged(folder_, fmt::format("the row of entry {} is damaged: its checksum is not "
                                           "that of its values",
                                           select.integer(0)));
      visit(select);
    }
  }

 private:
  const fs::path folder_;
  Database database_;
};

void MergedRun::throw_if_cancelled() const {
  if (cancel_.is_cancelled()) throw Cancelled();
}

template <class Action>
void MergedRun::writing(const Action& action) {
  try {
    action();
  } catch (const DatabaseError& error) {
    throw_if_cancelled();
    throw_unwritable(
        folder_, error.is_full() ? fmt::format("{} (or the one for temporary files, $TMPDIR, where "
                                               "rows are sorted)",
                                               error.what())
                                 : std::string(error.what()));
  } catch (const std::system_error& error) {
    throw_unwritable(folder_, error.code().message());
  }
}

MergedRun::MergedRun(const fs::path& folder, const Settings& parameters, CancelToken cancel)
    : folder_(folder), file_(unfinished_file(folder)), cancel_(std::move(cancel)), place_(folder) {
  // Under the lock, which nobody else has from here on.
  if (holds_run(folder_)) throw_run_there(folder_);
  writing([&] {
    fs::remove(file_);  // of a process that was killed
    database_.emplace(file_, Database::Access::alone);
    database_->stop_when([this] { return cancel_.is_cancelled(); });
    define_run_functions(*database_);
    // Nothing is ever taken back but the whole file: no journal, whose memory would be that of it.
    database_->execute("PRAGMA journal_mode = OFF");
    database_->execute("BEGIN");
    create_run_tables(*database_);
    drop_run_indices(*database_);
    write_pairs(*database_, "parameters", parameters);
    database_->execute("CREATE TEMP TABLE names(name BLOB PRIMARY KEY) WITHOUT ROWID");
    statements_ = std::make_unique<Statements>(*database_);
  });
}

MergedRun::~MergedRun() {
  statements_.reset();
  database_.reset();
  std::error_code ignored;
  fs::remove(file_, ignored);
}

MergedPart MergedRun::add(const fs::path& run) {
  MergedPart part;
  std::vector<std::int64_t> numbers;  // here, by those there; -1: left out
  const auto copy_entry = [&](const Statement& entry) {
    throw_if_cancelled();
    if (entry.integer(0) != std::ssize(numbers))
      throw_lost(run, "its entries are not numbered as they were");
    const bool is_listed = entry.is_null(1);
    std::optional<std::int64_t> found_in;
    if (is_listed) {
      const std::string id = entry.bytes(3);
      const std::string name = id.empty() ? entry.bytes(4) : id;
      statements_->name.bind_bytes(name).run();
      if (database_->changes() == 0) {
        if (part.overlapping++ == 0) part.first_overlapping = name;
        numbers.push_back(-1);
        return;
      }
      ++part.entries;
    } else {
      found_in = numbers.at(static_cast<std::size_t>(entry.integer(1)));
      if (*found_in < 0) {
        numbers.push_back(-1);
        return;
      }
    }
    numbers.push_back(entries_);
    Statement& insert = statements_->entry.bind(entries_++);
    if (found_in)
      insert.bind(*found_in);
    else
      insert.bind_null();
    for (int i = 0; i < copied_count; ++i) insert.bind_value(entry.value(3 + i));
    insert.run();
  };
  const auto copy_row = [&](const Statement& row) {
    throw_if_cancelled();
    const std::int64_t number = numbers.at(static_cast<std::size_t>(row.integer(0)));
    if (number < 0) return;
    Statement& insert = statements_->row.bind(number);
    for (int column = 2; column < row.columns(); ++column) insert.bind_value(row.value(column));
    insert.run();
  };
  // Errors of the source are told apart from those of the whole by where they are thrown.
  try {
    Source source(run);
    source.for_each_entry([&](const Statement& entry) { writing([&] { copy_entry(entry); }); });
    source.for_each_row([&](const Statement& row) { writing([&] { copy_row(row); }); });
  } catch (const DatabaseError& error) {
    throw_as_told(run, error);
  }
  return part;
}

void MergedRun::commit(const std::map<std::string, std::string>& query) {
  writing([&] {
    write_pairs(*database_, "query", query);
    database_->execute("DROP TABLE temp.names");
    create_run_indices(*database_);
    seal_run_entries(*database_);
    database_->execute("COMMIT");
    statements_.reset();
    database_.reset();
    sync(file_);
    // What is left of a run whose file was deleted alone: SQLite would take its log for one of
    // this.
    for (const char* ending : {"-wal", "-shm", "-journal"})
      fs::remove((folder_ / run_database_name).native() + ending);
    fs::rename(file_, folder_ / run_database_name);
    sync(folder_);
  });
  place_.keep();
}

}  // namespace modesweep
