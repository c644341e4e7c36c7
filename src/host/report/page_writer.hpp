// SPDX-License-Identifier: MIT
// A page that needs nothing beside it, out of its parts.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <modesweep/report.hpp>

namespace modesweep {

/// JSON inside of an element: no `<` can end it.
std::string escaped(std::string_view json);

/// As data in an element of this ID.
void write_json(std::ostream& out, std::string_view id, const nlohmann::ordered_json& json);

/// What every page says of itself.
nlohmann::ordered_json about_page(const std::string& command, const std::string& date,
                                  const std::vector<ReportLibrary>& libraries);

/// What differs from page to page; style and drawing do not.
struct PageParts {
  std::string_view html, script;
};

/// `write_data` writes the elements of data to `out`.
void write_page(std::ostream& out, const PageParts& parts,
                const std::vector<ReportLibrary>& libraries,
                const std::function<void()>& write_data);

}  // namespace modesweep
