// SPDX-License-Identifier: MIT
// A run's database that is written on this machine, while its folder on a shared file system gets
// whole copies: SQLite's write-ahead log and its locks hold on one machine alone.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "base/descriptor.hpp"
#include "base/sqlite.hpp"

namespace modesweep {

class LocalCopy {
 public:
  /// A file in the folder for temporary ones ($TMPDIR, else /tmp) that has what the run's folder
  /// has, whose log, of a run that was written there, is taken over. It has no name, so that a
  /// process that is killed leaves nothing. Throws std::system_error, DatabaseError and UnsafeFile.
  explicit LocalCopy(const std::filesystem::path& folder);

  Database& database() { return *database_; }

  /// Puts what was committed into the run's folder, whole or not at all; no transaction is open.
  /// Throws std::system_error.
  void save() const;

 private:
  /// While there is one.
  struct Name {
    explicit Name(std::filesystem::path file) : path(std::move(file)) {}
    ~Name();
    Name(const Name&) = delete;
    Name& operator=(const Name&) = delete;
    std::filesystem::path path;
  };
  void forget_logs() const;

  const std::filesystem::path folder_;
  std::unique_ptr<Name> name_;
  std::optional<Database> database_;
  std::optional<Descriptor> bytes_;
};

}  // namespace modesweep
