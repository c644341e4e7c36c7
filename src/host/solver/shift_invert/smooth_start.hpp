// SPDX-License-Identifier: MIT
// Where iterations begin.
#pragma once

#include <cstdint>

#include "solver/shift_invert/memory_layout.hpp"

namespace modesweep::shift_invert {

/// Uniform in (-1, 1), a function of its counter alone: SplitMix64 (Steele, Lea & Flood, OOPSLA
/// 2014).
double random_value(std::uint64_t counter);

/// Displacements of all nodes that vary smoothly in space, as soft motions do: in each column a
/// random polynomial of the coordinates, of degree four, which saves half a step against random
/// displacements. What is added at random keeps the span from having a symmetry of the structure.
void fill_smooth(const ContactView& contacts, double* block);

}  // namespace modesweep::shift_invert
