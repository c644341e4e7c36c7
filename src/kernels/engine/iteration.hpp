// SPDX-License-Identifier: MIT
// What the solvers with a block of vectors have in common: Rayleigh-Ritz procedures in double
// precision, and between them a filter of the residuals, until these are small enough.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <modesweep/modes.hpp>

#include "host/base/clock.hpp"
#include "kernels/device/subspace.hpp"
#include "kernels/engine/driver_memory.hpp"
#include "kernels/engine/item.hpp"
#include "kernels/engine/property_arrays.hpp"
#include "kernels/engine/resources.hpp"
#include "kernels/engine/task.hpp"

namespace modesweep::gpu {

/// What a batch's memory depends on.
struct BlockSizes {
  std::size_t networks, nodes, contacts, segments, bodies, columns, steps;

  /// Of one network, about.
  static BlockSizes of(const Network& network, int columns, int steps);
};

/// Bytes of the device's memory that the solution of one network takes, about, beside what a method
/// has of its own.
std::size_t iteration_bytes(const Network& network, const BlockSizes& sizes);

/// The degree of the filter of the residuals: the softer the low end of the spectrum, which falls
/// with size, the longer the polynomial.
constexpr int filter_degree_for(std::int64_t nodes) {
  return nodes < 1000 ? 20 : nodes < 8000 ? 30 : 50;
}

/// One batch from start to end. References must outlive it.
class Iteration {
 public:
  struct Rules {
    const char* solver;
    int columns;
    Criteria criteria;
    int most_iterations;
    int passes;  ///< of the orthonormalisation: one is enough where the vectors nearly are
  };

  Iteration(DeviceResources& resources, Items items, const ModeRequest& request,
            const Rules& rules);
  Iteration(const Iteration&) = delete;
  Iteration& operator=(const Iteration&) = delete;
  virtual ~Iteration() = default;

  Task<> run();

 protected:
  /// Bytes of the device's memory, and of what is copied to and from it, that the method has of its
  /// own; it takes them in `take_memory`.
  struct OwnBytes {
    std::size_t on_device = 0, upload = 0, download = 0;
  };
  virtual OwnBytes own_bytes(const BlockSizes& sizes) const = 0;
  virtual void take_memory(const BlockSizes& sizes) = 0;
  /// Starts what makes X of the active networks. Those that it cannot be made for are given up, and
  /// taken from `unfinished`; the others are active again at the end.
  virtual Task<> start(List<std::size_t>& unfinished) = 0;
  /// Starts the filter of the active networks.
  virtual void filter() = 0;
  /// Products in single precision that `start` took for network k, a vector of the block.
  virtual int products_of_start(std::size_t k) const = 0;
  /// Why the modes of a network are not to be trusted although their residuals are small; empty:
  /// they are. `values`: all of the block.
  virtual std::string doubt(const double* values) const = 0;

  cudaStream_t stream() const { return resources_.stream(); }
  std::size_t count() const { return items_.size(); }
  const Network& network(std::size_t k) const { return *networks_[k]; }
  DeviceResources& resources() { return resources_; }
  Subspaces& subspaces() { return s_; }
  const Subspaces& subspaces() const { return s_; }
  int columns() const { return rules_.columns; }
  int modes() const { return request_.modes; }

  /// Only these are in the launches from here on; `columns` are those of spring tiles. The list
  /// before must have been copied: the host has waited since.
  void set_active(const List<std::size_t>& networks, int columns);
  const List<FilterPart>& filter_parts() const { return filter_parts_; }
  /// The largest degree of the active networks.
  int active_degree() const;
  /// The network fails with that reason.
  void give_up(std::size_t k, const std::string& why);

 private:
  void prepare();
  void upload_layouts(const BlockSizes& sizes);
  void orthonormalise();
  bool is_finished(std::size_t k, int outer);
  Task<> deliver();
  void fill(std::size_t k, double seconds);

  DeviceResources& resources_;
  const Items items_;
  const ModeRequest request_;
  const Rules rules_;
  const Stopwatch watch_;
  List<const Network*> networks_;  ///< in the order of nodes that their layouts have
  List<int> degrees_;
  List<std::int32_t> first_segment_;
  List<std::size_t> first_node_;
  List<Selection> chosen_;  ///< of those that converged
  List<int> outer_iterations_;

  Subspaces s_{};
  List<FilterPart> filter_parts_;
  double* bounds_ = nullptr;  // on the device
  Active* active_ = nullptr;
  Selection* selections_ = nullptr;
  Judgement* judgements_ = nullptr;
  std::optional<PropertyArrays> properties_;
  Active* host_active_ = nullptr;  // pinned
  Selection* host_selections_ = nullptr;
  double* theta_ = nullptr;
  double* norms_ = nullptr;
  double* host_bounds_ = nullptr;
  Judgement* host_judgements_ = nullptr;
  double* out_ = nullptr;
};

}  // namespace modesweep::gpu
