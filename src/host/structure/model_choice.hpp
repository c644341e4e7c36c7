// SPDX-License-Identifier: MIT
// Which rows of a table of atoms are of the model that is wanted.
#pragma once

#include <optional>
#include <unordered_set>

namespace modesweep {

/// Models by their numbers, in the order of the file.
class ModelChoice {
 public:
  /// By number; the first where it is empty.
  explicit ModelChoice(std::optional<int> wanted) : wanted_(wanted) {}

  /// A row of this model comes; empty where the file does not say, which is one model of number 1.
  /// Whether it is the wanted one.
  bool enter(std::optional<int> stated) {
    const int number = stated.value_or(1);
    if (models_.empty() || number != current_) {
      if (models_.empty()) first_ = number;
      models_.insert(number);
      current_ = number;
    }
    return number == wanted_.value_or(first_);
  }
  int count() const { return static_cast<int>(models_.size()); }

 private:
  std::optional<int> wanted_;
  std::unordered_set<int> models_;
  int first_ = 1, current_ = 1;
};

}  // namespace modesweep
