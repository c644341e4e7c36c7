// SPDX-License-Identifier: MIT
// In the place of src/host/devices/cuda_module.cpp: the engine over the stand-in, linked in. What
// the machine is like and what goes wrong there comes from the environment:
// MODESWEEP_STANDIN="devices=2 memory=10000000 launch=7", with the names of standin::Faults.
// With visible=1 a process sees those devices alone that CUDA_VISIBLE_DEVICES names, as of CUDA.
#include "devices/cuda_module.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <map>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

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

/// How many of so many devices the process sees: those that the list names, up to the first number
/// that none of them has.
int visible_devices(int present) {
  const char* const list = std::getenv("CUDA_VISIBLE_DEVICES");
  if (!list) return present;
  int seen = 0;
  std::istringstream numbers(list);
  for (std::string number; std::getline(numbers, number, ','); ++seen) {
    int device = -1;
    std::from_chars(number.data(), number.data() + number.size(), device);
    if (device < 0 || device >= present) break;
  }
  return seen;
}

/// What the environment asks for; the faults, which begin to count once the solver is made, apart.
std::pair<standin::Settings, standin::Faults> read_machine() {
  standin::Settings settings;
  standin::Faults faults;
  int visible = 0, old_driver = 0, no_code = 0, memory = 0;
  const std::map<std::string, int*> names = {{"devices", &settings.devices},
                                             {"visible", &visible},
                                             {"old_driver", &old_driver},
                                             {"no_code", &no_code},
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
  if (visible) settings.devices = visible_devices(settings.devices);
  settings.old_driver = old_driver != 0;
  settings.no_code = no_code != 0;
  if (memory > 0) settings.device.memory = static_cast<std::size_t>(memory);
  return {settings, faults};
}

}  // namespace

tl::expected<std::filesystem::path, std::string> load_cuda_module() {
  return tl::unexpected<std::string>("the stand-in is part of the program");
}

tl::expected<std::unique_ptr<DeviceSolver>, std::string> load_cuda_solver(
    std::string_view method, std::vector<int> devices) {
  const auto [settings, faults] = read_machine();
  const int present = settings.devices;
  standin::start(settings);
  std::atexit(report);
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
  const int present = read_machine().first.devices;
  if (present == 0) return tl::unexpected<std::string>("the stand-in has no device");
  CudaDevice device;
  device.name = "stand-in";
  device.is_simulated = true;
  return std::vector<CudaDevice>(static_cast<std::size_t>(present), device);
}

tl::expected<std::vector<CudaCheck>, std::string> run_cuda_selftest(
    int device, std::span<const Network> networks) {
  return run_selftest_entry(modesweep_cuda_selftest, device, networks);
}

}  // namespace modesweep
