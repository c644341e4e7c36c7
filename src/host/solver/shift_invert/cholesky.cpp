// SPDX-License-Identifier: MIT
#include "solver/shift_invert/cholesky.hpp"

#include <algorithm>

#include "base/cancel_scope.hpp"
#include "network/spring.hpp"

namespace modesweep::shift_invert {

Cholesky::Workspace::Workspace(const Symbolic& symbolic)
    : scratch(simd::scratch_size(symbolic.largest_front)), place(symbolic.order.size()) {}

Cholesky::Cholesky(const Symbolic& symbolic, const simd::Operations& operations,
                   const Threads& threads)
    : symbolic_(symbolic),
      operations_(operations),
      threads_(threads),
      panels_(symbolic.factor_values),
      inverse_diagonal_(3 * symbolic.order.size()),
      gathered_(threads.count() * symbolic.largest_front * block_width) {
  if (!symbolic.branches.empty())
    with_boundaries_ = Buffer(
        3 * block_width * (static_cast<std::int64_t>(symbolic.order.size()) + symbolic.boundaries));
}

void Cholesky::assemble_contacts(const Contacts& contacts, const Supernode& supernode,
                                 const Workspace& workspace, double* panel) const {
  const std::int64_t columns = 3 * supernode.nodes;
  std::fill_n(panel, (columns + 3 * supernode.below) * columns, 0.0);
  if (contacts.has_blocks()) return assemble_blocks(contacts, supernode, workspace, panel);
  for (std::int32_t v = supernode.first; v < supernode.first + supernode.nodes; ++v) {
    const double* const here = &contacts.positions[3 * static_cast<std::size_t>(v)];
    const std::int64_t column = 3 * (v - supernode.first);
    double* const diagonal = panel + column * columns + column;
    for (std::int64_t k = contacts.offsets[v]; k < contacts.offsets[v + 1]; ++k) {
      const std::int32_t j = contacts.neighbours[k];
      const double* const there = &contacts.positions[3 * static_cast<std::size_t>(j)];
      const Spring s = spring(here, there, 1.0);
      double* const block = j > v ? panel + 3 * workspace.place[j] * columns + column : nullptr;
      for (int a = 0; a < 3; ++a)
        for (int b = 0; b < 3; ++b) {
          diagonal[a * columns + b] += s.element(a, b);
          if (block) block[a * columns + b] = -s.element(a, b);
        }
    }
  }
}

void Cholesky::assemble_blocks(const Contacts& contacts, const Supernode& supernode,
                               const Workspace& workspace, double* panel) const {
  const std::int64_t columns = 3 * supernode.nodes;
  const auto put = [&](const Block& block, std::int64_t row, std::int64_t column) {
    for (int a = 0; a < 3; ++a)
      for (int b = 0; b < 3; ++b) panel[(row + a) * columns + column + b] = block[3 * a + b];
  };
  for (std::int32_t v = supernode.first; v < supernode.first + supernode.nodes; ++v) {
    const std::int64_t column = 3 * (v - supernode.first);
    put(contacts.diagonal_blocks[v], column, column);
    // The block of a contact lies in the row of its later node.
    for (std::int64_t k = contacts.offsets[v]; k < contacts.offsets[v + 1]; ++k)
      if (const std::int32_t j = contacts.neighbours[k]; j > v) {
        Block transposed;
        for (int a = 0; a < 3; ++a)
          for (int b = 0; b < 3; ++b) transposed[3 * a + b] = contacts.blocks[k][3 * b + a];
        put(transposed, 3 * workspace.place[j], column);
      }
  }
}

void Cholesky::find_runs(const Supernode& child, std::int32_t parent_nodes,
                         Workspace& workspace) const {
  workspace.child_places.clear();
  workspace.panel_runs.clear();
  workspace.update_runs.clear();
  for (std::int32_t i = 0; i < child.below; ++i) {
    const std::int32_t place = workspace.place[symbolic_.rows[child.rows + i]];
    workspace.child_places.push_back(place);
    const bool in_panel = place < parent_nodes;
    std::vector<ColumnRun>& runs = in_panel ? workspace.panel_runs : workspace.update_runs;
    const std::int32_t to = 3 * (in_panel ? place : place - parent_nodes);
    if (!runs.empty() && runs.back().to + runs.back().length == to)
      runs.back().length += 3;
    else
      runs.push_back({3 * i, to, 3});
  }
}

/// Makes a supernode's panel and its update matrix out of contacts and its children's updates.
void Cholesky::eliminate(const Job& job, const Supernode& supernode,
                         std::span<const Update> children, double* update, Workspace& workspace,
                         const Crew* crew) {
  const std::int64_t columns = 3 * supernode.nodes;
  double* const panel = panels_.data() + supernode.panel;
  for (std::int32_t i = 0; i < supernode.nodes; ++i) workspace.place[supernode.first + i] = i;
  for (std::int32_t i = 0; i < supernode.below; ++i)
    workspace.place[symbolic_.rows[supernode.rows + i]] = supernode.nodes + i;
  assemble_contacts(job.contacts, supernode, workspace, panel);

  // Each row of a child's update goes to a row of its own, so that they may be shared.
  const auto add = [&](const Update& child, std::int64_t first, const std::vector<ColumnRun>& runs,
                       double* target, std::int64_t leading) {
    const std::int64_t below = child.supernode->below;
    constexpr std::int64_t strip = 32, shared = 256;
    const auto add_rows = [&](std::int64_t begin, std::int64_t end) {
      operations_.extend_add(child.values, update_leading(below), workspace.child_places.data(),
                             begin, end, runs.data(), static_cast<std::ptrdiff_t>(runs.size()),
                             target, leading);
    };
    if (!crew || below < shared) return add_rows(first, below);
    threads_.for_each((below - first + strip - 1) / strip, [&](std::ptrdiff_t i) {
      add_rows(first + i * strip, std::min(below, first + (i + 1) * strip));
    });
  };
  for (const Update& child : children) {
    find_runs(*child.supernode, supernode.nodes, workspace);
    add(child, 0, workspace.panel_runs, panel, columns);
  }
  const PanelShape shape{columns + 3 * supernode.below, columns};
  operations_.factor_panel(panel, shape, job.tolerance,
                           &inverse_diagonal_[3 * static_cast<std::size_t>(supernode.first)],
                           workspace.scratch.data(), crew);
  const std::int64_t leading = update_leading(supernode.below);
  operations_.schur_complement(panel, shape, update, leading, workspace.scratch.data(), crew);
  for (const Update& child : children) {
    find_runs(*child.supernode, supernode.nodes, workspace);
    const auto first = std::lower_bound(workspace.child_places.begin(),
                                        workspace.child_places.end(), supernode.nodes) -
                       workspace.child_places.begin();
    add(child, first, workspace.update_runs, update - columns * leading, leading);
  }
}

/// Returns the update matrix of the branch's root.
Buffer Cholesky::factor_branch(const Job& job, const Branch& branch) {
  // Update matrices wait for their parent on one of two stacks, by the parity of their depth: the
  // children of a front are then the top of one stack while its own goes on top of the other.
  Buffer stacks[2] = {Buffer(branch.stack_values[0]), Buffer(branch.stack_values[1])};
  double* top[2] = {stacks[0].data(), stacks[1].data()};
  Workspace workspace(symbolic_);
  std::vector<Update> children;
  for (std::int32_t s = branch.first;; ++s) {
    const Supernode& supernode = symbolic_.supernodes[s];
    double*& child_top = top[(supernode.depth + 1) % 2];
    children.clear();
    for (auto c = job.children[s].rbegin(); c != job.children[s].rend(); ++c) {
      const Supernode& child = symbolic_.supernodes[*c];
      child_top -= 3 * child.below * update_leading(child.below);
      children.push_back({&child, child_top});
    }
    const std::int64_t values = 3 * supernode.below * update_leading(supernode.below);
    look_for_cancellation();
    if (s + 1 == branch.last) {
      Buffer update(values);
      eliminate(job, supernode, children, update.data(), workspace, nullptr);
      return update;
    }
    double*& own_top = top[supernode.depth % 2];
    eliminate(job, supernode, children, own_top, workspace, nullptr);
    own_top += values;
  }
}

/// Eliminates what is above the branches, front after front, each of them by all threads.
void Cholesky::factor_top(const Job& job, std::vector<Buffer> branch_updates) {
  std::vector<Buffer> updates(symbolic_.supernodes.size());
  for (std::size_t i = 0; i < branch_updates.size(); ++i)
    updates[symbolic_.branches[i].last - 1] = std::move(branch_updates[i]);
  Workspace workspace(symbolic_);
  std::vector<Update> children;
  for (const std::int32_t s : symbolic_.top) {
    look_for_cancellation();
    const Supernode& supernode = symbolic_.supernodes[s];
    children.clear();
    for (auto c = job.children[s].rbegin(); c != job.children[s].rend(); ++c)
      children.push_back({&symbolic_.supernodes[*c], updates[*c].data()});
    updates[s] = Buffer(3 * supernode.below * update_leading(supernode.below));
    eliminate(job, supernode, children, updates[s].data(), workspace, threads_.crew());
    for (const std::int32_t c : job.children[s]) updates[c] = Buffer();
  }
}

void Cholesky::factor(const Contacts& contacts, std::span<const std::int64_t> grounded,
                      double tolerance) {
  std::fill(inverse_diagonal_.begin(), inverse_diagonal_.end(), 1.0);
  for (const std::int64_t k : grounded) inverse_diagonal_[k] = 0;
  vanished_.clear();

  Job job{contacts, tolerance, {}};
  job.children.resize(symbolic_.supernodes.size());
  for (std::size_t s = 0; s < symbolic_.supernodes.size(); ++s)
    if (symbolic_.supernodes[s].parent >= 0)
      job.children[symbolic_.supernodes[s].parent].push_back(static_cast<std::int32_t>(s));

  if (threads_.count() == 1 || symbolic_.branches.empty()) {
    factor_branch(job, symbolic_.whole);
  } else {
    std::vector<Buffer> updates(symbolic_.branches.size());
    threads_.for_each(static_cast<std::ptrdiff_t>(updates.size()), [&](std::ptrdiff_t i) {
      updates[i] = factor_branch(job, symbolic_.branches[i]);
    });
    factor_top(job, std::move(updates));
  }

  for (std::size_t k = 0; k < inverse_diagonal_.size(); ++k)
    if (inverse_diagonal_[k] == 0 &&
        std::find(grounded.begin(), grounded.end(), static_cast<std::int64_t>(k)) == grounded.end())
      vanished_.push_back(static_cast<std::int64_t>(k));
}

void Cholesky::forward(const Supernode& s, const std::int32_t* rows, double* block,
                       const Crew* crew) const {
  operations_.solve_forward(panels_.data() + s.panel, {3 * (s.nodes + s.below), 3 * s.nodes},
                            &inverse_diagonal_[3 * static_cast<std::size_t>(s.first)],
                            block + 3 * block_width * s.first, rows + s.rows, block, crew);
}

void Cholesky::backward(const Supernode& s, double* block, double* gathered,
                        const Crew* crew) const {
  operations_.solve_backward(panels_.data() + s.panel, {3 * (s.nodes + s.below), 3 * s.nodes},
                             &inverse_diagonal_[3 * static_cast<std::size_t>(s.first)],
                             block + 3 * block_width * s.first, symbolic_.rows.data() + s.rows,
                             block, gathered, crew);
}

void Cholesky::look_for_cancellation() const {
  constexpr double long_flops = 1e9;  // of a factorisation that takes more than a blink
  if (symbolic_.factor_flops > long_flops) check_cancelled();
}

void Cholesky::solve(double* block) {
  look_for_cancellation();
  const std::vector<Supernode>& supernodes = symbolic_.supernodes;
  if (symbolic_.branches.empty()) {
    for (const Supernode& s : supernodes) forward(s, symbolic_.rows.data(), block, nullptr);
    for (auto s = supernodes.rbegin(); s != supernodes.rend(); ++s)
      backward(*s, block, gathered_.data(), nullptr);
    return;
  }

  // Branches subtract from what is above them each in rows of its own, and these are added up in
  // the branches' order: so it is done with one thread too, for the same sums.
  const std::int64_t length = 3 * block_width * static_cast<std::int64_t>(symbolic_.order.size());
  const auto count = static_cast<std::ptrdiff_t>(symbolic_.branches.size());
  double* const work = with_boundaries_.data();
  std::copy_n(block, length, work);
  std::fill_n(work + length, 3 * block_width * symbolic_.boundaries, 0.0);
  threads_.for_each(count, [&](std::ptrdiff_t i) {
    const Branch& branch = symbolic_.branches[i];
    for (std::int32_t s = branch.first; s < branch.last; ++s)
      forward(supernodes[s], symbolic_.branch_rows.data(), work, nullptr);
  });
  for (const Branch& branch : symbolic_.branches) {
    const Supernode& root = supernodes[branch.last - 1];
    const double* from = work + length + 3 * block_width * branch.boundary;
    for (std::int32_t i = 0; i < root.below; ++i) {
      double* const to = work + 3 * block_width * symbolic_.rows[root.rows + i];
      for (std::ptrdiff_t k = 0; k < 3 * block_width; ++k) to[k] += *from++;
    }
  }
  for (const std::int32_t s : symbolic_.top)
    forward(supernodes[s], symbolic_.rows.data(), work, threads_.crew());
  for (auto s = symbolic_.top.rbegin(); s != symbolic_.top.rend(); ++s)
    backward(supernodes[*s], work, gathered_.data(), threads_.crew());
  threads_.for_each(count, [&](std::ptrdiff_t i) {
    const Branch& branch = symbolic_.branches[i];
    double* const gathered =
        gathered_.data() + threads_.index() * symbolic_.largest_front * block_width;
    for (std::int32_t s = branch.last - 1; s >= branch.first; --s)
      backward(supernodes[s], work, gathered, nullptr);
  });
  std::copy_n(work, length, block);
}

}  // namespace modesweep::shift_invert
