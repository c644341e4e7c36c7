// SPDX-License-Identifier: MIT
#include "base/cgroup.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

/// Where a hierarchy of groups is mounted.
struct Mount {
  bool is_unified;          ///< version 2, which has all controllers
  std::string controllers;  ///< of version 1, separated by commas among other words
  std::string root;         ///< the group that is seen at the mount point
  fs::path point;
};

bool has_controller(std::string_view list, std::string_view name) {
  const std::vector<std::string> words = split(list, ',');
  return std::find(words.begin(), words.end(), name) != words.end();
}

/// mountinfo has blanks and backslashes as octal numbers.
std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view code = text.substr(i, 4);
    if (code.size() == 4 && code[0] == '\\' &&
        std::all_of(code.begin() + 1, code.end(), [](char c) { return c >= '0' && c <= '7'; })) {
      result += static_cast<char>((code[1] - '0') * 64 + (code[2] - '0') * 8 + (code[3] - '0'));
      i += 3;
    } else {
      result += text[i];
    }
  }
  return result;
}

std::vector<Mount> mounts(const fs::path& root) {
  std::vector<Mount> found;
  std::ifstream file(root / "proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    std::istringstream stream(line);
    const std::vector<std::string> words{std::istream_iterator<std::string>(stream), {}};
    // Number, parent, device, root, mount point, options, optional fields, "-", type, source, more.
    const auto dash = std::find(words.begin(), words.end(), "-");
    if (dash - words.begin() < 6 || words.end() - dash < 4) continue;
    const std::string& type = dash[1];
    if (type != "cgroup" && type != "cgroup2") continue;
    found.push_back({type == "cgroup2", dash[3], unescaped(words[3]), unescaped(words[4])});
  }
  return found;
}

/// A group's folder, then those around it up to the mount point. The mount may show a part of the
/// hierarchy alone, as in a container: what lies above cannot be seen.
std::vector<fs::path> folders(const fs::path& root, const Mount& mount, const std::string& group) {
  const fs::path top = root / mount.point.relative_path();
  fs::path below = fs::path(group).lexically_relative(mount.root);
  // A group outside of what is mounted, and the top itself.
  if (below.empty() || *below.begin() == ".." || below == ".") return {top};
  std::vector<fs::path> result;
  for (; !below.empty(); below = below.parent_path()) result.push_back(top / below);
  result.push_back(top);
  return result;
}

template <class T>
void lower(std::optional<CgroupLimit<T>>& limit, T value, fs::path file) {
  if (!limit || value < limit->value) limit = {value, std::move(file)};
}

/// The first word of a file as a number: "max", "-1" and what is no number limit nothing.
std::optional<std::uint64_t> number_in(const fs::path& file) {
  std::ifstream stream(file);
  std::uint64_t number = 0;
  if (stream.peek() == '-' || !(stream >> number)) return std::nullopt;
  return number;
}

void read_memory(const fs::path& folder, bool is_unified, CgroupLimits& limits) {
  // Above memory.high a process is slowed to a crawl, above memory.max it is killed.
  const std::vector<const char*> names =
      is_unified ? std::vector{"memory.max", "memory.high"} : std::vector{"memory.limit_in_bytes"};
  for (const char* name : names)
    if (const auto bytes = number_in(folder / name)) lower(limits.memory, *bytes, folder / name);
}

void read_cpus(const fs::path& folder, bool is_unified, CgroupLimits& limits) {
  double quota = -1, period = 0;
  const fs::path file = folder / (is_unified ? "cpu.max" : "cpu.cfs_quota_us");
  std::ifstream stream(file);
  if (is_unified) {
    stream >> quota >> period;  // of "max 100000" nothing
  } else {
    stream >> quota;
    std::ifstream(folder / "cpu.cfs_period_us") >> period;
  }
  if (quota > 0 && period > 0) lower(limits.cpus, quota / period, file);
}

}  // namespace

CgroupLimits cgroup_limits(const fs::path& root) {
  CgroupLimits limits;
  const std::vector<Mount> mounted = mounts(root);
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    // "4:memory:/group", and of version 2 "0::/group".
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    for (const Mount& mount : mounted) {
      if (mount.is_unified != controllers.empty()) continue;
      const auto tells = [&](std::string_view name) {
        return mount.is_unified ||
               (has_controller(controllers, name) && has_controller(mount.controllers, name));
      };
      for (const fs::path& folder : folders(root, mount, group)) {
        if (tells("memory")) read_memory(folder, mount.is_unified, limits);
        if (tells("cpu")) read_cpus(folder, mount.is_unified, limits);
      }
    }
  }
  return limits;
}

}  // namespace modesweep
