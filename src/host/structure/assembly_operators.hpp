// SPDX-License-Identifier: MIT
// Operator expressions of biological assemblies in mmCIF, and products of operators, of which gemmi
// reads the first factor alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gemmi {
struct Assembly;
namespace cif {
struct Block;
}
}  // namespace gemmi

namespace modesweep {

constexpr int most_operators = 100'000;  // of an assembly; the largest have some thousands

/// Names of "1", "1,3,5", "(1-60)", "P"; nothing for a product of several, what cannot be read, and
/// endless ranges.
std::optional<std::vector<std::string>> operator_names(std::string_view expression);

/// Gives each generator whose operator expression is a product, as (1-60)(61-88), all its products,
/// the leftmost factor varying slowest. As the mmCIF dictionary has it, the rightmost factor is
/// applied first. An expression that cannot be read or has too many products leaves the generator
/// without operators.
void multiply_operators(gemmi::cif::Block& block, std::vector<gemmi::Assembly>& assemblies);

}  // namespace modesweep
