// SPDX-License-Identifier: MIT
// Supernodal multifrontal Cholesky factorisation of a grounded Hessian.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "solver/buffer.hpp"
#include "solver/component.hpp"
#include "solver/kernels.hpp"
#include "solver/symbolic.hpp"

namespace modesweep::shift_invert {

/// The Hessian of a component, with unit spring constant, factored as L L^T after some degrees of
/// freedom have been held fixed ("grounded"). The symbolic analysis must outlive the factor.
class Cholesky {
 public:
  Cholesky(const Symbolic& symbolic, const Kernels& kernels);

  /// Factors the Hessian with the degrees of freedom `grounded` (in elimination order) held fixed.
  /// A pivot that is not above `tolerance` grounds its degree of freedom too: it belongs to a
  /// motion that costs no energy.
  void factor(const Contacts& contacts, std::span<const std::int64_t> grounded, double tolerance);

  /// Degrees of freedom that vanishing pivots grounded, ascending.
  const std::vector<std::int64_t>& vanished() const { return vanished_; }

  /// Replaces a block of vectors by the grounded inverse times it, with zeros at grounded degrees
  /// of freedom. Not for several threads at once.
  void solve(double* block);

 private:
  void assemble_contacts(const Contacts& contacts, const Supernode& supernode, double* panel);
  void find_runs(const Supernode& child, std::int32_t parent_nodes);

  const Symbolic& symbolic_;
  const Kernels& kernels_;
  Buffer panels_;
  std::vector<double> inverse_diagonal_;
  std::vector<std::int64_t> vanished_;
  Buffer gathered_;
  // Of the front in hand: where each node stands in it, and one child's rows and columns in it.
  std::vector<std::int32_t> place_;
  std::vector<std::int32_t> child_places_;
  std::vector<ColumnRun> panel_runs_, update_runs_;
};

}  // namespace modesweep::shift_invert
