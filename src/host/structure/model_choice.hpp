// SPDX-License-Identifier: MIT
// Which rows of a table of atoms are of the model that is wanted.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace modesweep {

/// Models by their names, in the order of the file.
class ModelChoice {
 public:
  /// By number; the first where it is empty.
  explicit ModelChoice(std::optional<int> wanted)
      : wanted_(wanted ? std::to_string(*wanted) : std::string()) {}

  /// A row of this model comes; empty where the file does not say, which is one model of number 1.
  /// Whether it is the wanted one. The name has to live as long as this.
  bool enter(std::string_view name) {
    if (name.empty()) name = "1";
    if (models_.empty() || name != current_) {
      if (std::find(models_.begin(), models_.end(), name) == models_.end()) models_.push_back(name);
      current_ = name;
      is_wanted_ = wanted_.empty() ? name == models_.front() : name == wanted_;
    }
    return is_wanted_;
  }
  int count() const { return static_cast<int>(models_.size()); }

 private:
  std::string wanted_;
  std::vector<std::string_view> models_;
  std::string_view current_;
  bool is_wanted_ = false;
};

}  // namespace modesweep
