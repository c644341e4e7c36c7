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
  bool measured = false;  ///< on this machine; else it is `untested_calibration`
  std::string date;       ///< ISO 8601
  std::string cpu;        ///< model names, as `modesweep info` prints them
  std::string device;
  CostModel read;  ///< a file to its network, on one thread
  /// By the names of `--solver`: shift-invert on one thread; chebyshev and jacobi on one device,
  /// each structure's part of a batch that fills it.
  std::map<std::string, CostModel, std::less<>> solvers;
};

/// Where nothing was measured. The CPU's figures are those of the benchmark of 2026-11-22; the
/// device's are three times what a cost model predicts for a consumer card, and untested.
Calibration untested_calibration();

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
  /// The device takes the structures that it is best at compared with the CPU: so many that, for
  /// sizes spread evenly on a logarithmic scale from 60 to 6,000 residues, the devices and the
  /// threads, which also read all files, would need the same time.
  Placement(Calibration calibration, std::string_view device_solver, int threads, int devices);

  /// `device_solver` is the one that the device would use for this network; empty where it has
  /// none.
  Side choose(const Network& network, std::string_view device_solver) const;

  /// The device takes what is at least so many times slower on the CPU.
  double least_ratio() const { return least_ratio_; }

 private:
  double ratio(double contacts, std::string_view device_solver) const;

  Calibration calibration_;
  double least_ratio_ = 0;
};

}  // namespace modesweep
