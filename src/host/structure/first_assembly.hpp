// SPDX-License-Identifier: MIT
// Biological assembly 1 as a file states it: which parts, how often, and whether any is moved.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace modesweep {

struct FirstAssembly {
  bool stated = false;
  bool moved = false;                 ///< an operator is not the identity
  std::map<std::string, int> copies;  ///< of each part: label_asym_id, in PDB format the chain

  /// Whether it does not hold each of these parts once and where it is deposited.
  bool differs_from(const std::set<std::string>& parts) const {
    if (!stated) return false;
    return moved || std::any_of(parts.begin(), parts.end(), [&](const std::string& part) {
             const auto found = copies.find(part);
             return found == copies.end() || found->second != 1;
           });
  }
};

}  // namespace modesweep
