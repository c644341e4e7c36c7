// SPDX-License-Identifier: MIT
// Files that the user names to be written. What a name leads to is looked at first, so that nothing
// is destroyed: every output of every command goes through here.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <system_error>

#include "cli/output_stream.hpp"

namespace modesweep::cli {

/// What the name of an output leads to.
struct OutputTarget {
  enum class Kind {
    new_file,    ///< nothing is there
    file,        ///< a regular file, which is replaced
    stream,      ///< a character device file or FIFO, written as it is
    descriptor,  ///< what the process was given open: /dev/stdout, /dev/fd/N, >(command)
  };
  Kind kind = Kind::new_file;
  std::filesystem::path path;  ///< absolute, without symbolic links
  struct stat status {};       ///< of what is there; zeros of a new file
  int descriptor = -1;         ///< of that kind
};

/// Follows symbolic links, also one to what is not there, and opens nothing. Throws
/// std::system_error for what is no output: a folder, a socket, a block device file, a descriptor
/// that is not open for writing, a name that cannot be.
OutputTarget look_at(const std::filesystem::path& name);

/// Hands `write` a stream to what `name` leads to then.
///
/// A file appears whole or not at all. One that is replaced keeps its mode, owner, group and ACL;
/// other names of it (hard links) keep what it held. Where it may be written but not replaced so
/// (its folder is read-only, it is another user's, a container mounts it), it is written in place,
/// from memory: only then can a crash or a full disk leave part of it. A file that may not be
/// written is not replaced either. A new file honours the umask.
///
/// What is no file is written as it is. A reader that went away is no error, as on standard output;
/// one that does not read is waited for, a second from the first signal on.
///
/// Throws std::system_error, Cancelled where a signal ended the wait, and what `write` throws,
/// which is called once more where a file turns out not to be replaceable.
void write_file(const std::filesystem::path& name, const Write& write);

/// False where files in the folder may at most be written, not made. Throws std::system_error for
/// other reasons.
bool takes_new_files(const std::filesystem::path& folder);

/// Throws RunError (`output`).
[[noreturn]] void cannot_write(const std::system_error& error);

/// The same, where `write_file` could not write there. An empty name is none.
void check_writable(const std::filesystem::path& name);

}  // namespace modesweep::cli
