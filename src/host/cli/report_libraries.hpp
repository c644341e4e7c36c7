// SPDX-License-Identifier: MIT
// The JavaScript libraries of pages: where they lie, and what a page without them lacks.
#pragma once

#include <vector>

#include <modesweep/log.hpp>
#include <modesweep/report.hpp>

#include "cli/output_set.hpp"

namespace modesweep::cli {

/// Named by the environment, or installed, or beside a build folder. No output may be one of them.
std::vector<ReportLibrary> find_report_libraries(const OutputSet& outputs);

/// What a reader of the page will miss.
void say_missing(const std::vector<ReportLibrary>& libraries, Reporter& reporter);

}  // namespace modesweep::cli
