// SPDX-License-Identifier: MIT
#include <modesweep/run_store.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <system_error>
#include <thread>
#include <unordered_set>
#include <utility>

#include <modesweep/modes.hpp>
#include <modesweep/pdb_id.hpp>
#include <modesweep/version.hpp>

#include "base/clock.hpp"
#include "base/file_system.hpp"
#include "base/safe_file.hpp"
#include "base/sqlite.hpp"
#include "base/text.hpp"
#include "store/crash_note.hpp"
#include "store/local_copy.hpp"
#include "store/result_columns.hpp"
#include "store/run_check.hpp"
#include "store/run_database.hpp"
#include "store/run_folder.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

// The rule: an entry is passed over once three processes died of it and none finished any entry in
// between; a process died of the entry that it crashed on or, where it did not crash, of the one
// entry that it had in work when it had finished none before. Whatever else was in work is tried
// last and alone from then on, so that the rule finds who kills, while kills from outside have to
// come quicker than entries are finished to take an innocent one for guilty.
constexpr std::int64_t most_deaths = 3;

constexpr auto soon = std::chrono::milliseconds(1000);

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

/// Of columns number, id, file, suspect, chain and found_in.
std::vector<RunEntry> read_entries(Database& database, const char* sql) {
  std::vector<RunEntry> entries;
  Statement select(database, sql);
  while (select.step()) {
    RunEntry& entry = entries.emplace_back();
    entry.number = select.integer(0);
    entry.id = select.bytes(1);
    entry.file = select.bytes(2);
    entry.suspect = select.integer(3) != 0;
    if (!select.is_null(4)) entry.chain = select.bytes(4);
    if (!select.is_null(5)) entry.found_in = select.integer(5);
  }
  return entries;
}

class SqliteRunStore final : public RunStore {
 public:
  SqliteRunStore(fs::path folder, Reporter& reporter, const JournalOptions& options)
      : folder_(std::move(folder)),
        reporter_(reporter),
        interval_(options.interval),
        place_(folder_),
        database_(open_database(options.journal)) {
    check_crash_note();
    define_run_functions(database_);
    schema_ = schema_of_run(database_, folder_);
    if (is_new()) return;
    place_.keep();
    use_log();
    view_ranked_rows(database_, schema_);
    view_entries(database_, schema_);
    check_pairs(database_, schema_, folder_);
  }

  ~SqliteRunStore() override {
    copier_ = {};  // ends it; no lock is held that it may wait for
    SqliteRunStore::settle();
  }

  bool is_new() const override { return schema_ == RunSchema::none; }

  void begin(const Settings& parameters, const std::map<std::string, std::string>& query,
             const std::vector<RunEntry>& entries) override {
    writing([&] {
      use_log();
      database_.write([&] {
        create_run_tables(database_);
        write_pairs(database_, "parameters", parameters);
        write_pairs(database_, "query", query);
        Statement insert(database_,
                         "INSERT INTO entries(number, id, file, state) VALUES(?, ?, ?, 'found')");
        std::int64_t number = 0;
        for (const RunEntry& entry : entries)
          insert.bind(number++).bind(entry.id).bind_bytes(entry.file.native()).run();
        seal_run_tables(database_);
      });
      if (!local_) database_.empty_write_ahead_log();
      schema_ = RunSchema::present;
      copy();
      place_.keep();
      view_entries(database_, schema_);
      keep_checksums(database_);
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
      check_entries(database_, schema_, folder_);
      return read_entries(
          database_, "SELECT number, id, file, 0, chain, found_in FROM listed ORDER BY number");
    });
  }

  void check_unchanged() override {
    reading([&] {
      Statement select(database_,
                       "SELECT file, sha256, size, mtime_ns FROM entries "
                       "WHERE state = 'solved' AND coalesce(id, '') = ''");
      while (select.step())
        check_unchanged(select.bytes(0), select.bytes(1), {select.integer(2), select.integer(3)});
    });
  }

  std::vector<RunEntry> to_do(bool retry_failed) override {
    writing([&] {
      take_up();
      database_.write([&] {
        if (retry_failed)
          database_.execute(
              "UPDATE entries SET state = 'found', suspect = 0, deaths = 0 "
              "WHERE state = 'failed'");
        retry_transient();
        pass_over_deadly();
      });
    });
    return reading([&] {
      // Those the process died with come last, the deadliest at the very end.
      std::vector<RunEntry> entries =
          read_entries(database_,
                       "SELECT number, id, file, suspect, chain, found_in FROM entries "
                       "WHERE state NOT IN ('solved', 'failed', 'left_out') "
                       "ORDER BY suspect, deaths, number");
      for (const RunEntry& entry : entries)
        if (entry.suspect) suspects_.insert(entry.number);
      return entries;
    });
  }

  std::vector<std::int64_t> divide(std::int64_t number,
                                   const std::vector<std::string>& chains) override {
    const std::lock_guard lock(mutex_);
    std::vector<std::int64_t> numbers = {number};
    write_down([&](Statements& to) {
      std::vector<std::int64_t> written = numbers;
      database_.write([&] {
        to.first_chain.bind(chains.front()).bind(number).run();
        for (std::size_t i = 1; i < chains.size(); ++i) {
          to.further_chain.bind(number).bind(chains[i]).run();
          written.push_back(database_.last_insert_id());
        }
      });
      numbers = std::move(written);
    });
    // Numbers that nothing is written of, where nothing more can be.
    while (numbers.size() < chains.size()) numbers.push_back(--unwritten_);
    return numbers;
  }

  void downloaded(std::int64_t number, const fs::path& file) override {
    record([&](Statements& to) { to.downloaded.bind_bytes(file.native()).bind(number).run(); });
  }

  void started(std::int64_t number, const fs::path& file) override {
    const std::optional<FileStamp> stamp = stamp_of(file);
    record([&](Statements& to) {
      // It may not come to the next copy.
      if (suspects_.contains(number)) is_urgent_ = true;
      Statement& statement = to.started;
      statement.bind(std::int64_t{has_finished_one_ ? 2 : 1});
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
    record_end(number, [&](Statements& to) {
      database_.write([&] {
        to.solved.bind(row.sha256).bind(time).bind(std::string_view(version)).bind(number).run();
        to.result.bind(number);
        bind_result(to.result, row);
        to.result.run();
        note_finished(to);
      });
    });
  }

  void left_out(std::int64_t number, const LeftOut& entry) override {
    CrashNote::end();
    const std::string time = utc_now();
    record_end(number, [&](Statements& to) {
      database_.write([&] {
        give_up_on(to, number, entry, time);
        // What fails for a reason that passes comes first each time and would excuse every death.
        if (!is_transient(entry.failure)) note_finished(to);
      });
    });
  }

  void dropped(std::int64_t number) override {
    CrashNote::end();
    record([&](Statements& to) { to.dropped.bind(number).run(); });
  }

  bool keeps(std::int64_t number) const override {
    const std::lock_guard lock(mutex_);
    return !lost_.contains(number);
  }

  void settle() override {
    const std::lock_guard lock(mutex_);
    if (!local_ || !is_changed_ || !failure_.empty()) return;
    try {
      copy();
    } catch (const std::exception& error) {
      give_up(error.what());
    }
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
                  "UPDATE entries SET started = ?, attempts = attempts + 1, file = ?, size = ?, "
                  "mtime_ns = ? WHERE number = ?"),
          parsed(database, "UPDATE entries SET state = 'parsed' WHERE number = ?"),
          result(database, insert_row_sql(database).c_str()),
          solved(database,
                 "UPDATE entries SET state = 'solved', started = 0, sha256 = ?, time = ?, "
                 "version = ?, name = NULL, stage = NULL, code = NULL, message = NULL "
                 "WHERE number = ?"),
          left_out(database,
                   "UPDATE entries SET state = ?, started = 0, name = ?, stage = ?, code = ?, "
                   "message = ?, time = ?, version = ? WHERE number = ?"),
          finished_one(database, "UPDATE entries SET started = 2 WHERE started"),
          first_chain(database, "UPDATE entries SET chain = ? WHERE number = ?"),
          further_chain(database,
                        "INSERT INTO entries(number, id, file, state, chain, found_in) "
                        "SELECT (SELECT max(number) + 1 FROM entries), id, file, 'parsed', ?2, "
                        "number FROM entries WHERE number = ?1"),
          dropped(database,
                  "UPDATE entries SET started = 0, attempts = attempts - 1 WHERE number = ?"),
          forgive(database,
                  "UPDATE entries SET deaths = 0 WHERE deaths > 0 AND state <> 'failed'") {}
    Statement downloaded, started, parsed, result, solved, left_out, finished_one, first_chain,
        further_chain, dropped, forgive;
  };

  Database& open_database(RunJournal journal) {
    if (journal == RunJournal::automatic && is_on_shared_file_system(folder_))
      journal = RunJournal::local;
    if (journal == RunJournal::local) return local_.emplace(folder_).database();
    return in_folder_.emplace(folder_ / run_database_name);
  }

  void use_log() {
    if (!local_) database_.use_write_ahead_log();
  }

  /// Under the mutex, as all below; of a journal in the folder there is nothing to do.
  void copy() {
    is_changed_ = is_urgent_ = false;
    if (!local_) return;
    try {
      if (!place_.is_there())
        throw std::system_error(std::make_error_code(std::errc::no_such_file_or_directory),
                                "its folder is gone, or is another one");
      local_->save();
    } catch (...) {
      is_changed_ = true;
      throw;
    }
  }

  void try_to_copy() {
    try {
      copy();
      is_behind_ = false;
    } catch (const std::exception& error) {
      if (!std::exchange(is_behind_, true))
        reporter_.warning(fmt::format("the run in {} cannot be written ({}): it is tried again",
                                      folder_.string(), error.what()));
    }
  }

  void copy_at_intervals(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    // The first one soon, so that what kills the process at its start is known to have been begun.
    std::chrono::milliseconds wait = std::min(interval_, soon);
    while (!stop.stop_requested()) {
      wake_.wait_for(lock, stop, wait, [] { return false; });
      wait = interval_;
      if (is_changed_ && !stop.stop_requested()) try_to_copy();
    }
  }

  void give_up(std::string_view reason) {
    failure_ = reason;
    reporter_.warning(fmt::format(
        "the run in {} can no longer be written ({}): from here on nothing of it is kept",
        folder_.string(), failure_));
  }

  void prepare() {
    if (local_ && interval_ > std::chrono::milliseconds(0))
      copier_ = std::jthread([this](const std::stop_token& stop) { copy_at_intervals(stop); });
    statements_.emplace(database_);
    crash_note_.emplace(folder_ / run_crash_name);  // the last one has been read
  }

  /// Before anything is written of a run that was begun: whoever only asks what it holds, to refuse
  /// it perhaps, leaves it as it is.
  void take_up() {
    if (statements_) return;
    database_.write([&] {
      check_entries(database_, schema_, folder_);
      const bool was_damaged = repair();
      forget_views(database_);  // of the schema that it had
      const bool is_upgraded = upgrade_run_tables(database_, schema_);
      if (was_damaged || is_upgraded) seal_run_tables(database_);
      view_entries(database_, RunSchema::present);
      keep_checksums(database_);
      charge_deaths();
    });
    schema_ = RunSchema::present;
    prepare();
  }

  /// From the first entry on that this process finishes, its death is of no entry, and those
  /// before count no more.
  void note_finished(Statements& to) {
    if (std::exchange(has_finished_one_, true)) return;
    to.finished_one.run();
    to.forgive.run();
  }

  /// Whoever is still marked as started was in work when the process died.
  void charge_deaths() {
    std::vector<std::int64_t> guilty = CrashNote::read(folder_ / run_crash_name);
    if (guilty.empty()) {
      Statement select(database_, "SELECT number, started FROM entries WHERE started");
      std::vector<std::pair<std::int64_t, std::int64_t>> in_work;
      while (select.step()) in_work.emplace_back(select.integer(0), select.integer(1));
      if (in_work.size() == 1 && in_work[0].second == 1) guilty.push_back(in_work[0].first);
      database_.execute("UPDATE entries SET suspect = 1 WHERE started");
    }
    // The last copy of a local journal may be older than the note.
    Statement charge(
        database_, fmt::format("UPDATE entries SET suspect = 1, deaths = deaths + 1 WHERE number "
                               "= ? AND {}",
                               local_ ? "state NOT IN ('solved', 'failed', 'left_out')" : "started")
                       .c_str());
    for (const std::int64_t number : guilty) charge.bind(number).run();
    database_.execute("UPDATE entries SET started = 0 WHERE started");
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

  /// Whether anything was damaged. Nothing is written to a file that SQLite finds malformed beyond
  /// its indices; results that are damaged or missing are such that are to be solved.
  bool repair() {
    std::string complaint = database_.complaint();
    const bool had_complaint = !complaint.empty();
    if (had_complaint) {
      database_.execute("REINDEX");
      complaint = database_.complaint();
    }
    if (!complaint.empty())
      throw_lost(folder_, fmt::format("SQLite finds its file malformed ({})", complaint));
    RunDamage damage = find_damage(database_, schema_);
    damage.indices = damage.indices || had_complaint;
    if (!damage.any()) return false;
    forget_damaged(database_, damage);
    warn_of(damage);
    return true;
  }

  void warn_of(const RunDamage& damage) {
    if (damage.to_redo.empty()) {
      reporter_.warning(fmt::format(
          "the run in {} was damaged: its order and counts were made anew from its rows",
          folder_.string()));
      return;
    }
    const auto missing =
        std::count_if(damage.to_redo.begin(), damage.to_redo.end(),
                      [](const ToRedo& entry) { return entry.why == ToRedo::Why::missing; });
    reporter_.warning(fmt::format(
        "the run in {} is damaged: of its entries {} solved again (the first: {}), as what was "
        "kept of {} is missing and of {} not as it was written (by its checksum)",
        folder_.string(), counted(damage.to_redo.size(), "is", "are"), damage.to_redo.front().name,
        missing, static_cast<std::ptrdiff_t>(damage.to_redo.size()) - missing));
  }

  /// Before the run is taken up, as the name it is read and written by.
  void check_crash_note() const {
    try {
      check_safe(folder_ / run_crash_name, FileUse::write);
    } catch (const UnsafeFile& error) {
      throw_unwritable(folder_, error.what());
    }
  }

  void pass_over_deadly() {
    struct Deadly {
      RunEntry entry;
      Stage stage = Stage::parse;
      std::int64_t deaths = 0;
    };
    std::vector<Deadly> all;
    {
      Statement select(database_,
                       "SELECT number, id, file, state = 'parsed', deaths, chain FROM entries "
                       "WHERE state NOT IN ('solved', 'failed', 'left_out') AND deaths >= ?");
      select.bind(most_deaths);
      while (select.step()) {
        Deadly& deadly = all.emplace_back();
        deadly.entry.number = select.integer(0);
        deadly.entry.id = select.bytes(1);
        deadly.entry.file = select.bytes(2);
        deadly.stage = select.integer(3) != 0 ? Stage::solve : Stage::parse;
        deadly.deaths = select.integer(4);
        if (!select.is_null(5)) deadly.entry.chain = select.bytes(5);
      }
    }
    const std::string time = utc_now();
    for (const Deadly& deadly : all) {
      const RunEntry& entry = deadly.entry;
      const std::string name = entry.id.empty() ? entry_name(structure_stem(entry.file)) : entry.id;
      LeftOut lost{entry.chain ? chain_entry_name(name, *entry.chain) : name,
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

  void check_unchanged(const fs::path& file, const std::string& sha256,
                       const FileStamp& then) const {
    const std::optional<FileStamp> now = stamp_of(file);
    // A file that is gone says nothing; one that looks the same is taken to be the same.
    if (!now || (now->size == then.size && now->mtime_ns == then.mtime_ns)) return;
    const Outcome<std::string> hash = file_sha256(file);
    if (!hash || *hash == sha256) return;
    throw RunError(Cause::request,
                   fmt::format("{} has changed since the run in {} solved it (SHA-256 {:.12}..., "
                               "now {:.12}...): results of both cannot be mixed; name another "
                               "folder for a new run",
                               file.string(), folder_.string(), sha256, *hash));
  }

  /// Before and after the work: what fails ends the run.
  template <class Action>
  auto reading(const Action& action) -> decltype(action()) {
    const std::lock_guard lock(mutex_);
    try {
      return action();
    } catch (const DatabaseError& error) {
      throw_as_told(folder_, error);
    }
  }
  template <class Action>
  void writing(const Action& action) {
    const std::lock_guard lock(mutex_);
    try {
      action();
      is_changed_ = true;
    } catch (const DatabaseError& error) {
      if (error.is_broken()) throw_as_told(folder_, error);
      throw_unwritable(folder_, error.what());
    } catch (const std::system_error& error) {
      throw_unwritable(folder_, error.what());
    }
  }

  /// During the work: what fails is said once, and the run goes on.
  template <class Action>
  void record(const Action& action) {
    const std::lock_guard lock(mutex_);
    write_down(action);
  }

  /// What became of an entry.
  template <class Action>
  void record_end(std::int64_t number, const Action& action) {
    const std::lock_guard lock(mutex_);
    write_down(action);
    if (!failure_.empty()) lost_.insert(number);
  }

  /// Under the mutex.
  template <class Action>
  void write_down(const Action& action) {
    if (!failure_.empty()) return;
    try {
      take_up();
      action(*statements_);
      is_changed_ = true;
      if (is_urgent_ || interval_ == std::chrono::milliseconds(0)) try_to_copy();
    } catch (const DatabaseError& error) {
      give_up(error.what());
    }
  }

  const fs::path folder_;
  Reporter& reporter_;
  const std::chrono::milliseconds interval_;
  RunFolder place_;
  mutable std::mutex mutex_;        // guards all below
  std::optional<LocalCopy> local_;  ///< one of these two has the database
  std::optional<Database> in_folder_;
  Database& database_;
  RunSchema schema_ = RunSchema::none;
  std::optional<Statements> statements_;  ///< once the run is taken up
  std::string failure_;
  std::unordered_set<std::int64_t> lost_;  ///< entries whose end came after it
  std::int64_t unwritten_ = 0;  ///< the last number of a chain that is not in the database
  bool has_finished_one_ = false;
  std::optional<CrashNote> crash_note_;
  std::unordered_set<std::int64_t> suspects_;
  bool is_changed_ = false;  ///< since the last copy
  bool is_urgent_ = false;   ///< the next change is to be copied at once
  bool is_behind_ = false;   ///< the last copy failed
  std::condition_variable_any wake_;
  std::jthread copier_;  ///< last, as it uses all of these
};

}  // namespace

std::unique_ptr<RunStore> RunStore::open(const fs::path& folder, Reporter& reporter,
                                         const JournalOptions& options) {
  try {
    return std::make_unique<SqliteRunStore>(folder, reporter, options);
  } catch (const DatabaseError& failure) {
    if (failure.is_broken()) throw_as_told(folder, failure);
    throw_unwritable(folder, failure.what());
  } catch (const std::system_error& failure) {
    throw_unwritable(folder, failure.what());
  } catch (const UnsafeFile& failure) {
    throw_unwritable(folder, failure.what());
  }
}

std::unique_ptr<RunStore> RunStore::open_existing(const fs::path& folder, Reporter& reporter,
                                                  const JournalOptions& options) {
  if (holds_run(folder)) {
    std::unique_ptr<RunStore> run = open(folder, reporter, options);
    if (!run->is_new()) return run;
  }
  throw_no_run(folder);
}

}  // namespace modesweep
