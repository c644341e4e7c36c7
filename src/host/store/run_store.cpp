// SPDX-License-Identifier: MIT
#include <modesweep/run_store.hpp>

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <ctime>
#include <mutex>
#include <system_error>
#include <thread>

#include <modesweep/modes.hpp>
#include <modesweep/pdb_id.hpp>
#include <modesweep/version.hpp>

#include "base/sqlite.hpp"
#include "store/crash_note.hpp"
#include "store/result_columns.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

constexpr int schema_version = 4;
constexpr const char* database_name = "run.sqlite";
constexpr const char* lock_name = "run.lock";
constexpr const char* crash_name = "run.crash";

// An entry is passed over once the process died so often with it in work. Whatever kills the
// process from outside hits entries that were just begun by chance, so that those have more tries
// unless the process crashed on them.
constexpr int most_deaths = 2;
constexpr int most_early_deaths = 6;
// Whether an entry was in work for long is told by heartbeats, not by clocks, which may be set.
constexpr auto heartbeat = std::chrono::milliseconds(250);
constexpr int beats_of_long_work = 2;

std::string schema() {
  return fmt::format(
      R"(
  CREATE TABLE parameters(name TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE query(name TEXT PRIMARY KEY, value TEXT NOT NULL);
  -- state: found, downloaded, parsed, solved, failed (at a stage) or left_out (of the ranking).
  CREATE TABLE entries(
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, file BLOB NOT NULL, state TEXT NOT NULL,
    started INTEGER NOT NULL DEFAULT 0, beats INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0, deaths INTEGER NOT NULL DEFAULT 0,
    early_deaths INTEGER NOT NULL DEFAULT 0,
    size INTEGER, mtime_ns INTEGER, sha256 TEXT,
    name TEXT, stage TEXT, code TEXT, message TEXT, time TEXT, version TEXT);
  CREATE INDEX entries_started ON entries(number) WHERE started;
  CREATE TABLE results(number INTEGER PRIMARY KEY, {});
)",
      result_definitions());
}

[[noreturn]] void throw_unreadable(const fs::path& folder, std::string_view reason) {
  throw RunError(Cause::unavailable,
                 fmt::format("the run in {} cannot be read: {}", folder.string(), reason));
}

[[noreturn]] void throw_unwritable(const fs::path& folder, std::string_view reason) {
  throw RunError(Cause::output,
                 fmt::format("the run in {} cannot be written: {}", folder.string(), reason));
}

[[noreturn]] void throw_no_run(const fs::path& folder) {
  throw RunError(Cause::request, fmt::format("there is no run in {}", folder.string()));
}

[[noreturn]] void throw_other_version(const fs::path& folder) {
  throw RunError(Cause::request,
                 fmt::format("{} is no run of this version of modesweep: name another folder",
                             (folder / database_name).string()));
}

std::string utc_now() { return fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr))); }

/// The lock on a folder, which ends with the process.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder) {
    const fs::path path = folder / lock_name;
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor_ < 0) throw_unwritable(folder, std::strerror(errno));
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const int error = errno;
      std::array<char, 32> pid{};
      const ssize_t size = ::pread(descriptor_, pid.data(), pid.size() - 1, 0);
      ::close(descriptor_);
      if (error != EWOULDBLOCK) throw_unwritable(folder, std::strerror(error));
      throw RunError(Cause::unavailable,
                     fmt::format("another process{} works on the run in {} (modesweep show {} "
                                 "prints what it has)",
                                 size > 0 ? fmt::format(" ({})", pid.data()) : "", folder.string(),
                                 folder.string()));
    }
    // For people only: on a full disk the lock holds without it.
    const std::string pid = std::to_string(::getpid());
    [[maybe_unused]] const bool written =
        ::ftruncate(descriptor_, 0) == 0 && ::pwrite(descriptor_, pid.data(), pid.size(), 0) > 0;
  }
  ~FolderLock() { ::close(descriptor_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_ = -1;
};

struct FileStamp {
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
};

std::optional<FileStamp> stamp_of(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return std::nullopt;
  return FileStamp{status.st_size,
                   std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

template <class Container>
Container read_pairs(Database& database, const char* table) {
  Container pairs;
  Statement select(database,
                   fmt::format("SELECT name, value FROM {} ORDER BY rowid", table).c_str());
  while (select.step()) pairs.insert(pairs.end(), {select.bytes(0), select.bytes(1)});
  return pairs;
}

template <class Container>
void write_pairs(Database& database, const char* table, const Container& pairs) {
  Statement insert(database,
                   fmt::format("INSERT INTO {}(name, value) VALUES(?, ?)", table).c_str());
  for (const auto& [name, value] : pairs) insert.bind(name).bind(value).run();
}

/// Calls `each` with the row, its file's stamp as it was, of every solved entry.
template <class Each>
void read_rows(Database& database, Each&& each) {
  Statement select(database, fmt::format("SELECT file, sha256, size, mtime_ns, {} FROM entries "
                                         "JOIN results USING(number) WHERE state = 'solved'",
                                         result_names())
                                 .c_str());
  while (select.step()) {
    Row row = read_result(select, 4);
    row.file = select.bytes(0);
    row.sha256 = select.bytes(1);
    each(std::move(row), FileStamp{select.integer(2), select.integer(3)});
  }
}

std::vector<RunEntry> read_entries(Database& database, const char* sql) {
  std::vector<RunEntry> entries;
  Statement select(database, sql);
  while (select.step())
    entries.push_back(
        {select.integer(0), select.bytes(1), select.bytes(2), select.integer(3) != 0});
  return entries;
}

std::vector<LeftOut> read_left_out(Database& database) {
  std::vector<LeftOut> left_out;
  Statement select(database,
                   "SELECT name, file, stage, code, message FROM entries "
                   "WHERE state IN ('failed', 'left_out')");
  while (select.step())
    left_out.push_back({select.bytes(0),
                        select.bytes(1),
                        {stage_named(select.bytes(2)), select.bytes(3), select.bytes(4)}});
  return left_out;
}

class SqliteRunStore final : public RunStore {
 public:
  SqliteRunStore(fs::path folder, Reporter& reporter)
      : folder_(std::move(folder)),
        reporter_(reporter),
        lock_(folder_),
        database_(folder_ / database_name) {
    database_.use_write_ahead_log();
    if (const std::int64_t tables = database_.version(); tables != 0) {
      if (tables != schema_version) throw_other_version(folder_);
      prepare();
      count_deaths();
    }
    crash_note_.emplace(folder_ / crash_name);  // the last one has been read
  }

  ~SqliteRunStore() override {
    if (!pulse_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    end_.notify_all();
    pulse_.join();
  }

  bool is_new() const override { return !statements_; }

  void begin(const Settings& parameters, const std::map<std::string, std::string>& query,
             const std::vector<RunEntry>& entries) override {
    writing([&] {
      database_.write([&] {
        database_.create_tables(schema_version, schema());
        write_pairs(database_, "parameters", parameters);
        write_pairs(database_, "query", query);
        Statement insert(database_,
                         "INSERT INTO entries(number, id, file, state) VALUES(?, ?, ?, 'found')");
        std::int64_t number = 0;
        for (const RunEntry& entry : entries)
          insert.bind(number++).bind(entry.id).bind_bytes(entry.file.native()).run();
      });
      prepare();
    });
  }

  Settings parameters() override {
    return reading([&] { return read_pairs<Settings>(database_, "parameters"); });
  }

  std::map<std::string, std::string> query() override {
    return reading(
        [&] { return read_pairs<std::map<std::string, std::string>>(database_, "query"); });
  }

  std::vector<RunEntry> entries() override {
    return reading([&] {
      return read_entries(database_, "SELECT number, id, file, 0 FROM entries ORDER BY number");
    });
  }

  Ranking finished() override {
    Ranking ranking;
    reading([&] {
      read_rows(database_, [&](Row&& row, const FileStamp& then) {
        check_unchanged(row, then);
        ranking.rows.push_back(std::move(row));
      });
      ranking.left_out = read_left_out(database_);
    });
    return ranking;
  }

  std::vector<RunEntry> to_do(bool retry_failed) override {
    writing([&] {
      database_.write([&] {
        if (retry_failed)
          database_.execute(
              "UPDATE entries SET state = 'found', deaths = 0, early_deaths = 0 "
              "WHERE state = 'failed'");
        retry_transient();
        pass_over_deadly();
      });
    });
    return reading([&] {
      // Those the process died with come last, the deadliest at the very end.
      return read_entries(database_,
                          "SELECT number, id, file, deaths + early_deaths FROM entries "
                          "WHERE state NOT IN ('solved', 'failed', 'left_out') "
                          "ORDER BY deaths, early_deaths, number");
    });
  }

  void downloaded(std::int64_t number, const fs::path& file) override {
    record([&](Statements& to) { to.downloaded.bind_bytes(file.native()).bind(number).run(); });
  }

  void started(std::int64_t number, const fs::path& file) override {
    const std::optional<FileStamp> stamp = stamp_of(file);
    record([&](Statements& to) {
      Statement& statement = to.started;
      statement.bind_bytes(file.native());
      if (stamp)
        statement.bind(stamp->size).bind(stamp->mtime_ns);
      else
        statement.bind_null().bind_null();
      statement.bind(number).run();
    });
    CrashNote::begin(number);
  }

  void parsed(std::int64_t number) override {
    record([&](Statements& to) { to.parsed.bind(number).run(); });
  }

  void solved(std::int64_t number, const Row& row) override {
    CrashNote::end();
    const std::string time = utc_now();
    record([&](Statements& to) {
      database_.write([&] {
        to.result.bind(number);
        bind_result(to.result, row);
        to.result.run();
        to.solved.bind(row.sha256).bind(time).bind(std::string_view(version)).bind(number).run();
      });
    });
  }

  void left_out(std::int64_t number, const LeftOut& entry) override {
    CrashNote::end();
    const std::string time = utc_now();
    record([&](Statements& to) { give_up_on(to, number, entry, time); });
  }

  std::string failure() const override {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

 private:
  struct Statements {
    explicit Statements(Database& database)
        : downloaded(database,
                     "UPDATE entries SET state = 'downloaded', file = ? WHERE number = ?"),
          started(database,
                  "UPDATE entries SET started = 1, beats = 0, attempts = attempts + 1, file = ?, "
                  "size = ?, mtime_ns = ? WHERE number = ?"),
          parsed(database, "UPDATE entries SET state = 'parsed' WHERE number = ?"),
          result(database, fmt::format("INSERT OR REPLACE INTO results(number, {}) VALUES(?, {})",
                                       result_names(), result_marks())
                               .c_str()),
          solved(database,
                 "UPDATE entries SET state = 'solved', started = 0, sha256 = ?, time = ?, "
                 "version = ?, name = NULL, stage = NULL, code = NULL, message = NULL "
                 "WHERE number = ?"),
          left_out(database,
                   "UPDATE entries SET state = ?, started = 0, name = ?, stage = ?, code = ?, "
                   "message = ?, time = ?, version = ? WHERE number = ?"),
          beat(database, "UPDATE entries SET beats = beats + 1 WHERE started") {}
    Statement downloaded, started, parsed, result, solved, left_out, beat;
  };

  void prepare() {
    statements_.emplace(database_);
    pulse_ = std::thread([this] { beat(); });
  }

  void beat() {
    std::unique_lock lock(mutex_);
    while (!end_.wait_for(lock, heartbeat, [this] { return ending_; }))
      record_locked([](Statements& to) { to.beat.run(); });
  }

  /// Whoever is still marked as started was in work when the process died.
  void count_deaths() {
    Statement crashed(database_, "UPDATE entries SET beats = ? WHERE number = ? AND started");
    for (const std::int64_t number : CrashNote::read(folder_ / crash_name))
      crashed.bind(std::int64_t{beats_of_long_work}).bind(number).run();
    Statement count(database_,
                    "UPDATE entries SET deaths = deaths + (beats >= ?), "
                    "early_deaths = early_deaths + (beats < ?), started = 0 WHERE started");
    count.bind(std::int64_t{beats_of_long_work}).bind(std::int64_t{beats_of_long_work}).run();
  }

  void retry_transient() {
    std::vector<std::pair<std::string, std::string>> reasons;
    {
      Statement select(database_,
                       "SELECT DISTINCT stage, code FROM entries WHERE state = 'failed'");
      while (select.step()) reasons.emplace_back(select.bytes(0), select.bytes(1));
    }
    Statement update(database_,
                     "UPDATE entries SET state = 'found' "
                     "WHERE state = 'failed' AND stage = ? AND code = ?");
    for (const auto& [stage, code] : reasons)
      if (is_transient({stage_named(stage), code, {}})) update.bind(stage).bind(code).run();
  }

  void pass_over_deadly() {
    struct Deadly {
      RunEntry entry;
      Stage stage;
      std::int64_t deaths;
    };
    std::vector<Deadly> all;
    {
      Statement select(database_,
                       "SELECT number, id, file, state = 'parsed', deaths + early_deaths "
                       "FROM entries WHERE state NOT IN ('solved', 'failed', 'left_out') "
                       "AND (deaths >= ? OR early_deaths >= ?)");
      select.bind(std::int64_t{most_deaths}).bind(std::int64_t{most_early_deaths});
      while (select.step())
        all.push_back({{select.integer(0), select.bytes(1), select.bytes(2)},
                       select.integer(3) != 0 ? Stage::solve : Stage::parse,
                       select.integer(4)});
    }
    const std::string time = utc_now();
    for (const Deadly& deadly : all) {
      const RunEntry& entry = deadly.entry;
      LeftOut lost{entry.id.empty() ? entry_name(structure_stem(entry.file)) : entry.id,
                   entry.file,
                   {deadly.stage, "died",
                    fmt::format("the process died {} times while it worked on this entry: passed "
                                "over until failed entries are tried again",
                                deadly.deaths)}};
      reporter_.warning(fmt::format("{}: {}", lost.id, lost.failure.message));
      give_up_on(*statements_, entry.number, lost, time);
    }
  }

  static void give_up_on(Statements& to, std::int64_t number, const LeftOut& entry,
                         const std::string& time) {
    to.left_out.bind(std::string_view(entry.failure.stage == Stage::rank ? "left_out" : "failed"))
        .bind(entry.id)
        .bind(to_string(entry.failure.stage))
        .bind(entry.failure.code)
        .bind(entry.failure.message)
        .bind(time)
        .bind(std::string_view(version))
        .bind(number)
        .run();
  }

  void check_unchanged(const Row& row, const FileStamp& then) const {
    const std::optional<FileStamp> now = stamp_of(row.file);
    // A file that is gone says nothing; one that looks the same is taken to be the same.
    if (!now || (now->size == then.size && now->mtime_ns == then.mtime_ns)) return;
    const Outcome<std::string> hash = file_sha256(row.file);
    if (!hash || *hash == row.sha256) return;
    throw RunError(Cause::request,
                   fmt::format("{} has changed since the run in {} solved it (SHA-256 {:.12}..., "
                               "now {:.12}...): results of both cannot be mixed; name another "
                               "folder for a new run",
                               row.file.string(), folder_.string(), row.sha256, *hash));
  }

  /// Before and after the work: what fails ends the run.
  template <class Action>
  auto reading(const Action& action) -> decltype(action()) {
    const std::lock_guard lock(mutex_);
    try {
      return action();
    } catch (const DatabaseError& error) {
      throw_unreadable(folder_, error.what());
    }
  }
  template <class Action>
  void writing(const Action& action) {
    const std::lock_guard lock(mutex_);
    try {
      action();
    } catch (const DatabaseError& error) {
      throw_unwritable(folder_, error.what());
    }
  }

  /// During the work: what fails is said once, and the run goes on.
  template <class Action>
  void record(const Action& action) {
    const std::lock_guard lock(mutex_);
    record_locked(action);
  }
  template <class Action>
  void record_locked(const Action& action) {
    if (!failure_.empty()) return;
    try {
      action(*statements_);
    } catch (const DatabaseError& error) {
      failure_ = error.what();
      reporter_.warning(fmt::format(
          "the run in {} can no longer be written ({}): from here on nothing of it is kept",
          folder_.string(), failure_));
    }
  }

  const fs::path folder_;
  Reporter& reporter_;
  const FolderLock lock_;
  mutable std::mutex mutex_;  // guards all below
  Database database_;
  std::optional<Statements> statements_;
  std::string failure_;
  bool ending_ = false;
  std::condition_variable end_;
  std::thread pulse_;
  std::optional<CrashNote> crash_note_;
};

}  // namespace

std::unique_ptr<RunStore> RunStore::open(const fs::path& folder, Reporter& reporter) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw_unwritable(folder, error.message());
  try {
    return std::make_unique<SqliteRunStore>(folder, reporter);
  } catch (const DatabaseError& failure) {
    if (failure.is_broken()) throw_other_version(folder);
    throw_unwritable(folder, failure.what());
  }
}

std::unique_ptr<RunStore> RunStore::open_existing(const fs::path& folder, Reporter& reporter) {
  if (holds_run(folder)) {
    std::unique_ptr<RunStore> run = open(folder, reporter);
    if (!run->is_new()) return run;
  }
  throw_no_run(folder);
}

bool holds_run(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / database_name, error);
}

RunRecord read_run(const fs::path& folder) {
  const fs::path path = folder / database_name;
  if (!holds_run(folder)) throw_no_run(folder);
  RunRecord record;
  try {
    Database database(path, Database::Access::read_only);
    database.read([&] {
      const std::int64_t tables = database.version();
      if (tables == 0) return;  // its list of entries is not known yet
      if (tables != schema_version) throw_other_version(folder);
      record.parameters = read_pairs<Settings>(database, "parameters");
      record.query = read_pairs<std::map<std::string, std::string>>(database, "query");
      Statement states(database, "SELECT state, count(*) FROM entries GROUP BY state");
      while (states.step())
        record.states[states.bytes(0)] = static_cast<std::size_t>(states.integer(1));
      read_rows(database, [&](Row&& row, const FileStamp&) {
        record.ranking.rows.push_back(std::move(row));
      });
      record.ranking.left_out = read_left_out(database);
    });
  } catch (const DatabaseError& failure) {
    if (failure.is_broken()) throw_other_version(folder);
    throw_unreadable(folder, failure.what());
  }
  sort_ranking(record.ranking);
  return record;
}

}  // namespace modesweep
