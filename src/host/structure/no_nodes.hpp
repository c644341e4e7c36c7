// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <modesweep/structure.hpp>

#include "structure/node_collector.hpp"

namespace modesweep {

/// One sentence on why a model without nodes has none.
std::string why_no_nodes(const Census& census, bool nucleic_acid, NodeRule rule);

}  // namespace modesweep
