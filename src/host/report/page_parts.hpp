// SPDX-License-Identifier: MIT
// The files page.html, page.css and page.js, which CMake puts into the program.
#pragma once

#include <string_view>

namespace modesweep {

extern const std::string_view page_html, page_css, page_js;

}  // namespace modesweep
