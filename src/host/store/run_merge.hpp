// SPDX-License-Identifier: MIT
// One run of several: their entries and rows, checked and copied.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <modesweep/cancel.hpp>
#include <modesweep/settings.hpp>

#include "base/sqlite.hpp"
#include "store/run_folder.hpp"

namespace modesweep {

/// What one of the runs gave to the whole.
struct MergedPart {
  std::size_t entries = 0;          ///< that were listed, without those that overlap
  std::size_t overlapping = 0;      ///< entries that a run before had already: left out
  std::string first_overlapping{};  ///< its ID or file
};

/// A run as it is put together. Its folder has it once `commit` has returned, or never.
class MergedRun {
 public:
  /// Throws RunError: `request` where the folder holds a run, `unavailable` where another process
  /// works on it, `output` where it cannot be written. All members throw Cancelled.
  MergedRun(const std::filesystem::path& folder, const Settings& parameters, CancelToken cancel);
  ~MergedRun();
  MergedRun(const MergedRun&) = delete;
  MergedRun& operator=(const MergedRun&) = delete;

  /// Reads all of a run and takes what no run before had. An entry in work there is one that is to
  /// be solved here. Memory does not grow with the rows. Throws RunError: `unavailable` where
  /// anything of it is not as it was written, `request` where it is of a version of the tables
  /// before or after this one, `output` where the whole cannot be written.
  MergedPart add(const std::filesystem::path& run);

  /// With what was searched for. Throws RunError (`output`).
  void commit(const std::map<std::string, std::string>& query);

 private:
  struct Statements;
  class Source;
  template <class Action>
  void writing(const Action& action);
  void throw_if_cancelled() const;

  const std::filesystem::path folder_, file_;
  const CancelToken cancel_;
  RunFolder place_;
  std::optional<Database> database_;
  std::unique_ptr<Statements> statements_;
  std::int64_t entries_ = 0;
};

}  // namespace modesweep
