// SPDX-License-Identifier: MIT
// Whether bytes that a server sent are the structure file of the entry asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <modesweep/outcome.hpp>

namespace modesweep {

/// Whether bytes are the structure file of `id` (normal form), and what to store in their place
/// under a name that ends in .gz (`gzip_name`) or does not; nothing where they can be stored as
/// they are. Stage download, `bad_content`: empty, a web page, gzip that is cut or fails its CRC,
/// text that is neither mmCIF nor PDB format or that ends within a line, BinaryCIF whose
/// MessagePack ends too early. `wrong_entry`: the file names another entry, or, being mmCIF, none;
/// a PDB file without HEADER and BinaryCIF without the name of an entry cannot be checked and are
/// taken. The content decides whether it is compressed (gzip, Zstandard, xz or bzip2): where a
/// server or proxy undid the compression of a .gz file (or sends a plain one compressed), it is
/// stored in the form that its name promises. Of bytes that `may_be_cut` a text without a checksum
/// is taken only with the end that its format has: END of PDB files, and the # that the archives
/// write below the last table of mmCIF. `too_large`: it inflates to more than a structure
/// file of that size does, or than `memory` bytes. `room` is for what is inflated; whoever checks
/// many files passes the same to all.
Outcome<std::optional<std::string>> accept_content(std::string_view bytes, std::string_view id,
                                                   bool gzip_name, std::uint64_t memory,
                                                   std::string& room, bool may_be_cut = false);

/// A cheap look at a file on disk, without inflating it: gzip magic and a plausible length in its
/// trailer, or the beginning of a structure file and a complete last line.
bool looks_intact(const std::filesystem::path& path);

}  // namespace modesweep
