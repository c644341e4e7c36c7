// SPDX-License-Identifier: MIT
// Streams to standard output and to files, neither of which holds the whole text in memory.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>

namespace modesweep::cli {

/// Writes to standard output. A reader that went away is no error; anything else is RunError
/// (`output`).
void print(std::string_view text);

/// A path as a line of standard output has it: as it is, for programs, but for terminals as
/// `printable` makes it.
std::string shown_path(const std::filesystem::path& path);

using Write = std::function<void(std::ostream&)>;

/// Hands `write` a stream to standard output; errors are those of `print(text)`.
void print(const Write& write);

/// Hands `write` a stream to a file that appears whole or not at all. Throws std::system_error, and
/// what `write` throws.
void write_file(const std::filesystem::path& path, const Write& write);

/// Throws RunError (`output`).
[[noreturn]] void cannot_write(const std::system_error& error);

/// The same, where no file can be made there. An empty path is none.
void check_writable(const std::filesystem::path& path);

}  // namespace modesweep::cli
