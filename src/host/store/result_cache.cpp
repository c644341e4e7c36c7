// SPDX-License-Identifier: MIT
#include <modesweep/result_cache.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include <modesweep/modes.hpp>

#include "base/checksum.hpp"
#include "base/sqlite.hpp"
#include "store/result_columns.hpp"

namespace modesweep {
namespace {

constexpr int schema_version = 6;

std::string schema() {
  return fmt::format(
      "CREATE TABLE results(sha256 TEXT NOT NULL, parameters TEXT NOT NULL, {}, "
      "checksum INTEGER NOT NULL, PRIMARY KEY(sha256, parameters));",
      result_definitions());
}

/// SQL for the checksum of key and values; `values` are columns or parameters.
std::string checksum(const std::string& values) {
  return fmt::format("row_checksum(?1, ?2, {})", values);
}

bool are_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

bool is_finite(const std::optional<double>& value) { return !value || std::isfinite(*value); }

bool is_plausible(const CoreOfRow& core) {
  if (!is_finite(core.outside1)) return false;
  if (!core.modes) return true;
  const CoreModes& modes = *core.modes;
  return modes.shares.size() == modes.eigenvalues.size() && !modes.shares.empty() &&
         modes.collectivities.size() <= modes.shares.size() && are_finite(modes.eigenvalues) &&
         are_finite(modes.shares) && are_finite(modes.collectivities) && is_finite(modes.overlap) &&
         is_finite(modes.rigid) && is_finite(modes.stability);
}

/// Whether a solver can have made it: also rows whose checksum was made to fit.
bool is_plausible(const Row& row) {
  return row.shares.size() == row.eigenvalues.size() &&
         row.collectivities.size() <= row.shares.size() && are_finite(row.eigenvalues) &&
         are_finite(row.shares) && are_finite(row.collectivities) && are_finite(row.residuals) &&
         are_finite(row.sq_flucts) && is_finite(row.bfactor_corr) &&
         is_finite(row.bfactor_corr_all) && is_finite(row.plddt_mean) && is_finite(row.trace_all) &&
         (!row.core || is_plausible(*row.core));
}

/// A row that is in the cache, or the news that it is there and damaged.
struct Found {
  std::optional<Row> row;
  bool is_damaged = false;
};

/// A connection with its statements.
class Open {
 public:
  Open(const std::filesystem::path& path, Database::Access access)
      : may_write_(access == Database::Access::read_write), database_(path, access) {
    define_row_checksum(database_);
    try {
      prepare();
    } catch (const DatabaseError& error) {
      if (!error.is_broken() || !may_write_) throw;
      start_anew();
    }
  }

  bool may_write() const { return may_write_; }
  bool is_anew() const { return is_anew_; }

  /// Where it is damaged, or of another version: results can be computed again.
  void start_anew() {
    find_.reset();
    keep_.reset();
    database_.reset();
    prepare();
    is_anew_ = true;
  }

  Found find(const std::string& sha256, const std::string& parameters) {
    find_->bind(sha256).bind(parameters);
    Found found;
    if (find_->step()) {
      found.row = read_result(*find_, 1);
      found.is_damaged = find_->integer(0) == 0 || !is_plausible(*found.row);
      if (found.is_damaged) found.row.reset();
    }
    find_->reset();
    return found;
  }

  void keep(const Row& row, const std::string& parameters) {
    keep_->bind(row.sha256).bind(parameters);
    bind_result(*keep_, row);
    keep_->run();
  }

 private:
  void prepare() {
    if (may_write_) database_.use_write_ahead_log();
    if (database_.version() != schema_version && may_write_)
      database_.write([&] { database_.create_tables(schema_version, schema()); });
    find_.emplace(database_, fmt::format("SELECT checksum = {}, {} FROM results WHERE sha256 = ?1 "
                                         "AND parameters = ?2",
                                         checksum(result_names()), result_names())
                                 .c_str());
    if (!may_write_) return;
    const std::string values = result_marks(3);
    keep_.emplace(database_, fmt::format("INSERT OR REPLACE INTO results(sha256, parameters, {}, "
                                         "checksum) VALUES(?1, ?2, {}, {})",
                                         result_names(), values, checksum(values))
                                 .c_str());
  }

  const bool may_write_;
  bool is_anew_ = false;
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
      safely([&] { open(); });
    if (open_ && open_->is_anew()) say_anew();
  }

  std::optional<Row> find(const std::string& sha256,
                          const std::optional<std::string>& chain) override {
    Found found;
    const std::string parameters = parameters_of(chain);
    safely([&] {
      if (open_) found = open_->find(sha256, parameters);
      if (found.is_damaged) ++damaged_;
    });
    if (found.row) {
      found.row->sha256 = sha256;
      found.row->from_cache = true;
    }
    return found.row;
  }

  void keep(const Row& row) override {
    const std::string parameters = parameters_of(row.chain);
    safely([&] {
      if (open_ && open_->may_write()) open_->keep(row, parameters);
    });
  }

  std::size_t damaged() const override {
    const std::lock_guard lock(mutex_);
    return damaged_;
  }

 private:
  /// Which chain a row is of is one more parameter.
  std::string parameters_of(const std::optional<std::string>& chain) const {
    return chain ? fmt::format("{}chain \"{}\"; ", parameters_, *chain) : parameters_;
  }

  void open() {
    try {
      open_.emplace(path_, Database::Access::read_write);
    } catch (const DatabaseError& error) {
      if (!error.is_unwritable() || !std::filesystem::exists(path_)) throw;
      open_.emplace(path_, Database::Access::read_only);
    }
  }

  void say_anew() {
    reporter_.info(
        fmt::format("the result cache was damaged, or of another version, and is begun anew: {}",
                    path_.string()));
  }

  template <class Action>
  void safely(const Action& action) {
    const std::lock_guard lock(mutex_);
    try {
      try {
        action();
      } catch (const DatabaseError& error) {
        if (error.is_busy() && open_) return;  // a row less is kept
        if (!error.is_broken() || !open_ || !open_->may_write() || std::exchange(repaired_, true))
          throw;
        open_->start_anew();
        say_anew();
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
  mutable std::mutex mutex_;  // guards all below
  std::optional<Open> open_;  ///< none once something failed
  std::size_t damaged_ = 0;
  bool repaired_ = false;
};

}  // namespace

std::unique_ptr<ResultCache> open_result_cache(const std::filesystem::path& cache_dir,
                                               const std::string& parameters, Reporter& reporter) {
  return std::make_unique<SqliteResultCache>(cache_dir, parameters, reporter);
}

}  // namespace modesweep
