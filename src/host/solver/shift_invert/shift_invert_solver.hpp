// SPDX-License-Identifier: MIT
// The shift-invert solver with its instruction set chosen by the caller, and what its memory is
// estimated by, for tests.
#pragma once

#include <cstdint>
#include <memory>

#include <modesweep/modes.hpp>

#include "solver/shift_invert/simd/operations.hpp"

namespace modesweep::shift_invert {

std::unique_ptr<ModeSolver> make_solver(Isa isa);

/// Blocks of block_width vectors that the estimated memory of a sparse solution has room for.
std::int64_t estimated_blocks(int modes);

}  // namespace modesweep::shift_invert
