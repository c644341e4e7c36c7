// SPDX-License-Identifier: MIT
// The command `info`: what to put into a bug report.
#include <fmt/format.h>

#include <modesweep/build_config.hpp>
#include <modesweep/device.hpp>
#include <modesweep/machine.hpp>
#include <modesweep/modes.hpp>
#include <modesweep/structure_store.hpp>
#include <modesweep/version.hpp>

#include "base/admission.hpp"
#include "cli/command.hpp"
#include "cli/flags.hpp"
#include "cli/output_stream.hpp"
#include "devices/cuda_module.hpp"
#include "devices/placement.hpp"

namespace modesweep::cli {

namespace {

int run(const Call&, Reporter&) {
  const std::filesystem::path cache_dir = default_cache_dir();
  const CudaBuild build = cuda_build();
  const CudaProbe probe = probe_cuda();
  std::string text;
  text += fmt::format("modesweep  {}\n", version);
  text += fmt::format("build      {}, {}\n", build_config::type, build_config::compiler);
  const auto cpus = allowed_cpus();
  const auto memory = allowed_memory();
  text += fmt::format("cpu        {}, {} to use ({})\n", cpu_name(), cpus.amount, cpus.limit);
  text += fmt::format("memory     {} to use ({})\n", size_text(memory.amount), memory.limit);
  text += fmt::format("cache      {}\n", cache_dir.string());
  text +=
      "solvers    cpu: shift-invert, filtered (auto: the faster one), lapack, eigen; cuda: "
      "chebyshev (auto), filtered, jacobi\n";
  text += fmt::format("blas       {}\n", blas_kernels());
  text += build.built ? fmt::format("cuda part  built with toolkit {}\n", build.toolkit)
                      : fmt::format("cuda part  not built: {}\n", build.reason);
  if (build.built) {
    const auto module = load_cuda_module();
    text += module ? fmt::format("module     {}\n", module->string())
                   : fmt::format("module     none: {}\n", module.error());
  }
  for (const CudaProbe::Device& device : probe.devices)
    text += fmt::format("device     {}, compute capability {}.{}, {:.1f} GB\n", device.name,
                        device.major, device.minor, device.memory_gb);
  if (probe.devices.empty()) text += fmt::format("devices    none: {}\n", probe.reason);
  std::string in_use = "cpu";
  if (build.built && !probe.devices.empty()) {
    const auto solver = load_cuda_solver("chebyshev", {});
    in_use = solver ? "cpu and devices side by side"
                    : fmt::format("cpu; not the devices: {}", solver.error());
    const std::filesystem::path file = calibration_file(cache_dir);
    std::error_code error;
    const auto calibration = load_calibration(file);
    text += calibration ? fmt::format("calibrated {} of {}, {}\n", calibration->date,
                                      calibration->cpu, calibration->device)
            : std::filesystem::exists(file, error)
                ? fmt::format("calibrated no: {}\n", calibration.error())
                : "calibrated no: modesweep bench --calibrate does it\n";
  }
  text += fmt::format("in use     {}\n", in_use);
  print(text);
  return 0;
}

Run add(const Flags& flags) {
  flags.common();
  return run;
}

}  // namespace

Command info_command() {
  return {"info", "print version, build, CPU, GPUs and whether CUDA is in use", add};
}

}  // namespace modesweep::cli
