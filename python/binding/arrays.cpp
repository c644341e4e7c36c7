// SPDX-License-Identifier: MIT
#include "arrays.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "error.hpp"

namespace py = pybind11;

namespace modesweep::python {

std::vector<Vec3> positions_of(const Coordinates& coordinates) {
  if (coordinates.ndim() != 2 || coordinates.shape(1) != 3)
    raise({"network", "bad_shape", "coordinates have the shape (N, 3), x y z of each node"});
  std::vector<Vec3> positions(static_cast<std::size_t>(coordinates.shape(0)));
  const double* from = coordinates.data();
  for (Vec3& position : positions) {
    std::copy_n(from, 3, position.begin());
    from += 3;
  }
  return positions;
}

py::array_t<double> as_columns(std::vector<double>&& values, std::size_t rows,
                               std::size_t columns) {
  using Sizes = std::vector<py::ssize_t>;
  py::array_t<double> flat = as_array(std::move(values));
  constexpr auto size = static_cast<py::ssize_t>(sizeof(double));
  const auto height = static_cast<py::ssize_t>(rows);
  return py::array_t<double>(Sizes{height, static_cast<py::ssize_t>(columns)},
                             Sizes{size, size * height}, flat.data(), flat);
}

py::dict residue_columns(const std::vector<Node>& nodes) {
  py::list chains, names, insertions, atoms;
  std::vector<std::int64_t> numbers;
  std::vector<double> b_factors;
  for (const Node& node : nodes) {
    chains.append(node.chain);
    names.append(node.residue);
    insertions.append(node.insertion == ' ' ? std::string() : std::string(1, node.insertion));
    atoms.append(node.atom);
    numbers.push_back(node.number ? *node.number : std::numeric_limits<std::int64_t>::min());
    b_factors.push_back(node.b_factor.value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  py::dict columns;
  columns["chain"] = chains;
  columns["number"] = as_array(std::move(numbers));
  columns["insertion"] = insertions;
  columns["name"] = names;
  columns["atom"] = atoms;
  columns["b_factor"] = as_array(std::move(b_factors));
  return columns;
}

}  // namespace modesweep::python
