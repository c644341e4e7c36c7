// SPDX-License-Identifier: MIT
#include "solver/filtered/hessian.hpp"

#include <algorithm>
#include <cmath>

namespace modesweep::filtered {
namespace {

// Nodes of a piece: as many as a sum in single precision may be of.
constexpr std::ptrdiff_t piece_nodes = simd::sum_rows / 3;

}  // namespace

Hessian::Hessian(const ContactView& contacts, const simd::Operations& operations,
                 const Threads& threads)
    : operations_(operations),
      threads_(threads),
      nodes_(contacts.nodes),
      offsets_(contacts.offsets),
      springs_(static_cast<std::size_t>(contacts.offsets[contacts.nodes])),
      diagonal_(6 * static_cast<std::size_t>(contacts.nodes)) {
  for (std::ptrdiff_t i = 0; i < nodes_; ++i) {
    const double* const here = contacts.positions + 3 * i;
    double sums[6] = {};
    for (std::int64_t k = offsets_[i]; k < offsets_[i + 1]; ++k) {
      const std::int32_t j = contacts.neighbours[k];
      const double* const there = contacts.positions + 3 * std::ptrdiff_t{j};
      double x = there[0] - here[0], y = there[1] - here[1], z = there[2] - here[2];
      const double scale = 1 / std::sqrt(x * x + y * y + z * z);
      x *= scale;
      y *= scale;
      z *= scale;
      springs_[static_cast<std::size_t>(k)] = {static_cast<float>(x), static_cast<float>(y),
                                               static_cast<float>(z), 3 * j};
      const double products[] = {x * x, x * y, x * z, y * y, y * z, z * z};
      for (int a = 0; a < 6; ++a) sums[a] += products[a];
    }
    for (int a = 0; a < 6; ++a)
      diagonal_[6 * static_cast<std::size_t>(i) + a] = static_cast<float>(sums[a]);
    largest_diagonal_ = std::max({largest_diagonal_, sums[0], sums[3], sums[5]});
    bound_ = std::max(bound_, 2 * static_cast<double>(offsets_[i + 1] - offsets_[i]));
  }
}

/// Calls f(piece, first node, last node).
template <class F>
void Hessian::for_each_piece(F&& f) const {
  threads_.for_each((nodes_ + piece_nodes - 1) / piece_nodes, [&](std::ptrdiff_t piece) {
    f(piece, piece * piece_nodes, std::min(nodes_, (piece + 1) * piece_nodes));
  });
}

void Hessian::apply(const simd::FilterStep& step) const {
  const simd::HessianView view = {nodes_, offsets_, springs_.data(), diagonal_.data()};
  for_each_piece([&](std::ptrdiff_t, std::ptrdiff_t first, std::ptrdiff_t last) {
    operations_.step(view, step, first, last);
  });
}

std::vector<double> Hessian::inner_products(const std::vector<const float*>& blocks,
                                            const float* w) const {
  const std::size_t size = blocks.size() * Square().size();
  const auto count = static_cast<std::ptrdiff_t>(blocks.size());
  const std::size_t pieces = static_cast<std::size_t>((nodes_ + piece_nodes - 1) / piece_nodes);
  const bool shared = threads_.count() > 1;
  std::vector<double> products(size), parts(shared ? pieces * size : 0);
  for_each_piece([&](std::ptrdiff_t piece, std::ptrdiff_t first, std::ptrdiff_t last) {
    double* const to = shared ? &parts[static_cast<std::size_t>(piece) * size] : products.data();
    operations_.inner_products(blocks.data(), count, w, 3 * first, 3 * last, to);
  });
  for (std::size_t i = 0; i < parts.size(); ++i) products[i % size] += parts[i];
  return products;
}

void Hessian::add_combinations(const std::vector<const float*>& blocks,
                               const std::vector<float>& coefficients, float* w) const {
  for_each_piece([&](std::ptrdiff_t, std::ptrdiff_t first, std::ptrdiff_t last) {
    operations_.add_combinations(blocks.data(), static_cast<std::ptrdiff_t>(blocks.size()),
                                 coefficients.data(), w, 3 * first, 3 * last);
  });
}

void Hessian::multiply_right(float* w, const Square& s) const {
  float values[block_width * block_width];
  for (std::size_t i = 0; i < s.size(); ++i) values[i] = static_cast<float>(s[i]);
  for_each_piece([&](std::ptrdiff_t, std::ptrdiff_t first, std::ptrdiff_t last) {
    operations_.multiply_right(w, values, 3 * first, 3 * last);
  });
}

void convert(const double* from, std::ptrdiff_t rows, float* to) {
  for (std::ptrdiff_t i = 0; i < rows * block_width; ++i) to[i] = static_cast<float>(from[i]);
}

void convert(const float* from, std::ptrdiff_t rows, double* to) {
  for (std::ptrdiff_t i = 0; i < rows * block_width; ++i) to[i] = from[i];
}

}  // namespace modesweep::filtered
