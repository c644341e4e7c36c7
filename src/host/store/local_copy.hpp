// SPDX-License-Identifier: MIT
// A run's database that is written on this machine, while its folder on a shared file system gets
// whole copies: SQLite's write-ahead log and its locks hold on one machine alone.
#pragma once

#include <filesystem>
#include <memory>

#include "base/descriptor.hpp"
#include "base/sqlite.hpp"

namespace modesweep {

class LocalCopy {
 public:
  /// A file in the folder for temporary ones ($TMPDIR) that has what the run's folder has. It has
  /// no name, so that a process that is killed leaves nothing. Throws std::system_error,
  /// DatabaseError and UnsafeFile.
  explicit LocalCopy(const std::filesystem::path& folder);

  Database& database() { return database_; }

  /// Puts what was committed into the run's folder, whole or not at all; no transaction is open.
  /// Throws std::system_error.
  void save() const;

 private:
  /// The name, while there is one.
  struct File {
    explicit File(const std::filesystem::path& folder);
    ~File();
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    std::filesystem::path path;
  };

  const std::filesystem::path folder_;
  std::unique_ptr<File> file_;
  Database database_;
  const Descriptor bytes_;
};

}  // namespace modesweep
