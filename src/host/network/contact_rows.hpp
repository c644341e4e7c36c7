// SPDX-License-Identifier: MIT
// The nodes that each node is in contact with.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include <modesweep/structure.hpp>

#include "base/cancel_scope.hpp"

namespace modesweep {

/// The neighbours of one node.
struct ContactRow {
  std::span<const std::int32_t> nodes;  ///< ascending, without the node itself
  bool coincides = false;               ///< one of them lies at the same point
};

/// Runs of eight nodes in the file's order, and of eight such runs, with the boxes that hold them:
/// neighbours along a chain are neighbours in space, so that most runs are too far away as a whole,
/// and what is left comes in order.
class NodeRuns {
 public:
  NodeRuns(std::span<const Vec3> positions, double cutoff);
  /// Of nodes in ascending order; valid until the next call.
  ContactRow row(std::int32_t node);

 private:
  /// Boxes, padded with empty ones to whole groups of eight.
  struct BoxList {
    std::array<std::vector<float>, 3> low, high;
    explicit BoxList(std::size_t boxes);
    void extend(std::size_t box, std::size_t axis, double from, double to);
    std::size_t groups() const;
    /// Appends those of a group that are near to one of another list.
    void find_near(std::size_t group, const BoxList& others, std::size_t other, float distance2,
                   std::vector<std::int32_t>& near) const;
  };
  void find_near(std::size_t run);

  double cutoff2_;
  float box_distance2_;  ///< no less than cutoff2_, whatever was rounded
  std::array<std::vector<double>, 3> axes_;
  BoxList runs_, groups_;
  std::vector<std::int32_t> near_groups_, near_runs_;  ///< of the run that the last node is in
  std::size_t group_, run_;                            ///< which those are of
  std::vector<std::int32_t> row_;
  CancelCheck cancelled_;
};

/// Nodes sorted by the cubic cell that they lie in (Quentrec & Brot, J. Comput. Phys. 13:430,
/// 1973): of whatever order, and of any number.
class CellList {
 public:
  CellList(std::span<const Vec3> positions, double cutoff);
  ContactRow row(std::int32_t node);

 private:
  std::array<std::int64_t, 3> cell(const Vec3& position) const;

  std::span<const Vec3> positions_;
  double cutoff2_;
  double side_;
  Vec3 low_{};
  std::vector<std::pair<std::uint64_t, std::int32_t>> sorted_;
  std::vector<std::int32_t> row_;
  CancelCheck cancelled_;
};

/// The faster of both. Positions are finite and within a million angstrom, and outlive this.
class ContactRows {
 public:
  ContactRows(std::span<const Vec3> positions, double cutoff);
  ContactRow row(std::int32_t node) {
    return std::visit([node](auto& rows) { return rows.row(node); }, rows_);
  }

 private:
  std::variant<NodeRuns, CellList> rows_;
};

}  // namespace modesweep
