// SPDX-License-Identifier: MIT
#include "mode_files/drawing.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include <modesweep/properties.hpp>

#include "base/text.hpp"
#include "mode_files/motion.hpp"

namespace modesweep {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::vector<Arrow> visible_arrows(const std::vector<Node>& nodes, const Displacement& mode) {
  const std::vector<double> lengths = displacements(mode.at_extreme);
  std::vector<Arrow> arrows;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (lengths[i] < trace_radius) continue;
    Arrow arrow{nodes[i].position, nodes[i].position};
    for (std::size_t axis = 0; axis < 3; ++axis) arrow.to[axis] += mode.at_extreme[3 * i + axis];
    arrows.push_back(arrow);
  }
  return arrows;
}

}  // namespace

tl::expected<Drawing, std::string> drawing_of(const EntryModes& entry, const Motion& motion) {
  tl::expected<std::vector<Displacement>, std::string> displacements =
      displacements_of(entry, motion);
  if (!displacements) return tl::unexpected(std::move(displacements.error()));
  Drawing drawing;
  for (const char c : entry.structure.header.id) drawing.name += is_letter_or_digit(c) ? c : '_';
  if (drawing.name.empty()) drawing.name = "entry";
  if (!entry.core.coreless)
    for (const std::int32_t node : entry.core.nodes)
      drawing.core.push_back(static_cast<std::size_t>(node));
  if (entry.hinges) drawing.hinges = *entry.hinges;
  for (const Displacement& mode : *displacements)
    drawing.modes.push_back({mode.mode,
                             entry.modes.eigenvalues[static_cast<std::size_t>(mode.mode - 1)],
                             mode_colors[drawing.modes.size() % mode_colors.size()],
                             visible_arrows(entry.structure.nodes, mode)});
  return drawing;
}

std::vector<std::string> legend(const Drawing& drawing, const EntryModes& entry,
                                const Motion& motion) {
  const std::size_t nodes = entry.structure.nodes.size();
  std::vector<std::string> lines = {
      fmt::format(
          "{}: {}, ANM with a cutoff of {:g} A, by modesweep", harmless(entry.structure.header.id),
          counted(std::ssize(entry.structure.nodes), "residue"), entry.model.network.cutoff),
      fmt::format("Arrows end at the mode's first extreme, {:g} A RMSD from the structure. Those "
                  "shorter than {:g} A are left out.",
                  motion.amplitude, trace_radius)};
  for (const DrawnMode& mode : drawing.modes)
    lines.push_back(fmt::format("Mode {}, eigenvalue {:.6g}: {}, color {}", mode.mode,
                                mode.eigenvalue, counted(std::ssize(mode.arrows), "arrow"),
                                mode.color));
  lines.push_back(
      drawing.core.empty()
          ? fmt::format("There is no core to speak of: all residues have color {}", loose_color)
          : fmt::format("Core and its linkers: {} of {}, color {}, loose ends {}",
                        drawing.core.size(), nodes, core_color, loose_color));
  if (entry.hinges)
    lines.push_back(fmt::format("Hinges, of the slowest mode of a GNM: {}, color {}",
                                drawing.hinges.size(), hinge_color));
  return lines;
}

std::string harmless(std::string_view text) {
  constexpr std::string_view allowed = " '()*+,-./:_";
  std::string safe(text);
  for (char& c : safe)
    if (!is_letter_or_digit(c) && allowed.find(c) == std::string_view::npos) c = '_';
  return safe;
}

}  // namespace modesweep
