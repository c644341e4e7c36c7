// SPDX-License-Identifier: MIT
// A process that crashes leaves behind which entry it crashed on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace modesweep {

/// While it lives, a thread that is ended by a fault (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT)
/// writes the number of its entry to a file; the signal then does what it would have done. One at
/// a time. A file that cannot be written notes nothing.
class CrashNote {
 public:
  explicit CrashNote(const std::filesystem::path& file);
  ~CrashNote();
  CrashNote(const CrashNote&) = delete;
  CrashNote& operator=(const CrashNote&) = delete;

  /// This thread works on the entry from now on, or on none.
  static void begin(std::int64_t number);
  static void end();

  /// What a process that is no more has noted there.
  static std::vector<std::int64_t> read(const std::filesystem::path& file);
};

}  // namespace modesweep
