// SPDX-License-Identifier: MIT
#include "cli/share_files.hpp"

#include <fmt/format.h>

#include <system_error>

#include <modesweep/outcome.hpp>

#include "base/atomic_file.hpp"
#include "cli/completion.hpp"
#include "cli/man_page.hpp"

namespace modesweep::cli {
namespace {

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

void write_man_pages(const CommandEntry& command, const CommandEntry& root,
                     const std::filesystem::path& folder, const std::string& date) {
  write(folder / (man_page_name(command) + ".1"), man_page(command, root, date));
  for (const CommandEntry& sub : command.commands) write_man_pages(sub, root, folder, date);
}

}  // namespace

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

}  // namespace modesweep::cli
