// SPDX-License-Identifier: MIT
// A script of ChimeraX commands that draws modes.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "mode_files/chain_bonds.hpp"
#include "mode_files/drawing.hpp"

namespace modesweep {
namespace {

/// Numbers of models that a session hardly has: the trace, and after it the modes.
constexpr std::size_t trace_model = 900;

std::string trace(const Drawing& drawing, const std::vector<Node>& nodes) {
  std::vector<std::string_view> colors(nodes.size(), loose_color);
  for (const std::size_t i : drawing.core) colors[i] = core_color;
  std::vector<std::string_view> markers = colors;
  std::vector<double> radii(nodes.size(), trace_radius);
  for (const std::size_t i : drawing.hinges) {
    markers[i] = hinge_color;
    radii[i] = hinge_radius;
  }
  std::string text;
  // ChimeraX counts the markers of a model from 1.
  for (std::size_t i = 0; i < nodes.size(); ++i)
    text += fmt::format("marker #{} position {:.3f} radius {} color #{}\n", trace_model,
                        fmt::join(nodes[i].position, ","), radii[i], markers[i]);
  for (const std::size_t i : chain_bonds(nodes))
    text += fmt::format("marker link #{}:{},{} radius {} color #{}\n", trace_model, i + 1, i + 2,
                        trace_radius, colors[i]);
  return text + fmt::format("rename #{} {}_ca\n", trace_model, drawing.name);
}

std::string arrows(const Drawing& drawing, const DrawnMode& mode, std::size_t model) {
  std::string text;
  for (std::size_t i = 0; i < mode.arrows.size(); ++i)
    text += fmt::format(
        "shape cone radius {} fromPoint {:.3f} toPoint {:.3f} color #{} divisions 12 "
        "modelId #{}.{}\n",
        head_radius, fmt::join(mode.arrows[i].from, ","), fmt::join(mode.arrows[i].to, ","),
        mode.color, model, i + 1);
  if (!mode.arrows.empty())
    text += fmt::format("rename #{} {}_mode{}\n", model, drawing.name, mode.mode);
  return text;
}

}  // namespace

Written write_cxc(std::ostream& out, const EntryModes& entry, const Motion& motion) {
  tl::expected<Drawing, std::string> drawing = drawing_of(entry, motion);
  if (!drawing) return tl::unexpected(std::move(drawing.error()));
  for (const std::string& line : legend(*drawing, entry, motion)) out << "# " << line << '\n';
  out << fmt::format(
      "# In the coordinates of the file, so that the whole structure can be opened beside it.\n"
      "# Models #{} and on must be free: in a session one script at a time.\n",
      trace_model);
  out << trace(*drawing, entry.structure.nodes);
  for (std::size_t k = 0; k < drawing->modes.size(); ++k)
    out << arrows(*drawing, drawing->modes[k], trace_model + 1 + k);
  out << "view\n";
  return {};
}

}  // namespace modesweep
