// SPDX-License-Identifier: MIT
// How often operator new was called.
#pragma once

#include <cstdint>

namespace counted_allocations {

/// By all threads but the one that began the program, outside of the stand-in.
std::int64_t of_other_threads();

}  // namespace counted_allocations
