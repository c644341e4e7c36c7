// SPDX-License-Identifier: MIT
// What a reader takes from a file besides its atoms, whatever its format.
#pragma once

#include <optional>
#include <string>

#include <modesweep/structure.hpp>

#include "structure/assemblies.hpp"
#include "structure/mmcif_items.hpp"
#include "structure/polymer_nodes.hpp"

namespace modesweep {

struct FileContents {
  Header header;  ///< `id` is empty where the file states none, `protein` likewise
  Assemblies assemblies;
  EntityKinds entities;
  int models = 0;  ///< with atoms
  bool more_blocks = false;
  bool predicted = false;
};

/// Why atoms cannot be read: what a `Failure` says without the file's name.
struct ReadProblem {
  const char* code;
  std::string message;
};

/// What the items of an mmCIF file say: header, assemblies, entities, and whether its method is
/// that of a predicted model.
FileContents contents_of(const Items& items);

/// Whether a method or a title is that of a predicted model, whose B factors are its pLDDT.
bool is_predicted(const Header& header);

}  // namespace modesweep
