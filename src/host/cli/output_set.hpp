// SPDX-License-Identifier: MIT
// All that one command writes, beside what it reads: no file may be two of these.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <modesweep/structure_store.hpp>

#include "cli/command.hpp"
#include "cli/output_file.hpp"

namespace modesweep::cli {

/// Files are compared as what they are (device and inode), not by their names. What is refused is a
/// RunError (`request`).
class OutputSet {
 public:
  OutputSet();

  /// An empty name is none. Refuses what an output before, or one of the standard streams, leads
  /// to. Throws std::system_error where nothing can be written there.
  void add(const std::string& option, const std::filesystem::path& name);

  /// Refuses an output that is `file`, which the command reads.
  void check_input(const std::filesystem::path& file) const;
  /// The same for all files below the folder.
  void check_below(const std::filesystem::path& folder) const;
  /// The same for the files that flags name.
  void check_flags(const Call& call) const;
  /// Refuses what the run in the folder is kept in.
  void check_run(const std::filesystem::path& folder) const;
  /// Refuses what lies in the cache, and structure files of mirrors.
  void check_store(const StoreOptions& store) const;
  /// Refuses structure files that lie below the folder.
  void check_archive(const std::filesystem::path& folder) const;

 private:
  /// Device and inode of what is there; of a new file those of its folder, and its name.
  using Identity = std::tuple<dev_t, ino_t, std::string>;
  struct Member {
    std::string name;  ///< with its option, for people
    OutputTarget target;
  };
  /// What may stand for any number of outputs, such as /dev/null, has none.
  static std::optional<Identity> identity_of(const OutputTarget& target);
  static std::optional<std::filesystem::path> place_below(const std::filesystem::path& folder,
                                                          const struct stat& above);

  using Holds = std::function<bool(const std::filesystem::path& below, const OutputTarget& target)>;
  void check_folder(const std::filesystem::path& folder, const char* what,
                    const Holds& holds) const;

  std::vector<Member> members_;
  std::map<Identity, std::string> names_;     ///< of members
  std::map<Identity, std::string> standard_;  ///< output and error, where they go to files
  bool any_exists_ = false;                   ///< of all these
};

}  // namespace modesweep::cli
