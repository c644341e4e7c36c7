// SPDX-License-Identifier: MIT
// In the place of src/host/devices/cuda_module.cpp: the engine over the stand-in, linked in. What
// the machine is like and what goes wrong there comes from the environment:
// MODESWEEP_STANDIN="devices=2 memory=10000000 launch=7", with the names of standin::Faults.
#include "devices/cuda_module.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <map>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <string>

#include "devices/cuda_selftest.hpp"
#include "kernels/module.hpp"
#include "standin/standin.hpp"

namespace modesweep {
namespace {

/// At the end of the program, for the tests.
void report() {
  const standin::Counts counts = standin::counts();
  fmt::print(stderr, "stand-in: allocations={} launches={} waits={} busy_streams={} alive={}\n{}",
             counts.allocations, counts.launches, counts.waits, counts.busy_streams,
             standin::alive(), standin::complaints());
}

/// Faults begin to count once the solver is made.
standin::Faults start_machine(int& devices) {
  standin::Settings settings;
  standin::Faults faults;
  int old_driver = 0, memory = 0;
  const std::map<std::string, int*> names = {{"devices", &settings.devices},
                                             {"old_driver", &old_driver},
                                             {"memory", &memory},
                                             {"allocation", &faults.allocation},
                                             {"launch", &faults.launch},
                                             {"matrix", &faults.matrix},
                                             {"wait", &faults.wait},
                                             {"solver_call", &faults.solver_call},
                                             {"skipped_wait", &faults.skipped_wait},
                                             {"raised_flag", &faults.raised_flag}};
  const char* const text = std::getenv("MODESWEEP_STANDIN");
  std::istringstream words(text ? text : "");
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    *names.at(word.substr(0, equals)) = std::stoi(word.substr(equals + 1));
  }
  settings.old_driver = old_driver != 0;
  if (memory > 0) settings.device.memory = static_cast<std::size_t>(memory);
  devices = settings.devices;
  standin::start(settings);
  std::atexit(report);
  return faults;
}

}  // namespace

tl::expected<std::filesystem::path, std::string> load_cuda_module() {
  return tl::unexpected<std::string>("the stand-in is part of the program");
}

tl::expected<std::unique_ptr<DeviceSolver>, std::string> load_cuda_solver(
    std::string_view method, std::vector<int> devices) {
  int present = 0;
  const standin::Faults faults = start_machine(present);
  if (present == 0) return tl::unexpected<std::string>("the stand-in has no device");
  const auto chosen = choose_devices(std::move(devices), present);
  if (!chosen) return tl::unexpected(chosen.error());
  std::array<char, 512> why{};
  std::unique_ptr<DeviceSolver> solver(
      modesweep_make_cuda_solver(std::string(method).c_str(), chosen->data(),
                                 static_cast<int>(chosen->size()), why.data(), why.size()));
  standin::inject(faults);
  if (!solver) return tl::unexpected<std::string>(why.data());
  return solver;
}

tl::expected<std::vector<CudaDevice>, std::string> cuda_devices() {
  CudaDevice device;
  device.name = "stand-in";
  device.is_simulated = true;
  return std::vector<CudaDevice>{device};
}

tl::expected<std::vector<CudaCheck>, std::string> run_cuda_selftest(
    int device, std::span<const Network> networks) {
  return run_selftest_entry(modesweep_cuda_selftest, device, networks);
}

}  // namespace modesweep
