// SPDX-License-Identifier: MIT
// The folder of a run: who works on it, and what is left of it where nothing came of it.
#pragma once

#include <filesystem>
#include <vector>

#include "base/descriptor.hpp"

namespace modesweep {

constexpr const char* run_lock_name = "run.lock";
constexpr const char* run_crash_name = "run.crash";

/// Folders that were not there, from the first one above on; those of them that are still empty go
/// with this, unless they are kept.
class MadeFolders {
 public:
  /// Throws RunError (`output`) where the folder cannot be made.
  explicit MadeFolders(const std::filesystem::path& folder);
  ~MadeFolders() { remove(); }
  MadeFolders(const MadeFolders&) = delete;
  MadeFolders& operator=(const MadeFolders&) = delete;
  void keep() { made_.clear(); }

 private:
  void remove() const;
  std::vector<std::filesystem::path> made_;
};

/// The folder and the lock on it, which ends with the process. Of a run that is never begun nothing
/// is left that was not there before.
class RunFolder {
 public:
  /// Makes the folder where there is none. Throws RunError: `unavailable` where another process has
  /// the lock, `output` where nothing can be written.
  explicit RunFolder(const std::filesystem::path& folder);
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  /// Once there is something to go on with.
  void keep();
  /// Whether the lock lies there still, and no other folder in the place of this one.
  bool is_there() const;

 private:
  const std::filesystem::path folder_;
  MadeFolders made_;  // before the lock, so that it goes after it
  const bool had_lock_;
  const Descriptor lock_;
  const bool had_database_;
  bool is_kept_ = false;
};

}  // namespace modesweep
