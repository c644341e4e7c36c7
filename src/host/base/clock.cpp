// SPDX-License-Identifier: MIT
#include "base/clock.hpp"

#include <fmt/chrono.h>

namespace modesweep {

std::string utc_time(std::chrono::system_clock::time_point time) {
  return fmt::format("{:%FT%TZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::string utc_now() { return utc_time(std::chrono::system_clock::now()); }

}  // namespace modesweep
