// SPDX-License-Identifier: MIT
// Filtered block Lanczos on the CPU.
#pragma once

#include <memory>

#include <modesweep/modes.hpp>

#include "solver/shift_invert/simd/operations.hpp"

namespace modesweep::filtered {

/// What is solved so; the rest goes to shift-invert.
enum class Scope { possible, faster };

/// With inner loops of this instruction set, which the machine must support.
std::unique_ptr<ModeSolver> make_solver(Isa isa, Scope scope);

}  // namespace modesweep::filtered
