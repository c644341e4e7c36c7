// SPDX-License-Identifier: MIT
// The three kinds of failure: a failed entry is a value, the end of a run is an exception.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace modesweep {

/// Where in the data flow an entry left it.
enum class Stage { search, download, parse, network, solve, rank };

std::string_view to_string(Stage stage);
/// The stage of this name. Throws std::invalid_argument where there is none.
Stage stage_named(std::string_view name);

/// Why one entry is not in the ranking. `code` is a short stable word for programs and counts
/// (`not_found`, `no_nodes`, `bad_coordinates` ...); `message` is one sentence for people.
struct Failure {
  Stage stage;
  std::string code;
  std::string message;
};

/// Whether another try may succeed: the network, the disk and the memory change, a file does not.
bool is_transient(const Failure& failure);

/// A value, or the reason why this one entry has none. It never ends the run.
template <class T>
using Outcome = tl::expected<T, Failure>;

inline tl::unexpected<Failure> fail(Stage stage, std::string code, std::string message) {
  return tl::unexpected<Failure>(Failure{stage, std::move(code), std::move(message)});
}

/// What the program ends with; documented in `modesweep --help`.
enum class ExitCode : int {
  ok = 0,
  entries_failed = 1,
  usage = 2,
  nothing_to_rank = 3,
  unavailable = 4,
  internal = 5,
  output = 6,
};

/// What ends the whole run: thrown once, printed once in `main`.
class RunError : public std::runtime_error {
 public:
  RunError(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode exit_code() const { return code_; }

 private:
  ExitCode code_;
};

/// The user's interrupt reached a wait that has nothing to return.
class Cancelled : public std::runtime_error {
 public:
  Cancelled() : std::runtime_error("interrupted") {}
};

}  // namespace modesweep
