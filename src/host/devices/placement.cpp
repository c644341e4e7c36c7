// SPDX-License-Identifier: MIT
#include "devices/placement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/atomic_file.hpp"

namespace modesweep {
namespace {

using Json = nlohmann::ordered_json;

constexpr int format_version = 1;
constexpr const char* cpu_solver = "shift-invert";

// The sizes that the two sides are balanced for: contacts of 60 and of 6,000 residues at 15 A.
constexpr double least_contacts = 1.6e3;
constexpr double most_contacts = 3.3e5;
constexpr int sizes = 64;

Json to_json(const CostModel& model) {
  Json samples = Json::array();
  for (const auto& [contacts, seconds] : model.samples) samples.push_back({contacts, seconds});
  return samples;
}

/// Throws std::runtime_error for what no measurement can have given.
CostModel model_from(const Json& samples) {
  CostModel model;
  for (const Json& sample : samples)
    model.samples.push_back({sample.at(0).get<double>(), sample.at(1).get<double>()});
  const auto ascends = [](const auto& a, const auto& b) { return a.contacts < b.contacts; };
  const auto positive = [](const auto& s) {
    return s.contacts > 0 && s.seconds > 0 && std::isfinite(s.contacts) && std::isfinite(s.seconds);
  };
  if (model.samples.empty() || !std::all_of(model.samples.begin(), model.samples.end(), positive) ||
      std::adjacent_find(model.samples.begin(), model.samples.end(),
                         [&](auto& a, auto& b) { return !ascends(a, b); }) != model.samples.end())
    throw std::runtime_error("its samples are not positive and ascending");
  return model;
}

}  // namespace

double CostModel::seconds(double contacts) const {
  if (samples.size() == 1) return samples.front().seconds * contacts / samples.front().contacts;
  // Below the first sample a structure costs what that one does: there is a fixed part.
  if (contacts <= samples.front().contacts) return samples.front().seconds;
  const auto above = std::find_if(samples.begin(), samples.end() - 1,
                                  [&](const Sample& s) { return s.contacts >= contacts; });
  const Sample& to = *above;
  const Sample& from = *(above - 1);
  const double power = std::log(to.seconds / from.seconds) / std::log(to.contacts / from.contacts);
  return from.seconds * std::pow(contacts / from.contacts, power);
}

Calibration untested_calibration() {
  Calibration calibration;
  calibration.read.samples = {{2e3, 2e-3}, {4e4, 1e-2}, {5.6e5, 1.2e-1}};
  calibration.solvers["shift-invert"].samples = {{2e3, 5e-3},     {1.6e4, 2.2e-2}, {4e4, 8e-2},
                                                 {8.2e4, 2.6e-1}, {2e5, 8.5e-1},   {5.6e5, 4.2}};
  calibration.solvers["chebyshev"].samples = {
      {3e3, 1.3e-4}, {1.5e4, 5e-4}, {5.5e4, 2.4e-3}, {2.8e5, 2.7e-2}, {1.1e6, 2.6e-1}};
  calibration.solvers["jacobi"].samples = {{3e3, 1.8e-2}, {1.5e4, 4.8e-1}, {5.5e4, 18}};
  return calibration;
}

std::filesystem::path calibration_file(const std::filesystem::path& cache_dir) {
  return cache_dir / "calibration.json";
}

tl::expected<Calibration, std::string> load_calibration(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) return tl::unexpected(fmt::format("{} cannot be read", file.string()));
  try {
    const Json json = Json::parse(stream);
    if (json.at("format").get<int>() != format_version)
      return tl::unexpected(fmt::format("{} is of another version of modesweep", file.string()));
    Calibration calibration;
    calibration.measured = true;
    calibration.date = json.at("date").get<std::string>();
    calibration.cpu = json.at("cpu").get<std::string>();
    calibration.device = json.at("device").get<std::string>();
    calibration.read = model_from(json.at("read"));
    for (const auto& [name, samples] : json.at("solvers").items())
      calibration.solvers[name] = model_from(samples);
    if (!calibration.solvers.contains(cpu_solver))
      throw std::runtime_error("nothing was measured on the CPU");
    return calibration;
  } catch (const std::exception& error) {
    return tl::unexpected(fmt::format("{} is damaged: {}", file.string(), error.what()));
  }
}

void save_calibration(const Calibration& calibration, const std::filesystem::path& file) {
  Json json;
  json["format"] = format_version;
  json["unit"] = "[contacts, seconds a structure]";
  json["date"] = calibration.date;
  json["cpu"] = calibration.cpu;
  json["device"] = calibration.device;
  json["read"] = to_json(calibration.read);
  for (const auto& [name, model] : calibration.solvers) json["solvers"][name] = to_json(model);
  std::filesystem::create_directories(file.parent_path());
  AtomicFile out(file);
  out.write(json.dump(2) + "\n");
  out.commit();
}

Placement::Placement(Calibration calibration, std::string_view device_solver, int threads,
                     int devices)
    : calibration_(std::move(calibration)), least_ratio_(std::numeric_limits<double>::infinity()) {
  if (!calibration_.solvers.contains(device_solver)) return;
  // Taken by the CPU one after another, beginning with what the device gains least at.
  struct Size {
    double ratio, cpu, device;
  };
  std::vector<Size> all;
  double on_threads = 0, on_devices = 0;
  for (int i = 0; i < sizes; ++i) {
    const double contacts =
        least_contacts * std::pow(most_contacts / least_contacts, i / (sizes - 1.0));
    const double gain = ratio(contacts, device_solver);
    const double cpu = calibration_.solvers.find(cpu_solver)->second.seconds(contacts);
    all.push_back({gain, cpu, cpu / gain});
    on_threads += calibration_.read.seconds(contacts) / threads;
    on_devices += cpu / gain / devices;
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Size& a, const Size& b) { return a.ratio < b.ratio; });
  for (const Size& size : all) {
    on_threads += size.cpu / threads;
    if (on_threads > on_devices) {
      least_ratio_ = size.ratio;
      return;
    }
    on_devices -= size.device / devices;
  }
}

/// How many times slower one thread is than one device; 0 where the device has no such solver.
double Placement::ratio(double contacts, std::string_view device_solver) const {
  const auto on_device = calibration_.solvers.find(device_solver);
  if (on_device == calibration_.solvers.end()) return 0;
  return calibration_.solvers.find(cpu_solver)->second.seconds(contacts) /
         on_device->second.seconds(contacts);
}

Side Placement::choose(const Network& network, std::string_view device_solver) const {
  const double gain = ratio(static_cast<double>(network.neighbours.size()), device_solver);
  return gain > 0 && gain >= least_ratio_ ? Side::device : Side::cpu;
}

}  // namespace modesweep
