// SPDX-License-Identifier: MIT
// Instruction sets of processors. Nothing else may be included here: the inner loops include it,
// and what a header compiles for a new set must not take the place of what older machines run.
#pragma once

#include <string_view>

namespace modesweep {

/// Instruction sets that the solvers on the CPU have inner loops for. Numbers of two of them may
/// differ in the last of twelve digits. Those of `portable`, which every x86-64 machine runs, are
/// the same on all of these machines.
enum class Isa { portable, avx2, avx512 };

/// "portable", "avx2", "avx512".
std::string_view to_string(Isa isa);
/// Throws RunError (`request`) for a name that there is not.
Isa isa_named(std::string_view name);
/// Whether this machine runs it.
bool is_supported(Isa isa);
/// The fastest one that this machine runs.
Isa best_isa();

}  // namespace modesweep
