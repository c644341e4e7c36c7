// SPDX-License-Identifier: MIT
// Where entries are to be had: the public archives, and the templates of their addresses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <modesweep/structure_store.hpp>

namespace modesweep {

/// The address of an entry (normal form): `<ID>`, `<id>`, `<hash>` and `<extended>` filled in.
std::string expand_template(std::string_view url_template, std::string_view id);

/// The ending that stored files get, such as `.cif.gz`: that of the template's file where it is one
/// of a structure file, else `.cif.gz`.
std::string structure_ending(std::string_view url_template);

/// Of a file with such an ending.
FileFormat format_of(std::string_view ending);

/// Templates of the archives named (those that serve the format), in their order. Throws RunError
/// (`request`) for a name that is not one of `public_archives`, and where none serves the format.
std::vector<std::string> archive_templates(const std::vector<std::string>& archives,
                                           FileFormat format);

}  // namespace modesweep
