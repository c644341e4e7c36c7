// SPDX-License-Identifier: MIT
#include "base/admission.hpp"

#include <fmt/format.h>

namespace modesweep {

std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t shown_as_gigabytes = 100'000'000;
  if (bytes >= shown_as_gigabytes)
    return fmt::format("{:.1f} GB", static_cast<double>(bytes) * 1e-9);
  return fmt::format("{:.0f} MB", static_cast<double>(bytes) * 1e-6);
}

Outcome<void> Admission::ask(Stage stage, std::uint64_t bytes, std::string_view what) const {
  if (bytes > limit)
    return fail(stage, "out_of_memory",
                fmt::format("{} need about {}, and the limit of memory is {}", what,
                            size_text(bytes), size_text(limit)));
  if (wait) wait(bytes);
  return {};
}

}  // namespace modesweep
