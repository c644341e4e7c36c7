// SPDX-License-Identifier: MIT
// The command `bench`: what each solver takes on this machine, and what the choice between CPU and
// device is made by.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <modesweep/device.hpp>
#include <modesweep/entries.hpp>
#include <modesweep/machine.hpp>
#include <modesweep/pipeline.hpp>
#include <modesweep/structure.hpp>
#include <modesweep/version.hpp>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/interrupt.hpp"
#include "cli/option_groups.hpp"
#include "cli/output_stream.hpp"
#include "devices/cuda_module.hpp"
#include "devices/placement.hpp"
#include "measure/measure.hpp"
#include "measure/samples.hpp"
#include "results/text_fields.hpp"

namespace modesweep::cli {
namespace {

constexpr const char* notes =
    R"(Each solver alone on networks in memory (structures a second of all threads, or
of one batch on the device), then whole jobs from files with each stage's share.

Gflop/s and GB/s count the products with the Hessian alone; % is of what the
device's clocks allow. digits: in which the shares of all modes agree with a
dense solve by LAPACK (above 1,000 residues with shift-invert).)";

struct BenchOptions {
  std::vector<std::filesystem::path> files;  ///< and folders; empty: data/demo, or made-up networks
  int most_residues = 3000;
  double seconds = 1;                ///< each measurement, at least
  std::vector<std::string> solvers;  ///< by name, those of the CPU and of the device; empty: all
  int threads = 0;
  Format format = Format::table;
  bool calibrate = false;
  std::filesystem::path cache_dir;
};

using Json = nlohmann::ordered_json;
using measure::Effort;
using measure::Measurement;
using measure::Sample;

// Beyond, the dense solvers take longer than anybody waits for.
constexpr std::int64_t most_residues_eigen = 300;
constexpr std::int64_t most_residues_lapack = 1000;
constexpr std::int64_t most_residues_jacobi = 150;
// Of a call of solver jacobi, whose batches are bounded by memory alone: the sum of (3N)^3.
constexpr double jacobi_work_in_a_call = 2e10;
// Structures in a call, so that their networks and modes stay well below the host's memory.
constexpr double most_in_a_call = 20'000;
constexpr int simulated_batch = 2;
// Of all measurements of --calibrate together.
constexpr double calibration_seconds = 40;
constexpr std::size_t calibration_files = 200;
constexpr std::int64_t most_residues_simulated = 300;
constexpr const char* device_solver_names[] = {"chebyshev", "filtered", "jacobi"};

/// The solvers of the devices, each made when it is first asked for.
class DeviceSolvers {
 public:
  tl::expected<const DeviceSolver*, std::string> find(const std::string& name) {
    std::unique_ptr<DeviceSolver>& solver = solvers_[name];
    if (!solver) {
      auto loaded = load_cuda_solver(name, {});
      if (!loaded) return tl::unexpected(loaded.error());
      solver = *std::move(loaded);
    }
    return solver.get();
  }
  const DeviceSolver& get(const std::string& name) {
    const auto solver = find(name);
    if (!solver) throw RunError(Cause::unavailable, solver.error());
    return **solver;
  }

 private:
  std::map<std::string, std::unique_ptr<DeviceSolver>> solvers_;
};

/// What is measured, and on what.
struct Setting {
  const BenchOptions& options;
  std::vector<std::filesystem::path> files;
  std::vector<Sample> samples;
  std::vector<CudaDevice> devices;
  std::string no_device;  ///< why there is none
  double start = 0;       ///< seconds that making their first solver took

  bool is_simulated() const { return !devices.empty() && devices[0].is_simulated; }
  /// Whether a solver of a device has this network in its turn.
  bool on_device(const std::string& solver, const Network& network) const {
    if (devices.empty() || !measures(solver)) return false;
    if (solver == "jacobi" && network.nodes() > most_residues_jacobi) return false;
    return !is_simulated() || network.nodes() <= most_residues_simulated;
  }
  bool measures(std::string_view solver) const {
    return options.solvers.empty() || std::find(options.solvers.begin(), options.solvers.end(),
                                                solver) != options.solvers.end();
  }
};

void check_interrupt() {
  if (interrupt_exit_code() != 0) throw Cancelled();
}

/// So many files at most, spread evenly.
std::vector<std::filesystem::path> thinned(const std::vector<std::filesystem::path>& files,
                                           std::size_t most) {
  if (files.size() <= most) return files;
  std::vector<std::filesystem::path> some;
  for (std::size_t i = 0; i < most; ++i) some.push_back(files[i * files.size() / most]);
  return some;
}

Setting prepare(const BenchOptions& options, DeviceSolvers& device_solvers, Reporter& reporter) {
  Setting setting{options, {}, {}, {}, {}, 0};
  std::vector<std::filesystem::path> paths = options.files;
  std::error_code error;
  if (paths.empty() && std::filesystem::is_directory("data/demo", error))
    paths.emplace_back("data/demo");
  if (paths.empty()) {
    reporter.info("no PATH, and data/demo is not here: made-up networks, and no whole jobs");
    setting.samples = measure::made_up_samples(options.most_residues);
  } else {
    setting.files = structure_files(paths, reporter);
    if (options.calibrate) setting.files = thinned(setting.files, calibration_files);
    setting.samples = measure::samples_of_files(setting.files, options.most_residues);
  }
  auto devices = cuda_devices();
  const Stopwatch watch;
  const auto solver =
      devices ? device_solvers.find(device_solver_names[0]) : tl::unexpected(devices.error());
  setting.start = watch.seconds();
  if (solver)
    setting.devices = *std::move(devices);
  else
    setting.no_device = solver.error();
  return setting;
}

/// A batch for every lane of the devices.
int copies_in_a_call(const DeviceSolver& solver, const Network& network, bool is_simulated) {
  if (is_simulated) return simulated_batch;
  double copies = solver.lanes() / solver.part_of_batch(network, {});
  if (solver.method_for(network, {}) == "jacobi")
    copies = std::min(copies, jacobi_work_in_a_call /
                                  std::pow(static_cast<double>(network.degrees_of_freedom()), 3));
  return static_cast<int>(std::clamp(copies, 1.0, most_in_a_call));
}

Effort device_effort(const Setting& setting, const DeviceSolver& solver, const Network& network,
                     double seconds) {
  Effort effort;
  effort.seconds = setting.is_simulated() ? 0 : seconds;
  effort.batch = copies_in_a_call(solver, network, setting.is_simulated());
  effort.checkpoint = check_interrupt;
  return effort;
}

/// Share of a rate in what the devices allow together; nothing where that is not known.
std::optional<double> share_of(std::optional<double> rate, const std::vector<CudaDevice>& devices,
                               double CudaDevice::*limit) {
  double sum = 0;
  for (const CudaDevice& device : devices) sum += device.*limit;
  if (!rate || sum <= 0) return std::nullopt;
  return *rate / sum;
}

/// One line of results: a record for programs, cells for people.
class Printer {
 public:
  explicit Printer(Format format) : format_(format) {}

  void record(const Json& json) const {
    if (format_ == Format::jsonl) print(json_text(json));
  }
  void text(const std::string& text) const {
    if (format_ != Format::jsonl) print(text);
  }

 private:
  const Format format_;
};

/// A number that is none where the device is simulated.
Json time_value(double value, bool is_time) { return is_time ? Json(value) : Json("not a time"); }
std::string time_text(const std::string& text, bool is_time) {
  return is_time ? text : "not a time";
}

void show_machine(const Setting& setting, const Printer& out) {
  Json json = {{"record", "machine"},
               {"version", version},
               {"date", utc_now()},
               {"cpu", cpu_name()},
               {"threads", setting.options.threads},
               {"devices", Json::array()}};
  std::string text =
      fmt::format("cpu      {}, {}\n", cpu_name(), counted(setting.options.threads, "thread"));
  for (const CudaDevice& device : setting.devices) {
    json["devices"].push_back({{"name", device.name},
                               {"single_flops", device.single_flops},
                               {"double_flops", device.double_flops},
                               {"bytes_per_second", device.bytes}});
    text += device.is_simulated
                ? fmt::format("device   {}: not a device, and what it takes is not a time\n",
                              device.name)
                : fmt::format(
                      "device   {}: {:.1f} and {:.1f} Tflop/s in single and double "
                      "precision, {:.2f} TB/s\n",
                      device.name, device.single_flops * 1e-12, device.double_flops * 1e-12,
                      device.bytes * 1e-12);
  }
  if (!setting.no_device.empty()) {
    json["no_device"] = setting.no_device;
    text += fmt::format("device   none, so that there is no GPU part: {}\n", setting.no_device);
  }
  out.record(json);
  out.text(text);
}

void show_measurement(const Setting& setting, const Sample& sample, const std::string& solver,
                      const Measurement& m, bool on_device, bool is_reference, const Printer& out) {
  const bool is_time = !on_device || !setting.is_simulated();
  Json json = {{"record", "engine"},
               {"structure", sample.name},
               {"residues", sample.network.nodes()},
               {"contacts", sample.network.neighbours.size() / 2},
               {"solver", solver}};
  std::string text = fmt::format("{:<16} {:>8} {:>9}  {:<12} ", sample.name, sample.network.nodes(),
                                 sample.network.neighbours.size() / 2, solver);
  if (!m.failure.empty()) {
    json["failure"] = m.failure;
    out.record(json);
    out.text(text + m.failure + "\n");
    return;
  }
  const auto flops_share = share_of(m.flops_per_second, setting.devices, &CudaDevice::single_flops);
  const auto bytes_share = share_of(m.bytes_per_second, setting.devices, &CudaDevice::bytes);
  json["solved_by"] = m.solver;
  json["backend"] = m.backend;
  json["at_once"] = m.structures;
  json["seconds_a_structure"] = time_value(m.seconds, is_time);
  json["structures_per_second"] = time_value(1 / m.seconds, is_time);
  if (m.flops_per_second) {
    json["flops_per_second"] = time_value(*m.flops_per_second, is_time);
    json["bytes_per_second"] = time_value(*m.bytes_per_second, is_time);
  }
  if (flops_share) json["of_single_flops"] = *flops_share;
  if (bytes_share) json["of_bytes"] = *bytes_share;
  if (!is_reference) json["digits"] = m.digits;
  out.record(json);
  const auto rate = [&](std::optional<double> value, std::optional<double> share) {
    if (!value) return std::string("-");
    std::string t = fmt::format("{:.1f}", *value * 1e-9);
    if (share) t += fmt::format(" ({:.0f} %)", 100 * *share);
    return time_text(t, is_time);
  };
  text += fmt::format("{:<18} {:>7} {:>12} {:>12} {:>13} {:>13} {:>6}\n", m.backend, m.structures,
                      time_text(fmt::format("{:.3f}", 1e3 * m.seconds), is_time),
                      time_text(fmt::format("{:.1f}", 1 / m.seconds), is_time),
                      rate(m.flops_per_second, flops_share), rate(m.bytes_per_second, bytes_share),
                      is_reference ? "-" : fmt::format("{:.1f}", m.digits));
  out.text(text);
}

/// Each solver alone on each sample.
void measure_engines(const Setting& setting, DeviceSolvers& device_solvers, const Printer& out) {
  out.text(
      fmt::format("\n{:<16} {:>8} {:>9}  {:<12} {:<18} {:>7} {:>12} {:>12} {:>13} {:>13} {:>6}\n",
                  "structure", "residues", "contacts", "solver", "backend", "at once", "ms each",
                  "structures/s", "Gflop/s", "GB/s", "digits"));
  const auto automatic = make_cpu_solver(Solver::automatic);
  const auto shift_invert = make_cpu_solver(Solver::shift_invert);
  const auto filtered = make_cpu_solver(Solver::filtered);
  const auto lapack = make_cpu_solver(Solver::lapack);
  const auto eigen = make_cpu_solver(Solver::eigen);
  for (const Sample& sample : setting.samples) {
    const std::int64_t residues = sample.network.nodes();
    const bool dense = residues <= most_residues_lapack;
    const ModeSolver& trusted = dense ? *lapack : *shift_invert;
    const auto reference = trusted.solve({&sample.network, 1}, {});
    if (!reference[0]) {
      out.text(fmt::format("{:<16} {}\n", sample.name, reference[0].error().message));
      continue;
    }
    Effort effort;
    effort.seconds = setting.options.seconds;
    effort.threads = setting.options.threads;
    effort.checkpoint = check_interrupt;
    for (const ModeSolver* solver :
         {automatic.get(), shift_invert.get(), filtered.get(), lapack.get(), eigen.get()}) {
      if (!setting.measures(solver->name())) continue;
      if (solver == lapack.get() && !dense) continue;
      if (solver == eigen.get() && residues > most_residues_eigen) continue;
      show_measurement(setting, sample, std::string(solver->name()),
                       measure::measure_on_cpu(*solver, sample.network, *reference[0], effort),
                       false, solver == &trusted, out);
    }
    for (const char* const name : device_solver_names) {
      if (!setting.on_device(name, sample.network)) continue;
      const DeviceSolver& solver = device_solvers.get(name);
      show_measurement(setting, sample, name,
                       measure::measure_on_device(
                           solver, sample.network, *reference[0],
                           device_effort(setting, solver, sample.network, effort.seconds)),
                       true, false, out);
    }
  }
}

/// All files to a ranking; modes by the CPU, or all by the devices where there is a solver of
/// theirs.
void measure_job(const Setting& setting, const DeviceSolver* device, const Printer& out) {
  check_interrupt();
  const std::unique_ptr<ModeSolver> cpu = make_cpu_solver(Solver::automatic);
  const std::string name(device ? device->name() : cpu->name());
  const bool is_time = !device || !setting.is_simulated();
  std::vector<std::filesystem::path> files = setting.files;
  // A simulated device takes long, and shows as much with a few.
  if (!is_time && files.size() > 3) files.resize(3);
  PipelineOptions options;
  options.threads = setting.options.threads;
  options.max_memory = allowed_memory().amount / 10 * 8;
  options.cancel = watch_for_interrupt();
  SilentReporter silent;
  const Stopwatch watch;
  DeviceWork work;
  if (device) work.solver = [device] { return device; };
  work.name = name;
  work.takes = [](const Network&) { return true; };
  Pipeline pipeline(options, *cpu, silent, std::move(work));
  for (const std::filesystem::path& file : files) pipeline.submit({}, file);
  const Ranking ranking = pipeline.finish();
  const double seconds = watch.seconds();
  const StageSeconds stages = pipeline.seconds();
  const double modes = stages.solve + stages.device;
  const double sum = stages.parse + stages.network + modes;
  const auto rate = static_cast<double>(ranking.rows.size()) / seconds;
  out.record({{"record", "job"},
              {"solver", name},
              {"files", files.size()},
              {"ranked", ranking.rows.size()},
              {"seconds", time_value(seconds, is_time)},
              {"structures_per_second", time_value(rate, is_time)},
              {"share_parse", time_value(stages.parse / sum, is_time)},
              {"share_network", time_value(stages.network / sum, is_time)},
              {"share_modes", time_value(modes / sum, is_time)}});
  const auto percent = [&](double part) {
    return time_text(fmt::format("{:.1f}", 100 * part / sum), is_time);
  };
  out.text(fmt::format("{:<14} {:>6} {:>7} {:>12} {:>12} {:>12} {:>12} {:>12}\n", name,
                       files.size(), ranking.rows.size(),
                       time_text(fmt::format("{:.2f}", seconds), is_time),
                       time_text(fmt::format("{:.1f}", rate), is_time), percent(stages.parse),
                       percent(stages.network), percent(modes)));
}

void measure_jobs(const Setting& setting, DeviceSolvers& device_solvers, const Printer& out) {
  const bool on_cpu = setting.measures("auto");
  const bool on_device = !setting.devices.empty() && setting.measures("chebyshev");
  if (setting.files.empty() || !(on_cpu || on_device)) return;
  out.text(fmt::format("\n{:<14} {:>6} {:>7} {:>12} {:>12} {:>12} {:>12} {:>12}\n", "whole job",
                       "files", "ranked", "seconds", "structures/s", "parse %", "network %",
                       "modes %"));
  if (on_cpu) measure_job(setting, nullptr, out);
  if (on_device) measure_job(setting, &device_solvers.get("chebyshev"), out);
}

/// One thread's time from a file to its network.
CostModel measure_reading(const Setting& setting) {
  CostModel model;
  std::vector<CostModel::Sample> samples;
  for (const std::filesystem::path& file : setting.files) {
    const Stopwatch watch;
    const Outcome<Structure> structure = read_structure(file, {});
    if (!structure) continue;
    std::vector<Vec3> positions;
    for (const Node& node : structure->nodes) positions.push_back(node.position);
    const Outcome<Network> network = build_network(std::move(positions), {});
    if (network && !network->neighbours.empty())
      samples.push_back({static_cast<double>(network->neighbours.size()), watch.seconds()});
  }
  if (samples.empty()) return built_in_calibration(setting.devices.front()).read;
  std::sort(samples.begin(), samples.end(),
            [](const auto& a, const auto& b) { return a.contacts < b.contacts; });
  // The median of each group of files of about the same size: each at least twice the one before.
  for (std::size_t begin = 0; begin < samples.size();) {
    std::size_t end = begin;
    while (end < samples.size() && samples[end].contacts < 2 * samples[begin].contacts) ++end;
    std::vector<double> seconds;
    for (std::size_t i = begin; i < end; ++i) seconds.push_back(samples[i].seconds);
    std::nth_element(seconds.begin(),
                     seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2),
                     seconds.end());
    model.samples.push_back({samples[(begin + end) / 2].contacts, seconds[seconds.size() / 2]});
    begin = end;
  }
  return model;
}

int calibrate(const Setting& setting, DeviceSolvers& device_solvers,
              const std::filesystem::path& cache_dir, const Printer& out) {
  if (setting.devices.empty())
    throw RunError(Cause::unavailable, fmt::format("there is no device to compare the CPU with: {}",
                                                   setting.no_device));
  Calibration calibration;
  calibration.measured = true;
  calibration.date = utc_now();
  calibration.cpu = cpu_name();
  calibration.device = setting.devices.front().name;
  calibration.start = setting.start;
  calibration.read = measure_reading(setting);
  const auto on_cpu = make_cpu_solver(Solver::automatic);
  std::vector<const Sample*> samples;
  for (const Sample& sample : setting.samples) samples.push_back(&sample);
  std::sort(samples.begin(), samples.end(), [](const Sample* a, const Sample* b) {
    return a->network.neighbours.size() < b->network.neighbours.size();
  });
  // The CPU's solver and those of the device on each, some time for the way to a full batch beside.
  const double each =
      std::min(setting.options.seconds / 2,
               calibration_seconds /
                   static_cast<double>(2 * (1 + std::size(device_solver_names)) * samples.size()));
  double last = 0;
  for (const Sample* sample : samples) {
    const Network& network = sample->network;
    // Samples ascend.
    if (static_cast<double>(network.neighbours.size()) <= last) continue;
    last = static_cast<double>(network.neighbours.size());
    check_interrupt();
    const auto reference = on_cpu->solve({&network, 1}, {});
    if (!reference[0]) continue;
    Effort effort;
    effort.seconds = each;
    effort.threads = setting.options.threads;
    effort.checkpoint = check_interrupt;
    const Measurement cpu = measure::measure_on_cpu(*on_cpu, network, *reference[0], effort);
    if (cpu.failure.empty())
      calibration.solvers[std::string(on_cpu->name())].samples.push_back(
          {last, cpu.seconds * effort.threads});
    for (const char* const name : device_solver_names) {
      if (!setting.on_device(name, network)) continue;
      const DeviceSolver& solver = device_solvers.get(name);
      const Measurement m = measure::measure_on_device(
          solver, network, *reference[0], device_effort(setting, solver, network, each));
      // Of one device: the solver had all of them. What another solver did in its place says
      // nothing of it.
      if (m.failure.empty() && m.solver == name)
        calibration.solvers[name].samples.push_back(
            {last, m.seconds * static_cast<double>(setting.devices.size())});
    }
  }
  for (const auto& [name, model] : calibration.solvers)
    for (const auto& [contacts, seconds] : model.samples) {
      const bool is_time = name == on_cpu->name() || !setting.is_simulated();
      out.record({{"record", "calibration"},
                  {"solver", name},
                  {"contacts", contacts},
                  {"seconds", time_value(seconds, is_time)}});
      out.text(fmt::format("{:<13} {:>9.0f} contacts {:>14}\n", name, contacts,
                           time_text(fmt::format("{:.3f} ms", 1e3 * seconds), is_time)));
    }
  const std::filesystem::path file = calibration_file(cache_dir);
  if (setting.is_simulated()) {
    out.text(fmt::format("not kept in {}: not a time\n", file.string()));
    return 0;
  }
  try {
    save_calibration(calibration, file);
  } catch (const std::system_error& error) {
    throw RunError(Cause::output,
                   fmt::format("the calibration could not be kept: {}", error.what()));
  }
  out.text(fmt::format("kept in {}\n", file.string()));
  return 0;
}

int run(const BenchOptions& options, const Call&, Reporter& reporter) {
  DeviceSolvers device_solvers;
  const Setting setting = prepare(options, device_solvers, reporter);
  if (setting.samples.empty()) {
    reporter.warning("no file gives a network of 30 residues or more");
    return static_cast<int>(ExitCode::nothing_to_rank);
  }
  const Printer out(options.format);
  show_machine(setting, out);
  if (options.calibrate) return calibrate(setting, device_solvers, options.cache_dir, out);
  measure_engines(setting, device_solvers, out);
  measure_jobs(setting, device_solvers, out);
  return 0;
}

Run add(const Flags& flags) {
  const auto options = std::make_shared<BenchOptions>();
  flags.footer(notes);
  flags.option("PATH", options->files,
               "structure files and folders (else data/demo where it is, else made-up networks)");
  flags.option("--most-residues", options->most_residues,
               "joined copies of the largest file up to so many residues",
               {between(30, 1000000), shows_default});
  flags.option("--seconds", options->seconds, "each measurement, at least",
               {between(0.0, 3600.0), shows_default});
  flags.option(
      "--solvers", options->solvers,
      "measure these alone, a list: auto, shift-invert, filtered, lapack, eigen, chebyshev, jacobi",
      {separated_by_commas,
       one_of({"auto", "shift-invert", "filtered", "lapack", "eigen", "chebyshev", "jacobi"}),
       named("LIST")});
  flags.option("--threads", options->threads, "that solve on the CPU (else the CPUs we may use)",
               {between(1, 4096), named("N")});
  flags.choice("--format", options->format, {{"table", Format::table}, {"jsonl", Format::jsonl}},
               "table or jsonl");
  flags.flag("--calibrate", options->calibrate,
             "measure only what --backend auto decides by, and keep it in the cache");
  add_cache_dir(flags, options->cache_dir, "cache, as of rank");
  flags.common();
  flags.then([options] {
    if (options->threads == 0) options->threads = allowed_cpus().amount;
  });
  return [options](const Call& call, Reporter& reporter) { return run(*options, call, reporter); };
}

}  // namespace

Command bench_command() {
  return {"bench", "measure the solvers on this machine, CPU against GPU", add};
}

}  // namespace modesweep::cli
