// SPDX-License-Identifier: MIT
// A run that is kept on disk: what was asked for, what became of each entry, and where to go on.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <modesweep/entry_observer.hpp>
#include <modesweep/log.hpp>
#include <modesweep/ranked_rows.hpp>
#include <modesweep/ranking.hpp>
#include <modesweep/settings.hpp>

namespace modesweep {

/// One entry of a run's list.
struct RunEntry {
  std::int64_t number = 0;     ///< its place in the list
  std::string id;              ///< as asked for; empty for a local file
  std::filesystem::path file;  ///< empty until there is one
  bool suspect = false;        ///< the process died with it in work: to be tried last, alone
  std::optional<std::string> chain{};      ///< that it is of, once its file was divided
  std::optional<std::int64_t> found_in{};  ///< number of the listed entry whose file has the chain
};

/// What the list has of an entry: its ID, or its file.
inline std::string listed_name(const RunEntry& entry) {
  return entry.id.empty() ? entry.file.string() : entry.id;
}

/// How many there are of a run.
struct RunTotals {
  std::map<std::string, std::size_t> states;   ///< entries in each
  std::map<std::string, std::size_t> solvers;  ///< rows of each: "shift-invert on cpu"
  std::map<std::string, std::size_t> reasons;  ///< why entries were left out: "parse: no_nodes"
  std::size_t chains = 0;                      ///< entries that are a chain each
  std::size_t further_chains = 0;              ///< of them, those that were not listed
  std::size_t rows = 0;                        ///< of the ranking
  std::size_t from_cache = 0;                  ///< rows of the result cache
};

/// Where the database of a run is written while a process works on it: in its folder, or on this
/// machine ($TMPDIR), from where the folder gets whole copies. Automatic: in the folder, but for
/// file systems that several machines share, where SQLite's log and locks are not safe.
enum class RunJournal { automatic, folder, local };

struct JournalOptions {
  RunJournal journal = RunJournal::automatic;
  /// Between copies of a local journal: what a process that is killed loses at most.
  std::chrono::milliseconds interval = std::chrono::seconds(30);
};

/// Whether the folder is one that `RunStore` keeps.
bool holds_run(const std::filesystem::path& folder);

/// Whether `RunStore` keeps a file of this name in the folder.
bool is_file_of_run(const std::filesystem::path& name);

/// What was found wrong with a run, a sentence each; nothing: it holds what it once held.
struct RunCheck {
  std::size_t entries = 0;
  std::size_t rows = 0;
  std::vector<std::string> damage;
};
/// Reads all of it. Throws RunError as `RunView::open` does, but for what is damaged.
RunCheck check_run(const std::filesystem::path& folder);

/// A run as it was when this was opened: at any time, also while another process, or this one,
/// works on it. Nothing is written, and a run of a schema before is read as well, as far as it has
/// checksums checked by them. For one thread at a time. All members throw RunError (`unavailable`)
/// where it cannot be read or what they read is not as it was written.
class RunView {
 public:
  /// Throws RunError: `request` where the folder holds no run that was begun, or one of another
  /// version; `unavailable` where it cannot be read, where parameters or query are damaged, or
  /// where rows or entries are missing.
  static std::unique_ptr<RunView> open(const std::filesystem::path& folder);
  virtual ~RunView() = default;

  virtual Settings parameters() = 0;
  virtual std::map<std::string, std::string> query() = 0;
  virtual RunTotals totals() = 0;
  /// Memory does not grow with their number: the order of the ranking is an index, others are kept
  /// in temporary files; for `RowOrder::unique_identity` it holds their sequences once. To be used
  /// while the view lives. This or its `for_each` throws RunError
  /// (`unavailable`), naming the entry, at a row whose checksum is not that of its values, also at
  /// one that is not shown but decides what is.
  virtual std::unique_ptr<RankedRows> ranked_rows(const RowOrder& order) = 0;
  /// Entries that are not in the ranking, by ID, then by path.
  virtual void for_each_left_out(const std::function<void(const LeftOut&)>& visit) = 0;
};

/// The database `run.sqlite` of a folder, and the lock that makes this process the only one to work
/// on it. Results are kept to the last bit, each row with a checksum. A run of the schema before is
/// brought to this one when it is taken up: by `to_do`, or what an observer is told. As an observer
/// it keeps what becomes of each entry; a disk that is full then does not end the run: see
/// `failure`.
class RunStore : public EntryObserver {
 public:
  /// Makes the folder where there is none; where `begin` is never called nothing that was made is
  /// left. Throws RunError: `unavailable` where another process works on the run, `request` where
  /// the folder holds one of another version, `output` where it cannot be written.
  static std::unique_ptr<RunStore> open(const std::filesystem::path& folder, Reporter& reporter,
                                        const JournalOptions& options = {});
  /// The same of a run that was begun; `request` where there is none.
  static std::unique_ptr<RunStore> open_existing(const std::filesystem::path& folder,
                                                 Reporter& reporter,
                                                 const JournalOptions& options = {});

  /// Whether `begin` was never called for this folder.
  virtual bool is_new() const = 0;
  /// Writes down a new run: `entries` get their places as numbers.
  virtual void begin(const Settings& parameters, const std::map<std::string, std::string>& query,
                     const std::vector<RunEntry>& entries) = 0;

  virtual Settings parameters() = 0;
  virtual std::map<std::string, std::string> query() = 0;
  virtual std::vector<RunEntry> entries() = 0;

  /// Throws RunError (`request`) with a sentence where a file has changed since its entry was
  /// solved.
  virtual void check_unchanged() = 0;
  /// What is to be done: entries not yet through, those that failed for a reason that passes, those
  /// whose result is missing or damaged, and with `retry_failed` all that failed. An entry on which
  /// the process died again and again is not among them but failed, with the code `died`.
  virtual std::vector<RunEntry> to_do(bool retry_failed) = 0;

  /// The file of an entry has these chains: it becomes the first of them, and the others become
  /// further entries. Their numbers.
  virtual std::vector<std::int64_t> divide(std::int64_t number,
                                           const std::vector<std::string>& chains) = 0;

  /// The file of an entry is at hand.
  virtual void downloaded(std::int64_t number, const std::filesystem::path& file) = 0;

  /// Whether what became of an entry was written down, if it has come to its end.
  virtual bool keeps(std::int64_t number) const = 0;

  /// What was written is in the run's folder when this returns; only a local journal has anything
  /// to do for it. Else `failure` says why.
  virtual void settle() = 0;
  /// Why nothing is written any more; empty where all is well.
  virtual std::string failure() const = 0;
};

}  // namespace modesweep
