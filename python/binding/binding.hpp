// SPDX-License-Identifier: MIT
// The parts that the module _binding is put together from. It has no logic of its own: arguments
// are taken apart, a call of the library is made without the GIL, and what comes back is put into
// dicts and arrays, which the package in ../modesweep makes its classes of.
#pragma once

#include <pybind11/pybind11.h>

namespace modesweep::python {

void bind_solve(pybind11::module_& module);
void bind_structure(pybind11::module_& module);
void bind_jobs(pybind11::module_& module);
void bind_info(pybind11::module_& module);

}  // namespace modesweep::python
