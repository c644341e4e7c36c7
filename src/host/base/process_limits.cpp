// SPDX-License-Identifier: MIT
#include "base/process_limits.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>

#include <modesweep/outcome.hpp>

namespace modesweep {
namespace {

constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();
// What a worker keeps for the next structure, beside its stack.
constexpr std::uint64_t thread_bytes = std::uint64_t{14} << 20;

std::uint64_t limit_of(decltype(RLIMIT_AS) resource) {
  rlimit limit{};
  return ::getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur
                                                                               : none;
}

std::uint64_t rest(std::uint64_t limit, std::uint64_t used) {
  return limit == none ? none : limit - std::min(limit, used);
}

/// Bytes that may yet be mapped.
std::uint64_t memory_left() {
  // In pages: size, resident, shared, text, 0, data and stack.
  std::array<std::uint64_t, 6> pages{};
  std::ifstream file("/proc/self/statm");
  for (std::uint64_t& number : pages) file >> number;
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return std::min(rest(limit_of(RLIMIT_AS), pages[0] * page),
                  rest(limit_of(RLIMIT_DATA), pages[5] * page));
}

std::uint64_t stack_of_threads() {
  std::size_t bytes = 0;
  pthread_attr_t attributes;
  if (::pthread_getattr_default_np(&attributes) != 0) return 0;
  ::pthread_attr_getstacksize(&attributes, &bytes);
  ::pthread_attr_destroy(&attributes);
  return bytes;
}

/// How many files can be opened beside those that are, counted up to `most`.
int descriptors_left(int most) {
  const std::uint64_t limit = limit_of(RLIMIT_NOFILE);
  int left = 0;
  for (int number = 0; static_cast<std::uint64_t>(number) < limit && left < most; ++number)
    if (::fcntl(number, F_GETFD) < 0) ++left;
  return left;
}

}  // namespace

std::optional<std::uint64_t> memory_limit() {
  const std::uint64_t limit = std::min(limit_of(RLIMIT_AS), limit_of(RLIMIT_DATA));
  return limit == none ? std::nullopt : std::optional(limit);
}

int threads_with_room(int wanted) {
  const auto most = static_cast<std::uint64_t>(std::max(wanted, 1));
  const std::uint64_t by_memory = memory_left() / 2 / (stack_of_threads() + thread_bytes);
  const auto by_files = static_cast<std::uint64_t>(descriptors_left(2 * std::max(wanted, 1)) / 2);
  return static_cast<int>(std::clamp<std::uint64_t>(std::min(by_memory, by_files), 1, most));
}

void check_descriptors(int needed) {
  const int left = descriptors_left(needed);
  if (left < needed)
    throw RunError(
        Cause::unavailable,
        fmt::format("the limit of open files (ulimit -n {}) leaves room for {}, and {} are needed",
                    limit_of(RLIMIT_NOFILE), left, needed));
}

}  // namespace modesweep
