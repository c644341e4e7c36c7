// SPDX-License-Identifier: MIT
// The module modesweep._binding.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <exception>

#include <modesweep/device.hpp>
#include <modesweep/isa.hpp>
#include <modesweep/machine.hpp>
#include <modesweep/modes.hpp>
#include <modesweep/structure_store.hpp>
#include <modesweep/version.hpp>

#include "binding.hpp"
#include "error.hpp"
#include "process.hpp"

namespace py = pybind11;

namespace modesweep::python {
namespace {

py::dict info() {
  const Allowance<int> cpus = allowed_cpus();
  const Allowance<std::uint64_t> memory = allowed_memory();
  const CudaBuild build = cuda_build();
  const CudaProbe probe = probe_cuda();
  py::list devices;
  for (const CudaProbe::Device& device : probe.devices) devices.append(device.name);
  py::dict result;
  result["version"] = version;
  result["method_version"] = method_version;
  result["cpu"] = cpu_name();
  result["cpus"] = cpus.amount;
  result["memory"] = memory.amount;
  result["isa"] = std::string(to_string(best_isa()));
  result["blas"] = blas_kernels();
  result["cache"] = default_cache_dir().string();
  result["cuda"] = build.built;
  result["devices"] = devices;
  result["no_devices"] = build.built ? probe.reason : build.reason;
  return result;
}

}  // namespace

void bind_info(py::module_& module) {
  module.def("info", &info);
  module.def("check_interpreter", &check_interpreter);
  module.def("allowed_cpus", [] { return allowed_cpus().amount; });
  module.def("default_cutoff", [](const std::string& model) {
    return default_cutoff(model == "GNM" ? ElasticModel::gnm : ElasticModel::anm);
  });
  module.attr("version") = version;
}

}  // namespace modesweep::python

namespace {

PyObject* make_module() {
  PYBIND11_ENSURE_INTERNALS_READY
  namespace binding = modesweep::python;
  static py::module_::module_def definition;
  py::module_ module = py::module_::create_extension_module("_binding", nullptr, &definition);
  binding::translate_exceptions();
  binding::bind_info(module);
  binding::bind_solve(module);
  binding::bind_structure(module);
  binding::bind_jobs(module);
  return module.ptr();
}

}  // namespace

/// By hand, not by PYBIND11_MODULE, which waits for ever in a sub-interpreter.
extern "C" PYBIND11_EXPORT PyObject* PyInit__binding() try {
  modesweep::python::check_interpreter();
  return make_module();
} catch (py::error_already_set& error) {
  error.restore();
  return nullptr;
} catch (const std::exception& error) {
  PyErr_SetString(PyExc_ImportError, error.what());
  return nullptr;
}
