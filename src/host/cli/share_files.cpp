// SPDX-License-Identifier: MIT
// The hidden command `share-files`: the files that an installation has beside the program.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include <modesweep/outcome.hpp>

#include "cli/command.hpp"
#include "cli/completion.hpp"
#include "cli/flags.hpp"
#include "cli/man_page.hpp"
#include "cli/output_file.hpp"

namespace modesweep::cli {
namespace {

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  write_file(path, [&](std::ostream& out) { out << text; });
}

void write_man_pages(const CommandEntry& command, const CommandEntry& root,
                     const std::filesystem::path& folder, const std::string& date) {
  write(folder / (man_page_name(command) + ".1"), man_page(command, root, date));
  for (const CommandEntry& sub : command.commands) write_man_pages(sub, root, folder, date);
}

/// In the layout of `share` below an installation's prefix.
void write_share_files(const CommandEntry& root, const std::filesystem::path& folder,
                       const std::string& date) {
  try {
    write_man_pages(root, root, folder / "man/man1", date);
    write(folder / "bash-completion/completions/modesweep", completion_script(root, "bash"));
    write(folder / "zsh/site-functions/_modesweep", completion_script(root, "zsh"));
    write(folder / "fish/vendor_completions.d/modesweep.fish", completion_script(root, "fish"));
  } catch (const std::system_error& error) {
    throw RunError(Cause::output, fmt::format("cannot write {}", error.what()));
  }
}

struct ShareOptions {
  std::filesystem::path folder;
  std::string date;
};

Run add(const Flags& flags) {
  const auto options = std::make_shared<ShareOptions>();
  flags.option("DIR", options->folder, "folder", {required});
  flags.option("DATE", options->date, "of the man pages", {required});
  return [options](const Call& call, Reporter&) {
    write_share_files(call.program, options->folder, options->date);
    return 0;
  };
}

}  // namespace

Command share_files_command() {
  return {"share-files", "write man pages and completions below a folder", add, true};
}

}  // namespace modesweep::cli
