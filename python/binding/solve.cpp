// SPDX-License-Identifier: MIT
// Coordinates to modes, one structure and many.
#include <pybind11/stl.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <modesweep/core.hpp>
#include <modesweep/properties.hpp>
#include <modesweep/solve.hpp>
#include <modesweep/solve_batch.hpp>

#include "arrays.hpp"
#include "binding.hpp"
#include "error.hpp"
#include "process.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace modesweep::python {
namespace {

using Vectors = py::array_t<double, py::array::f_style | py::array::forcecast>;

/// Which network, and what is asked of it.
struct Problem {
  NetworkOptions network;
  ModeRequest request;
  Solver solver;
};

Problem problem_of(const std::string& model, double cutoff, double gamma, int modes,
                   const std::string& solver, bool vectors, int threads) {
  Problem problem{{cutoff, gamma, model == "GNM" ? ElasticModel::gnm : ElasticModel::anm},
                  {},
                  solver_named(solver)};
  problem.request.modes = modes;
  problem.request.threads = threads;
  // Who looks at no vectors looks at no residuals: as a ranking.
  problem.request.vectors = problem.request.residuals = vectors;
  return problem;
}

/// What modesweep.Modes is made of; the large arrays are those of the solver.
py::dict parts_of(Modes&& modes, std::size_t values) {
  const std::size_t count = modes.eigenvalues.size();
  const bool has_vectors = modes.eigenvectors.size() == values * count;
  py::dict parts;
  parts["fractions"] = as_array(fractional_variances(modes.eigenvalues));
  parts["eigenvalues"] = as_array(std::move(modes.eigenvalues));
  parts["eigenvectors"] = has_vectors ? as_columns(std::move(modes.eigenvectors), values, count)
                                      : py::object(py::none());
  parts["first_collectivities"] = as_array(std::move(modes.collectivities));
  parts["sq_flucts"] = as_array(std::move(modes.square_fluctuations));
  parts["square_amplitudes"] = as_array(std::move(modes.square_amplitudes));
  parts["residuals"] = as_array(std::move(modes.residuals));
  parts["zero_modes"] = modes.zero_modes;
  parts["uncertain_zero"] = modes.uncertain_zero;
  parts["solver"] = modes.solver;
  parts["seconds"] = modes.seconds;
  return parts;
}

/// The parts, or an instance of modesweep.Error.
py::object result_of(Outcome<Modes>&& modes, std::size_t values) {
  if (!modes) return error_of(modes.error());
  return parts_of(*std::move(modes), values);
}

py::dict solve(const Coordinates& coordinates, const std::string& model, double cutoff,
               double gamma, int modes, const std::string& solver, bool vectors, int threads) {
  const Problem problem = problem_of(model, cutoff, gamma, modes, solver, vectors, threads);
  std::vector<Vec3> positions = positions_of(coordinates);
  const std::size_t values =
      static_cast<std::size_t>(axes(problem.network.model)) * positions.size();
  const Working working;
  Outcome<Modes> outcome;
  {
    const py::gil_scoped_release others_may_run;
    outcome =
        solve_coordinates(std::move(positions), problem.network, problem.request, problem.solver);
  }
  return parts_of(value_of(std::move(outcome)), values);
}

/// A SolveBatch that a fork leaves behind.
class Batch {
 public:
  Batch(const std::string& model, double cutoff, double gamma, int modes, const std::string& solver,
        bool vectors, int threads)
      : problem_(problem_of(model, cutoff, gamma, modes, solver, vectors, threads)),
        working_(std::make_unique<Working>()),
        batch_(std::make_unique<SolveBatch>(threads, problem_.network, problem_.request,
                                            problem_.solver)) {}
  ~Batch() { close(); }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  std::size_t submit(const Coordinates& coordinates) {
    std::vector<Vec3> positions = positions_of(coordinates);
    values_.push_back(static_cast<std::size_t>(axes(problem_.network.model)) * positions.size());
    return mine().submit(std::move(positions));
  }

  /// (number, parts or error), or None where nothing is there in time.
  py::object next(double seconds) {
    SolveBatch& batch = mine();
    std::optional<SolveBatch::Solved> solved;
    {
      const py::gil_scoped_release others_may_run;
      solved = batch.next(std::chrono::milliseconds(static_cast<int>(1000 * seconds)));
    }
    if (!solved) return py::none();
    return py::make_tuple(solved->number,
                          result_of(std::move(solved->modes), values_.at(solved->number)));
  }

  std::size_t pending() { return mine().pending(); }
  int threads() { return mine().threads(); }

  void close() {
    if (!batch_) return;
    // Its threads are the parent's, and cannot be waited for.
    if (working_->is_left_behind()) {
      static_cast<void>(batch_.release());
    } else {
      const py::gil_scoped_release others_may_run;
      batch_.reset();
    }
    working_.reset();
  }

 private:
  SolveBatch& mine() {
    if (!batch_) throw py::value_error("the batch is closed");
    if (working_->is_left_behind())
      raise({"", "forked", "the batch is one of the process that this one was forked from"});
    return *batch_;
  }

  Problem problem_;
  std::unique_ptr<Working> working_;
  std::unique_ptr<SolveBatch> batch_;
  std::vector<std::size_t> values_;  // of a vector of each structure
};

/// Of each column.
py::array_t<double> collectivities(const Vectors& vectors, int axes) {
  const auto size = static_cast<std::size_t>(vectors.shape(0));
  std::vector<double> result;
  for (py::ssize_t k = 0; k < vectors.shape(1); ++k)
    result.push_back(collectivity({vectors.data(0, k), size}, axes));
  return as_array(std::move(result));
}

py::dict core(const Coordinates& coordinates, const std::vector<std::int32_t>& chains,
              const std::vector<double>& square_amplitudes) {
  const Network contacts =
      value_of(build_network(positions_of(coordinates), {core_cutoff, 1.0, ElasticModel::anm}));
  if (chains.size() != contacts.positions.size())
    raise({"network", "bad_shape", "there is one chain number a node"});
  Core found = find_core(contacts, chains);
  py::dict parts;
  parts["linkers"] = found.linkers;
  parts["coreless"] = found.coreless;
  parts["outside1"] = square_amplitudes.empty() || found.nodes.empty()
                          ? py::object(py::none())
                          : py::float_(outside(found, square_amplitudes));
  parts["nodes"] = as_array(std::move(found.nodes));
  return parts;
}

std::vector<std::pair<int, int>> degenerate(const std::vector<double>& eigenvalues) {
  std::vector<std::pair<int, int>> groups;
  for (const ModeRange range : degenerate_modes(eigenvalues))
    groups.emplace_back(range.first, range.last);
  return groups;
}

}  // namespace

void bind_solve(py::module_& module) {
  module.def("solve", &solve, "coordinates"_a, "model"_a, "cutoff"_a, "gamma"_a, "modes"_a,
             "solver"_a, "vectors"_a, "threads"_a);
  module.def("collectivities", &collectivities, "vectors"_a, "axes"_a);
  module.def("core", &core, "coordinates"_a, "chains"_a, "square_amplitudes"_a);
  module.def("degenerate", &degenerate, "eigenvalues"_a);
  py::class_<Batch>(module, "Batch")
      .def(py::init<const std::string&, double, double, int, const std::string&, bool, int>(),
           "model"_a, "cutoff"_a, "gamma"_a, "modes"_a, "solver"_a, "vectors"_a, "threads"_a)
      .def("submit", &Batch::submit, "coordinates"_a)
      .def("next", &Batch::next, "seconds"_a)
      .def("close", &Batch::close)
      .def_property_readonly("pending", &Batch::pending)
      .def_property_readonly("threads", &Batch::threads);
}

}  // namespace modesweep::python
