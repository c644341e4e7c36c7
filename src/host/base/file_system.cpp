// SPDX-License-Identifier: MIT
#include "base/file_system.hpp"

#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <system_error>

namespace modesweep {
namespace {

// Of linux/magic.h, and of file systems that are no part of Linux, which their own sources have.
constexpr auto shared_types = std::to_array<std::uint32_t>({
    0x6969,      // NFS
    0x517b,      // SMB
    0xff534d42,  // CIFS
    0xfe534d42,  // SMB 2 and 3
    0x0bd00bd0,  // Lustre
    0x47504653,  // GPFS, IBM Storage Scale
    0x19830326,  // BeeGFS
    0x00c36400,  // Ceph
    0xaad7aaea,  // PanFS
    0x20030528,  // OrangeFS
    0x01161970,  // GFS2
    0x7461636f,  // OCFS2
    0x5346414f,  // AFS
    0x6b414653,  // AFS of Linux itself
    0x73757245,  // Coda
    0x01021997,  // 9P, of virtual machines and WSL
    0x65735546,  // FUSE: sshfs, GlusterFS, JuiceFS; that of one machine does as well with a copy
    0x013111a8,  // VxFS on IBRIX
    0xa501fcf5,  // VxFS, which clusters share
    0x786f4256,  // folders of VirtualBox
    0xbacbacbc,  // folders of VMware
});

}  // namespace

bool is_shared_type(std::uint64_t type) {
  // The field is signed and of another width elsewhere.
  return std::find(shared_types.begin(), shared_types.end(), static_cast<std::uint32_t>(type)) !=
         shared_types.end();
}

bool is_on_shared_file_system(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::path at = std::filesystem::absolute(path, error);
  while (!std::filesystem::exists(at, error) && at.has_relative_path()) at = at.parent_path();
  struct statfs status {};
  return ::statfs(at.c_str(), &status) == 0 &&
         is_shared_type(static_cast<std::uint64_t>(status.f_type));
}

}  // namespace modesweep
