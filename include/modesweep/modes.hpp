// SPDX-License-Identifier: MIT
// Normal modes of networks, and the interface that every solver, CPU or GPU, implements.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <modesweep/isa.hpp>
#include <modesweep/network.hpp>
#include <modesweep/outcome.hpp>

namespace modesweep {

/// ProDy's `ZERO`: an eigenvalue of the network with springs of constant 1 that is below it is a
/// zero mode, however small the real motion. (ProDy compares eigenvalues with gamma in them, so
/// that its shares depend on the unit of gamma.)
inline constexpr double zero_eigenvalue = 1e-6;

/// Raised by hand whenever any number of a row changes, be it in the last bit, or what is read into
/// a row: results of another version are solved anew.
inline constexpr int method_version = 4;

/// `automatic` is the faster of shift-invert and filtered on the CPU, and chebyshev on devices.
/// chebyshev and jacobi are of devices, filtered is of either.
enum class Solver { automatic, shift_invert, filtered, lapack, eigen, chebyshev, jacobi };

/// "auto", "shift-invert" ...
std::string_view to_string(Solver solver);
/// The one of this name. Throws RunError (`request`) where there is none.
Solver solver_named(std::string_view name);
constexpr bool is_of_devices(Solver solver) {
  return solver == Solver::chebyshev || solver == Solver::jacobi;
}

struct ModeRequest {
  int modes = 20;                 ///< non-zero modes wanted, the softest first
  int threads = 1;                ///< that may share one network; they change no bit of the result
  bool all_fluctuations = false;  ///< also what `Modes` has of all modes; not on devices
  bool vectors = true;            ///< the eigenvectors themselves, 24 bytes a residue and mode
  bool square_fluctuations = true;
  /// Every residual is to be below 1e-10, as it is for vectors in any case. Where nobody looks at
  /// either, shares to 1e-10 and collectivities to 1e-9 are enough, which solvers may make use of.
  bool residuals = true;
};

/// The softest non-zero modes of one network.
struct Modes {
  std::vector<double> eigenvalues;  ///< ascending, each >= zero_eigenvalue * gamma
  /// Mode after mode, 3N values each (x y z of each node) or, of a GNM, N. Where asked for.
  std::vector<double> eigenvectors;
  std::vector<double> collectivities;  ///< of modes 1 to 3, or of as many as there are
  /// Square amplitude of mode 1 at each node, |v_1i|^2, which sum to 1. Empty without a mode.
  std::vector<double> square_amplitudes;
  /// Of each node over the modes, sum_k |v_ki|^2 / l_k, in k_B T over the unit of gamma. Where
  /// asked for and there is a mode.
  std::vector<double> square_fluctuations;
  /// |H x - lambda x| of each mode over a bound of the largest eigenvalue: from below on the CPU
  /// (the largest diagonal element of H), from above on a device.
  std::vector<double> residuals;
  /// Square fluctuation of each node over all non-zero modes, sum_k |v_ki|^2 / l_k: the traces of
  /// the diagonal blocks of the pseudo-inverse. Where asked for; empty too where a large network
  /// has zero modes that it cannot be cleared of.
  std::vector<double> all_fluctuations;
  int zero_modes = 0;           ///< eigenvalues below it (negative ones too)
  bool uncertain_zero = false;  ///< an eigenvalue lies within its error of that border
  std::string solver;           ///< which solver gave them, by its `name()`
  std::string backend;          ///< cpu, or the device
  double seconds = 0;           ///< Hessian and modes of this entry
  // Of devices' solvers but jacobi: products with the Hessian, a vector of the block.
  int single_products = 0;
  int double_products = 0;
  int block_vectors = 0;
};

/// A batch of networks in, one outcome per network out, in the same order. Fewer modes than
/// requested come back where the network has no more (3N, or N, less the zero modes). Those on
/// devices take ANMs alone.
/// Failures are at stage solve: `out_of_memory`, `not_converged`, `too_large`.
class ModeSolver {
 public:
  virtual ~ModeSolver() = default;
  virtual std::string_view name() const = 0;

  /// What `solve` is expected to allocate for this network, in bytes. Only a large network with
  /// dozens of zero modes beyond its six a component, or of equal modes, can take more.
  virtual std::uint64_t memory_needed(const Network& network, const ModeRequest& request) const = 0;

  /// May be called from several threads at once.
  virtual std::vector<Outcome<Modes>> solve(std::span<const Network> networks,
                                            const ModeRequest& request) const = 0;
};

/// The CPU's solver of this name; for those of devices shift-invert, which stands behind them.
/// LAPACK, which has kernels of its own for each processor, is never `portable`. Throws RunError
/// (`unavailable`) where this machine does not run `isa`.
std::unique_ptr<ModeSolver> make_cpu_solver(Solver solver, Isa isa = best_isa());

/// What a device did so far.
struct DeviceUse {
  std::string device;  ///< as the rows of a ranking name it
  std::string model;
  std::uint64_t batches = 0;
  std::uint64_t networks = 0;
  std::uint64_t largest_batch = 0;  ///< networks
  /// Of dense matrices: their values and, up to a factor, operations, and both with the padding.
  double matrix_values = 0, padded_values = 0;
  double matrix_work = 0, padded_work = 0;
  std::string failure;  ///< the last one of the device itself; empty where there was none
};

/// A solver on devices, which work on batches: what whoever fills them needs to know. A failure of
/// the device itself has the code `device_failed`.
class DeviceSolver : public ModeSolver {
 public:
  /// The solver that this network would get, by its `name()`; empty where it is too large
  /// for all.
  virtual std::string_view method_for(const Network& network, const ModeRequest& request) const = 0;

  /// Which part of a full batch it makes, of memory or of work, whatever is more: a batch is full
  /// at 1. A single network may be more than that.
  virtual double part_of_batch(const Network& network, const ModeRequest& request) const = 0;

  /// Of both directions of the contacts of a batch: some 75,000 residues at 15 A, which fill any
  /// device. An H100 takes 160 us for a structure of 330 residues (docs/gpu.md), 36 ms for 225 of
  /// them, and reading as many takes 16 threads 14 ms: three lanes hold far more than twice the
  /// time in which one is filled, and results come soon.
  static constexpr double contacts_in_batch = 4e6;

  /// `memory_needed` of all solvers on devices: on the host what comes back, once in pinned memory
  /// and once in the outcome, and the network, which waits and is copied to pinned memory.
  static std::uint64_t host_memory(const Network& network, const ModeRequest& request) {
    const auto network_bytes = 2 * (sizeof(std::int32_t) * network.neighbours.size() +
                                    64 * static_cast<std::uint64_t>(network.nodes()));
    const auto nodes = static_cast<std::uint64_t>(network.nodes());
    const std::uint64_t vectors = request.vectors
                                      ? static_cast<std::uint64_t>(network.degrees_of_freedom()) *
                                            static_cast<std::uint64_t>(request.modes)
                                      : 0;
    return network_bytes + 16 * (vectors + 2 * nodes);
  }
  std::uint64_t memory_needed(const Network& network, const ModeRequest& request) const override {
    return host_memory(network, request);
  }

  /// Batches that all devices together work on at the same time.
  virtual int lanes() const = 0;

  /// One for each device. May be called at any time.
  virtual std::vector<DeviceUse> use() const = 0;
};

/// Release of its BLAS and the CPU that kernels were taken of. A release older than the machine's
/// CPU may have taken slow ones: $OPENBLAS_CORETYPE names others.
std::string blas_kernels();

/// The shift-invert solver keeps the memory of its large buffers for the next solve, never more
/// than has been in use at one time. Gives it back to the system but for about `keep` bytes.
void release_buffers(std::uint64_t keep);

/// The dense 3N x 3N Hessian, or of a GNM the N x N Kirchhoff matrix, full, built in ProDy's order
/// of operations.
std::vector<double> dense_hessian(const Network& network);

}  // namespace modesweep
