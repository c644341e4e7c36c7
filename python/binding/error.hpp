// SPDX-License-Identifier: MIT
// Failures as modesweep.Error.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include <modesweep/outcome.hpp>

namespace modesweep::python {

struct ErrorParts {
  std::string stage;  ///< empty: of no structure, None in Python
  std::string code, message;
};

/// An instance of modesweep.Error.
pybind11::object error_of(const ErrorParts& parts);
pybind11::object error_of(const Failure& failure);

[[noreturn]] void raise(const ErrorParts& parts);

/// The value; raises modesweep.Error where there is none.
template <class T>
T value_of(Outcome<T>&& outcome) {
  if (outcome) return *std::move(outcome);
  const Failure& failure = outcome.error();
  raise({std::string(to_string(failure.stage)), failure.code, failure.message});
}

/// RunError and Cancelled as Python's.
void translate_exceptions();

}  // namespace modesweep::python
