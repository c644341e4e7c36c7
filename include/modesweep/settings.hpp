// SPDX-License-Identifier: MIT
// Parameters as text, for what keeps and shows them.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace modesweep {

/// Names and values, in the order in which they are shown and differences are looked for.
using Settings = std::vector<std::pair<std::string, std::string>>;

}  // namespace modesweep
