// SPDX-License-Identifier: MIT
// Memory that is asked for before it is taken.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>

#include <modesweep/outcome.hpp>

namespace modesweep {

/// "0.5 GB", "12 MB".
std::string size_text(std::uint64_t bytes);

/// How one entry asks for memory: each time for all that it will hold from then on, in place of
/// what it asked for before.
struct Admission {
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();  ///< bytes there are in all
  std::function<void(std::uint64_t bytes)> wait{};  ///< until others leave so much, if anybody has

  /// Fails with `out_of_memory` where there will never be so much; `what` needs it: "the 12 nodes".
  Outcome<void> ask(Stage stage, std::uint64_t bytes, std::string_view what) const;
};

}  // namespace modesweep
