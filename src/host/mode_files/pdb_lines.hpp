// SPDX-License-Identifier: MIT
// Nodes as lines of a file in PDB format.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include <modesweep/structure.hpp>

namespace modesweep {

/// The columns of PDB format for nodes that fit them. Node i is the atom i + 1.
class PdbLines {
 public:
  /// Or why the format cannot hold them, displaced by so much (angstrom): a sentence's beginning.
  static tl::expected<PdbLines, std::string> of(const std::vector<Node>& nodes,
                                                double largest_displacement);

  /// REMARK 999: what chains and residues are called here where that is not what the file says.
  std::string remarks() const;

  /// ATOM and TER. `displacements`: 3N values, angstrom, times `shift`. `b_column` of each node;
  /// blank where it has none: viewers take 0, but no reader takes it for stated.
  std::string atoms(std::span<const double> displacements, double shift,
                    std::span<const std::optional<double>> b_column) const;

  /// CONECT along the chains: without them viewers draw neither lines nor sticks of C-alphas.
  std::string bonds() const;

 private:
  PdbLines() = default;

  std::vector<Node> nodes_;              // all with a number
  std::set<std::string> counted_;        // chains that were counted from 1
  std::map<std::string, char> letters_;  // of chains
  std::vector<std::size_t> copies_;      // of each node, as `copy_of_each_node` has it
};

}  // namespace modesweep
