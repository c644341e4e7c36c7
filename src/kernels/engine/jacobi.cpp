// SPDX-License-Identifier: MIT
#include "kernels/engine/jacobi.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "host/base/clock.hpp"
#include "host/base/text.hpp"
#include "kernels/device/eigenpairs.hpp"
#include "kernels/device/hessian.hpp"
#include "kernels/engine/pieces.hpp"
#include "kernels/engine/upload.hpp"

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

  std::size_t edge() const { return static_cast<std::size_t>(edge_); }
  std::size_t modes() const { return static_cast<std::size_t>(modes_); }
  std::size_t matrix_elements() const { return edge() * edge(); }

  int work_size(std::size_t count) const {
    int size = 0;
    check(cusolverDnDsyevjBatched_bufferSize(resources_.solver(), CUSOLVER_EIG_MODE_VECTOR,
                                             CUBLAS_FILL_MODE_LOWER, edge_, nullptr, edge_, nullptr,
                                             &size, resources_.syevj(), static_cast<int>(count)),
          "cusolverDnDsyevjBatched_bufferSize");
    return size;
  }

  /// What one call of cuSOLVER works on, for all networks of a batch one after another: on the
  /// device, and what is copied from there.
  struct Arrays {
    DeviceBatch batch;
    int count;
    int work_values;
    double *bounds, *matrices, *values, *work, *vectors, *products, *residuals;
    int* info;
    Selection* selections;

    int* host_info;
    double *host_values, *host_vectors, *host_residuals, *host_bounds;
    Selection* host_selections;
  };

  Task<> solve_at_once(Networks networks, Outcomes outcomes) {
    const Stopwatch watch;
    const Arrays arrays = place(networks);
    find_eigenpairs(arrays);
    co_await resources_.finished();

    std::vector<Selection> chosen;
    for (std::size_t k = 0; k < networks.size(); ++k)
      chosen.push_back(select(arrays.host_values + k * edge(), networks[k]->degrees_of_freedom(),
                              arrays.host_info[k]));
    find_residuals(arrays, chosen);
    co_await resources_.finished();

    const double seconds = watch.seconds() / static_cast<double>(networks.size());
    for (std::size_t k = 0; k < networks.size(); ++k)
      *outcomes[k] = outcome(*networks[k], arrays, k, chosen[k], seconds);
  }

  /// The networks on the device, and room for what is made of them.
  Arrays place(Networks networks) {
    const std::size_t count = networks.size();
    const std::size_t vector_values = count * modes() * edge();
    Arrays a{};
    a.count = static_cast<int>(count);
    a.work_values = work_size(count);
    const auto bytes = [](std::size_t values, std::size_t size) {
      return DeviceArena::padded(values * size);
    };
    const std::size_t on_device = batch_bytes(networks) + bytes(count, 8) +
                                  bytes(count * matrix_elements(), 8) + bytes(count * edge(), 8) +
                                  bytes(static_cast<std::size_t>(a.work_values), 8) +
                                  bytes(count, sizeof(int)) + bytes(count, sizeof(Selection)) +
                                  2 * bytes(vector_values, 8) + bytes(count * modes(), 8);
    reserve_device_memory(resources_, on_device);
    resources_.upload.reserve(batch_bytes(networks) + bytes(count, sizeof(Selection)));
    resources_.download.reserve(bytes(count, sizeof(int)) + bytes(count * edge(), 8) +
                                bytes(vector_values, 8) + bytes(count * modes(), 8) +
                                bytes(count, 8));

    a.batch = upload_batch(resources_, networks);
    a.bounds = resources_.arena.take<double>(count);
    a.matrices = resources_.arena.take<double>(count * matrix_elements());
    a.values = resources_.arena.take<double>(count * edge());
    a.work = resources_.arena.take<double>(static_cast<std::size_t>(a.work_values));
    a.info = resources_.arena.take<int>(count);
    a.selections = resources_.arena.take<Selection>(count);
    a.vectors = resources_.arena.take<double>(vector_values);
    a.products = resources_.arena.take<double>(vector_values);
    a.residuals = resources_.arena.take<double>(count * modes());
    a.host_info = resources_.download.take<int>(count);
    a.host_values = resources_.download.take<double>(count * edge());
    a.host_vectors = resources_.download.take<double>(vector_values);
    a.host_residuals = resources_.download.take<double>(count * modes());
    a.host_bounds = resources_.download.take<double>(count);
    a.host_selections = resources_.upload.take<Selection>(count);
    return a;
  }

  /// Starts what leaves all eigenvalues on the host and all eigenvectors in the Hessians' place.
  void find_eigenpairs(const Arrays& a) {
    const cudaStream_t stream = resources_.stream();
    check(launch_spectral_bounds(a.batch, a.bounds, stream), "kernel spectral_bounds");
    check(launch_dense_hessians(a.batch, a.bounds, edge_, a.matrices, stream),
          "kernel dense_hessians");
    check(cusolverDnDsyevjBatched(resources_.solver(), CUSOLVER_EIG_MODE_VECTOR,
                                  CUBLAS_FILL_MODE_LOWER, edge_, a.matrices, edge_, a.values,
                                  a.work, a.work_values, a.info, resources_.syevj(), a.count),
          "cusolverDnDsyevjBatched");
    const auto count = static_cast<std::size_t>(a.count);
    resources_.copy_to_host(a.host_info, a.info, count);
    resources_.copy_to_host(a.host_values, a.values, count * edge());
  }

  /// Starts what leaves the modes chosen and their residuals on the host.
  void find_residuals(const Arrays& a, const std::vector<Selection>& chosen) {
    const cudaStream_t stream = resources_.stream();
    std::copy(chosen.begin(), chosen.end(), a.host_selections);
    resources_.copy_to_device(a.selections, a.host_selections, chosen.size());
    check(
        launch_gather_vectors(a.matrices, a.selections, a.count, edge_, modes_, a.vectors, stream),
        "kernel gather_vectors");
    // The eigenvectors are out: their place takes the Hessians again.
    check(launch_dense_hessians(a.batch, a.bounds, edge_, a.matrices, stream),
          "kernel dense_hessians");
    const double one = 1, zero = 0;
    const auto matrix_stride = static_cast<long long>(matrix_elements());
    const auto vector_stride = static_cast<long long>(modes_) * edge_;
    check(
        cublasDgemmStridedBatched(resources_.blas(), CUBLAS_OP_N, CUBLAS_OP_N, edge_, modes_, edge_,
                                  &one, a.matrices, edge_, matrix_stride, a.vectors, edge_,
                                  vector_stride, &zero, a.products, edge_, vector_stride, a.count),
        "cublasDgemmStridedBatched");
    check(launch_residual_norms(a.products, a.vectors, a.values, a.selections, a.count, edge_,
                                modes_, a.residuals, stream),
          "kernel residual_norms");
    resources_.copy_to_host(a.host_vectors, a.vectors, chosen.size() * modes() * edge());
    resources_.copy_to_host(a.host_residuals, a.residuals, chosen.size() * modes());
    resources_.copy_to_host(a.host_bounds, a.bounds, chosen.size());
  }

  /// Of network k, whose results are on the host.
  Outcome<Modes> outcome(const Network& network, const Arrays& a, std::size_t k, Selection chosen,
                         double seconds) const {
    const auto n = static_cast<std::size_t>(network.degrees_of_freedom());
    const std::span<const double> residual(a.host_residuals + k * modes(),
                                           static_cast<std::size_t>(chosen.count));
    // Written so that NaN fails.
    const bool good =
        a.host_info[k] == 0 && std::all_of(residual.begin(), residual.end(), [&](double r) {
          return r <= residual_tolerance * a.host_bounds[k];
        });
    if (!good)
      return fail(Stage::solve, "not_converged",
                  fmt::format("cuSOLVER's Jacobi method did not converge for {} (info {})",
                              counted(network.nodes(), "residue"), a.host_info[k]));
    Modes found;
    const double* const value = a.host_values + k * edge() + chosen.first;
    found.eigenvalues.assign(value, value + chosen.count);
    for (std::size_t j = 0; j < residual.size(); ++j) {
      const double* const vector = a.host_vectors + (k * modes() + j) * edge();
      found.eigenvectors.insert(found.eigenvectors.end(), vector, vector + n);
    }
    for (const double norm : residual) found.residuals.push_back(norm / a.host_bounds[k]);
    found.zero_modes = chosen.first;
    found.solver = "jacobi";
    found.backend = resources_.name();
    found.seconds = seconds;
    return found;
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
