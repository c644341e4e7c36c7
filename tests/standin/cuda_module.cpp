// SPDX-License-Identifier: MIT
// In the place of src/host/solver/cuda_module.cpp: the engine over the stand-in, linked in.
#include "solver/cuda_module.hpp"

#include <array>
#include <string>

#include "kernels/module.hpp"

namespace modesweep {

tl::expected<std::unique_ptr<ModeSolver>, std::string> load_cuda_solver(std::string_view method) {
  const int device = 0;
  std::array<char, 512> why{};
  std::unique_ptr<ModeSolver> solver(
      modesweep_make_cuda_solver(std::string(method).c_str(), &device, 1, why.data(), why.size()));
  if (!solver) return tl::unexpected<std::string>(why.data());
  return solver;
}

}  // namespace modesweep
