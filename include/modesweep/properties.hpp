// SPDX-License-Identifier: MIT
// Numbers derived from modes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <modesweep/modes.hpp>

namespace modesweep {

/// Share of each mode in the variance of the modes given: (1/l_i) / sum_k (1/l_k), as ProDy's
/// `calcFractVariance`. A share of the computed modes, not of all motion. `eigenvalues` positive.
std::vector<double> fractional_variances(std::span<const double> eigenvalues);

/// Degree of collectivity of one mode (3N values x y z of each node), between 1/N and 1:
/// exp(-sum u_i^2 ln u_i^2) / N with u_i^2 the squared displacement of node i, scaled to sum 1
/// (Bruschweiler, J. Chem. Phys. 102:3396, 1995; as ProDy's `calcCollectivity`). Here and below
/// `axes` is how many values a node has: three, of a GNM one.
double collectivity(std::span<const double> mode, std::int64_t axes = 3);

/// Square fluctuation of each node over the modes given, sum_k |v_ki|^2 / l_k, in k_B T over the
/// unit of the eigenvalues, which is gamma's; as ProDy's `calcSqFlucts`.
/// `eigenvectors`: mode after mode.
std::vector<double> square_fluctuations(std::span<const double> eigenvalues,
                                        std::span<const double> eigenvectors,
                                        std::int64_t axes = 3);

/// Fills in what `Modes` has of its vectors, and drops these where nobody asked for them: the end
/// of every solver on the CPU. `modes` with its vectors, eigenvalues in units of gamma.
void finish_modes(Modes& modes, const ModeRequest& request, std::int64_t axes = 3);

/// Length of each node's part of one mode.
std::vector<double> displacements(std::span<const double> mode);

/// Hinge nodes of a mode of a GNM, counted from 0, ascending: of each pair of neighbours in the
/// file that move against each other the one that moves less, and from there on as long as the next
/// one moves less still; as ProDy's `calcHinges`.
std::vector<std::size_t> hinge_nodes(std::span<const double> mode);

/// Pearson's correlation coefficient of two rows of as many numbers, two at least; NaN where one
/// does not vary.
double correlation(std::span<const double> a, std::span<const double> b);

/// The same over the places where the number of the first row is known; nothing where those are
/// fewer than three or one of the rows does not vary over them.
std::optional<double> correlation_of_known(std::span<const std::optional<double>> a,
                                           std::span<const double> b);

/// Mean of the pLDDT values that are known, from 0 to 100: where all of them lie between 0 and 1,
/// as ESMFold writes them, times 100. Nothing where none is known or one is no pLDDT.
std::optional<double> mean_plddt(std::span<const std::optional<double>> values);

/// Fixes the sign that a solver leaves open: the component of the largest absolute value becomes
/// positive; of several that are as large (to 1e-6 of it), the first.
void orient_mode(std::span<double> mode);

/// The same of each mode.
void orient_modes(Modes& modes);

/// Modes `first` to `last`, counted from 1.
struct ModeRange {
  int first;
  int last;
};

/// Neighbours whose eigenvalues differ by less than 1e-6 of the larger one: any rotation of such
/// modes into each other solves the problem as well, so that only the space they span has a
/// meaning. A partner beyond the last mode is not seen. `eigenvalues` positive, ascending.
std::vector<ModeRange> degenerate_modes(std::span<const double> eigenvalues);

/// "1-2 5-7"; empty where there are none.
std::string to_string(std::span<const ModeRange> ranges);

}  // namespace modesweep
