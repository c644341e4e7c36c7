// SPDX-License-Identifier: MIT
// Who is told what becomes of each entry while a run goes on.
#pragma once

#include <cstdint>
#include <filesystem>

#include <modesweep/row.hpp>

namespace modesweep {

/// Called on the threads that work on the entries, several at a time. `number` is the one that the
/// entry was submitted with.
class EntryObserver {
 public:
  virtual ~EntryObserver() = default;
  virtual void started(std::int64_t number, const std::filesystem::path& file) = 0;
  virtual void parsed(std::int64_t number) = 0;
  virtual void solved(std::int64_t number, const Row& row) = 0;
  virtual void left_out(std::int64_t number, const LeftOut& entry) = 0;
  /// It was called off after it had started, and is still to be done.
  virtual void dropped(std::int64_t /*number*/) {}
};

}  // namespace modesweep
