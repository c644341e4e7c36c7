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

/// Why a run ended.
enum class Cause {
  request,      ///< it asks for what cannot be
  unavailable,  ///< a service, a file or a device that is needed is not there
  output,       ///< results cannot be written
};

/// What ends the whole run: thrown once, for the caller to tell.
class RunError : public std::runtime_error {
 public:
  RunError(Cause cause, const std::string& message) : std::runtime_error(message), cause_(cause) {}
  Cause cause() const { return cause_; }

 private:
  Cause cause_;
};

/// A cancellation reached a wait that has nothing to return.
class Cancelled : public std::runtime_error {
 public:
  Cancelled() : std::runtime_error("interrupted") {}
};

}  // namespace modesweep
