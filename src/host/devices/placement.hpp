// SPDX-License-Identifier: MIT
// Who solves a structure where there is a device beside the CPU: what each would need for it, as it
// was measured on this machine, decides.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <modesweep/network.hpp>

#include "devices/cuda_module.hpp"

namespace modesweep {

/// Seconds a structure, as a function of its contacts (both directions of each, as a Network
/// counts them). Between samples a power law, beyond them the nearest one's.
struct CostModel {
  struct Sample {
    double contacts;
    double seconds;
  };
  std::vector<Sample> samples;  ///< ascending in contacts; all values positive

  double seconds(double contacts) const;
};

/// What a machine needs for a structure. `modesweep bench --calibrate` measures it.
struct Calibration {
  bool measured = false;  ///< on this machine; else it is a built-in one of another
  std::string date;       ///< ISO 8601
  std::string cpu;        ///< model names, as `modesweep info` prints them
  std::string device;
  CostModel read;    ///< a file to its network, on one thread
  double start = 0;  ///< seconds that making the devices' solver takes
  /// By `ModeSolver::name`: auto on one thread while all are busy; chebyshev and jacobi on one
  /// device, each structure's part of a batch that fills it.
  std::map<std::string, CostModel, std::less<>> solvers;
};

/// Where nothing was measured on this machine: figures of one H100 and of a thread among 16 beside
/// it (docs/gpu.md), the card's turned into those of `device` by what the data sheets allow, which
/// is untested for other cards.
Calibration built_in_calibration(const CudaDevice& device);

/// Its place in the cache.
std::filesystem::path calibration_file(const std::filesystem::path& cache_dir);

/// What `save_calibration` wrote, or one sentence why it cannot be used.
tl::expected<Calibration, std::string> load_calibration(const std::filesystem::path& file);

/// Throws std::system_error.
void save_calibration(const Calibration& calibration, const std::filesystem::path& file);

enum class Side { cpu, device };

/// Decides structure by structure. A function of the structure, the options and the calibration
/// alone, so that a run can be repeated.
class Placement {
 public:
  Placement(Calibration calibration, std::string_view device_solver, int threads, int devices);

  /// Of structures with so many contacts, the part that is the devices': with it they and the
  /// threads, which also read all files, are busy for the same time. 0 where that solver was not
  /// measured.
  double device_share(double contacts) const;

  /// The devices get their share of all sizes, chosen by a hash of the coordinates. Networks that
  /// are too small for solver chebyshev are the CPU's.
  Side choose(const Network& network) const;

  /// What the devices' share saves of the wall time of a structure with so many contacts, in
  /// seconds.
  double seconds_saved(double contacts) const;
  /// What they have to save together before making their solver pays.
  double start_seconds() const { return calibration_.start; }

 private:
  struct Seconds {
    double threads, devices;  ///< wall time of a structure where those have it alone
  };
  Seconds seconds(double contacts) const;

  Calibration calibration_;
  std::string device_solver_;
  int threads_, devices_;
};

/// Contacts of a structure of which only its file's size is known; of a typical one where there is
/// no file.
double expected_contacts(const std::filesystem::path& file);

}  // namespace modesweep
