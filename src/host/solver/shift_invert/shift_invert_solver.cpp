// SPDX-License-Identifier: MIT
#include "solver/shift_invert/shift_invert_solver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>

#include <modesweep/properties.hpp>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "solver/blas.hpp"
#include "solver/cpu_solvers.hpp"
#include "solver/dense/dense.hpp"
#include "solver/shift_invert/buffer.hpp"
#include "solver/shift_invert/cholesky.hpp"
#include "solver/shift_invert/component.hpp"
#include "solver/shift_invert/kirchhoff.hpp"
#include "solver/shift_invert/null_space.hpp"
#include "solver/shift_invert/ordering.hpp"
#include "solver/shift_invert/rigid_motions.hpp"
#include "solver/shift_invert/selected_inverse.hpp"
#include "solver/shift_invert/small_dense.hpp"
#include "solver/shift_invert/soft_modes.hpp"
#include "solver/shift_invert/symbolic.hpp"
#include "solver/spring_constant.hpp"

namespace modesweep::shift_invert {
namespace {

// Up to this many degrees of freedom the dense matrix made tridiagonal at once is the fastest, and
// there is nothing to converge.
constexpr std::int64_t dense_order = 3 * 80;

// Where almost every pair is in contact, the spectrum is so flat that the iteration would fill most
// of the space of a network up to this size.
constexpr double dense_contacts = 0.9;
constexpr std::int64_t most_filled_order = 3 * 150;

/// Whether solve_small takes it.
bool is_small(const Network& network) {
  const auto nodes = static_cast<double>(network.nodes());
  return network.degrees_of_freedom() <= dense_order ||
         (network.degrees_of_freedom() <= most_filled_order &&
          static_cast<double>(network.neighbours.size()) > dense_contacts * nodes * nodes);
}

// A component of up to so many degrees of freedom whose sparse solution is in doubt goes to LAPACK.
constexpr std::int64_t most_dense_order = 3 * 2000;

// With a unit spring constant a node's pivots are of order one. One this small belongs to a motion
// that costs no energy: exact zeros come out at 1e-16 to 1e-13.
constexpr double vanishing_pivot = 1e-10;

// Residual of every mode, relative to the largest eigenvalue.
constexpr double residual_tolerance = 1e-10;

// What it is lowered to where a mode's residual leaves open whether the mode is a zero mode, and
// what rounding leaves of the difference.
constexpr double finer_tolerance = 1e-13;
constexpr double rounding = 1e-14;

// A factorisation of more operations than this is worth a search for a better elimination order.
constexpr double dissected_flops = 1e10;

Symbolic minimum_degree_analysis(const Network& network) {
  return analyse(network, minimum_degree_order(network));
}

/// The analysis of the better elimination order. It never takes more memory than the order by
/// minimum degree, which tells the memory needed without that search.
Symbolic best_analysis(const Network& network) {
  Symbolic symbolic = minimum_degree_analysis(network);
  if (symbolic.factor_flops <= dissected_flops) return symbolic;
  Symbolic other = analyse(network, dissection_order(network));
  if (other.factor_flops < symbolic.factor_flops &&
      held_values(other, 1) <= held_values(symbolic, 1) &&
      other.largest_front <= symbolic.largest_front)
    return other;
  return symbolic;
}

/// Threads share a factorisation where that takes at most so many times the memory.
constexpr std::int64_t shared_memory = 2;

int useful_threads(const Symbolic& symbolic, int threads) {
  const bool fits = held_values(symbolic, threads) <= shared_memory * held_values(symbolic, 1);
  return symbolic.branches.empty() || !fits ? 1 : threads;
}

/// Zero modes that memory is asked for in advance; few large networks have any beyond the six.
constexpr std::int64_t expected_zero_modes = 64;

/// Zero modes that are held as vectors, at most; a network with more is in doubt.
std::int64_t most_zero_modes(const Network& network) {
  return std::min<std::int64_t>(400 + network.nodes() / 16, 1200);
}

/// A lower bound of the largest eigenvalue with unit spring constant: the largest diagonal element.
double largest_diagonal(const Contacts& contacts) {
  double largest = 0;
  for (const Block& block : contacts.diagonal_blocks)
    for (const std::size_t k : {0, 4, 8}) largest = std::max(largest, block[k]);
  if (contacts.has_blocks()) return largest;
  for (std::ptrdiff_t i = 0; i < contacts.nodes(); ++i) {
    Vec3 sum{};
    const double* const here = &contacts.positions[3 * i];
    for (std::int64_t k = contacts.offsets[i]; k < contacts.offsets[i + 1]; ++k) {
      const double* const there = &contacts.positions[3 * contacts.neighbours[k]];
      Vec3 d2;
      for (int a = 0; a < 3; ++a) d2[a] = (there[a] - here[a]) * (there[a] - here[a]);
      for (int a = 0; a < 3; ++a) sum[a] += d2[a] / (d2[0] + d2[1] + d2[2]);
    }
    largest = std::max(largest, *std::max_element(sum.begin(), sum.end()));
  }
  return largest;
}

/// What a component's matrix is for the factorisation.
struct Problem {
  explicit Problem(const Network& network);

  Symbolic symbolic;
  Contacts contacts;
  std::vector<std::vector<double>> null_vectors;  ///< known without arithmetic, orthonormal
  std::vector<std::int64_t> grounded;             ///< as many degrees of freedom
};

Problem::Problem(const Network& network) {
  if (network.model == ElasticModel::gnm) {
    const Network triples = node_triples(network);
    symbolic = best_analysis(triples);
    contacts = reorder(triples, symbolic.order);
    add_kirchhoff_blocks(network, symbolic.order, contacts);
    null_vectors = kirchhoff_null_space(network, symbolic.order);
    grounded = kirchhoff_grounding(network, symbolic.order);
    return;
  }
  symbolic = best_analysis(network);
  contacts = reorder(network, symbolic.order);
  null_vectors = rigid_motions(contacts.view());
  grounded = grounding(contacts.view(), null_vectors.size());
}

class ShiftInvertSolver final : public ModeSolver {
 public:
  explicit ShiftInvertSolver(Isa isa)
      : operations_(simd::operations(isa)),
        dense_(isa == Isa::portable ? make_eigen_solver() : make_lapack_solver()) {}

  std::string_view name() const override { return "shift-invert"; }

  std::uint64_t memory_needed(const Network& network, const ModeRequest& request) const override;

  std::vector<Outcome<Modes>> solve(std::span<const Network> networks,
                                    const ModeRequest& request) const override {
    std::optional<blas::Call> call;  // none where no BLAS is
    if (operations_.isa != Isa::portable && !call.emplace())
      return {networks.size(), blas::no_buffer()};
    ModeRequest with_vectors = request;  // components are merged by them
    with_vectors.vectors = true;
    with_vectors.square_fluctuations = false;
    std::vector<Outcome<Modes>> outcomes;
    outcomes.reserve(networks.size());
    for (const Network& network : networks) {
      const Stopwatch watch;
      Outcome<Modes> outcome = [&]() -> Outcome<Modes> {
        try {
          return solve_network(network, with_vectors);
        } catch (const std::bad_alloc&) {
          return fail(Stage::solve, "out_of_memory",
                      fmt::format("no memory to factor the Hessian of {}",
                                  counted(network.nodes(), "residue")));
        }
      }();
      if (outcome) {
        finish_modes(*outcome, request, axes(network.model));
        outcome->backend = "cpu";
        outcome->seconds = watch.seconds();
      }
      outcomes.push_back(std::move(outcome));
    }
    return outcomes;
  }

 private:
  Outcome<Modes> solve_network(const Network& network, const ModeRequest& request) const;
  Outcome<Modes> solve_component(const Network& network, const ModeRequest& request) const;
  Outcome<Modes> solve_small(const Network& network, const ModeRequest& request) const;
  Outcome<Modes> solve_sparse(const Network& network, const ModeRequest& request) const;

  const simd::Operations& operations_;
  const std::unique_ptr<ModeSolver> dense_;
};

/// The softest modes of a network whose components have been solved one by one.
Modes merge(const Network& network, const std::vector<Component>& components,
            const std::vector<Modes>& parts, const ModeRequest& request) {
  std::vector<std::tuple<double, std::size_t, std::size_t>> softest;
  Modes merged;
  for (std::size_t c = 0; c < parts.size(); ++c) {
    merged.zero_modes += parts[c].zero_modes;
    merged.uncertain_zero |= parts[c].uncertain_zero;
    for (std::size_t k = 0; k < parts[c].eigenvalues.size(); ++k)
      softest.emplace_back(parts[c].eigenvalues[k], c, k);
  }
  std::sort(softest.begin(), softest.end());
  softest.resize(std::min(softest.size(), static_cast<std::size_t>(request.modes)));
  const auto length = static_cast<std::size_t>(network.degrees_of_freedom());
  const auto per_node = static_cast<std::size_t>(axes(network.model));
  const bool has_all = std::all_of(
      parts.begin(), parts.end(), [](const Modes& part) { return !part.all_fluctuations.empty(); });
  if (has_all) merged.all_fluctuations.assign(network.positions.size(), 0.0);
  for (std::size_t c = 0; has_all && c < parts.size(); ++c)
    for (std::size_t i = 0; i < components[c].nodes.size(); ++i)
      merged.all_fluctuations[components[c].nodes[i]] = parts[c].all_fluctuations[i];
  merged.eigenvectors.assign(softest.size() * length, 0.0);
  for (std::size_t m = 0; m < softest.size(); ++m) {
    const auto [eigenvalue, c, k] = softest[m];
    merged.eigenvalues.push_back(eigenvalue);
    merged.residuals.push_back(parts[c].residuals[k]);
    const std::vector<std::int32_t>& nodes = components[c].nodes;
    const double* from = &parts[c].eigenvectors[k * per_node * nodes.size()];
    for (const std::int32_t i : nodes)
      for (std::size_t a = 0; a < per_node; ++a)
        merged.eigenvectors[m * length + per_node * static_cast<std::size_t>(i) + a] = *from++;
  }
  return merged;
}

Outcome<Modes> ShiftInvertSolver::solve_network(const Network& network,
                                                const ModeRequest& request) const {
  if (network.components == 1) return solve_component(network, request);
  const std::vector<Component> components = split_components(network);
  std::vector<Modes> parts;
  std::string solver;
  for (const Component& component : components) {
    Outcome<Modes> part = solve_component(component.network, request);
    if (!part) return part;
    // What solved the largest part names the whole.
    if (solver.empty() || part->solver == name()) solver = part->solver;
    parts.push_back(std::move(*part));
  }
  Modes merged = merge(network, components, parts, request);
  apply_spring_constant(network, merged);
  merged.solver = solver;
  return merged;
}

Outcome<Modes> ShiftInvertSolver::solve_component(const Network& network,
                                                  const ModeRequest& request) const {
  Outcome<Modes> modes =
      is_small(network) ? solve_small(network, request) : solve_sparse(network, request);
  if (modes && request.all_fluctuations && modes->all_fluctuations.empty() &&
      network.degrees_of_freedom() <= most_dense_order) {
    Outcome<Modes> all = std::move(dense_->solve({&network, 1}, request).front());
    if (all) modes->all_fluctuations = std::move(all->all_fluctuations);
  }
  if (modes || modes.error().code != "not_converged" ||
      network.degrees_of_freedom() > most_dense_order)
    return modes;
  return std::move(dense_->solve({&network, 1}, request).front());
}

/// The pairs of the leading `kept` rows of a matrix of order n whose others are uncoupled and have
/// its largest eigenvalues.
dense::Eigenpairs first_rows(const dense::Eigenpairs& pairs, std::size_t n, std::size_t kept) {
  dense::Eigenpairs result;
  result.values.assign(
      pairs.values.begin(),
      pairs.values.begin() + static_cast<std::ptrdiff_t>(std::min(kept, pairs.values.size())));
  for (std::size_t k = 0; k < result.values.size(); ++k)
    result.vectors.insert(result.vectors.end(), &pairs.vectors[k * n],
                          &pairs.vectors[k * n] + kept);
  return result;
}

Outcome<Modes> ShiftInvertSolver::solve_small(const Network& network,
                                              const ModeRequest& request) const {
  const auto lowest = [&](const Network& own, int count) -> Outcome<dense::Eigenpairs> {
    const auto own_order = static_cast<std::size_t>(own.degrees_of_freedom());
    const std::size_t n = (own_order + 2) / 3 * 3;
    const std::size_t leading = padded_order(n);
    Buffer negative(static_cast<std::int64_t>(n * leading));
    std::fill_n(negative.data(), n * leading, 0.0);
    dense::add_hessian(own, -1.0, negative.data(), leading);
    // A GNM's rows are filled up to a multiple of three by uncoupled ones above all eigenvalues.
    for (std::size_t i = own_order; i < n; ++i)
      negative.data()[i * leading + i] = -2.0 * static_cast<double>(own_order);
    std::optional<dense::Eigenpairs> pairs =
        lowest_eigenpairs(operations_, negative.data(), static_cast<int>(n), count);
    if (pairs) return n == own_order ? *std::move(pairs) : first_rows(*pairs, n, own_order);
    return fail(Stage::solve, "not_converged", "eigenvalues are too close to each other");
  };
  ModeRequest softest = request;
  softest.all_fluctuations = false;  // of close eigenvalues this method makes no vectors
  return dense::solve_one(network, softest, "shift-invert", lowest);
}

/// Of the diagonal of a pseudo-inverse, what is left of it without the modes that count as zero.
std::vector<double> diagonal_above(double zero, const SoftModes& found,
                                   std::vector<double> diagonal) {
  for (const SoftModes::Pair& pair : found.pairs)
    if (pair.eigenvalue < zero)
      for (std::size_t i = 0; i < diagonal.size(); ++i)
        diagonal[i] -=
            pair.vector[i * block_width] * pair.vector[i * block_width] / pair.eigenvalue;
  return diagonal;
}

/// Of each node in the file's order, from a diagonal in elimination order.
std::vector<double> all_fluctuations(const Network& network, const Symbolic& symbolic,
                                     const std::vector<double>& diagonal) {
  std::vector<double> fluctuations(network.positions.size(), 0.0);
  const std::int64_t per_node = axes(network.model);
  for (std::size_t i = 0; i < symbolic.order.size(); ++i)
    for (std::int64_t a = 0; a < 3; ++a)
      if (const std::int64_t row = 3 * std::int64_t{symbolic.order[i]} + a;
          row < network.degrees_of_freedom())
        fluctuations[row / per_node] += diagonal[3 * i + a];
  return fluctuations;
}

/// The modes found in the file's order; those below `zero` are counted as zero modes.
Modes modes_of(const Network& network, const Problem& problem, const SoftModes& found, double zero,
               double bound) {
  Modes modes;
  const std::vector<std::int32_t>& order = problem.symbolic.order;
  const auto length = static_cast<std::size_t>(network.degrees_of_freedom());
  for (const SoftModes::Pair& pair : found.pairs) {
    if (pair.eigenvalue < zero) {
      ++modes.zero_modes;
      continue;
    }
    modes.eigenvalues.push_back(pair.eigenvalue);
    modes.residuals.push_back(pair.residual / bound);
    modes.eigenvectors.resize(modes.eigenvalues.size() * length);
    double* const vector = &modes.eigenvectors[modes.eigenvectors.size() - length];
    for (std::size_t i = 0; i < order.size(); ++i)
      for (std::size_t a = 0; a < 3; ++a)
        if (const std::size_t row = 3 * static_cast<std::size_t>(order[i]) + a; row < length)
          vector[row] = pair.vector[(3 * i + a) * block_width];
  }
  return modes;
}

Outcome<Modes> ShiftInvertSolver::solve_sparse(const Network& network,
                                               const ModeRequest& request) const {
  const auto doubtful = [](const char* why) { return fail(Stage::solve, "not_converged", why); };
  const Problem problem(network);
  const Symbolic& symbolic = problem.symbolic;
  const Contacts& contacts = problem.contacts;
  const Threads threads(useful_threads(symbolic, request.threads));
  Cholesky factor(symbolic, operations_, threads);
  factor.factor(contacts, problem.grounded, vanishing_pivot);
  if (static_cast<std::int64_t>(factor.vanished().size()) > most_zero_modes(network))
    return doubtful("it has more zero modes than the sparse solver takes");
  const std::optional<NullSpace> zero_modes =
      null_space(contacts, factor, operations_, problem.null_vectors, vanishing_pivot);
  if (!zero_modes) return doubtful("the number of zero modes is in doubt");
  // The matrix of a GNM may have rows beyond its own, each with a null vector.
  const auto padding = static_cast<int>(3 * contacts.nodes() - network.degrees_of_freedom());
  const int nullity = zero_modes->dimension - padding;

  LanczosOptions options;
  options.modes = request.modes;
  options.twice = network.model == ElasticModel::gnm;
  options.zero = zero_eigenvalue;
  options.dimension = network.degrees_of_freedom() - nullity;
  options.factor_values = symbolic.factor_values;
  const double bound = largest_diagonal(contacts);
  options.largest = bound;
  const auto find = [&](double tolerance) {
    options.residual = tolerance * bound;
    return find_soft_modes(
        contacts, zero_modes->basis, [&](double* block) { factor.solve(block); }, operations_,
        options);
  };
  const auto is_uncertain = [&](const SoftModes& modes) {
    return std::any_of(modes.pairs.begin(), modes.pairs.end(), [&](const SoftModes::Pair& pair) {
      return std::abs(pair.eigenvalue - options.zero) <= pair.residual + rounding * bound;
    });
  };
  std::optional<SoftModes> found = find(residual_tolerance);
  if (!found) return doubtful("the block Lanczos iteration did not converge");
  bool uncertain = is_uncertain(*found);
  if (uncertain) {
    std::optional<SoftModes> finer = find(finer_tolerance);
    if (finer) {
      found = std::move(finer);
      uncertain = is_uncertain(*found);
    }
  }

  Modes modes = modes_of(network, problem, *found, options.zero, bound);
  if (request.all_fluctuations && found->zero_modes == 0)
    modes.all_fluctuations = all_fluctuations(
        network, symbolic,
        diagonal_above(options.zero, *found,
                       pseudo_inverse_diagonal(symbolic, factor, zero_modes->basis, operations_)));
  modes.solver = name();
  modes.uncertain_zero = uncertain;
  modes.zero_modes += nullity + found->zero_modes;
  apply_spring_constant(network, modes);
  return modes;
}

/// Large buffers lie on whole huge pages: what that adds, at most two partly used ones at a time.
constexpr std::uint64_t partly_used_pages = std::uint64_t{4} << 20;

/// Bytes that solve_small allocates at once: the Hessian, which becomes its reflectors, and vectors
/// twice over.
std::uint64_t small_memory(const Network& network, const ModeRequest& request) {
  const auto rows = static_cast<std::uint64_t>(network.degrees_of_freedom());
  const auto vectors = static_cast<std::uint64_t>(dense::expected_count(network, request));
  return 8 * rows * (rows + 4 * (vectors + block_width) + 64) + partly_used_pages / 2;
}

/// Bytes that solve_sparse allocates at once for a connected network.
std::uint64_t sparse_memory(const Network& network, const ModeRequest& request) {
  const std::int64_t rows = network.degrees_of_freedom();
  // Where LAPACK may have to help, as much is asked for as the dense Hessian takes: more than any
  // factor and its stacks, and no analysis is needed to know it.
  std::int64_t held = rows * rows, front = rows;
  if (network.degrees_of_freedom() > most_dense_order) {
    const Symbolic symbolic = network.model == ElasticModel::gnm
                                  ? minimum_degree_analysis(node_triples(network))
                                  : minimum_degree_analysis(network);
    held = held_values(symbolic, 1);
    if (request.all_fluctuations)
      held = std::max(held, symbolic.factor_values + inverse_values(symbolic));
    front = symbolic.largest_front;
  }
  const std::int64_t blocks = estimated_blocks(request.modes);
  if (request.threads > 1) held *= shared_memory;
  const std::int64_t graph = 16 * static_cast<std::int64_t>(network.neighbours.size());
  return static_cast<std::uint64_t>(
             8 * (held + request.threads * (simd::scratch_size(front) + block_width * front) +
                  block_width * blocks * rows + rows * (request.modes + 20)) +
             graph + rows * 64) +
         partly_used_pages;
}

std::uint64_t ShiftInvertSolver::memory_needed(const Network& network,
                                               const ModeRequest& request) const {
  const auto component_memory = [&](const Network& component) {
    std::uint64_t bytes = 0;
    if (component.degrees_of_freedom() <= most_dense_order)
      bytes = dense_->memory_needed(component, request);
    const std::uint64_t own =
        is_small(component) ? small_memory(component, request) : sparse_memory(component, request);
    return std::max(bytes, own);
  };
  if (network.components == 1) return component_memory(network);
  std::uint64_t largest = 0;
  for (const Component& component : split_components(network))
    largest = std::max(largest, component_memory(component.network));
  // Beside the largest component: the copy of the network, the parts' modes and the merged ones.
  const auto rows = static_cast<std::uint64_t>(network.degrees_of_freedom());
  return largest + 4 * network.neighbours.size() +
         8 * rows * (2 * static_cast<std::uint64_t>(request.modes) + 8);
}

}  // namespace

std::int64_t estimated_blocks(int modes) {
  // The block that branches add to, with their boundaries, counts as three.
  return expected_zero_modes / block_width + 5 + lanczos_blocks(modes);
}

std::unique_ptr<ModeSolver> make_solver(Isa isa) {
  return std::make_unique<ShiftInvertSolver>(isa);
}

}  // namespace modesweep::shift_invert

namespace modesweep {

std::unique_ptr<ModeSolver> make_shift_invert_solver(Isa isa) {
  return shift_invert::make_solver(isa);
}

}  // namespace modesweep
