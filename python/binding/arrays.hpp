// SPDX-License-Identifier: MIT
// Between numpy's arrays and the library's vectors.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <modesweep/structure.hpp>

namespace modesweep::python {

using Coordinates =
    pybind11::array_t<double, pybind11::array::c_style | pybind11::array::forcecast>;

/// Of (N, 3). Raises modesweep.Error, code `bad_shape`, for another shape.
std::vector<Vec3> positions_of(const Coordinates& coordinates);

/// A vector as an array that owns it: nothing is copied.
template <class T>
pybind11::array_t<T> as_array(std::vector<T>&& values) {
  auto kept = std::make_unique<std::vector<T>>(std::move(values));
  const auto size = static_cast<pybind11::ssize_t>(kept->size());
  const T* const data = kept->data();
  const pybind11::capsule owner(kept.release(),
                                [](void* vector) { delete static_cast<std::vector<T>*>(vector); });
  return pybind11::array_t<T>(size, data, owner);
}

/// Vectors that stand one after the other as the columns of an array (rows, columns) that owns
/// them.
pybind11::array_t<double> as_columns(std::vector<double>&& values, std::size_t rows,
                                     std::size_t columns);

/// Nodes as the columns of the residue table: `chain`, `number` ..., one list or array each. A
/// number that the file does not state is the least int64, a B factor NaN.
pybind11::dict residue_columns(const std::vector<Node>& nodes);

}  // namespace modesweep::python
