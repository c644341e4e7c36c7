// SPDX-License-Identifier: MIT
// A network whose modes can be written down: five nodes, each step of the sparse solver on it.
//
// A triangular bipyramid of nine edges of one length, sqrt(3): nodes 0, 1, 2 on a circle of radius
// 1 in the plane z = 0, and the apexes 3 and 4 at height sqrt(2) and -sqrt(2), which are not in
// contact. A spring along the unit vector n adds n n^T to the diagonal blocks of its ends and
// -n n^T between them:
//
//   0-3, n = (-1, 0, sqrt 2) / sqrt 3:  n n^T = 1/3 [ 1 0 -sqrt 2;  0 0 0;  -sqrt 2 0 2 ]
//   block of node 0 (springs to 1, 2, 3, 4): diag(13/6, 1/2, 4/3)
//   block of node 3 (springs to 0, 1, 2):    diag(1/2, 1/2, 2)
//
// The non-zero eigenvalues of the Hessian B B^T are those of B^T B, which has a row for each
// spring: 2 on its diagonal and the cosine between two springs that share a node (1/2, but -1/3
// between the two that go from a node of the triangle to the apexes). It falls apart by symmetry:
//
//   all springs of a kind alike:             [3 2; 1 8/3]        (17 +- sqrt 73) / 6
//   apexes against each other:               2 + 1 + 1/3         10/3
//   around the triangle, apexes alike:       [3/2 -1; -1/2 7/6]  (8 +- sqrt 19) / 6, twice
//   around the triangle, apexes opposite:    2 - 1/2 + 1/3       11/6, twice
//
// They sum to 18, the trace of nine springs, and their inverses, from trace and determinant of each
// matrix, to 17/18 + 3/10 + 2 (32/15) + 2 (6/11).
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <modesweep/network.hpp>

#include "solver/shift_invert/component.hpp"
#include "solver/shift_invert/ordering.hpp"
#include "solver/shift_invert/symbolic.hpp"

namespace five_nodes {

inline modesweep::Network network(double gamma = 1) {
  const double s = std::sqrt(3.0) / 2, h = std::sqrt(2.0);
  return *modesweep::build_network(
      {{1, 0, 0}, {-0.5, s, 0}, {-0.5, -s, 0}, {0, 0, h}, {0, 0, -h}},
      {.cutoff = 2, .gamma = gamma, .model = modesweep::ElasticModel::anm});
}

/// Ascending, of spring constant 1, without the six zeros.
inline std::vector<double> eigenvalues() {
  const double a = std::sqrt(73.0), b = std::sqrt(19.0);
  return {(8 - b) / 6, (8 - b) / 6, (17 - a) / 6, 11.0 / 6,    11.0 / 6,
          (8 + b) / 6, (8 + b) / 6, 10.0 / 3,     (17 + a) / 6};
}

inline constexpr double inverse_trace = 17.0 / 18 + 3.0 / 10 + 2 * (32.0 / 15) + 2 * (6.0 / 11);

/// The network as the sparse solver takes it.
struct Prepared {
  explicit Prepared(const modesweep::Network& network)
      : symbolic(modesweep::shift_invert::analyse(
            network, modesweep::shift_invert::minimum_degree_order(network))),
        contacts(modesweep::shift_invert::reorder(network, symbolic.order)) {}

  modesweep::shift_invert::Symbolic symbolic;
  modesweep::shift_invert::Contacts contacts;
};

}  // namespace five_nodes
