// SPDX-License-Identifier: MIT
#include "cli/interrupt.hpp"

#include <signal.h>
#include <unistd.h>

#include <atomic>

namespace modesweep::cli {
namespace {

const CancelSource interrupt;
std::atomic<int> signal_number{0};
static_assert(std::atomic<int>::is_always_lock_free);

void on_signal(int number) {
  int none = 0;
  if (!signal_number.compare_exchange_strong(none, number)) ::_exit(128 + number);
  interrupt.cancel();  // after the number, which whoever sees the flag asks for
}

}  // namespace

void ignore_write_signals() {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
}

CancelToken watch_for_interrupt() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (const int number : {SIGINT, SIGTERM}) {
    struct sigaction inherited {};
    ::sigaction(number, nullptr, &inherited);
    if (inherited.sa_handler != SIG_IGN) ::sigaction(number, &action, nullptr);
  }
  return interrupt.token();
}

void request_stop() { interrupt.cancel(); }

bool is_stopped() { return interrupt.token().is_cancelled(); }

int interrupt_exit_code() { return signal_number != 0 ? 128 + signal_number : 0; }

}  // namespace modesweep::cli
