// SPDX-License-Identifier: MIT
#include "solver/cholesky.hpp"

#include <algorithm>

namespace modesweep::shift_invert {

Cholesky::Cholesky(const Symbolic& symbolic, const Kernels& kernels)
    : symbolic_(symbolic),
      kernels_(kernels),
      panels_(symbolic.factor_values),
      inverse_diagonal_(3 * symbolic.order.size()),
      gathered_(symbolic.largest_front * block_width),
      place_(symbolic.order.size()) {}

void Cholesky::assemble_contacts(const Contacts& contacts, const Supernode& supernode,
                                 double* panel) {
  const std::int64_t columns = 3 * supernode.nodes;
  std::fill_n(panel, (columns + 3 * supernode.below) * columns, 0.0);
  for (std::int32_t v = supernode.first; v < supernode.first + supernode.nodes; ++v) {
    const double* const here = &contacts.positions[3 * static_cast<std::size_t>(v)];
    const std::int64_t column = 3 * (v - supernode.first);
    double* const diagonal = panel + column * columns + column;
    for (std::int64_t k = contacts.offsets[v]; k < contacts.offsets[v + 1]; ++k) {
      const std::int32_t j = contacts.neighbours[k];
      const double* const there = &contacts.positions[3 * static_cast<std::size_t>(j)];
      const double d[3] = {there[0] - here[0], there[1] - here[1], there[2] - here[2]};
      const double weight = 1 / (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
      double* const block = j > v ? panel + 3 * place_[j] * columns + column : nullptr;
      for (int a = 0; a < 3; ++a)
        for (int b = 0; b < 3; ++b) {
          const double element = d[a] * d[b] * weight;
          diagonal[a * columns + b] += element;
          if (block) block[a * columns + b] = -element;
        }
    }
  }
}

void Cholesky::find_runs(const Supernode& child, std::int32_t parent_nodes) {
  child_places_.clear();
  panel_runs_.clear();
  update_runs_.clear();
  for (std::int32_t i = 0; i < child.below; ++i) {
    const std::int32_t place = place_[symbolic_.rows[child.rows + i]];
    child_places_.push_back(place);
    const bool in_panel = place < parent_nodes;
    std::vector<ColumnRun>& runs = in_panel ? panel_runs_ : update_runs_;
    const std::int32_t to = 3 * (in_panel ? place : place - parent_nodes);
    if (!runs.empty() && runs.back().to + runs.back().length == to)
      runs.back().length += 3;
    else
      runs.push_back({3 * i, to, 3});
  }
}

void Cholesky::factor(const Contacts& contacts, std::span<const std::int64_t> grounded,
                      double tolerance) {
  std::fill(inverse_diagonal_.begin(), inverse_diagonal_.end(), 1.0);
  for (const std::int64_t k : grounded) inverse_diagonal_[k] = 0;
  vanished_.clear();

  // Update matrices wait for their parent on one of two stacks, by the parity of their depth: the
  // children of a front are then the top of one stack while its own goes on top of the other.
  Buffer stacks[2] = {Buffer(symbolic_.stack_values[0]), Buffer(symbolic_.stack_values[1])};
  double* top[2] = {stacks[0].data(), stacks[1].data()};
  Buffer scratch(scratch_size(symbolic_.largest_front));
  std::vector<std::vector<std::int32_t>> children(symbolic_.supernodes.size());

  for (std::size_t s = 0; s < symbolic_.supernodes.size(); ++s) {
    const Supernode& supernode = symbolic_.supernodes[s];
    const std::int64_t columns = 3 * supernode.nodes;
    double* const panel = panels_.data() + supernode.panel;
    for (std::int32_t i = 0; i < supernode.nodes; ++i) place_[supernode.first + i] = i;
    for (std::int32_t i = 0; i < supernode.below; ++i)
      place_[symbolic_.rows[supernode.rows + i]] = supernode.nodes + i;
    assemble_contacts(contacts, supernode, panel);

    double*& child_top = top[(supernode.depth + 1) % 2];
    const auto for_each_child_from_the_top = [&](auto&& f) {
      double* update = child_top;
      for (auto c = children[s].rbegin(); c != children[s].rend(); ++c) {
        const Supernode& child = symbolic_.supernodes[*c];
        update -= 3 * child.below * update_leading(child.below);
        find_runs(child, supernode.nodes);
        f(child, update);
      }
      return update;
    };
    for_each_child_from_the_top([&](const Supernode& child, const double* update) {
      kernels_.extend_add(update, update_leading(child.below), child_places_.data(), 0, child.below,
                          panel_runs_.data(), static_cast<std::ptrdiff_t>(panel_runs_.size()),
                          panel, columns);
    });

    const PanelShape shape{columns + 3 * supernode.below, columns};
    double* const inverse_diagonal =
        &inverse_diagonal_[3 * static_cast<std::size_t>(supernode.first)];
    kernels_.factor_panel(panel, shape, tolerance, inverse_diagonal, scratch.data());

    double* const update = top[supernode.depth % 2];
    const std::int64_t leading = update_leading(supernode.below);
    kernels_.schur_complement(panel, shape, update, leading, scratch.data());
    double* const freed =
        for_each_child_from_the_top([&](const Supernode& child, const double* child_update) {
          const auto first =
              std::lower_bound(child_places_.begin(), child_places_.end(), supernode.nodes) -
              child_places_.begin();
          kernels_.extend_add(child_update, update_leading(child.below), child_places_.data(),
                              first, child.below, update_runs_.data(),
                              static_cast<std::ptrdiff_t>(update_runs_.size()),
                              update - columns * leading, leading);
        });
    child_top = freed;
    top[supernode.depth % 2] += 3 * supernode.below * leading;
    if (supernode.parent >= 0) children[supernode.parent].push_back(static_cast<std::int32_t>(s));
  }

  for (std::size_t k = 0; k < inverse_diagonal_.size(); ++k)
    if (inverse_diagonal_[k] == 0 &&
        std::find(grounded.begin(), grounded.end(), static_cast<std::int64_t>(k)) == grounded.end())
      vanished_.push_back(static_cast<std::int64_t>(k));
}

void Cholesky::solve(double* block) {
  for (const Supernode& s : symbolic_.supernodes)
    kernels_.solve_forward(panels_.data() + s.panel, {3 * (s.nodes + s.below), 3 * s.nodes},
                           &inverse_diagonal_[3 * static_cast<std::size_t>(s.first)],
                           block + 3 * block_width * s.first, &symbolic_.rows[s.rows], block);
  for (auto s = symbolic_.supernodes.rbegin(); s != symbolic_.supernodes.rend(); ++s)
    kernels_.solve_backward(panels_.data() + s->panel, {3 * (s->nodes + s->below), 3 * s->nodes},
                            &inverse_diagonal_[3 * static_cast<std::size_t>(s->first)],
                            block + 3 * block_width * s->first, &symbolic_.rows[s->rows], block,
                            gathered_.data());
}

}  // namespace modesweep::shift_invert
