// SPDX-License-Identifier: MIT
// Files in folders that others may write to, such as a run's or a cache's: what lies there under a
// name of ours may have been put there by anybody.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <stdexcept>

namespace modesweep {

/// What lies there is not to be opened; says why, with the path.
class UnsafeFile : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class FileUse { read, write };

/// For who opens by name. Throws UnsafeFile where `path` is there and is a link or no regular file;
/// where it is to be written and has another name (a hard link), under which it may be anything; or
/// where everybody may write in its folder and it is neither the effective user's, nor root's, nor
/// the folder's owner's (as Linux' fs.protected_regular has it). In any other folder whoever may
/// write is trusted: that is how a group shares a cache.
void check_safe(const std::filesystem::path& path, FileUse use);

/// A descriptor of such a file, opened as open(2) does with these flags: no link is followed, no
/// FIFO waited for, and nothing made empty (O_TRUNC) before it is known to be safe. Throws
/// UnsafeFile, else std::system_error.
int open_safe(const std::filesystem::path& path, int flags, mode_t mode = 0666);

}  // namespace modesweep
