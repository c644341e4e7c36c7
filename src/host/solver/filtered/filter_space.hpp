// SPDX-License-Identifier: MIT
// The block Krylov space of a Chebyshev filter of the Hessian, in single precision.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "solver/filtered/filter_choice.hpp"
#include "solver/filtered/hessian.hpp"

namespace modesweep::filtered {

/// Why another solver is to take the network.
inline tl::unexpected<std::string> hand_over(std::string why) {
  return tl::unexpected(std::move(why));
}

struct FilterSpace {
  FilterInterval interval;
  std::ptrdiff_t vectors = 0;                      ///< of the basis
  std::vector<std::unique_ptr<FloatBlock>> basis;  ///< orthonormal, and to the rigid motions
  /// The Ritz vectors of the largest Ritz values of the filter in that basis: blocks of
  /// `vectors` x block_width coefficients.
  std::vector<double> ritz;
};

struct FilterSpaceOptions {
  std::ptrdiff_t modes = 20;  ///< whose residuals are to be small in the filter
  std::ptrdiff_t kept = 32;   ///< Ritz vectors
  std::ptrdiff_t most = 104;  ///< vectors of the basis; more would be slower than another solver
};

/// `rigid`: the rigid motions, orthonormal, padded with zeros to one block. A sentence on why there
/// is none: the basis would be too large, or rounding has spoilt it.
tl::expected<FilterSpace, std::string> filter_space(
    const Hessian& hessian, const ContactView& contacts, const double* rigid,
    const shift_invert::simd::Operations& operations, const FilterSpaceOptions& options);

}  // namespace modesweep::filtered
