// SPDX-License-Identifier: MIT
// mmCIF texts in one pass: the atoms into a collector, and what the file says of itself.
#pragma once

#include <optional>
#include <string_view>

#include <tl/expected.hpp>

#include "structure/file_contents.hpp"
#include "structure/node_collector.hpp"

namespace modesweep {

/// Of the text's first data block that has atoms. Needed of an atom are its name, its residue's
/// name and three coordinates; `auth_` and `label_` items stand in for each other, column by column
/// and value by value, and everything else may be missing. The atoms of the model of this number,
/// the first where it is empty, go into the collector, whose texts are of `text`. Refuses, with
/// line and field, what cannot be read in an atom that the collector takes.
tl::expected<FileContents, ReadProblem> read_mmcif(std::string_view text, std::optional<int> model,
                                                   NodeCollector& collector);

}  // namespace modesweep
