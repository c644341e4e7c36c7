// SPDX-License-Identifier: MIT
// The files page.css, drawing.js and their like, which CMake puts into the program.
#pragma once

#include <string_view>

namespace modesweep {

extern const std::string_view page_css, drawing_js;            // of all pages
extern const std::string_view page_html, page_js;              // of `report`
extern const std::string_view comparison_html, comparison_js;  // of `compare`

}  // namespace modesweep
