// SPDX-License-Identifier: MIT
// Coordinates of many structures in, modes of each out as they are found, on threads of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>
#include <modesweep/outcome.hpp>

namespace modesweep {

/// Solves on the CPU, each structure as `solve_coordinates` does: the same bits on any number of
/// threads. All members may be called from several threads.
class SolveBatch {
 public:
  /// `threads` at least one; 0: as many as CPUs may be used. A thread takes a structure; the last
  /// ones are shared. Throws RunError: `unavailable` where no thread can be started.
  explicit SolveBatch(int threads, const NetworkOptions& options = {},
                      const ModeRequest& request = {}, Solver solver = Solver::automatic);
  /// Calls off what is not solved yet.
  ~SolveBatch();
  SolveBatch(const SolveBatch&) = delete;
  SolveBatch& operator=(const SolveBatch&) = delete;

  /// Of each node, in angstrom. Gives the number of the structure, from 0 on in the order in which
  /// they are handed over.
  std::size_t submit(std::vector<Vec3> positions);

  struct Solved {
    std::size_t number;
    Outcome<Modes> modes;  ///< fails as `solve_coordinates`
  };
  /// The one that was solved first of those not taken yet. Nothing where none is solved within that
  /// time, and at once where all are taken.
  std::optional<Solved> next(std::chrono::milliseconds patience);

  /// Those that were submitted and are not taken yet.
  std::size_t pending() const;

  int threads() const;

  /// Drops what is not begun, and ends what is within a fraction of a second; `next` gives neither.
  void cancel();

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace modesweep
