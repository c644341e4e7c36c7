// SPDX-License-Identifier: MIT
// What a reader takes from a file besides its atoms, whatever its format.
#pragma once

#include <optional>
#include <string>

#include <modesweep/structure.hpp>

#include "structure/assemblies.hpp"
#include "structure/mmcif_items.hpp"
#include "structure/polymer_nodes.hpp"
#include "structure/protein_identity.hpp"

namespace modesweep {

struct FileContents {
  Header header;  ///< `id` is empty where the file states none, `protein` likewise
  Assemblies assemblies;
  EntityKinds entities;
  ChainProteins proteins;
  int models = 0;  ///< with atoms
  bool more_blocks = false;
  bool predicted = false;
};

/// Why atoms cannot be read: what a `Failure` says without the file's name.
struct ReadProblem {
  const char* code;
  std::string message;
};

/// What the items of an mmCIF file say: header, assemblies, entities, and whether it is a predicted
/// model; `model_cif` is whether there are categories of ModelCIF.
FileContents contents_of(const Items& items, bool model_cif);

/// Whether it is a predicted model, whose B factors are its pLDDT: by its method, and where it
/// states none by ModelCIF or its title.
bool is_predicted(const Header& header, bool model_cif);

}  // namespace modesweep
