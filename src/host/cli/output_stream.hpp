// SPDX-License-Identifier: MIT
// Streams to standard output and elsewhere, which never hold the whole text in memory.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>

namespace modesweep::cli {

/// Keeps files that are opened from now on from becoming a standard stream where the process was
/// started without it (`>&-`): what reads or writes the stream still fails.
void hold_standard_streams();

/// Writes to standard output. A reader that went away is no error; anything else is RunError
/// (`output`).
void print(std::string_view text);

/// A path as a line of standard output has it: as it is, for programs, but for terminals as
/// `printable` makes it.
std::string shown_path(const std::filesystem::path& path);

using Write = std::function<void(std::ostream&)>;

/// Hands `write` a stream to standard output; errors are those of `print(text)`.
void print(const Write& write);

/// Hands `write` a stream that goes to `sink` in pieces; what `sink` throws comes out of here.
void in_pieces(const std::function<void(std::string_view)>& sink, const Write& write);

}  // namespace modesweep::cli
