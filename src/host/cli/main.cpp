// SPDX-License-Identifier: MIT
// The program: everything that ends a run is printed here, once.
#include <fmt/format.h>

#include <cstdio>

#include <modesweep/outcome.hpp>

#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_code.hpp"
#include "cli/flag_names.hpp"
#include "cli/interrupt.hpp"
#include "cli/options.hpp"

namespace {

using namespace modesweep;
using namespace modesweep::cli;

int fail_with(ExitCode code, const char* message) {
  fmt::print(stderr, "modesweep: {}\n", with_flags(message));
  return static_cast<int>(code);
}

int run(Arguments& arguments) {
  arguments.cancel = watch_for_interrupt();
  Console console(arguments.common);
  switch (arguments.command) {
    case Arguments::Command::rank: return run_rank(arguments, console);
    case Arguments::Command::resume: return run_resume(arguments, console);
    case Arguments::Command::show: return run_show(arguments, console);
    case Arguments::Command::modes: return run_modes(arguments, console);
    case Arguments::Command::report: return run_report(arguments, console);
    case Arguments::Command::compare: return run_compare(arguments, console);
    case Arguments::Command::search: return run_search(arguments, console);
    case Arguments::Command::fetch: return run_fetch(arguments, console);
    case Arguments::Command::cache: return run_cache(arguments, console);
    case Arguments::Command::info: return run_info(arguments, console);
    case Arguments::Command::bench: return run_bench(arguments, console);
    case Arguments::Command::selftest: return run_selftest(arguments, console);
  }
  return static_cast<int>(ExitCode::internal);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    ParseResult parsed = parse_command_line(argc, argv);
    if (!parsed.arguments) return parsed.exit_code;
    return run(*parsed.arguments);
  } catch (const RunError& error) {
    return fail_with(exit_code_of(error.cause()), error.what());
  } catch (const Cancelled&) {
    fmt::print(stderr, "modesweep: interrupted before there was anything to rank\n");
    return interrupt_exit_code();
  } catch (const std::bad_alloc&) {
    return fail_with(ExitCode::internal, "out of memory");
  } catch (const std::exception& error) {
    return fail_with(ExitCode::internal, error.what());
  }
}
