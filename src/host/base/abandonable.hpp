// SPDX-License-Identifier: MIT
// Calls that nothing can interrupt, left behind where their work is called off.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include "base/cancel_scope.hpp"

namespace modesweep {

/// What `work` returns or throws, from a thread of its own: where the calling thread's work is
/// called off meanwhile, that thread is left behind and Cancelled is thrown. It ends by itself or
/// with the process, so that `work` has to own all that it uses. Where no thread can be started the
/// calling one does the work.
template <class Work>
auto abandonable(Work work) -> decltype(work()) {
  constexpr std::chrono::milliseconds look{100};
  const auto task = std::make_shared<std::packaged_task<decltype(work())()>>(std::move(work));
  auto result = task->get_future();
  std::thread thread;
  try {
    thread = std::thread([task] { (*task)(); });
  } catch (const std::system_error&) {
    (*task)();
    return result.get();
  }
  try {
    while (result.wait_for(look) != std::future_status::ready) check_cancelled();
  } catch (...) {
    thread.detach();
    throw;
  }
  thread.join();
  return result.get();
}

}  // namespace modesweep
