// SPDX-License-Identifier: MIT
// What is asked for, as parameters by name.
#pragma once

#include <modesweep/parameters.hpp>

namespace modesweep::python {

/// A request with these parameters, all others at their defaults. Throws RunError (`request`) for a
/// name that is none, and for a value that is none of its.
RankRequest request_of(const Settings& settings);

}  // namespace modesweep::python
