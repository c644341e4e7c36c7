// SPDX-License-Identifier: MIT
#include "cli/process_setup.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <system_error>
#include <thread>

#include <modesweep/machine.hpp>
#include <modesweep/outcome.hpp>

#include "base/process_limits.hpp"

namespace modesweep::cli {
namespace {

// What glibc gives threads where the limit of the stack says nothing; all solvers do with a fifth.
constexpr std::size_t stack_bytes = std::size_t{2} << 20;

/// The C library would take the limit (ulimit -s) for the size of every thread's stack.
void set_stack_of_threads() {
  pthread_attr_t attributes;
  if (::pthread_getattr_default_np(&attributes) != 0) return;
  ::pthread_attr_setstacksize(&attributes, stack_bytes);
  ::pthread_setattr_default_np(&attributes);
  ::pthread_attr_destroy(&attributes);
}

/// An arena takes its addresses at once, used or not, and there are eight for each CPU: under a
/// limit (ulimit -v) little would be left for anything else.
void bound_arenas() {
  const std::optional<std::uint64_t> limit = memory_limit();
  if (!limit) return;
  constexpr std::uint64_t arena_bytes = std::uint64_t{64} << 20;
  const std::uint64_t most = 8 * static_cast<std::uint64_t>(allowed_cpus().amount);
  ::mallopt(M_ARENA_MAX,
            static_cast<int>(std::clamp<std::uint64_t>(*limit / 8 / arena_bytes, 1, most)));
}

void raise_limit_of_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

void set_up_process() {
  set_stack_of_threads();
  bound_arenas();
  raise_limit_of_descriptors();
}

int with_enough_stack(const std::function<int()>& job) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= stack_bytes) return job();
  int result = 0;
  try {
    std::jthread([&] { result = job(); });
  } catch (const std::system_error& error) {
    throw RunError(Cause::unavailable,
                   fmt::format("the stack has {} KB (ulimit -s), and no thread with a larger one "
                               "can be started: {}",
                               limit.rlim_cur >> 10, error.code().message()));
  }
  return result;
}

}  // namespace modesweep::cli
