// SPDX-License-Identifier: MIT
// Ctrl-C and SIGTERM: once asks the run to finish, twice ends the process.
#pragma once

#include <modesweep/cancel.hpp>

namespace modesweep::cli {

/// What cannot be written, to a reader that went away (modesweep ... | head) or to a file that may
/// not grow (ulimit -f), is seen when writing; no signal ends the process.
void ignore_write_signals();

/// Installs the handlers; from then on the first signal cancels. A signal that whoever started the
/// process has it ignore (nohup, `trap '' INT`) stays ignored.
CancelToken watch_for_interrupt();

/// Cancels without a signal: there is no use in going on.
void request_stop();

/// Whether anything cancelled.
bool is_stopped();

/// 128 + the signal that came, 0 where none did.
int interrupt_exit_code();

}  // namespace modesweep::cli
