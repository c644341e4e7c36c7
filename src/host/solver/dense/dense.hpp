// SPDX-License-Identifier: MIT
// What the dense solvers share: one network at a time, zero modes counted as ProDy does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <modesweep/modes.hpp>

namespace modesweep::dense {

/// The lowest eigenpairs of a symmetric matrix: `values` ascending, `vectors` column after column.
struct Eigenpairs {
  std::vector<double> values;
  std::vector<double> vectors;
};

/// Computes at least the `count` lowest eigenpairs of the network's Hessian with springs of
/// constant 1. More may be returned where that costs nothing. Fails at stage solve.
using LowestEigenpairs = std::function<Outcome<Eigenpairs>(const Network& network, int count)>;

/// Of matrices: eigenpairs from here on take so long, a tenth of a second and more, that they are
/// computed where they can be left behind (base/abandonable.hpp).
inline constexpr int long_order = 600;

/// The network's Hessian (of a GNM the Kirchhoff matrix) with springs of constant 1, full.
std::vector<double> unit_hessian(const Network& network);

/// Adds the Hessian (of a GNM the Kirchhoff matrix) of springs of strength `gamma` to a matrix of
/// zeros, in ProDy's order of operations: `leading` values from one row to the next.
void add_hessian(const Network& network, double gamma, double* matrix, std::size_t leading);

/// Eigenpairs to ask for first: the modes wanted and the zero modes of whole components.
int expected_count(const Network& network, const ModeRequest& request);

/// Solves a network with `lowest`, vectors and all; asks for more pairs once it turns out that the
/// network has more zero modes than expected.
Outcome<Modes> solve_one(const Network& network, const ModeRequest& request, const char* solver,
                         const LowestEigenpairs& lowest);

/// The same of each; the outcomes have what is asked for.
std::vector<Outcome<Modes>> solve_each(std::span<const Network> networks,
                                       const ModeRequest& request, const char* solver,
                                       const LowestEigenpairs& lowest);

}  // namespace modesweep::dense
