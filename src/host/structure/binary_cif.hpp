// SPDX-License-Identifier: MIT
// BinaryCIF (github.com/molstar/BinaryCIF), rewritten as the mmCIF text that it stands for.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace modesweep {

/// Whether the bytes begin as a BinaryCIF file does: a MessagePack map with its keys.
bool is_binary_cif(std::string_view bytes);

/// Whether the bytes are one whole MessagePack value, nested no deeper than BinaryCIF is, and
/// nothing after it. Nothing of it is kept.
bool is_whole_message_pack(std::string_view bytes);

/// The first data block with atoms as mmCIF text, of it the categories that reading needs; or one
/// sentence on what is wrong. Sizes that the file states are checked before anything is allocated.
/// Numbers are written with the fewest digits that give the same number again.
tl::expected<std::string, std::string> binary_cif_as_mmcif(std::string_view bytes);

}  // namespace modesweep
