// SPDX-License-Identifier: MIT
// Who solves: the one way to solvers on the CPU, on devices, and to what each of them takes.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <modesweep/log.hpp>
#include <modesweep/modes.hpp>
#include <modesweep/pipeline.hpp>
#include <modesweep/requests.hpp>

namespace modesweep {

/// What `make_solvers` chose. Devices are at work only once a structure asks for them: making their
/// solver takes a second or more.
class Solvers {
 public:
  /// The solver on the CPU, which also takes what devices could not finish.
  const ModeSolver& cpu() const;

  /// Whether there are devices to take a part of the work.
  bool has_devices() const;
  /// Gives the devices up unless what they would save of the wall time of these files, one for each
  /// entry (empty where it is not at hand yet), is more than the start of their solver takes.
  /// Devices that were asked for, and those that are at work, stay.
  void weigh_devices(std::span<const std::filesystem::path> files);
  /// For a pipeline, which it must outlive: empty where there are no devices.
  DeviceWork device_work();
  /// The part of typical structures that the devices take, where CPU and devices share.
  std::optional<double> device_share() const;
  /// What the devices did so far.
  std::vector<DeviceUse> use() const;

  /// Rows of the same files and parameters are the same to the bit where this text is.
  std::string signature() const;

  Solvers(Solvers&&) noexcept;
  Solvers& operator=(Solvers&&) noexcept;
  ~Solvers();

 private:
  class Implementation;
  friend Solvers make_solvers(const Machine&, const Model&, const std::filesystem::path&,
                              Reporter&);
  explicit Solvers(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

/// The solvers of a machine for a model. `cache_dir` is where a calibration of CPU and devices
/// lies. Throws RunError: `request` where backend, solver and model do not go together,
/// `unavailable` where a device that was asked for cannot be used.
Solvers make_solvers(const Machine& machine, const Model& model,
                     const std::filesystem::path& cache_dir, Reporter& reporter);

}  // namespace modesweep
