// SPDX-License-Identifier: MIT
// The search of NCBI's protein database, at a pace of its own.
#pragma once

#include <memory>

#include <modesweep/search.hpp>

#include "sources/pace.hpp"

namespace modesweep {

/// As the one of search.hpp, which takes the pace of this process; tests bring one with their
/// clock.
std::unique_ptr<SearchService> make_ncbi_search(NcbiOptions options, HttpOptions http,
                                                Reporter& reporter, CancelToken cancel, Pace& pace);

}  // namespace modesweep
