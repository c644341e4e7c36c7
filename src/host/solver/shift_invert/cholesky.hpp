// SPDX-License-Identifier: MIT
// Supernodal multifrontal Cholesky factorisation of a grounded Hessian (Duff & Reid, ACM Trans.
// Math. Softw. 9:302, 1983; Liu, SIAM Rev. 34:82, 1992).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "solver/shift_invert/buffer.hpp"
#include "solver/shift_invert/component.hpp"
#include "solver/shift_invert/simd/operations.hpp"
#include "solver/shift_invert/symbolic.hpp"
#include "solver/shift_invert/threads.hpp"

namespace modesweep::shift_invert {

/// The Hessian of a component, with unit spring constant, factored as L L^T after some degrees of
/// freedom have been held fixed ("grounded"). The symbolic analysis must outlive the factor.
class Cholesky {
 public:
  /// `threads` changes no bit of what is computed.
  Cholesky(const Symbolic& symbolic, const simd::Operations& operations, const Threads& threads);

  /// Factors the Hessian with the degrees of freedom `grounded` (in elimination order) held fixed.
  /// A pivot that is not above `tolerance` grounds its degree of freedom too: it belongs to a
  /// motion that costs no energy.
  void factor(const Contacts& contacts, std::span<const std::int64_t> grounded, double tolerance);

  /// Degrees of freedom that vanishing pivots grounded, ascending.
  const std::vector<std::int64_t>& vanished() const { return vanished_; }

  /// Of one supernode: its columns, and for each of them the inverse of its pivot's root, 0 where
  /// it is grounded.
  const double* panel(const Supernode& s) const { return panels_.data() + s.panel; }
  const double* inverse_diagonal(const Supernode& s) const {
    return &inverse_diagonal_[3 * static_cast<std::size_t>(s.first)];
  }

  /// Replaces a block of vectors by the grounded inverse times it, with zeros at grounded degrees
  /// of freedom. Not for several threads at once.
  void solve(double* block);

 private:
  /// What the elimination of one front needs.
  struct Workspace {
    explicit Workspace(const Symbolic& symbolic);
    Buffer scratch;
    std::vector<std::int32_t> place;  // of each node, in the front in hand
    // One child's rows and columns in the front.
    std::vector<std::int32_t> child_places;
    std::vector<ColumnRun> panel_runs, update_runs;
  };
  struct Update {
    const Supernode* supernode;
    const double* values;
  };
  struct Job {
    const Contacts& contacts;
    double tolerance;
    std::vector<std::vector<std::int32_t>> children;
  };

  void assemble_contacts(const Contacts& contacts, const Supernode& supernode,
                         const Workspace& workspace, double* panel) const;
  void assemble_blocks(const Contacts& contacts, const Supernode& supernode,
                       const Workspace& workspace, double* panel) const;
  void find_runs(const Supernode& child, std::int32_t parent_nodes, Workspace& workspace) const;
  void eliminate(const Job& job, const Supernode& supernode, std::span<const Update> children,
                 double* update, Workspace& workspace, const Crew* crew);
  Buffer factor_branch(const Job& job, const Branch& branch);
  /// Throws Cancelled where it was called off and takes long enough for that to matter.
  void look_for_cancellation() const;
  void factor_top(const Job& job, std::vector<Buffer> branch_updates);
  void forward(const Supernode& supernode, const std::int32_t* rows, double* block,
               const Crew* crew) const;
  void backward(const Supernode& supernode, double* block, double* gathered,
                const Crew* crew) const;

  const Symbolic& symbolic_;
  const simd::Operations& operations_;
  const Threads& threads_;
  Buffer panels_;
  std::vector<double> inverse_diagonal_;
  std::vector<std::int64_t> vanished_;
  Buffer with_boundaries_;  // a block, and what branches add to it above themselves
  Buffer gathered_;         // for each thread
};

}  // namespace modesweep::shift_invert
