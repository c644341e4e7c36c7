// SPDX-License-Identifier: MIT
#include <modesweep/result_cache.hpp>

#include <fmt/format.h>

#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include <modesweep/modes.hpp>

#include "base/sqlite.hpp"
#include "store/result_columns.hpp"

namespace modesweep {
namespace {

constexpr int schema_version = 4;

std::string schema() {
  return fmt::format(
      "CREATE TABLE results(sha256 TEXT NOT NULL, parameters TEXT NOT NULL, {}, "
      "PRIMARY KEY(sha256, parameters));",
      result_definitions());
}

/// A connection with its statements.
class Open {
 public:
  explicit Open(const std::filesystem::path& path) : database_(path) {
    try {
      prepare();
    } catch (const DatabaseError& error) {
      if (!error.is_broken()) throw;
      start_anew();
    }
  }

  /// Where it is damaged, or of another version: results can be computed again.
  void start_anew() {
    find_.reset();
    keep_.reset();
    database_.reset();
    prepare();
  }

  std::optional<Row> find(const std::string& sha256, const std::string& parameters) {
    find_->bind(sha256).bind(parameters);
    std::optional<Row> row;
    if (find_->step()) row = read_result(*find_, 0);
    find_->reset();
    return row;
  }

  void keep(const Row& row, const std::string& parameters) {
    keep_->bind(row.sha256).bind(parameters);
    bind_result(*keep_, row);
    keep_->run();
  }

 private:
  void prepare() {
    database_.use_write_ahead_log();
    if (database_.version() != schema_version)
      database_.write([&] { database_.create_tables(schema_version, schema()); });
    find_.emplace(database_, fmt::format("SELECT {} FROM results WHERE sha256 = ? AND "
                                         "parameters = ?",
                                         result_names())
                                 .c_str());
    keep_.emplace(database_, fmt::format("INSERT OR REPLACE INTO results(sha256, parameters, {}) "
                                         "VALUES(?, ?, {})",
                                         result_names(), result_marks())
                                 .c_str());
  }

  Database database_;
  std::optional<Statement> find_, keep_;
};

class SqliteResultCache final : public ResultCache {
 public:
  SqliteResultCache(const std::filesystem::path& cache_dir, const std::string& parameters,
                    Reporter& reporter)
      : path_(cache_dir / "results.sqlite"), parameters_(parameters), reporter_(reporter) {
    std::error_code error;
    std::filesystem::create_directories(cache_dir, error);
    if (error)
      give_up(error.message());
    else
      safely([&] { open_.emplace(path_); });
  }

  std::optional<Row> find(const std::string& sha256) override {
    std::optional<Row> row;
    safely([&] {
      if (open_) row = open_->find(sha256, parameters_);
    });
    if (row) {
      row->sha256 = sha256;
      row->from_cache = true;
    }
    return row;
  }

  void keep(const Row& row) override {
    safely([&] {
      if (open_) open_->keep(row, parameters_);
    });
  }

 private:
  template <class Action>
  void safely(const Action& action) {
    const std::lock_guard lock(mutex_);
    try {
      try {
        action();
      } catch (const DatabaseError& error) {
        if (error.is_busy() && open_) return;  // a row less is kept
        if (!error.is_broken() || !open_ || std::exchange(repaired_, true)) throw;
        open_->start_anew();
      }
    } catch (const DatabaseError& error) {
      give_up(error.what());
    }
  }

  void give_up(std::string_view reason) {
    open_.reset();
    reporter_.warning(
        fmt::format("the result cache is not used any more: {}: {}", path_.string(), reason));
  }

  const std::filesystem::path path_;
  const std::string parameters_;
  Reporter& reporter_;
  std::mutex mutex_;
  std::optional<Open> open_;  ///< none once something failed
  bool repaired_ = false;
};

}  // namespace

std::unique_ptr<ResultCache> open_result_cache(const std::filesystem::path& cache_dir,
                                               const std::string& parameters, Reporter& reporter) {
  return std::make_unique<SqliteResultCache>(cache_dir, parameters, reporter);
}

}  // namespace modesweep
