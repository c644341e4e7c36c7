// SPDX-License-Identifier: MIT
// The CUDA engine on the first device: assembly of dense Hessians by CUDA events, whole
// solves by wall time. Without a device each case skips and says why.
#include <benchmark/benchmark.h>
#include <cuda_runtime_api.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <modesweep/device.hpp>

#include "kernels/device/hessian.hpp"
#include "kernels/engine/engine.hpp"
#include "kernels/engine/jacobi.hpp"
#include "kernels/engine/resources.hpp"
#include "kernels/engine/upload.hpp"
#include "measure/samples.hpp"
#include "support/data_files.hpp"

namespace {

using namespace modesweep;
using measure::Sample;

// A batch that fills a device.
constexpr std::int64_t residues_in_a_batch = 100'000;

/// Whether there is a device; else the case is over, with the reason.
bool has_device(benchmark::State& state) {
  static const CudaProbe probe = probe_cuda();
  if (probe.devices.empty()) state.SkipWithError(("no device: " + probe.reason).c_str());
  return !probe.devices.empty();
}

std::vector<Network> batch_of(const Network& network) {
  const auto copies = std::clamp<std::int64_t>(residues_in_a_batch / network.nodes(), 1, 1024);
  return std::vector<Network>(static_cast<std::size_t>(copies), network);
}

class Event {
 public:
  Event() { gpu::check(cudaEventCreate(&event_), "cudaEventCreate"); }
  ~Event() { (void)cudaEventDestroy(event_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  void record(cudaStream_t stream) {
    gpu::check(cudaEventRecord(event_, stream), "cudaEventRecord");
  }
  /// From `start` to this one, which is waited for.
  double seconds_since(const Event& start) const {
    gpu::check(cudaEventSynchronize(event_), "cudaEventSynchronize");
    float milliseconds = 0;
    gpu::check(cudaEventElapsedTime(&milliseconds, start.event_, event_), "cudaEventElapsedTime");
    return 1e-3 * static_cast<double>(milliseconds);
  }

 private:
  cudaEvent_t event_ = nullptr;
};

/// Times what `queue` puts into the stream, the batch's dense matrices at hand.
struct Dense {
  gpu::DeviceBatch batch;
  int edge;
  int count;
  double* bounds;
  double* matrices;
};
template <class Queue>
void dense(benchmark::State& state, const Sample& sample, Queue&& queue) {
  if (!has_device(state)) return;
  try {
    gpu::DeviceResources resources(0);
    const int edge = gpu::jacobi_edge(sample.network.nodes());
    const std::size_t size = static_cast<std::size_t>(edge) * edge;
    std::vector<Network> networks = batch_of(sample.network);
    networks.resize(std::min(networks.size(), resources.memory_limit() / 4 / (8 * size)),
                    sample.network);
    std::vector<const Network*> pointers;
    for (const Network& network : networks) pointers.push_back(&network);
    const std::size_t bytes = gpu::batch_bytes(pointers);
    resources.upload.reserve(bytes);
    resources.arena.reserve(bytes + gpu::DeviceArena::padded(8 * networks.size()) +
                            8 * size * networks.size());
    Dense d{};
    d.batch = gpu::upload_batch(resources, pointers);
    d.edge = edge;
    d.count = static_cast<int>(networks.size());
    d.bounds = resources.arena.take<double>(networks.size());
    d.matrices = resources.arena.take<double>(size * networks.size());
    Event start, end;
    for (auto _ : state) {
      start.record(resources.stream());
      queue(resources, d);
      end.record(resources.stream());
      state.SetIterationTime(end.seconds_since(start));
    }
    state.counters["structures/s"] = benchmark::Counter(
        static_cast<double>(d.count), benchmark::Counter::kIsIterationInvariantRate);
    state.SetBytesProcessed(state.iterations() * d.count * static_cast<std::int64_t>(8 * size));
  } catch (const gpu::DeviceError& error) {
    state.SkipWithError(error.what());
  }
}

void hessians(benchmark::State& state, const Sample& sample) {
  dense(state, sample, [](gpu::DeviceResources& resources, const Dense& d) {
    gpu::check(gpu::launch_spectral_bounds(d.batch, d.bounds, resources.stream()),
               "kernel spectral_bounds");
    gpu::check(
        gpu::launch_dense_hessians(d.batch, d.bounds, d.edge, d.matrices, resources.stream()),
        "kernel dense_hessians");
  });
}

void solve(benchmark::State& state, const Sample& sample, gpu::Method method) {
  if (!has_device(state)) return;
  try {
    const auto engine = gpu::make_engine(method, {0});
    const std::vector<Network> networks = batch_of(sample.network);
    for (auto _ : state) {
      const auto start = std::chrono::steady_clock::now();
      const auto outcomes = engine->solve(networks, {});
      state.SetIterationTime(
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
      for (const auto& outcome : outcomes)
        if (!outcome) return state.SkipWithError(outcome.error().message.c_str());
    }
    state.counters["structures/s"] = benchmark::Counter(
        static_cast<double>(networks.size()), benchmark::Counter::kIsIterationInvariantRate);
  } catch (const gpu::DeviceError& error) {
    state.SkipWithError(error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  const auto demo = test_support::source_dir() / "data" / "demo";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(demo))
    if (is_structure_file_name(entry.path())) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  const std::vector<Sample> samples = measure::samples_of_files(files, 6000);
  const auto add = [](const std::string& what, const Sample& sample, auto&& run) {
    benchmark::RegisterBenchmark((what + "/" + sample.name).c_str(), run)
        ->Unit(benchmark::kMillisecond)
        ->UseManualTime();
  };
  for (const Sample& sample : samples) {
    add("solve/chebyshev", sample,
        [&](benchmark::State& state) { solve(state, sample, gpu::Method::chebyshev); });
    if (sample.network.nodes() > gpu::largest_jacobi_network) continue;
    add("hessians", sample, [&](benchmark::State& state) { hessians(state, sample); });
    add("solve/jacobi", sample,
        [&](benchmark::State& state) { solve(state, sample, gpu::Method::jacobi); });
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
