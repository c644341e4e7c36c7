// SPDX-License-Identifier: MIT
#include "devices/placement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/atomic_file.hpp"
#include "base/likely_size.hpp"
#include "base/text.hpp"

namespace modesweep {
namespace {

using Json = nlohmann::ordered_json;

constexpr int format_version = 3;
constexpr const char* cpu_solver = "auto";

// Nodes of the smallest network that devices get. Solver chebyshev has no room for 20 modes of
// smaller ones.
constexpr std::int64_t least_nodes = 30;

// At 15 A, both directions of each; PDB files have about 8 atoms a residue and 80 bytes an atom.
constexpr double contacts_a_residue = 55;
constexpr double typical_residues = 300;
constexpr double bytes_a_residue = 650;

// Of the card that the built-in figures are from, and the double-precision operations a contact
// that solver chebyshev needs (docs/gpu-cost.md).
constexpr double measured_single_flops = 66.9e12;
constexpr double measured_double_flops = 33.5e12;
constexpr double double_flops_a_contact = 13.5e3;

/// A number in [0, 1) that is a function of the coordinates alone.
double number_of(const Network& network) {
  // FNV-1a over the bits, with a last mixing (that of splitmix64) for the upper ones.
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const Vec3& position : network.positions)
    for (const double value : position)
      hash = (hash ^ std::bit_cast<std::uint64_t>(value)) * 0x100000001b3;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  return static_cast<double>((hash ^ (hash >> 31)) >> 11) * 0x1p-53;
}

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

Calibration built_in_calibration(const CudaDevice& device) {
  // 2026-11-27: one NVIDIA H100 80GB HBM3 and 16 threads of an Intel Xeon, all of them busy.
  Calibration calibration;
  calibration.start = 1.0;
  calibration.read.samples = {{1.8e4, 1.8e-3}};
  calibration.solvers[cpu_solver].samples = {{2.9e3, 2.8e-3}, {1.2e4, 1.36e-2}, {1.8e4, 1.58e-2},
                                             {4.2e4, 5.2e-2}, {8.5e4, 1.11e-1}, {1.7e5, 2.47e-1}};
  std::vector<CostModel::Sample> chebyshev = {{2.9e3, 5.1e-5}, {1.2e4, 1.55e-4}, {1.8e4, 2.4e-4},
                                              {4.2e4, 6.0e-4}, {8.5e4, 1.41e-3}, {1.7e5, 3.4e-3}};
  if (device.single_flops > 0 && device.double_flops > 0) {
    const double slower = measured_single_flops / device.single_flops;
    for (CostModel::Sample& sample : chebyshev)
      sample.seconds = sample.seconds * slower +
                       double_flops_a_contact * sample.contacts *
                           std::max(0.0, 1 / device.double_flops - 1 / measured_double_flops);
  }
  calibration.solvers["chebyshev"].samples = std::move(chebyshev);
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
    calibration.start = json.at("start").get<double>();
    if (!(calibration.start >= 0) || !std::isfinite(calibration.start))
      throw std::runtime_error("its start is not a time");
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
  json["start"] = calibration.start;
  json["read"] = to_json(calibration.read);
  for (const auto& [name, model] : calibration.solvers) json["solvers"][name] = to_json(model);
  std::filesystem::create_directories(file.parent_path());
  AtomicFile out(file);
  out.write(json.dump(2) + "\n");
  out.commit();
}

Placement::Placement(Calibration calibration, std::string_view device_solver, int threads,
                     int devices)
    : calibration_(std::move(calibration)),
      device_solver_(device_solver),
      threads_(threads),
      devices_(devices) {}

Placement::Seconds Placement::seconds(double contacts) const {
  const auto device = calibration_.solvers.find(device_solver_);
  return {calibration_.solvers.find(cpu_solver)->second.seconds(contacts) / threads_,
          device == calibration_.solvers.end() ? std::numeric_limits<double>::infinity()
                                               : device->second.seconds(contacts) / devices_};
}

double Placement::device_share(double contacts) const {
  const Seconds s = seconds(contacts);
  // share * devices = reading + (1 - share) * threads
  return std::min(
      1.0, (calibration_.read.seconds(contacts) / threads_ + s.threads) / (s.devices + s.threads));
}

Side Placement::choose(const Network& network) const {
  if (network.nodes() < least_nodes) return Side::cpu;
  const double share = device_share(static_cast<double>(network.neighbours.size()));
  return number_of(network) < share ? Side::device : Side::cpu;
}

double Placement::seconds_saved(double contacts) const {
  return device_share(contacts) * seconds(contacts).threads;
}

double expected_contacts(const std::filesystem::path& file) {
  const std::uint64_t size = file.empty() ? 0 : likely_size(file);
  if (size == 0) return contacts_a_residue * typical_residues;
  return contacts_a_residue * static_cast<double>(size) / bytes_a_residue;
}

}  // namespace modesweep
