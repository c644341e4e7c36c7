// SPDX-License-Identifier: MIT
// The elastic network: nodes, contacts, connected components. Shared by all solvers.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <modesweep/outcome.hpp>
#include <modesweep/structure.hpp>

namespace modesweep {

/// What a spring resists: a change of its length (ANM; Atilgan 2001, Doruker 2000), with the
/// Hessian as matrix, or any displacement of its ends against each other, the same in all
/// directions (GNM; Bahar 1997, Haliloglu 1997), with the Kirchhoff matrix of the contacts.
enum class ElasticModel { anm, gnm };

/// "ANM", "GNM".
std::string_view to_string(ElasticModel model);

/// Degrees of freedom of a node: the displacement along x, y and z, or one of the GNM.
constexpr std::int64_t axes(ElasticModel model) { return model == ElasticModel::gnm ? 1 : 3; }

/// Motions of a connected component that strain no spring: as a rigid body, or of all its nodes
/// alike in the GNM.
constexpr int rigid_motions(ElasticModel model) { return model == ElasticModel::gnm ? 1 : 6; }

/// ProDy's, in angstrom.
constexpr double default_cutoff(ElasticModel model) {
  return model == ElasticModel::gnm ? 10.0 : 15.0;
}

struct NetworkOptions {
  double cutoff = 15.0;  ///< angstrom, inclusive
  double gamma = 1.0;    ///< spring constant: eigenvalues scale with it, and nothing else does
  ElasticModel model = ElasticModel::anm;
};

/// An elastic network: one spring per contact.
/// Contacts are compressed rows: the neighbours of node i, ascending and without i itself, are
/// `neighbours[offsets[i]] .. neighbours[offsets[i + 1]]`. The list is symmetric.
struct Network {
  std::vector<Vec3> positions;  ///< angstrom, in the file's order
  double gamma = 1.0;
  ElasticModel model = ElasticModel::anm;
  std::vector<std::int64_t> offsets;     ///< size nodes + 1
  std::vector<std::int32_t> neighbours;  ///< both directions of each contact
  std::vector<std::int32_t> component;   ///< connected component of each node, from 0
  int components = 0;

  std::int64_t nodes() const { return static_cast<std::int64_t>(positions.size()); }
  std::int64_t degrees_of_freedom() const { return axes(model) * nodes(); }
};

/// Finds contacts, in O(N) as proteins are folded and where there are many. Two nodes are in
/// contact unless (dx*dx + dy*dy) + dz*dz > cutoff*cutoff in plain double arithmetic, which is
/// ProDy's test to the bit. Fails at stage network: `coincident_nodes` (of an ANM: two nodes at one
/// point have no spring direction), `bad_coordinates` (not finite), `no_nodes`, `bad_parameter`
/// (cutoff or gamma not above zero and finite).
Outcome<Network> build_network(std::vector<Vec3> positions, const NetworkOptions& options);

}  // namespace modesweep
