// SPDX-License-Identifier: MIT
// The number that a ranking is ordered by, for rows in memory and in a database.
#pragma once

#include <span>

namespace modesweep {

/// The share of mode 1 rounded to 9 significant digits, as shares that differ by rounding alone
/// must not decide an order; -1 where there is none.
double order_key(std::span<const double> shares);

}  // namespace modesweep
