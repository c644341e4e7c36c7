// SPDX-License-Identifier: MIT
#include "kernels/jacobi.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>

#include "kernels/eigenpairs.hpp"
#include "kernels/hessian.hpp"
#include "kernels/pieces.hpp"
#include "kernels/upload.hpp"

namespace modesweep::gpu {
namespace {

// Of the spectral bound. A Jacobi method that has converged is far below.
constexpr double residual_tolerance = 1e-11;

/// One bucket's matrices, as many as fit at a time.
class Bucket {
 public:
  Bucket(DeviceResources& resources, int edge, const ModeRequest& request)
      : resources_(resources), edge_(edge), modes_(request.modes) {}

  /// Solves all, as many at once as cuSOLVER and the device take.
  Task<> solve(Networks networks, Outcomes outcomes) {
    const std::function<Task<>(Networks, Outcomes)> at_once =
        [this](Networks some, Outcomes theirs) { return solve_at_once(some, theirs); };
    while (!networks.empty()) {
      const std::size_t count = std::min(networks.size(), most_at_once());
      co_await solve_in_pieces(resources_, networks.first(count), outcomes.first(count), at_once);
      networks = networks.subspan(count);
      outcomes = outcomes.subspan(count);
    }
  }

 private:
  /// cuSOLVER counts in 32 bits.
  std::size_t most_at_once() const {
    const std::size_t bytes = matrix_elements() * sizeof(double);
    const auto indexed = static_cast<std::size_t>(std::numeric_limits<int>::max());
    return std::max<std::size_t>(indexed / bytes, 1);
  }

  std::size_t matrix_elements() const { return static_cast<std::size_t>(edge_) * edge_; }

  int work_size(std::size_t count) const {
    int size = 0;
    check(cusolverDnDsyevjBatched_bufferSize(resources_.solver(), CUSOLVER_EIG_MODE_VECTOR,
                                             CUBLAS_FILL_MODE_LOWER, edge_, nullptr, edge_, nullptr,
                                             &size, resources_.syevj(), static_cast<int>(count)),
          "cusolverDnDsyevjBatched_bufferSize");
    return size;
  }

  Task<> solve_at_once(Networks networks, Outcomes outcomes) {
    const auto start = std::chrono::steady_clock::now();
    const std::size_t count = networks.size();
    const auto edge = static_cast<std::size_t>(edge_);
    const auto modes = static_cast<std::size_t>(modes_);
    const std::size_t vector_values = count * modes * edge;
    const int work_values = work_size(count);
    const auto bytes = [](std::size_t values, std::size_t size) {
      return DeviceArena::padded(values * size);
    };
    const std::size_t on_device = batch_bytes(networks) + bytes(count, 8) +
                                  bytes(count * matrix_elements(), 8) + bytes(count * edge, 8) +
                                  bytes(static_cast<std::size_t>(work_values), 8) +
                                  bytes(count, sizeof(int)) + bytes(count, sizeof(Selection)) +
                                  2 * bytes(vector_values, 8) + bytes(count * modes, 8);
    reserve_device_memory(resources_, on_device);
    resources_.upload.reserve(batch_bytes(networks) + bytes(count, sizeof(Selection)));
    resources_.download.reserve(bytes(count, sizeof(int)) + bytes(count * edge, 8) +
                                bytes(vector_values, 8) + bytes(count * modes, 8) +
                                bytes(count, 8));

    const DeviceBatch batch = upload_batch(resources_, networks);
    auto* const bounds = resources_.arena.take<double>(count);
    auto* const matrices = resources_.arena.take<double>(count * matrix_elements());
    auto* const values = resources_.arena.take<double>(count * edge);
    auto* const work = resources_.arena.take<double>(static_cast<std::size_t>(work_values));
    auto* const info = resources_.arena.take<int>(count);
    auto* const selections = resources_.arena.take<Selection>(count);
    auto* const vectors = resources_.arena.take<double>(vector_values);
    auto* const products = resources_.arena.take<double>(vector_values);
    auto* const residuals = resources_.arena.take<double>(count * modes);
    auto* const host_info = resources_.download.take<int>(count);
    auto* const host_values = resources_.download.take<double>(count * edge);
    auto* const host_vectors = resources_.download.take<double>(vector_values);
    auto* const host_residuals = resources_.download.take<double>(count * modes);
    auto* const host_bounds = resources_.download.take<double>(count);
    auto* const host_selections = resources_.upload.take<Selection>(count);
    const cudaStream_t stream = resources_.stream();
    const int matrices_count = static_cast<int>(count);

    check(launch_spectral_bounds(batch, bounds, stream), "kernel spectral_bounds");
    check(launch_dense_hessians(batch, bounds, edge_, matrices, stream), "kernel dense_hessians");
    check(cusolverDnDsyevjBatched(resources_.solver(), CUSOLVER_EIG_MODE_VECTOR,
                                  CUBLAS_FILL_MODE_LOWER, edge_, matrices, edge_, values, work,
                                  work_values, info, resources_.syevj(), matrices_count),
          "cusolverDnDsyevjBatched");
    resources_.copy_to_host(host_info, info, count);
    resources_.copy_to_host(host_values, values, count * edge);
    co_await resources_.finished();

    std::vector<Selection> chosen;
    for (std::size_t k = 0; k < count; ++k)
      chosen.push_back(
          select(host_values + k * edge, networks[k]->degrees_of_freedom(), host_info[k]));
    std::copy(chosen.begin(), chosen.end(), host_selections);
    resources_.copy_to_device(selections, host_selections, count);
    check(
        launch_gather_vectors(matrices, selections, matrices_count, edge_, modes_, vectors, stream),
        "kernel gather_vectors");
    // The eigenvectors are out: their place takes the Hessians again.
    check(launch_dense_hessians(batch, bounds, edge_, matrices, stream), "kernel dense_hessians");
    const double one = 1, zero = 0;
    const auto matrix_stride = static_cast<long long>(matrix_elements());
    const auto vector_stride = static_cast<long long>(modes * edge);
    check(cublasDgemmStridedBatched(resources_.blas(), CUBLAS_OP_N, CUBLAS_OP_N, edge_, modes_,
                                    edge_, &one, matrices, edge_, matrix_stride, vectors, edge_,
                                    vector_stride, &zero, products, edge_, vector_stride,
                                    matrices_count),
          "cublasDgemmStridedBatched");
    check(launch_residual_norms(products, vectors, values, selections, matrices_count, edge_,
                                modes_, residuals, stream),
          "kernel residual_norms");
    resources_.copy_to_host(host_vectors, vectors, vector_values);
    resources_.copy_to_host(host_residuals, residuals, count * modes);
    resources_.copy_to_host(host_bounds, bounds, count);
    co_await resources_.finished();

    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() /
        static_cast<double>(count);
    for (std::size_t k = 0; k < count; ++k) {
      const auto n = static_cast<std::size_t>(networks[k]->degrees_of_freedom());
      const std::span<const double> residual(host_residuals + k * modes,
                                             static_cast<std::size_t>(chosen[k].count));
      // Written so that NaN fails.
      const bool good =
          host_info[k] == 0 && std::all_of(residual.begin(), residual.end(), [&](double r) {
            return r <= residual_tolerance * host_bounds[k];
          });
      if (!good) {
        *outcomes[k] =
            fail(Stage::solve, "not_converged",
                 fmt::format("cuSOLVER's Jacobi method did not converge for {} residues (info {})",
                             networks[k]->nodes(), host_info[k]));
        continue;
      }
      Modes found;
      const double* const value = host_values + k * edge + chosen[k].first;
      found.eigenvalues.assign(value, value + chosen[k].count);
      for (std::size_t j = 0; j < static_cast<std::size_t>(chosen[k].count); ++j) {
        const double* const vector = host_vectors + (k * modes + j) * edge;
        found.eigenvectors.insert(found.eigenvectors.end(), vector, vector + n);
      }
      for (const double norm : residual) found.residuals.push_back(norm / host_bounds[k]);
      found.zero_modes = chosen[k].first;
      found.solver = "jacobi";
      found.backend = resources_.name();
      found.seconds = seconds;
      *outcomes[k] = std::move(found);
    }
  }

  /// The padding comes last in the ascending values, so that the first n are the network's own.
  Selection select(const double* values, std::int64_t n, int info) const {
    if (info != 0) return {0, 0};
    const auto zeros = std::lower_bound(values, values + n, zero_eigenvalue) - values;
    return {static_cast<std::int32_t>(zeros),
            static_cast<std::int32_t>(std::min<std::int64_t>(modes_, n - zeros))};
  }

  DeviceResources& resources_;
  const int edge_;
  const int modes_;
};

void add_padding(DeviceResources::Padding& padding, double n, double edge) {
  padding.values += n * n;
  padding.padded_values += edge * edge;
  padding.work += n * n * n;
  padding.padded_work += edge * edge * edge;
}

}  // namespace

std::size_t jacobi_bytes(const Network& network, const ModeRequest& request) {
  const Network* const alone = &network;
  const auto edge = static_cast<std::size_t>(jacobi_edge(network.nodes()));
  // The matrix and cuSOLVER's work space, which is about as much, vectors and their products.
  return batch_bytes({&alone, 1}) +
         8 * (2 * edge * edge + edge + 2 * edge * static_cast<std::size_t>(request.modes));
}

int jacobi_edge(std::int64_t nodes) {
  const std::int64_t n = 3 * nodes;
  std::int64_t edge = 32;
  while (edge < n) edge = std::max(edge + 32, edge * 11 / 10 / 32 * 32);
  return static_cast<int>(edge);
}

Task<std::vector<Outcome<Modes>>> solve_by_jacobi(DeviceResources& resources,
                                                  std::span<const Network* const> networks,
                                                  ModeRequest request) {
  std::vector<Outcome<Modes>> outcomes(networks.size());
  struct Members {
    std::vector<const Network*> networks;
    std::vector<Outcome<Modes>*> outcomes;
  };
  std::map<int, Members> buckets;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    if (networks[i]->nodes() > largest_jacobi_network) {
      outcomes[i] =
          fail(Stage::solve, "too_large",
               fmt::format("{} residues: solver jacobi takes {} at most, since it finds all modes "
                           "of a dense matrix; solver chebyshev has no such limit",
                           networks[i]->nodes(), largest_jacobi_network));
      continue;
    }
    Members& members = buckets[jacobi_edge(networks[i]->nodes())];
    members.networks.push_back(networks[i]);
    members.outcomes.push_back(&outcomes[i]);
  }
  for (auto& [edge, members] : buckets) {
    for (const Network* network : members.networks)
      add_padding(resources.padding, static_cast<double>(network->degrees_of_freedom()), edge);
    Bucket bucket(resources, edge, request);
    co_await bucket.solve(members.networks, members.outcomes);
  }
  co_return outcomes;
}

}  // namespace modesweep::gpu
