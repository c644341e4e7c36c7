// SPDX-License-Identifier: MIT
// Modes as a PDB file of many models, which viewers play.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <span>
#include <utility>

#include <modesweep/mode_files.hpp>
#include <modesweep/properties.hpp>

#include "base/text.hpp"
#include "mode_files/motion.hpp"
#include "mode_files/pdb_lines.hpp"

namespace modesweep {
namespace {

constexpr std::size_t most_models = 9999;  // the columns of their number

std::string remarks_of_mode(const EntryModes& entry, const Animation& animation, int mode,
                            int models_before) {
  return fmt::format(
      "REMARK 999 MODE {} OF {}, MODESWEEP ANM, EIGENVALUE {:.6g}\n"
      "REMARK 999 {} FRAMES, {:g} A RMSD AT THE EXTREMES (MODELS {} AND {})\n",
      mode, printable(entry.structure.header.id),
      entry.modes.eigenvalues[static_cast<std::size_t>(mode - 1)], animation.frames,
      animation.motion.amplitude, models_before + animation.frames / 4 + 1,
      models_before + 3 * animation.frames / 4 + 1);
}

std::vector<std::optional<double>> b_column_of(const std::vector<Node>& nodes,
                                               std::span<const double> displacements_at_extreme,
                                               BColumn b_column) {
  if (b_column == BColumn::displacement) {
    const std::vector<double> lengths = displacements(displacements_at_extreme);
    return {lengths.begin(), lengths.end()};
  }
  std::vector<std::optional<double>> b_factors;
  b_factors.reserve(nodes.size());
  for (const Node& node : nodes) b_factors.push_back(node.b_factor);
  return b_factors;
}

}  // namespace

Written write_pdb_animation(std::ostream& out, const EntryModes& entry,
                            const Animation& animation) {
  tl::expected<std::vector<Displacement>, std::string> motion =
      displacements_of(entry, animation.motion);
  if (!motion) return tl::unexpected(std::move(motion.error()));
  double largest = 0;
  for (const Displacement& mode : *motion)
    largest = std::max(largest, std::ranges::max(displacements(mode.at_extreme)));
  const std::vector<Node>& nodes = entry.structure.nodes;
  tl::expected<PdbLines, std::string> lines = PdbLines::of(nodes, largest);
  const std::size_t models = motion->size() * static_cast<std::size_t>(animation.frames);
  if (lines && models > most_models)
    lines = tl::unexpected(fmt::format("{} models are more than 9,999", models));
  if (!lines)
    return tl::unexpected(fmt::format(
        "not to be written in PDB format: {} (npz and nmd have no such limit)", lines.error()));

  int model = 0;
  for (const Displacement& mode : *motion) {
    out << remarks_of_mode(entry, animation, mode.mode, model);
    model += animation.frames;
  }
  if (animation.b_column == BColumn::displacement)
    out << "REMARK 999 B COLUMN: DISPLACEMENT AT THE EXTREMES OF THE MODE, ANGSTROM\n";
  out << lines->remarks();
  model = 0;
  for (const Displacement& mode : *motion) {
    const std::vector<std::optional<double>> b_column =
        b_column_of(nodes, mode.at_extreme, animation.b_column);
    for (int frame = 0; frame < animation.frames; ++frame)
      out << fmt::format("MODEL     {:4}\n", ++model)
          << lines->atoms(mode.at_extreme,
                          std::sin(2 * std::numbers::pi * frame / animation.frames), b_column)
          << "ENDMDL\n";
  }
  out << lines->bonds() << "END\n";
  return {};
}

}  // namespace modesweep
