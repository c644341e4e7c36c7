// SPDX-License-Identifier: MIT
// Rows on standard output as they are solved.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <modesweep/columns.hpp>
#include <modesweep/condition.hpp>
#include <modesweep/entry_observer.hpp>

namespace modesweep::cli {

/// One JSON object a line, without a rank, flushed. Once nobody reads or nothing can be written it
/// is silent, and calls `stop` where there is no use in going on.
class RowStream final : public EntryObserver {
 public:
  /// All columns where `columns` is empty; the rows that meet `where` alone.
  RowStream(std::vector<Column> columns, std::optional<Condition> where, void (*stop)());

  void started(std::int64_t, const std::filesystem::path&) override {}
  void parsed(std::int64_t) override {}
  void solved(std::int64_t number, const Row& row) override;
  void left_out(std::int64_t, const LeftOut&) override {}

  /// The reader went away.
  bool is_closed() const;
  /// Throws RunError (`output`) where rows could not be written for another reason.
  void check() const;

 private:
  std::vector<Column> columns_;
  const std::optional<Condition> where_;
  void (*const stop_)();
  mutable std::mutex mutex_;  // guards standard output and error_
  int error_ = 0;
};

}  // namespace modesweep::cli
