// SPDX-License-Identifier: MIT
// A run that is kept on disk: what was asked for, what became of each entry, and where to go on.
#pragma once

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
#include <modesweep/ranking.hpp>

namespace modesweep {

/// Names and values, in the order in which differences are looked for.
using Settings = std::vector<std::pair<std::string, std::string>>;

/// One entry of a run's list.
struct RunEntry {
  std::int64_t number = 0;     ///< its place in the list
  std::string id;              ///< as asked for; empty for a local file
  std::filesystem::path file;  ///< empty until there is one
  bool suspect = false;        ///< the process died with it in work: to be tried last, alone
};

/// What the folder of a run holds.
struct RunRecord {
  Settings parameters;                        ///< what the results depend on
  std::map<std::string, std::string> query;   ///< what was searched for and answered
  std::map<std::string, std::size_t> states;  ///< how many entries are in each
  Ranking ranking;                            ///< of what is finished, in its order
};

/// Whether the folder is one that `RunStore` keeps.
bool holds_run(const std::filesystem::path& folder);

/// Reads a run at any time, also while another process works on it. Throws RunError: `request`
/// where the folder holds no run, or one of another version; `unavailable` where it cannot be read.
RunRecord read_run(const std::filesystem::path& folder);

/// The database `run.sqlite` of a folder, and the lock that makes this process the only one to work
/// on it. Results are kept to the last bit. As an observer it keeps what becomes of each entry; a
/// disk that is full then does not end the run: see `failure`.
class RunStore : public EntryObserver {
 public:
  /// Makes the folder where there is none. Throws RunError: `unavailable` where another process
  /// works on the run, `request` where the folder holds one of another version, `output` where it
  /// cannot be written.
  static std::unique_ptr<RunStore> open(const std::filesystem::path& folder, Reporter& reporter);
  /// The same of a run that was begun; `request` where there is none.
  static std::unique_ptr<RunStore> open_existing(const std::filesystem::path& folder,
                                                 Reporter& reporter);

  /// Whether `begin` was never called for this folder.
  virtual bool is_new() const = 0;
  /// Writes down a new run: `entries` get their places as numbers.
  virtual void begin(const Settings& parameters, const std::map<std::string, std::string>& query,
                     const std::vector<RunEntry>& entries) = 0;

  virtual Settings parameters() = 0;
  virtual std::map<std::string, std::string> query() = 0;
  virtual std::vector<RunEntry> entries() = 0;

  /// Rows and failures that stay as they are. Throws RunError (`request`) with a sentence where a
  /// file has changed since its entry was solved.
  virtual Ranking finished() = 0;
  /// What is to be done: entries not yet through, those that failed for a reason that passes, and
  /// with `retry_failed` all that failed. An entry on which the process died again and again is
  /// not among them but failed, with the code `died`. To be called before `finished`.
  virtual std::vector<RunEntry> to_do(bool retry_failed) = 0;

  /// The file of an entry is at hand.
  virtual void downloaded(std::int64_t number, const std::filesystem::path& file) = 0;

  /// Why nothing is written any more; empty where all is well.
  virtual std::string failure() const = 0;
};

}  // namespace modesweep
