// SPDX-License-Identifier: MIT
// The solvers on the CPU, each by itself.
#pragma once

#include <memory>

#include <modesweep/modes.hpp>

namespace modesweep {

/// Dense symmetric solve by LAPACK's dsyevr, as ProDy does it.
std::unique_ptr<ModeSolver> make_lapack_solver();

/// Dense symmetric solve by Eigen alone (all eigenpairs): slower, needs no LAPACK.
std::unique_ptr<ModeSolver> make_eigen_solver();

/// Sparse shift-invert solve: supernodal Cholesky and block Lanczos, any size. Here and below the
/// inner loops are those of an instruction set that this machine must run.
std::unique_ptr<ModeSolver> make_shift_invert_solver(Isa isa = best_isa());

/// Filtered block Lanczos: products with the Hessian alone, most of them in single precision, and
/// no factorisation; 20 to 40 modes of connected ANMs of 100 nodes or more. What it cannot do, or
/// would do more slowly, goes to shift-invert, which the modes then name.
std::unique_ptr<ModeSolver> make_filtered_solver(Isa isa = best_isa());

/// The faster of both: filtered block Lanczos for numbers alone of networks without a
/// loose end, else shift-invert. The modes name the one that it was.
std::unique_ptr<ModeSolver> make_automatic_solver(Isa isa = best_isa());

}  // namespace modesweep
