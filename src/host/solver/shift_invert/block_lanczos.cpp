// SPDX-License-Identifier: MIT
#include "solver/shift_invert/block_lanczos.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "solver/shift_invert/small_dense.hpp"
#include "solver/shift_invert/smooth_start.hpp"

namespace modesweep::shift_invert {
namespace {

constexpr std::ptrdiff_t b = block_width;

/// A new block that is this much smaller than what was subtracted from it has lost orthogonality
/// against the basis and is projected once more.
constexpr double cancellation = 1e-3;

/// Beside an eigenvalue as small as this, with a unit spring constant, the others cannot be
/// resolved in the projected inverse: rounding leaves errors in them of 1e-16 of the largest
/// eigenvalue over this one. It counts as zero, its vector joins the null space and the iteration
/// starts anew.
constexpr double unresolved = 1e-7;

/// How exact such a vector must be: the sine of its angle to the eigenvector. Of eigenvalues so
/// small that a pivot should have vanished rounding allows no more than it has.
constexpr double lockable = 1e-10;
constexpr double vanishing = 1e-11;

constexpr int most_inverse_iterations = 4;

/// Multiplications of a step in whose time a projected eigenproblem of order m is solved, over m^2
/// (measured for m from 72 to 184).
constexpr double check_products = 600;

/// Steps after which convergence is given up; real structures need twelve to twenty.
std::ptrdiff_t most_steps(int modes) { return (4 * modes + 320) / b; }

/// Block Lanczos on the inverse G of the Hessian (Golub & Underwood 1977; with shift-invert Grimes,
/// Lewis & Simon, SIAM J. Matrix Anal. Appl. 15:228, 1994), orthogonalised in full against the null
/// space and all blocks before. In the basis Q of the blocks G is block tridiagonal; its largest
/// eigenpairs (theta, s) give the softest modes, of eigenvalue 1 / theta and vector Q s.
///
/// The iteration starts anew for one reason alone: a mode so soft that it counts as zero (below
/// `unresolved`). Its theta dwarfs all others, and as G is known to 1e-16 of its largest eigenvalue
/// alone, that one would drown the digits of the rest. Once its vector is exact enough it joins the
/// null space, that is, G is deflated by it, and a new basis is grown from a new first block: the
/// old one has the drowned digits in it. There is no other restart. The basis holds what the modes
/// need, and where it does not converge in `most_steps` another solver takes over.
class Lanczos {
 public:
  Lanczos(const Contacts& contacts, const BlockBasis& null_space,
          const std::function<void(double*)>& apply_inverse, const simd::Operations& operations,
          const LanczosOptions& options)
      : contacts_(contacts),
        apply_inverse_(apply_inverse),
        operations_(operations),
        options_(options),
        rows_(3 * contacts.nodes()),
        basis_(rows_),
        all_(null_space.pointers(), null_space.pointers() + null_space.blocks()),
        null_blocks_(null_space.blocks()),
        locked_(rows_) {}

  LanczosResult run() {
    LanczosResult result{false, {}, BlockBasis(rows_), {}, 0, BlockBasis(rows_)};
    const std::ptrdiff_t longest = std::min(most_steps(options_.modes), options_.dimension / b - 1);
    std::ptrdiff_t next_check = first_check();
    if (!start()) return result;
    for (std::ptrdiff_t step = 1; step <= longest; ++step) {
      if (!extend()) return result;
      if (step < next_check && step < longest) continue;
      const Ritz ritz = project();
      if (ritz.pairs.values.empty()) return result;
      if (const std::ptrdiff_t count = modes_to_lock(ritz); count > 0) {
        if (!lock(ritz, count) || !start()) return result;
        step = 0;
        continue;
      }
      if (ritz.error <= options_.residual) {
        result = refine(ritz);
        if (result.converged) {
          result.zero_modes = static_cast<int>(locked_modes_);
          result.zero_vectors = std::move(locked_);
          return result;
        }
      }
      next_check = step + steps_to_go(step, ritz.error);
    }
    return result;
  }

 private:
  struct Ritz {
    LargestEigenpairs pairs;  ///< of the projected inverse; wanted ones and a few more
    double error = 0;         ///< largest estimated residual of those wanted
  };

  std::span<const double* const> null_space() const {
    return std::span(all_).first(static_cast<std::size_t>(null_blocks_));
  }

  /// How many of the softest Ritz vectors are to join the null space and are exact enough. An
  /// eigenvalue near the bound of what counts as zero stays.
  std::ptrdiff_t modes_to_lock(const Ritz& ritz) const {
    const double bound = std::min(unresolved, options_.zero / 10);
    std::ptrdiff_t count = 0;
    for (const double theta : ritz.pairs.values) {
      if (theta * bound <= 1) break;
      if (theta * vanishing <= 1 && next_norm(ritz, count) > lockable * theta) break;
      ++count;
    }
    return count;
  }

  /// Adds the softest Ritz vectors to the null space.
  bool lock(const Ritz& ritz, std::ptrdiff_t count) {
    const BlockBasis x = ritz_vectors(ritz);
    for (std::ptrdiff_t first = 0; first < count; first += b) {
      const std::ptrdiff_t columns = std::min(b, count - first);
      double* const block = locked_.append();
      for (std::ptrdiff_t i = 0; i < rows_; ++i)
        for (std::ptrdiff_t j = 0; j < b; ++j)
          block[i * b + j] = j < columns ? x.pointers()[first / b][i * b + j] : 0;
      all_.resize(static_cast<std::size_t>(null_blocks_));
      for (int pass = 0; pass < 2; ++pass) {
        Square unused;
        project_out(operations_, null_space(), block, rows_);
        if (orthonormalise(operations_, block, rows_, columns, unused) != Rank::full) return false;
      }
      all_.push_back(block);
      ++null_blocks_;
    }
    locked_modes_ += count;
    return true;
  }

  /// The first block of the basis, which forgets any before it.
  bool start() {
    basis_ = BlockBasis(rows_);
    all_.resize(static_cast<std::size_t>(null_blocks_));
    diagonal_.clear();
    below_.clear();
    soft_modes_ = last_step_ = 0;
    double* const first = basis_.append();
    fill_smooth(contacts_.view(), first);
    Square unused;
    project_out(operations_, null_space(), first, rows_);
    if (orthonormalise(operations_, first, rows_, b, unused) != Rank::full) return false;
    all_.push_back(first);
    return true;
  }

  /// One step: the next block of the basis and the next block column of the projected inverse. What
  /// lies along the null space and the last two blocks, which is large, is taken off before the
  /// rest: all at once would multiply what is not orthogonal between those and the rest in each
  /// step anew, by three to four where the spectrum is flat.
  bool extend() {
    const std::ptrdiff_t last = basis_.blocks() - 1;
    double* const w = basis_.append();
    std::copy_n(basis_.block(last), rows_ * b, w);
    apply_inverse_(w);
    project_out(operations_, null_space(), w, rows_);
    const std::span all(all_);
    const auto near = static_cast<std::size_t>(std::min<std::ptrdiff_t>(last + 1, 2));
    const std::vector<double> products = project_out(operations_, all.last(near), w, rows_);
    project_out(operations_, all.first(all.size() - near), w, rows_);
    const double* const own = &products[(near - 1) * Square().size()];
    Square& diagonal = diagonal_.emplace_back();
    for (std::ptrdiff_t i = 0; i < b; ++i)
      for (std::ptrdiff_t j = 0; j < b; ++j)
        diagonal[i * b + j] = (own[i * b + j] + own[j * b + i]) / 2;

    Square& r = below_.emplace_back();
    const Rank rank = orthonormalise(operations_, w, rows_, b, r);
    if (rank == Rank::lost) return false;
    double before = 0, after = r[0];
    for (const double product : products) before = std::max(before, std::abs(product));
    for (std::ptrdiff_t j = 1; j < b; ++j) after = std::min(after, r[j * b + j]);
    if (options_.twice || rank == Rank::doubtful || after < cancellation * before) {
      // Twice is enough (Giraud and others, Numer. Math. 101:87, 2005), but for a column that
      // rounding alone has made.
      for (int pass = 0; pass < (rank == Rank::full ? 1 : 2); ++pass) {
        project_out(operations_, all_, w, rows_);
        Square correction;
        if (orthonormalise(operations_, w, rows_, b, correction) == Rank::lost) return false;
        r = product(correction, r);
      }
    }
    all_.push_back(w);
    return true;
  }

  /// Eigenpairs of the projected inverse and how far from converged they are.
  Ritz project() {
    const std::ptrdiff_t steps = static_cast<std::ptrdiff_t>(diagonal_.size());
    const std::ptrdiff_t order = steps * b;
    std::vector<double> matrix(static_cast<std::size_t>(order * order), 0.0);
    for (std::ptrdiff_t s = 0; s < steps; ++s)
      for (std::ptrdiff_t i = 0; i < b; ++i)
        for (std::ptrdiff_t j = 0; j < b; ++j) {
          double* const column = &matrix[(s * b + j) * order + s * b];
          column[i] = diagonal_[s][i * b + j];
          if (s + 1 == steps) continue;
          column[b + i] = below_[s][i * b + j];
          matrix[((s + 1) * b + i) * order + s * b + j] = below_[s][i * b + j];
        }
    // Zero modes among the softest come on top of what is wanted: found by asking for more.
    Ritz ritz;
    std::ptrdiff_t wanted = options_.modes + soft_modes_;
    for (;;) {
      const std::ptrdiff_t count = std::min(order, (wanted + b - 1) / b * b);
      ritz.pairs =
          largest_eigenpairs(operations_, matrix, static_cast<int>(order), static_cast<int>(count));
      if (ritz.pairs.values.empty()) return ritz;
      soft_modes_ = std::count_if(ritz.pairs.values.begin(), ritz.pairs.values.end(),
                                  [&](double theta) { return theta * options_.zero > 1; });
      if (options_.modes + soft_modes_ <= count || count == order) break;
      wanted = options_.modes + soft_modes_;
    }
    const std::ptrdiff_t count = static_cast<std::ptrdiff_t>(ritz.pairs.values.size());
    wanted = std::min(count, options_.modes + soft_modes_);

    for (std::ptrdiff_t k = 0; k < wanted; ++k) {
      const double lambda = 1 / ritz.pairs.values[k];
      ritz.error = std::max(ritz.error, lambda * lambda * next_norm(ritz, k));
    }
    if (order < options_.modes + soft_modes_) ritz.error = std::max(ritz.error, 1.0);
    return ritz;
  }

  /// With x = Q s a Ritz vector, G x = x / lambda + q t: G x is known without another solve, and
  /// as an approximate eigenvector it is better than x by one inverse iteration, with the residual
  /// H (lambda G x) - lambda (lambda G x) = -lambda^2 q t. This is t, for the newest block q.
  std::array<double, b> next_block(const Ritz& ritz, std::ptrdiff_t k) const {
    const std::ptrdiff_t order = static_cast<std::ptrdiff_t>(diagonal_.size()) * b;
    const double* const s = &ritz.pairs.vectors[(k / b * order + order - b) * b + k % b];
    std::array<double, b> t = {};
    for (std::ptrdiff_t i = 0; i < b; ++i)
      for (std::ptrdiff_t j = i; j < b; ++j) t[i] += below_.back()[i * b + j] * s[j * b];
    return t;
  }

  /// |t|: how far the Ritz vector is from an eigenvector of the inverse.
  double next_norm(const Ritz& ritz, std::ptrdiff_t k) const {
    double norm2 = 0;
    for (const double next : next_block(ritz, k)) norm2 += next * next;
    return std::sqrt(norm2);
  }

  /// What a check costs in steps, by their operations.
  double check_cost(double step) const {
    const double order = b * step;
    const double solve = 4.0 * b * static_cast<double>(options_.factor_values);
    const double projection = 4.0 * b * order * static_cast<double>(rows_);
    return check_products * order * order / (solve + projection);
  }

  /// Few structures converge before step nine (of 20 modes), small ones, where checks are dear,
  /// after fifteen to twenty.
  std::ptrdiff_t first_check() const {
    const std::ptrdiff_t earliest = (options_.modes + 2 * b - 1) / b + 5;
    const double later = 12 * check_cost(static_cast<double>(earliest));
    return earliest + static_cast<std::ptrdiff_t>(std::min(9.0, later));
  }

  /// As many more steps as the error foretells; one too few rather than one too many where a check
  /// costs less than a step.
  std::ptrdiff_t steps_to_go(std::ptrdiff_t step, double error) {
    // Residuals fall faster than they did on average so far: their logarithm by 0.9 a step more on
    // structures of 200 to 10,000 residues.
    double rate = std::log(options_.largest / error) / static_cast<double>(step) + 0.9;
    if (last_step_ > 0)
      rate = std::log(last_error_ / error) / static_cast<double>(step - last_step_);
    last_step_ = step;
    last_error_ = error;
    constexpr double most = 10;
    if (!(rate > 0)) return static_cast<std::ptrdiff_t>(most);
    const double needed = std::min(most, std::log(error / options_.residual) / rate);
    const double margin = std::min(0.9, check_cost(static_cast<double>(step) + needed));
    return static_cast<std::ptrdiff_t>(std::clamp(needed + margin, 1.0, most));
  }

  /// The Ritz vectors, each after the inverse iteration of next_block; the softest first.
  BlockBasis ritz_vectors(const Ritz& ritz) const {
    const std::ptrdiff_t steps = static_cast<std::ptrdiff_t>(diagonal_.size());
    const std::ptrdiff_t order = steps * b;
    const std::ptrdiff_t count = static_cast<std::ptrdiff_t>(ritz.pairs.values.size());
    BlockBasis x(rows_);
    std::vector<double> coefficients(static_cast<std::size_t>((order + b) * b));
    for (std::ptrdiff_t k = 0; k < count / b; ++k) {
      std::copy_n(&ritz.pairs.vectors[k * order * b], order * b, coefficients.begin());
      for (std::ptrdiff_t j = 0; j < b; ++j) {
        const std::array<double, b> next = next_block(ritz, k * b + j);
        for (std::ptrdiff_t i = 0; i < b; ++i)
          coefficients[(order + i) * b + j] = next[i] / ritz.pairs.values[k * b + j];
      }
      append_combination(basis_, steps + 1, coefficients, x);
    }
    return x;
  }

  /// The Rayleigh-Ritz procedure (Parlett, The Symmetric Eigenvalue Problem, 1980) with the Hessian
  /// itself in the space of the Ritz vectors, and the residuals.
  /// Where rounding in the projected problem has spoilt the Ritz vectors (eigenvalues over many
  /// orders of magnitude), inverse iterations repair them.
  LanczosResult refine(const Ritz& ritz) const {
    LanczosResult result{false, {}, ritz_vectors(ritz), {}, 0, BlockBasis(rows_)};
    for (int pass = 0; pass < most_inverse_iterations; ++pass) {
      if (pass > 0)
        for (std::ptrdiff_t k = 0; k < result.vectors.blocks(); ++k)
          iterate(result.vectors.block(k));
      rayleigh_ritz(result);
      if (result.converged || result.eigenvalues.empty()) break;
    }
    return result;
  }

  /// One inverse iteration on the columns of a block.
  void iterate(double* block) const {
    apply_inverse_(block);
    project_out(operations_, null_space(), block, rows_);
    std::array<double, b> scale = {};
    for (std::ptrdiff_t i = 0; i < rows_ * b; ++i) scale[i % b] += block[i] * block[i];
    for (double& s : scale) s = 1 / std::sqrt(s);
    for (std::ptrdiff_t i = 0; i < rows_ * b; ++i) block[i] *= scale[i % b];
  }

  /// Replaces the vectors by the best approximations in their span.
  void rayleigh_ritz(LanczosResult& result) const {
    const BlockBasis x = std::move(result.vectors);
    const std::ptrdiff_t blocks = x.blocks(), count = blocks * b;
    BlockBasis hx(rows_);
    std::vector<double> mass(static_cast<std::size_t>(count * count)), stiffness(mass.size());
    for (std::ptrdiff_t k = 0; k < blocks; ++k) {
      double* const hk = hx.append();
      contacts_.apply(operations_, x.pointers()[k], hk);
      fill_columns(x, x.pointers()[k], k, count, mass);
      fill_columns(x, hk, k, count, stiffness);
    }
    result = {false, {}, BlockBasis(rows_), {}, 0, BlockBasis(rows_)};
    const SmallEigenpairs pairs =
        generalised_eigenpairs(operations_.isa, stiffness, mass, static_cast<int>(count));
    if (pairs.values.empty()) return;
    const auto soft = std::lower_bound(pairs.values.begin(), pairs.values.end(), options_.zero) -
                      pairs.values.begin();
    const std::ptrdiff_t wanted = std::min(count, options_.modes + soft);
    std::vector<double> coefficients(static_cast<std::size_t>(count * b));
    BlockBasis residuals(rows_);
    for (std::ptrdiff_t k = 0; k < blocks; ++k) {
      for (std::ptrdiff_t i = 0; i < count; ++i)
        for (std::ptrdiff_t j = 0; j < b; ++j)
          coefficients[i * b + j] = pairs.vectors[(k * b + j) * count + i];
      const double* const v = append_combination(x, blocks, coefficients, result.vectors);
      const double* const hv = append_combination(hx, blocks, coefficients, residuals);
      std::array<double, b> norm2 = {};
      for (std::ptrdiff_t i = 0; i < rows_; ++i)
        for (std::ptrdiff_t j = 0; j < b; ++j) {
          const double r = hv[i * b + j] - pairs.values[k * b + j] * v[i * b + j];
          norm2[j] += r * r;
        }
      for (std::ptrdiff_t j = 0; j < b && k * b + j < wanted; ++j)
        result.residuals.push_back(std::sqrt(norm2[j]));
    }
    result.eigenvalues.assign(pairs.values.begin(), pairs.values.begin() + wanted);
    result.converged = std::all_of(result.residuals.begin(), result.residuals.end(),
                                   [&](double norm) { return norm <= options_.residual; }) &&
                       wanted == options_.modes + soft;
  }

  /// Appends sum_k from[k] coefficients[k] to a basis.
  double* append_combination(const BlockBasis& from, std::ptrdiff_t blocks,
                             const std::vector<double>& coefficients, BlockBasis& to) const {
    double* const target = to.append();
    std::fill_n(target, rows_ * b, 0.0);
    operations_.add_combinations(from.pointers(), blocks, coefficients.data(), 1, target, rows_);
    return target;
  }

  /// Block column k of the symmetric matrix x^T y.
  void fill_columns(const BlockBasis& x, const double* y, std::ptrdiff_t k, std::ptrdiff_t order,
                    std::vector<double>& matrix) const {
    std::vector<double> products(static_cast<std::size_t>(order * b));
    operations_.inner_products(x.pointers(), x.blocks(), y, rows_, products.data());
    for (std::ptrdiff_t i = 0; i < order; ++i)
      for (std::ptrdiff_t j = 0; j < b; ++j) matrix[(k * b + j) * order + i] = products[i * b + j];
  }

  const Contacts& contacts_;
  const std::function<void(double*)>& apply_inverse_;
  const simd::Operations& operations_;
  const LanczosOptions& options_;
  const std::ptrdiff_t rows_;
  BlockBasis basis_;
  std::vector<const double*> all_;  // the null space's blocks, then the basis's
  std::ptrdiff_t null_blocks_;
  BlockBasis locked_;
  std::ptrdiff_t locked_modes_ = 0;
  // The projected inverse is block tridiagonal; its blocks above the diagonal mirror those below.
  std::vector<Square> diagonal_, below_;
  std::ptrdiff_t soft_modes_ = 0;
  std::ptrdiff_t last_step_ = 0;
  double last_error_ = 0;
};

}  // namespace

std::ptrdiff_t lanczos_blocks(int modes) {
  // Soft zero modes come on top of those wanted: some.
  const std::ptrdiff_t modes_and_soft = modes + b;
  return most_steps(modes) + 2 + 4 * (modes_and_soft / b + 1);
}

LanczosResult softest_modes(const Contacts& contacts, const BlockBasis& null_space,
                            const std::function<void(double*)>& apply_inverse,
                            const simd::Operations& operations, const LanczosOptions& options) {
  return Lanczos(contacts, null_space, apply_inverse, operations, options).run();
}

}  // namespace modesweep::shift_invert
