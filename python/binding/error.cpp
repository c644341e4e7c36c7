// SPDX-License-Identifier: MIT
#include "error.hpp"

namespace py = pybind11;

namespace modesweep::python {
namespace {

std::string code_of(Cause cause) {
  switch (cause) {
    case Cause::request: return "request";
    case Cause::unavailable: return "unavailable";
    case Cause::output: return "output";
  }
  return "unknown";
}

void set_error(const ErrorParts& parts) {
  const py::object error = error_of(parts);
  PyErr_SetObject(py::type::of(error).ptr(), error.ptr());
}

}  // namespace

py::object error_of(const ErrorParts& parts) {
  const py::object type = py::module_::import("modesweep._errors").attr("Error");
  const py::object stage = parts.stage.empty() ? py::object(py::none()) : py::str(parts.stage);
  return type(parts.message, stage, parts.code);
}

py::object error_of(const Failure& failure) {
  return error_of({std::string(to_string(failure.stage)), failure.code, failure.message});
}

void raise(const ErrorParts& parts) {
  set_error(parts);
  throw py::error_already_set();
}

void translate_exceptions() {
  py::register_local_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const RunError& error) {
      set_error({"", code_of(error.cause()), error.what()});
    } catch (const Cancelled& error) {
      set_error({"", "cancelled", error.what()});
    }
  });
}

}  // namespace modesweep::python
