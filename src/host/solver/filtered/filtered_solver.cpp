// SPDX-License-Identifier: MIT
#include "solver/filtered/filtered_solver.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <modesweep/properties.hpp>

#include "base/cancel_scope.hpp"
#include "base/clock.hpp"
#include "solver/blas.hpp"
#include "solver/cpu_solvers.hpp"
#include "solver/filtered/filter_space.hpp"
#include "solver/filtered/rayleigh_ritz.hpp"
#include "solver/shift_invert/rigid_motions.hpp"
#include "solver/shift_invert/shift_invert_solver.hpp"
#include "solver/spring_constant.hpp"

namespace modesweep::filtered {
namespace {

using shift_invert::BlockBasis;

constexpr std::ptrdiff_t b = block_width;

// Smaller networks are faster by the other solver; with more modes than this the basis would be
// larger than what it is made for.
constexpr std::int64_t fewest_nodes = 100;
constexpr int most_modes = 40;

// Where numbers alone are asked for it is faster than the other solver by some 40 % between these
// sizes, unless more nodes are loose than this: the soft motions of a loose end spoil the filter.
// Measured by bench/choose_solver (bench/results/auto-20261128.txt), found on a third of the files.
constexpr std::int64_t fewest_nodes_faster = 150, large_nodes = 3000;
constexpr std::int64_t loose_contacts = 14;  // a loose node has fewer
constexpr std::ptrdiff_t most_loose_nodes = 4;

// Large networks of few contacts, as of what is left of a complex without its nucleic acid, are so
// soft that the attempt is lost.
constexpr double fewest_contacts = 50;  // of a node

/// Vectors of the basis with which it is still faster than the other solver, measured at 330 to
/// 8,000 nodes.
std::ptrdiff_t most_vectors(std::int64_t nodes) {
  return std::clamp<std::ptrdiff_t>(104 + (nodes - 1000) / 80, 104, 200);
}

// Residual of every mode, relative to the largest eigenvalue, as that of the other solvers.
constexpr double residual_tolerance = 1e-10;

// Otherwise what shares, relative to themselves, may be off by, and vectors of the modes whose
// collectivity is told: bounds that real errors stay below, by factors of 10 and 3 at least in 556
// files.
constexpr double share_tolerance = 1e-10, vector_tolerance = 5e-10;
constexpr std::ptrdiff_t collectivities = 3;

constexpr int most_rounds = 3;

// Degrees of a filter of residuals. It is chosen to leave so small a part of what is allowed, as
// modes beyond those wanted disturb the last of them.
constexpr int least_degree = 10, most_degree = 48;
constexpr double left_of_exact = 0.001, left_of_others = 0.05;

// That filter begins where the filter of the basis did, or nearer to the values wanted where these
// lie far below: what lies between is of no use and should not grow.
constexpr double basis_part = 0.9, wanted_times = 3;

/// An eigenvalue below this, with unit springs, may be that of a zero mode: the other solver tells.
constexpr double doubtful_zero = 10 * zero_eigenvalue;

std::ptrdiff_t whole_blocks(std::ptrdiff_t vectors) { return (vectors + b - 1) / b; }
std::ptrdiff_t kept_blocks(std::ptrdiff_t modes) { return whole_blocks(modes + b + b / 2); }

/// Bytes: springs, the basis in single precision with what it is made of, vectors of the last two
/// Ritz spaces and their products, and the modes.
std::uint64_t memory_of(const Network& network, const ModeRequest& request) {
  constexpr std::uint64_t single_block = 4 * block_width, double_block = 8 * block_width;
  constexpr std::uint64_t work_blocks = 6, partly_used_pages = std::uint64_t{4} << 20;
  const auto blocks = static_cast<std::uint64_t>(most_vectors(network.nodes()) / b) + work_blocks;
  const auto pairs =
      static_cast<std::uint64_t>(2 * kept_blocks(request.modes) + whole_blocks(request.modes));
  const auto rows = static_cast<std::uint64_t>(network.degrees_of_freedom());
  return sizeof(simd::Spring) * network.neighbours.size() +
         rows * (single_block * blocks + double_block * (2 * pairs + 3) +
                 8 * static_cast<std::uint64_t>(request.modes)) +
         partly_used_pages;
}

/// The softest modes of one connected network with six zero modes: Ritz vectors of a filter in
/// single precision (`filter_space`), which Rayleigh-Ritz procedures and filters of their residuals
/// make exact (Kodali, Ramakrishnan and Motamarri, arXiv 2503.22652).
class Solution {
 public:
  Solution(const Network& network, const ModeRequest& request, const simd::Operations& single,
           const shift_invert::simd::Operations& operations)
      : network_(network),
        contacts_{network.nodes(), network.positions.front().data(), network.offsets.data(),
                  network.neighbours.data()},
        modes_(request.modes),
        is_exact_(request.vectors || request.residuals),
        operations_(operations),
        threads_(request.threads),
        hessian_(contacts_, single, threads_),
        rows_(hessian_.rows()),
        rigid_(rows_),
        largest_(hessian_.largest_diagonal()) {}

  /// Or a sentence on why another solver is to take it.
  tl::expected<Modes, std::string> run() {
    if (!add_rigid()) return hand_over("its nodes lie on a line");
    FilterSpaceOptions options;
    options.modes = modes_;
    options.kept = b * kept_blocks();
    options.most = most_vectors(network_.nodes());
    const tl::expected<FilterSpace, std::string> space =
        filter_space(hessian_, contacts_, rigid_.pointers()[0], operations_, options);
    if (!space) return hand_over(space.error());
    check_cancelled();
    RitzSpace ritz(operations_, rows_);
    take(*space, ritz);
    if (!ritz.solve()) return hand_over(dependent);
    FilterInterval interval = space->interval;
    for (int round = 1;; ++round) {
      check_cancelled();
      if (ritz.values().front() < doubtful_zero) return hand_over(next_to_zero);
      if (hides_others(ritz.values(), modes_)) return hand_over("too many eigenvalues are equal");
      interval.low = std::min(std::max(ritz.values().back(), basis_part * space->interval.low),
                              wanted_times * ritz.values()[modes_ - 1]);
      polish(ritz, interval);
      if (!ritz.solve()) return hand_over(dependent);
      // Once more, exactly: modes that are close to each other are told apart by that alone.
      RitzSpace exact(operations_, rows_);
      for (std::ptrdiff_t q = 0; q < wanted_blocks(); ++q) add_vectors(ritz, q, exact);
      if (!exact.solve()) return hand_over(dependent);
      if (exact.values().front() < doubtful_zero) return hand_over(next_to_zero);
      if (std::optional<Modes> modes = finished(exact, ritz.values()[b * kept_blocks() - 1]))
        return *std::move(modes);
      if (round == most_rounds) return hand_over("the residuals did not become small enough");
      for (std::ptrdiff_t q = wanted_blocks(); q < kept_blocks(); ++q) add_vectors(ritz, q, exact);
      if (!exact.solve()) return hand_over(dependent);
      ritz = std::move(exact);
    }
  }

 private:
  static constexpr const char* dependent = "its vectors became dependent";
  static constexpr const char* next_to_zero = "an eigenvalue is next to zero";

  std::ptrdiff_t kept_blocks() const { return filtered::kept_blocks(modes_); }
  std::ptrdiff_t wanted_blocks() const { return whole_blocks(modes_); }

  /// Six rigid motions, padded to a block.
  bool add_rigid() {
    const std::vector<std::vector<double>> motions = shift_invert::rigid_motions(contacts_);
    if (std::ssize(motions) != rigid_motions(ElasticModel::anm)) return false;
    double* const block = rigid_.append();
    std::fill_n(block, rows_ * b, 0.0);
    for (std::size_t k = 0; k < motions.size(); ++k)
      for (std::ptrdiff_t i = 0; i < rows_; ++i)
        block[i * b + static_cast<std::ptrdiff_t>(k)] = motions[k][i];
    return true;
  }

  /// The filter's Ritz vectors, in double precision from here on.
  void take(const FilterSpace& space, RitzSpace& ritz) {
    std::vector<const float*> basis;
    for (const auto& block : space.basis) basis.push_back(block->data());
    FloatBlock vectors(rows_);
    const auto size = static_cast<std::size_t>(space.vectors * b);
    for (std::ptrdiff_t q = 0; q < kept_blocks(); ++q) {
      const auto first = space.ritz.begin() + static_cast<std::ptrdiff_t>(size) * q;
      const std::vector<float> coefficients(first, first + static_cast<std::ptrdiff_t>(size));
      std::fill_n(vectors.data(), rows_ * b, 0.0f);
      hessian_.add_combinations(basis, coefficients, vectors.data());
      const RitzSpace::Pair to = ritz.append();
      convert(vectors.data(), rows_, to.x);
      shift_invert::project_out(operations_, {rigid_.pointers(), 1}, to.x, rows_);
      operations_.apply_hessian(contacts_, to.x, to.hx);
    }
  }

  /// Adds to the space what a filter makes of the residuals of the vectors wanted, in single
  /// precision: their part in the vectors is so small that it does not tell.
  void polish(RitzSpace& ritz, FilterInterval interval) {
    const std::ptrdiff_t before = ritz.blocks();
    std::vector<double> residual(static_cast<std::size_t>(rows_ * b));
    for (std::ptrdiff_t q = 0; q < wanted_blocks(); ++q) {
      ritz.residuals(q, residual.data());
      const ColumnNorms norms = column_norms(residual.data(), rows_);
      scale_columns(residual.data(), rows_, norms);
      filter_residual(residual.data(), &ritz.values()[q * b], interval,
                      degree_for(ritz.values(), q, norms, interval));
      const RitzSpace::Pair to = ritz.append();
      convert(filtered_.data(), rows_, to.x);
      scale_columns(to.x, rows_, column_norms(to.x, rows_));
      shift_invert::project_out(operations_, {rigid_.pointers(), 1}, to.x, rows_);
      shift_invert::project_out(
          operations_, {ritz.vectors().pointers(), static_cast<std::size_t>(before)}, to.x, rows_);
      convert(to.x, rows_, filtered_.data());
      convert(filtered_.data(), rows_, to.x);
      hessian_.multiply(filtered_.data(), other_.data());
      convert(other_.data(), rows_, to.hx);
    }
  }

  /// The largest residual that is small enough for mode k, from 0, where what lies outside of the
  /// space begins at `outside`. Where no vectors are asked for, the share may be off by r^2 over
  /// the eigenvalue and its distance to that, and the collectivity by a part of r over the
  /// distance.
  double allowed(double value, double outside, std::ptrdiff_t k) const {
    if (is_exact_) return residual_tolerance * largest_;
    const double distance = outside - value;
    const double of_share = std::sqrt(share_tolerance * value * distance);
    return k < collectivities ? std::min(of_share, vector_tolerance * distance) : of_share;
  }

  /// Of the filter that leaves of the residuals of a block a part of what is allowed: a polynomial
  /// of Chebyshev's of degree m grows as rho^m outside of its interval.
  int degree_for(const std::vector<double>& values, std::ptrdiff_t q, const ColumnNorms& norms,
                 FilterInterval interval) const {
    const double centre = (interval.low + interval.high) / 2;
    const double half = (interval.high - interval.low) / 2;
    const double part = is_exact_ ? left_of_exact : left_of_others;
    double degree = least_degree;
    for (std::ptrdiff_t c = 0; c < b && q * b + c < modes_; ++c) {
      const double x = (centre - values[q * b + c]) / half;
      const double rho = x + std::sqrt(std::max(x * x - 1, 0.0));
      const double needed = std::log(
          norms[c] / (part * allowed(values[q * b + c], values[b * kept_blocks() - 1], q * b + c)));
      if (needed > 0) degree = std::max(degree, rho > 1 ? needed / std::log(rho) : most_degree);
    }
    return static_cast<int>(std::min<double>(std::ceil(degree), most_degree));
  }

  /// filtered_ = (p(H) - p(value)) / (H - value) residual of each column, which is what a filter p
  /// of a vector adds to it, up to a factor.
  void filter_residual(const double* residual, const double* values, FilterInterval interval,
                       int degrees) {
    convert(residual, rows_, residual_.data());
    Chebyshev term(interval.low, interval.high);
    float* last = other_.data();
    float* now = filtered_.data();
    std::fill_n(last, rows_ * b, 0.0f);
    const auto scale = static_cast<float>(term.sigma / term.half);
    for (std::ptrdiff_t i = 0; i < rows_ * b; ++i) now[i] = scale * residual_.data()[i];
    std::array<double, b> before, here;
    for (std::ptrdiff_t c = 0; c < b; ++c) {
      before[c] = 1;
      here[c] = (values[c] - term.centre) * term.sigma / term.half;
    }
    for (int degree = 2; degree <= degrees; ++degree) {
      const double next = term.next();
      std::array<float, b> factor;
      for (std::ptrdiff_t c = 0; c < b; ++c) {
        factor[c] = static_cast<float>(here[c]);
        const double value = 2 * next / term.half * (values[c] - term.centre) * here[c] -
                             term.sigma * next * before[c];
        before[c] = here[c];
        here[c] = value;
      }
      hessian_.apply({now, last, static_cast<float>(2 * next / term.half),
                      static_cast<float>(term.centre), static_cast<float>(term.sigma * next),
                      residual_.data(), factor.data()});
      std::swap(now, last);
      term.sigma = next;
    }
    if (now != filtered_.data()) std::swap(filtered_, other_);
  }

  /// Ritz vectors 8 q to 8 q + 7 and H times them, in double precision whatever they come from.
  void add_vectors(const RitzSpace& ritz, std::ptrdiff_t q, RitzSpace& exact) const {
    const RitzSpace::Pair to = exact.append();
    ritz.vectors(q, to.x);
    operations_.apply_hessian(contacts_, to.x, to.hx);
  }

  /// The modes of a solved space; nothing where a residual is too large.
  std::optional<Modes> finished(const RitzSpace& exact, double outside) const {
    Modes modes;
    modes.eigenvectors.resize(static_cast<std::size_t>(modes_ * rows_));
    std::vector<double> block(static_cast<std::size_t>(rows_ * b));
    for (std::ptrdiff_t q = 0; q < wanted_blocks(); ++q) {
      exact.residuals(q, block.data());
      const ColumnNorms norms = column_norms(block.data(), rows_);
      exact.vectors(q, block.data());
      for (std::ptrdiff_t c = 0; c < b && q * b + c < modes_; ++c) {
        const std::ptrdiff_t k = q * b + c;
        if (!(norms[c] <= allowed(exact.values()[k], outside, k))) return std::nullopt;
        modes.residuals.push_back(norms[c] / largest_);
        modes.eigenvalues.push_back(exact.values()[k]);
        double* const vector = &modes.eigenvectors[static_cast<std::size_t>(k * rows_)];
        for (std::ptrdiff_t i = 0; i < rows_; ++i) vector[i] = block[i * b + c];
      }
    }
    modes.zero_modes = rigid_motions(ElasticModel::anm);
    return modes;
  }

  const Network& network_;
  const ContactView contacts_;
  const std::ptrdiff_t modes_;
  const bool is_exact_;  ///< vectors, not only what follows from them
  const shift_invert::simd::Operations& operations_;
  const Threads threads_;
  const Hessian hessian_;
  const std::ptrdiff_t rows_;
  BlockBasis rigid_;
  const double largest_;
  FloatBlock filtered_{rows_}, other_{rows_}, residual_{rows_};
};

std::ptrdiff_t loose_nodes(const Network& network) {
  std::ptrdiff_t count = 0;
  for (std::int64_t i = 0; i < network.nodes(); ++i)
    if (network.offsets[i + 1] - network.offsets[i] < loose_contacts) ++count;
  return count;
}

class FilteredSolver final : public ModeSolver {
 public:
  FilteredSolver(Isa isa, Scope scope)
      : scope_(scope),
        single_(simd::operations(isa)),
        operations_(shift_invert::simd::operations(isa)),
        other_(shift_invert::make_solver(isa)) {}

  std::string_view name() const override { return scope_ == Scope::faster ? "auto" : "filtered"; }

  /// Also of the solver that it may have to hand over to.
  std::uint64_t memory_needed(const Network& network, const ModeRequest& request) const override {
    const std::uint64_t others = other_->memory_needed(network, request);
    return takes(network, request) ? std::max(others, memory_of(network, request)) : others;
  }

  std::vector<Outcome<Modes>> solve(std::span<const Network> networks,
                                    const ModeRequest& request) const override {
    std::optional<blas::Call> call;  // none where no BLAS is
    if (operations_.isa != Isa::portable && !call.emplace())
      return {networks.size(), blas::no_buffer()};
    std::vector<Outcome<Modes>> outcomes;
    for (const Network& network : networks) {
      const Stopwatch watch;
      std::optional<Modes> modes;
      if (takes(network, request)) modes = attempt(network, request);
      if (modes) {
        modes->backend = "cpu";
        modes->seconds = watch.seconds();
        outcomes.emplace_back(*std::move(modes));
      } else {
        outcomes.push_back(std::move(other_->solve({&network, 1}, request).front()));
        if (outcomes.back()) outcomes.back()->seconds = watch.seconds();
      }
    }
    return outcomes;
  }

 private:
  bool takes(const Network& network, const ModeRequest& request) const {
    if (network.model != ElasticModel::anm || network.components != 1 ||
        network.nodes() < fewest_nodes || request.modes > most_modes || request.all_fluctuations)
      return false;
    if (scope_ == Scope::faster)
      return !request.vectors && !request.residuals && network.nodes() >= fewest_nodes_faster &&
             network.nodes() < large_nodes && loose_nodes(network) <= most_loose_nodes;
    return network.nodes() < large_nodes ||
           static_cast<double>(network.neighbours.size()) >=
               fewest_contacts * static_cast<double>(network.nodes());
  }

  std::optional<Modes> attempt(const Network& network, const ModeRequest& request) const try {
    tl::expected<Modes, std::string> modes = Solution(network, request, single_, operations_).run();
    if (!modes) return std::nullopt;
    modes->solver = to_string(Solver::filtered);
    apply_spring_constant(network, *modes);
    finish_modes(*modes, request);
    return *std::move(modes);
  } catch (const std::bad_alloc&) {
    return std::nullopt;  // the other one says so, if it needs as much
  }

  const Scope scope_;
  const simd::Operations& single_;
  const shift_invert::simd::Operations& operations_;
  const std::unique_ptr<ModeSolver> other_;
};

}  // namespace

std::unique_ptr<ModeSolver> make_solver(Isa isa, Scope scope) {
  return std::make_unique<FilteredSolver>(isa, scope);
}

}  // namespace modesweep::filtered

namespace modesweep {

std::unique_ptr<ModeSolver> make_filtered_solver(Isa isa) {
  return filtered::make_solver(isa, filtered::Scope::possible);
}

std::unique_ptr<ModeSolver> make_automatic_solver(Isa isa) {
  return filtered::make_solver(isa, filtered::Scope::faster);
}

}  // namespace modesweep
