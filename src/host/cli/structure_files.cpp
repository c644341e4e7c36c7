// SPDX-License-Identifier: MIT
#include <algorithm>
#include <system_error>

#include <modesweep/structure.hpp>

#include "cli/commands.hpp"
#include "sources/archive_files.hpp"

namespace modesweep::cli {

std::vector<std::filesystem::path> structure_files(const std::vector<std::filesystem::path>& paths,
                                                   Reporter& reporter) {
  std::vector<std::filesystem::path> files;
  PassedOver passed_over;
  for (const std::filesystem::path& path : paths) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      files.push_back(path);  // a name that does not exist becomes a failure of its own
      continue;
    }
    const ArchiveWalk walk = walk_archive(path);
    // As text, because a path that was appended to keeps room for more parts than it has.
    const std::string folder = (path / "").string();
    for (const ArchiveFile& file : walk.files) files.emplace_back(folder + file.path);
    if (const std::string problem = problem_of(walk, path); !problem.empty())
      reporter.warning(problem);
    if (!walk.files.empty()) passed_over.add(walk.passed_over);
  }
  if (const std::string sentence = sentence_on(passed_over); !sentence.empty())
    reporter.info(sentence);
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

}  // namespace modesweep::cli
