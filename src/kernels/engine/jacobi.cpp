// SPDX-License-Identifier: MIT
#include "kernels/engine/jacobi.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>

#include "host/base/clock.hpp"
#include "host/base/text.hpp"
#include "kernels/device/eigenpairs.hpp"
#include "kernels/device/hessian.hpp"
#include "kernels/engine/pieces.hpp"
#include "kernels/engine/property_arrays.hpp"
#include "kernels/engine/upload.hpp"

namespace modesweep::gpu {
namespace {

// Of the spectral bound. A Jacobi method that has converged is far below.
constexpr double residual_tolerance = 1e-11;

/// One bucket's matrices, as many as fit at a time.
class Bucket {
 public:
  Bucket(DeviceResources& resources, int edge, const ModeRequest& request)
      : resources_(resources), edge_(edge), request_(request) {}

  /// Solves all, as many at once as cuSOLVER and the device take.
  Task<> solve(Items items) {
    const std::function<Task<>(Items)> at_once = [this](Items some) { return solve_at_once(some); };
    while (!items.empty()) {
      const std::size_t count = std::min(items.size(), most_at_once());
      co_await solve_in_pieces(resources_, items.first(count), at_once);
      items = items.subspan(count);
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
  std::size_t modes() const { return static_cast<std::size_t>(request_.modes); }
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
    double *bounds, *matrices, *values, *work, *chosen, *vectors, *products, *residuals;
    int* info;
    Selection* selections;
    std::optional<PropertyArrays> properties;

    int* host_info;
    double *host_chosen, *host_vectors, *host_residuals, *host_bounds;
    Selection* host_selections;
  };

  Task<> solve_at_once(Items items) {
    const Stopwatch watch;
    Arrays arrays = place(items);
    find_eigenpairs(arrays);
    find_residuals(arrays);
    copy_out(arrays);
    co_await resources_.finished();
    const double seconds = watch.seconds() / static_cast<double>(items.size());
    std::size_t first_node = 0;
    for (std::size_t k = 0; k < items.size(); ++k) {
      fill(*items[k], arrays, k, first_node, seconds);
      first_node += items[k]->network->positions.size();
    }
  }

  /// The networks on the device, and room for what is made of them.
  Arrays place(Items items) {
    const std::size_t count = items.size();
    const std::size_t vector_values = count * modes() * edge();
    List<const Network*> networks;
    networks.reserve(count);
    std::size_t nodes = 0;
    for (const Item* item : items) {
      networks.push_back(item->network);
      nodes += item->network->positions.size();
    }
    Arrays a{};
    a.count = static_cast<int>(count);
    a.work_values = work_size(count);
    const auto bytes = [](std::size_t values, std::size_t size) {
      return DeviceArena::padded(values * size);
    };
    const std::size_t on_device =
        batch_bytes(networks) + bytes(count, 8) + bytes(count * matrix_elements(), 8) +
        bytes(count * edge(), 8) + bytes(static_cast<std::size_t>(a.work_values), 8) +
        bytes(count, sizeof(int)) + bytes(count, sizeof(Selection)) + 2 * bytes(vector_values, 8) +
        2 * bytes(count * modes(), 8) + PropertyArrays::device_bytes(nodes, count);
    reserve_device_memory(resources_, on_device);
    resources_.upload.reserve(batch_bytes(networks));
    const std::size_t out_values = request_.vectors ? vector_values : 0;
    resources_.download.reserve(bytes(count, sizeof(int)) + bytes(count, sizeof(Selection)) +
                                bytes(out_values, 8) + 2 * bytes(count * modes(), 8) +
                                bytes(count, 8) + PropertyArrays::host_bytes(nodes, count));

    a.batch = upload_batch(resources_, networks);
    a.bounds = resources_.arena.take<double>(count);
    a.matrices = resources_.arena.take<double>(count * matrix_elements());
    a.values = resources_.arena.take<double>(count * edge());
    a.work = resources_.arena.take<double>(static_cast<std::size_t>(a.work_values));
    a.info = resources_.arena.take<int>(count);
    a.selections = resources_.arena.take<Selection>(count);
    a.chosen = resources_.arena.take<double>(count * modes());
    a.vectors = resources_.arena.take<double>(vector_values);
    a.products = resources_.arena.take<double>(vector_values);
    a.residuals = resources_.arena.take<double>(count * modes());
    a.properties.emplace(resources_, nodes, count, request_);
    a.host_info = resources_.download.take<int>(count);
    a.host_selections = resources_.download.take<Selection>(count);
    a.host_chosen = resources_.download.take<double>(count * modes());
    a.host_vectors = resources_.download.take<double>(out_values);
    a.host_residuals = resources_.download.take<double>(count * modes());
    a.host_bounds = resources_.download.take<double>(count);
    return a;
  }

  /// Starts what leaves all eigenvectors in the Hessians' place, and says which of them are modes.
  void find_eigenpairs(const Arrays& a) {
    const cudaStream_t stream = resources_.stream();
    check(launch_spectral_bounds(a.batch, a.bounds, stream), "kernel spectral_bounds");
    check(launch_dense_hessians(a.batch, a.bounds, edge_, a.matrices, stream),
          "kernel dense_hessians");
    check(cusolverDnDsyevjBatched(resources_.solver(), CUSOLVER_EIG_MODE_VECTOR,
                                  CUBLAS_FILL_MODE_LOWER, edge_, a.matrices, edge_, a.values,
                                  a.work, a.work_values, a.info, resources_.syevj(), a.count),
          "cusolverDnDsyevjBatched");
    check(launch_select_modes(a.values, a.info, a.batch.entries, a.count, edge_, request_.modes,
                              zero_eigenvalue, a.selections, a.chosen, stream),
          "kernel select_modes");
  }

  /// Starts what makes properties and residuals of them.
  void find_residuals(Arrays& a) {
    const cudaStream_t stream = resources_.stream();
    const auto matrix_stride = static_cast<long long>(matrix_elements());
    const auto vector_stride = static_cast<long long>(modes()) * edge_;
    a.properties->make(
        {a.batch, a.selections, a.matrices, matrix_stride, 0, 1, edge_, a.values, edge_});
    check(launch_gather_vectors(a.matrices, a.selections, a.count, edge_, request_.modes, a.vectors,
                                stream),
          "kernel gather_vectors");
    // The eigenvectors are out: their place takes the Hessians again.
    check(launch_dense_hessians(a.batch, a.bounds, edge_, a.matrices, stream),
          "kernel dense_hessians");
    const double one = 1, zero = 0;
    check(cublasDgemmStridedBatched(resources_.blas(), CUBLAS_OP_N, CUBLAS_OP_N, edge_,
                                    request_.modes, edge_, &one, a.matrices, edge_, matrix_stride,
                                    a.vectors, edge_, vector_stride, &zero, a.products, edge_,
                                    vector_stride, a.count),
          "cublasDgemmStridedBatched");
    check(launch_residual_norms(a.products, a.vectors, a.values, a.selections, a.count, edge_,
                                request_.modes, a.residuals, stream),
          "kernel residual_norms");
  }

  /// Starts the copies of all that is asked for.
  void copy_out(const Arrays& a) {
    const auto count = static_cast<std::size_t>(a.count);
    resources_.copy_to_host(a.host_info, a.info, count);
    resources_.copy_to_host(a.host_selections, a.selections, count);
    resources_.copy_to_host(a.host_chosen, a.chosen, count * modes());
    resources_.copy_to_host(a.host_residuals, a.residuals, count * modes());
    resources_.copy_to_host(a.host_bounds, a.bounds, count);
    if (request_.vectors)
      resources_.copy_to_host(a.host_vectors, a.vectors, count * modes() * edge());
  }

  /// What is on the host of network k by now.
  void fill(Item& item, const Arrays& a, std::size_t k, std::size_t first_node,
            double seconds) const {
    const Network& network = *item.network;
    const Selection chosen = a.host_selections[k];
    const auto count = static_cast<std::size_t>(chosen.count);
    const double* const residuals = a.host_residuals + k * modes();
    // Written so that NaN fails.
    const bool good =
        a.host_info[k] == 0 && std::all_of(residuals, residuals + count, [&](double r) {
          return r <= residual_tolerance * a.host_bounds[k];
        });
    if (!good) {
      item.outcome = fail(Stage::solve, "not_converged",
                          fmt::format("cuSOLVER's Jacobi method did not converge for {} (info {})",
                                      counted(network.nodes(), "residue"), a.host_info[k]));
      return;
    }
    Modes& found = item.modes();
    const double* const values = a.host_chosen + k * modes();
    found.eigenvalues.assign(values, values + count);
    found.residuals.assign(residuals, residuals + count);
    for (double& residual : found.residuals) residual /= a.host_bounds[k];
    a.properties->fill(item, k, first_node);
    if (request_.vectors) {
      const auto n = static_cast<std::size_t>(network.degrees_of_freedom());
      found.eigenvectors.resize(n * count);
      for (std::size_t j = 0; j < count; ++j)
        std::copy_n(a.host_vectors + (k * modes() + j) * edge(), n, &found.eigenvectors[j * n]);
    }
    found.zero_modes = chosen.first;
    found.solver = "jacobi";
    found.backend = resources_.name();
    found.seconds = seconds;
  }

  DeviceResources& resources_;
  const int edge_;
  const ModeRequest request_;
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
         PropertyArrays::device_bytes(static_cast<std::size_t>(network.nodes()), 1) +
         8 * (2 * edge * edge + edge + 2 * edge * static_cast<std::size_t>(request.modes));
}

int jacobi_edge(std::int64_t nodes) {
  const std::int64_t n = 3 * nodes;
  std::int64_t edge = 32;
  while (edge < n) edge = std::max(edge + 32, edge * 11 / 10 / 32 * 32);
  return static_cast<int>(edge);
}

Task<> solve_by_jacobi(DeviceResources& resources, Items items, ModeRequest request) {
  List<Item*> sorted;
  sorted.reserve(items.size());
  for (Item* const item : items) {
    if (item->network->nodes() <= largest_jacobi_network)
      sorted.push_back(item);
    else
      item->outcome =
          fail(Stage::solve, "too_large",
               fmt::format("{} residues: solver jacobi takes {} at most, since it finds all modes "
                           "of a dense matrix; solver chebyshev has no such limit",
                           item->network->nodes(), largest_jacobi_network));
  }
  const auto edge_of = [](const Item* item) { return jacobi_edge(item->network->nodes()); };
  std::sort(sorted.begin(), sorted.end(), [&](const Item* a, const Item* b) {
    return edge_of(a) != edge_of(b) ? edge_of(a) < edge_of(b) : std::less<>()(a, b);
  });
  for (auto first = sorted.begin(); first != sorted.end();) {
    const int edge = edge_of(*first);
    const auto last =
        std::find_if(first, sorted.end(), [&](const Item* item) { return edge_of(item) != edge; });
    for (auto item = first; item != last; ++item)
      add_padding(resources.padding, static_cast<double>((*item)->network->degrees_of_freedom()),
                  edge);
    Bucket bucket(resources, edge, request);
    co_await bucket.solve({first, last});
    first = last;
  }
}

}  // namespace modesweep::gpu
