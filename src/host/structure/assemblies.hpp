// SPDX-License-Identifier: MIT
// Biological assemblies as a file states them, and the copies of nodes that they are made of.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <modesweep/structure.hpp>

namespace modesweep {

constexpr int most_operators = 100'000;  // of an assembly; the largest have some thousands

/// A rotation and a shift in angstrom: row i is (R_i1, R_i2, R_i3, t_i).
struct Operator {
  std::string name;
  std::array<std::array<double, 4>, 3> matrix{{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}};

  bool is_identity() const { return matrix == Operator{}.matrix; }
  Vec3 apply(const Vec3& position) const;
  /// This after the other.
  Operator after(const Operator& other) const;
};

/// An expression of no operator: of a generator that cannot be read.
inline constexpr std::string_view unreadable_operators = "()";

/// Copies of parts by operators.
struct Generator {
  std::string assembly;
  /// Of `Assemblies::operators`, as "1,3", "(1-60)(X0)" or "P"; where it is empty, `operators` are
  /// stated themselves.
  std::string expression;
  std::vector<Operator> operators{};
  std::vector<std::string> parts{};  ///< label_asym_id in mmCIF, chains in PDB format
};

struct Assemblies {
  std::vector<std::string> names{};  ///< in the order of the file
  std::vector<Generator> generators{};
  std::map<std::string, Operator, std::less<>> operators{};
  bool of_chains = false;  ///< parts are chains

  /// Whether one of this name is listed, and whether it is said how to make it.
  bool has(std::string_view name) const;
  bool has_generators(std::string_view name) const;
  /// Whether assembly 1 is stated, and is not each of these parts once and where it is deposited.
  bool first_differs_from(const std::set<std::string_view>& parts) const;

  /// The nodes of an assembly, generator by generator and operator by operator; `parts` are those
  /// of the nodes. The first copy of a chain keeps its name, the others are "A-2", "A-3" ...
  /// `admit` is asked before so many nodes are made. Stage parse: `no_assembly`, `too_large`,
  /// `no_nodes`, what `admit` says.
  Outcome<std::vector<Node>> assemble(
      const std::string& name, const std::vector<Node>& nodes,
      const std::vector<std::string_view>& parts, const std::filesystem::path& path,
      const std::function<Outcome<void>(std::size_t nodes)>& admit) const;
};

/// Names of "1", "1,3,5", "(1-60)", "P"; nothing for a product of several, what cannot be read, and
/// endless ranges.
std::optional<std::vector<std::string>> operator_names(std::string_view expression);

}  // namespace modesweep
