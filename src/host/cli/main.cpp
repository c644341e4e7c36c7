// SPDX-License-Identifier: MIT
// The program: everything that ends a run is printed here, once.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include <modesweep/outcome.hpp>

#include "base/process_limits.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/exit_code.hpp"
#include "cli/flag_names.hpp"
#include "cli/interrupt.hpp"
#include "cli/output_stream.hpp"
#include "cli/process_setup.hpp"
#include "cli/wrapped.hpp"

namespace {

using namespace modesweep;
using namespace modesweep::cli;

/// Where standard error is full or closed, there is nobody left to tell.
void say(const std::string& message) {
  const std::string text = fmt::format("modesweep: {}", message);
  std::fputs((wrapped(text, terminal_width(STDERR_FILENO), 2) + '\n').c_str(), stderr);
}

int fail_with(ExitCode code, const char* message) {
  say(printable(with_flags(message)));
  return static_cast<int>(code);
}

/// From what was typed to the exit code.
int run(int argc, char** argv) {
  try {
    ParsedLine line = parse_command_line(argc, argv);
    if (!line.run) return line.exit_code;
    line.call.cancel = watch_for_interrupt();
    Console console(line.common);
    check_descriptors(descriptors_of_a_command);
    return line.run(line.call, console);
  } catch (const RunError& error) {
    return fail_with(exit_code_of(error.cause()), error.what());
  } catch (const Cancelled&) {
    say("interrupted before the work was done");
    return interrupt_exit_code();
  } catch (const std::bad_alloc&) {
    // Without memory: there may be none for the message either.
    std::fputs("modesweep: out of memory\n", stderr);
    return static_cast<int>(ExitCode::internal);
  } catch (const std::exception& error) {
    return fail_with(ExitCode::internal, error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  hold_standard_streams();
  ignore_write_signals();
  set_up_process();
  try {
    const int code = with_enough_stack([&] { return run(argc, argv); });
    // A call that could not be interrupted may be at work yet: nothing is taken down under it.
    if (is_stopped()) {
      std::fflush(nullptr);
      ::_exit(code);
    }
    return code;
  } catch (const RunError& error) {
    return fail_with(exit_code_of(error.cause()), error.what());
  }
}
