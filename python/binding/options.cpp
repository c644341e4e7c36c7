// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <algorithm>

namespace modesweep::python {

RankRequest request_of(const Settings& settings) {
  for (const auto& [name, value] : settings)
    if (std::none_of(parameters().begin(), parameters().end(),
                     [&name = name](const Parameter& one) { return one.name == name; }))
      throw RunError(Cause::request, "there is no parameter " + name);
  RankRequest request;
  apply_settings(settings, request);
  request.access.store.cache_dir = default_cache_dir();
  return request;
}

}  // namespace modesweep::python
