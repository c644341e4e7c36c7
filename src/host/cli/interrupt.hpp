// SPDX-License-Identifier: MIT
// Ctrl-C and SIGTERM: once asks the run to finish, twice ends the process.
#pragma once

#include <modesweep/cancel.hpp>

namespace modesweep::cli {

/// Installs the handlers; from then on the first signal cancels.
CancelToken watch_for_interrupt();

/// Cancels without a signal: there is no use in going on.
void request_stop();

/// 128 + the signal that came, 0 where none did.
int interrupt_exit_code();

}  // namespace modesweep::cli
