// SPDX-License-Identifier: MIT
// URLs without the secrets that they may hold.
#pragma once

#include <string>
#include <string_view>

namespace modesweep {

/// The URL with user and password, every value of the query and the fragment replaced by REDACTED;
/// a parameter that holds a place for an entry's ID, such as `<ID>`, stays. What stands before the
/// scheme's end, such as the flag of `--flag=https://...`, stays as well. Where the URL is
/// malformed, rather too much goes than too little.
std::string redacted_url(std::string_view url);

/// Whether parameters (`name=value&...`, of a query or a form) have a name such as `token` or
/// `api_key` among them.
bool has_secret_parameter(std::string_view parameters);

/// Whether a URL names a user or a password, or has a secret parameter.
bool has_secret(std::string_view url);

}  // namespace modesweep
