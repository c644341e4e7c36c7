// SPDX-License-Identifier: MIT
// Structure files, and the atoms of other packages, to nodes.
#include <pybind11/stl.h>

#include <optional>
#include <string>

#include <modesweep/prody_nodes.hpp>
#include <modesweep/structure.hpp>

#include "arrays.hpp"
#include "binding.hpp"
#include "error.hpp"
#include "options.hpp"
#include "process.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace modesweep::python {
namespace {

py::object text_or_none(const std::string& text) {
  return text.empty() ? py::object(py::none()) : py::str(text);
}

py::dict header_of(const Structure& structure) {
  const Header& header = structure.header;
  py::dict result;
  result["id"] = header.id;
  result["title"] = text_or_none(header.title);
  result["method"] = text_or_none(header.method);
  result["resolution"] =
      header.resolution ? py::object(py::float_(*header.resolution)) : py::none();
  result["revision"] = text_or_none(header.revision);
  result["protein"] = text_or_none(header.protein);
  result["models"] = structure.models;
  result["chains"] = structure.chains;
  result["assembly"] = text_or_none(structure.assembly);
  result["nucleic_left_out"] = structure.nucleic_left_out;
  result["predicted"] = structure.predicted;
  return result;
}

py::tuple read(const std::string& path, const Settings& settings) {
  const ReadOptions options = request_of(settings).model.read;
  const Working working;
  Outcome<Structure> outcome;
  {
    const py::gil_scoped_release others_may_run;
    outcome = read_structure(path, options);
  }
  const Structure structure = value_of(std::move(outcome));
  Coordinates coordinates({static_cast<py::ssize_t>(structure.nodes.size()), py::ssize_t{3}});
  double* to = coordinates.mutable_data();
  for (const Node& node : structure.nodes)
    to = std::copy(node.position.begin(), node.position.end(), to);
  return py::make_tuple(coordinates, residue_columns(structure.nodes), header_of(structure));
}

py::array_t<std::size_t> nodes_of(const std::vector<std::string>& atoms,
                                  const std::vector<std::string>& residues,
                                  const std::vector<std::string>& altlocs) {
  std::vector<AtomNames> names;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    const std::string& altloc = altlocs.at(i);
    names.push_back({atoms[i], residues.at(i), altloc.empty() ? ' ' : altloc.front()});
  }
  return as_array(prody_nodes(names));
}

}  // namespace

void bind_structure(py::module_& module) {
  module.def("read_structure", &read, "path"_a, "settings"_a);
  module.def("prody_nodes", &nodes_of, "atoms"_a, "residues"_a, "altlocs"_a);
}

}  // namespace modesweep::python
