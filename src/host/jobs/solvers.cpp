// SPDX-License-Identifier: MIT
#include <modesweep/solvers.hpp>

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include <modesweep/device.hpp>
#include <modesweep/machine.hpp>

#include "base/text.hpp"
#include "devices/cuda_module.hpp"
#include "devices/placement.hpp"

namespace modesweep {
namespace {

using DeviceSolverOr = tl::expected<std::unique_ptr<DeviceSolver>, std::string>;

[[noreturn]] void refuse(const std::string& message) { throw RunError(Cause::request, message); }

/// Whether devices may solve for these; throws where what is asked for does not go together.
bool may_use_devices(const Machine& machine, const Model& model) {
  const bool automatic = machine.solver == Solver::automatic;
  const bool of_devices = is_of_devices(machine.solver);
  // Both sides have it; the devices' is taken where they are asked for.
  const bool filtered = machine.solver == Solver::filtered &&
                        (machine.backend == Backend::cuda ||
                         (machine.backend == Backend::automatic && !machine.devices.empty()));
  const std::string solver = fmt::format("solver {}", to_string(machine.solver));
  if (machine.backend == Backend::cuda && !automatic && !of_devices && !filtered)
    refuse(fmt::format("backend cuda has the solvers chebyshev, filtered and jacobi, not {}",
                       to_string(machine.solver)));
  if (machine.backend == Backend::cpu && of_devices)
    refuse(solver + " is one of backend cuda, not cpu");
  const bool gnm = model.network.model == ElasticModel::gnm;
  const bool on_cpu_alone = gnm || model.all_fluctuations;
  if (on_cpu_alone && (machine.backend == Backend::cuda || of_devices))
    refuse(fmt::format("{} on the CPU alone, not by {}",
                       gnm ? "a GNM is solved" : "columns of all modes are computed",
                       of_devices ? solver : "backend cuda"));
  const bool may =
      machine.backend != Backend::cpu && !on_cpu_alone && (automatic || of_devices || filtered);
  if (!may && !machine.devices.empty())
    refuse(fmt::format("devices asked for are of no use with {}",
                       machine.backend == Backend::cpu ? "backend cpu"
                       : gnm                           ? "a GNM"
                       : model.all_fluctuations        ? "columns of all modes"
                                                       : solver));
  return may;
}

/// The calibration of this machine, or the built-in one.
Calibration find_calibration(const std::filesystem::path& cache_dir, const CudaDevice& device,
                             Reporter& reporter) {
  const std::filesystem::path file = calibration_file(cache_dir);
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    reporter.debug(
        "no calibration of CPU and device yet: their shares of the work are those of another "
        "machine");
    return built_in_calibration(device);
  }
  tl::expected<Calibration, std::string> calibration = load_calibration(file);
  if (calibration && calibration->cpu == cpu_name() && calibration->device == device.name)
    return *std::move(calibration);
  reporter.warning(fmt::format(
      "the calibration is not used: {}",
      calibration ? fmt::format("{} is of another machine", file.string()) : calibration.error()));
  return built_in_calibration(device);
}

}  // namespace

class Solvers::Implementation {
 public:
  Implementation(const Machine& machine, const Model& model, const std::filesystem::path& cache_dir,
                 Reporter& reporter)
      : machine_(with_defaults(machine)),
        cpu_(make_cpu_solver(machine_.solver, *machine_.isa)),
        name_(is_of_devices(machine.solver) || machine.solver == Solver::filtered
                  ? to_string(machine.solver)
                  : "chebyshev"),
        reporter_(reporter) {
    if (may_use_devices(machine, model)) find_devices(cache_dir);
  }

  const ModeSolver& cpu() const { return *cpu_; }
  bool has_devices() const { return !devices_.empty(); }

  void weigh_devices(std::span<const std::filesystem::path> files) {
    if (!placement_ || is_made()) return;
    const double start = placement_->start_seconds();
    double saved = 0;
    for (const std::filesystem::path& file : files) {
      saved += placement_->seconds_saved(expected_contacts(file));
      if (saved > start) return;
    }
    reporter_.debug(
        fmt::format("on the CPU alone: a device would save {:.1f} s of {}, and its "
                    "start takes {:.1f} s",
                    saved, counted(files.size(), "entry", "entries"), start));
    devices_.clear();
    placement_.reset();
  }

  DeviceWork device_work() {
    DeviceWork work;
    if (!has_devices()) return work;
    work.name = name_;
    work.solver = [this]() -> const DeviceSolver* {
      const DeviceSolverOr& solver = device_solver();
      if (solver) return solver->get();
      reporter_.warning(fmt::format("on the CPU alone: {}", solver.error()));
      return nullptr;
    };
    work.takes = [this](const Network& network) {
      return !placement_ || placement_->choose(network) == Side::device;
    };
    work.dynamic = machine_.dynamic_balance;
    work.too_large_is_final = machine_.solver == Solver::jacobi;
    return work;
  }

  std::optional<double> device_share() const {
    if (!placement_) return std::nullopt;
    return placement_->device_share(expected_contacts({}));
  }

  std::vector<DeviceUse> use() const {
    return is_made() ? (*device_solver_)->get()->use() : std::vector<DeviceUse>();
  }

  std::string signature() const {
    std::string text = fmt::format("{} on {}", cpu_->name(), cpu_name());
    text += fmt::format(" {}", to_string(*machine_.isa));
    if (!has_devices()) return text;
    text += fmt::format("; {} on {}", name_, model_);
    if (!placement_) return text + ", all";
    // Shares of three sizes say which calibration it is.
    for (const double contacts : {1.6e3, 1.6e4, 1.6e5})
      text += fmt::format(", {} of {:.0f} contacts", placement_->device_share(contacts), contacts);
    return text;
  }

 private:
  /// One that was asked for has to be there; one that is only a way need not.
  void find_devices(const std::filesystem::path& cache_dir) {
    std::string wish;
    if (is_of_devices(machine_.solver)) wish = fmt::format("solver {}", to_string(machine_.solver));
    if (!machine_.devices.empty()) wish = "devices asked for";
    if (machine_.backend == Backend::cuda) wish = "backend cuda";
    const tl::expected<std::vector<CudaDevice>, std::string> present = cuda_devices();
    auto chosen = present ? choose_devices(machine_.devices, static_cast<int>(present->size()))
                          : tl::unexpected(present.error());
    if (!chosen) {
      if (!wish.empty()) throw RunError(Cause::unavailable, wish + ": " + chosen.error());
      reporter_.debug("on the CPU alone: " + chosen.error());
      return;
    }
    devices_ = *std::move(chosen);
    const CudaDevice& first = (*present)[static_cast<std::size_t>(devices_.front())];
    model_ = first.name;
    if (!wish.empty() && !device_solver())
      throw RunError(Cause::unavailable, wish + ": " + device_solver().error());
    if (machine_.backend != Backend::automatic || machine_.solver != Solver::automatic) return;
    placement_.emplace(find_calibration(cache_dir, first, reporter_), name_, machine_.threads,
                       static_cast<int>(devices_.size()));
    reporter_.debug(fmt::format("devices take {:.0f} % of the structures of 300 residues",
                                100 * *device_share()));
  }

  const DeviceSolverOr& device_solver() {
    if (!device_solver_) device_solver_ = load_cuda_solver(name_, devices_);
    return *device_solver_;
  }
  bool is_made() const { return device_solver_ && *device_solver_; }

  const Machine machine_;
  const std::unique_ptr<ModeSolver> cpu_;
  const std::string name_;  ///< of the devices' solver
  Reporter& reporter_;
  std::vector<int> devices_;  ///< empty: there are none
  std::string model_;         ///< of the first
  std::optional<DeviceSolverOr> device_solver_;
  std::optional<Placement> placement_;  ///< none: all on the devices, or none there
};

Solvers::Solvers(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
Solvers::Solvers(Solvers&&) noexcept = default;
Solvers& Solvers::operator=(Solvers&&) noexcept = default;
Solvers::~Solvers() = default;

const ModeSolver& Solvers::cpu() const { return implementation_->cpu(); }
bool Solvers::has_devices() const { return implementation_->has_devices(); }
void Solvers::weigh_devices(std::span<const std::filesystem::path> files) {
  implementation_->weigh_devices(files);
}
DeviceWork Solvers::device_work() { return implementation_->device_work(); }
std::optional<double> Solvers::device_share() const { return implementation_->device_share(); }
std::vector<DeviceUse> Solvers::use() const { return implementation_->use(); }
std::string Solvers::signature() const { return implementation_->signature(); }

Solvers make_solvers(const Machine& machine, const Model& model,
                     const std::filesystem::path& cache_dir, Reporter& reporter) {
  return Solvers(std::make_unique<Solvers::Implementation>(machine, model, cache_dir, reporter));
}

}  // namespace modesweep
