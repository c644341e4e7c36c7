// SPDX-License-Identifier: MIT
// Every way in which a download can fail, and whether another try may help.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace modesweep {

struct DownloadCode {
  std::string_view name;
  bool transient;
};

/// The codes of failures at stage download, but for `http_<status>`.
inline constexpr std::array<DownloadCode, 9> download_codes = {{
    {"bad_content", true},  // a page of an overloaded server, as a rule
    {"cache", true},        // a full disk
    {"connection", true},
    {"not_found", false},
    {"obsolete", false},
    {"offline", true},
    {"too_large", false},
    {"unreleased", true},  // until its date comes
    {"wrong_entry", false},
}};

/// None where no download fails with this code.
constexpr std::optional<bool> is_transient_download(std::string_view code) {
  if (code.starts_with("http_"))
    return !code.starts_with("http_4") || code == "http_408" || code == "http_425" ||
           code == "http_429";
  const auto* const known = std::find_if(download_codes.begin(), download_codes.end(),
                                         [&](const DownloadCode& c) { return c.name == code; });
  if (known == download_codes.end()) return std::nullopt;
  return known->transient;
}

}  // namespace modesweep
