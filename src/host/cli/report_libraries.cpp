// SPDX-License-Identifier: MIT
#include "cli/report_libraries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include <modesweep/build_config.hpp>

#include "base/program_folder.hpp"

namespace modesweep::cli {

std::vector<ReportLibrary> find_report_libraries(const OutputSet& outputs) {
  constexpr const char* name = "report-libraries";
  const auto read = [&](const std::filesystem::path& folder) {
    outputs.check_below(folder);
    return read_report_libraries(folder);
  };
  const char* const named = std::getenv("MODESWEEP_REPORT_LIBRARIES");
  if (named && *named) return read(named);
  const std::filesystem::path folder = program_folder();
  std::vector<ReportLibrary> installed = read(folder / build_config::data_folder / name);
  return installed.empty() ? read(folder.parent_path() / name) : installed;
}

void say_missing(const std::vector<ReportLibrary>& libraries, Reporter& reporter) {
  const auto has = [&](std::string_view name) {
    return std::any_of(libraries.begin(), libraries.end(),
                       [&](const ReportLibrary& library) { return library.name == name; });
  };
  const char* const fetch = "tools/install-deps.sh --report fetches what is missing";
  if (!has("3dmol")) reporter.info(fmt::format("the page has no 3-D view: {}", fetch));
  if (!has("d3") || !has("plot")) reporter.info(fmt::format("the page has no charts: {}", fetch));
}

}  // namespace modesweep::cli
