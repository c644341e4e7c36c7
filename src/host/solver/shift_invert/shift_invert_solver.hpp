// SPDX-License-Identifier: MIT
// The shift-invert solver with its instruction set chosen by the caller, for tests.
#pragma once

#include <memory>

#include <modesweep/modes.hpp>

#include "solver/shift_invert/simd/operations.hpp"

namespace modesweep::shift_invert {

std::unique_ptr<ModeSolver> make_solver(simd::Isa isa);

}  // namespace modesweep::shift_invert
