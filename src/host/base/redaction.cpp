// SPDX-License-Identifier: MIT
#include "base/redaction.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace modesweep {
namespace {

constexpr std::string_view redacted = "REDACTED";

/// Where what follows the scheme begins; 0 where there is no scheme.
std::size_t end_of_scheme(std::string_view url) {
  constexpr std::string_view mark = "://";
  const std::size_t found = url.find(mark);
  return found == std::string_view::npos ? 0 : found + mark.size();
}

/// Where the parts of a URL without its scheme end.
struct Parts {
  std::size_t user = 0;   ///< with its `@`; 0: there is none
  std::size_t query = 0;  ///< begins with its `?`
  std::size_t fragment = 0;
};

bool is_host(std::string_view authority) {
  const std::size_t colon = authority.rfind(':');
  const std::string_view port = colon == std::string_view::npos || authority.ends_with(']')
                                    ? ""
                                    : authority.substr(colon + 1);
  return authority.find_first_of(" \t\\") == std::string_view::npos &&
         std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Parts parts_of(std::string_view rest) {
  const auto first_of = [&](const char* characters, std::size_t from) {
    return std::min(rest.find_first_of(characters, from), rest.size());
  };
  Parts parts;
  std::size_t at = rest.substr(0, first_of("/?#", 0)).rfind('@');
  // A password with such a character is none for a reader of URLs, and a secret all the same.
  if (at == std::string_view::npos && !is_host(rest.substr(0, first_of("/?#", 0))))
    at = rest.rfind('@');
  if (at != std::string_view::npos) parts.user = at + 1;
  parts.query = first_of("?#", parts.user);
  parts.fragment = first_of("#", parts.query);
  return parts;
}

/// Whether the value of a parameter is the place for an entry's ID, with an ending at most.
bool is_place_for_id(std::string_view parameter) {
  const std::string_view value = parameter.substr(std::min(parameter.find('='), parameter.size()));
  const std::size_t close = value.find('>');
  if (!value.starts_with("=<") || close == std::string_view::npos) return false;
  const std::string_view ending = value.substr(close + 1);
  return ending.empty() || ending == ".cif" || ending == ".cif.gz" || ending == ".bcif" ||
         ending == ".bcif.gz" || ending == ".pdb" || ending == ".pdb.gz" || ending == ".ent.gz";
}

std::string redacted_query(std::string_view query) {
  std::string text;
  for (std::size_t begin = 0; begin < query.size();) {
    const std::size_t end = std::min(query.find_first_of("&;", begin + 1), query.size());
    const std::string_view parameter = query.substr(begin, end - begin);
    const std::size_t equals = parameter.find('=');
    if (is_place_for_id(parameter) || parameter.size() < 2)
      text += parameter;
    else if (equals == std::string_view::npos)
      (text += parameter.front()) += redacted;
    else
      (text += parameter.substr(0, equals + 1)) += redacted;
    begin = end;
  }
  return text;
}

/// A URL without its scheme, and whatever URLs follow it.
std::string redacted_rest(std::string_view rest) {
  const Parts parts = parts_of(rest);
  std::string text;
  if (parts.user > 0) (text += redacted) += '@';
  rest.remove_prefix(parts.user);
  const std::size_t query = parts.query - parts.user, fragment = parts.fragment - parts.user;
  if (const std::size_t next = end_of_scheme(rest.substr(0, query)); next > 0)
    return (text += rest.substr(0, next)) += redacted_rest(rest.substr(next));
  text += rest.substr(0, query);
  text += redacted_query(rest.substr(query, fragment - query));
  if (fragment < rest.size()) (text += '#') += redacted;
  return text;
}

std::string_view query_of(std::string_view url) {
  const std::size_t begin = std::min(url.find('?'), url.size());
  return url.substr(begin, std::min(url.find('#', begin), url.size()) - begin);
}

bool is_secret_name(std::string_view name) {
  static constexpr std::array<std::string_view, 6> names = {"key", "sig",  "pass",
                                                            "pwd", "auth", "sas"};
  static constexpr std::array<std::string_view, 10> parts = {
      "token",   "secret", "password",   "signature", "credential",
      "api_key", "apikey", "access_key", "accesskey", "x_amz_"};
  std::string folded = ascii_lower(name);
  std::replace(folded.begin(), folded.end(), '-', '_');
  return std::find(names.begin(), names.end(), folded) != names.end() ||
         std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return folded.find(part) != std::string::npos; });
}

}  // namespace

std::string redacted_url(std::string_view url) {
  std::size_t begin = end_of_scheme(url);
  // Who mistypes the scheme has typed a password all the same.
  if (begin == 0) {
    const std::size_t colon = url.find_first_of(":/@");
    if (colon != std::string_view::npos && url.substr(colon).starts_with(":/")) begin = colon + 1;
    begin = std::min(url.find_first_not_of('/', begin), url.size());
  }
  return std::string(url.substr(0, begin)) + redacted_rest(url.substr(begin));
}

bool has_secret_parameter(std::string_view parameters) {
  for (const std::string_view parameter : words(parameters, "?&;"))
    if (is_secret_name(parameter.substr(0, parameter.find('=')))) return true;
  return false;
}

bool has_secret(std::string_view url) {
  const std::string_view rest = url.substr(end_of_scheme(url));
  return parts_of(rest).user > 0 || has_secret_parameter(query_of(rest));
}

}  // namespace modesweep
