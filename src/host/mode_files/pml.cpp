// SPDX-License-Identifier: MIT
// A script of PyMOL's commands that draws modes.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <span>
#include <utility>

#include "base/text.hpp"
#include "mode_files/drawing.hpp"
#include "mode_files/pdb_lines.hpp"

namespace modesweep {
namespace {

/// PyMOL repeats every line of a block of Python in its console, so that what there is one of for
/// each residue stands in lines that begin with a slash: Python too, which it does not repeat.
constexpr std::string_view draw_arrows = R"(python
from pymol import cgo, cmd
def modesweep_arrows(name, arrows, color, radius):
    rgb = [int(color[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    shapes = []
    for start, end in arrows:
        steps = [b - a for a, b in zip(start, end)]
        length = sum(step * step for step in steps) ** 0.5
        shaft = 1 - min(0.4, 1.5 / length)  # so that the heads of long ones do not grow
        neck = [a + shaft * step for a, step in zip(start, steps)]
        shapes += [cgo.CYLINDER, *start, *neck, 0.4 * radius, *rgb, *rgb]
        shapes += [cgo.CONE, *neck, *end, radius, 0.0, *rgb, *rgb, 1.0, 0.0]
    cmd.delete(name)
    cmd.load_cgo(shapes, name, zoom=0)

python end
)";

/// As atoms are numbered in selections, such as 1-40+62; in pieces, since PyMOL's words are short.
std::vector<std::string> id_lists(std::span<const std::size_t> nodes) {
  constexpr std::size_t most_ranges = 60;
  std::vector<std::string> lists;
  std::vector<std::string> ranges;
  for (std::size_t i = 0; i < nodes.size();) {
    std::size_t last = i;
    while (last + 1 < nodes.size() && nodes[last + 1] == nodes[last] + 1) ++last;
    ranges.push_back(last == i ? fmt::format("{}", nodes[i] + 1)
                               : fmt::format("{}-{}", nodes[i] + 1, nodes[last] + 1));
    i = last + 1;
    if (ranges.size() < most_ranges && i < nodes.size()) continue;
    lists.push_back(fmt::format("{}", fmt::join(ranges, "+")));
    ranges.clear();
  }
  return lists;
}

/// A selection by this name, empty where there are no nodes.
std::string selection(const std::string& name, const std::string& object,
                      std::span<const std::size_t> nodes) {
  std::string text = fmt::format("select {}, none\n", name);
  for (const std::string& ids : id_lists(nodes))
    text += fmt::format("select {0}, {0} or ({1} and id {2})\n", name, object, ids);
  return text;
}

std::string atoms(const std::string& object, const std::vector<Node>& nodes,
                  const PdbLines& lines) {
  std::vector<std::optional<double>> b_factors;
  for (const Node& node : nodes) b_factors.push_back(node.b_factor);
  const std::vector<double> unmoved(3 * nodes.size());
  std::string text = "/modesweep_lines = []\n";
  for (const std::string& line :
       split(lines.remarks() + lines.atoms(unmoved, 0, b_factors) + lines.bonds() + "END\n", '\n'))
    text += fmt::format("/modesweep_lines.append(\"{}\")\n", harmless(line));
  return text + fmt::format(
                    "delete {0}\n"
                    "/cmd.read_pdbstr(\"\\n\".join(modesweep_lines), \"{0}\")\n",
                    object);
}

std::string looks(const Drawing& drawing, const std::string& object) {
  return fmt::format(
      "hide everything, {0}\n"
      "set cartoon_trace_atoms, 1, {0}\n"
      "set cartoon_tube_radius, {1}, {0}\n"
      "cartoon tube, {0}\n"
      "show cartoon, {0}\n"
      "color 0x{2}, {0}\n"
      "color 0x{3}, {4}_core\n"
      "color 0x{5}, {4}_hinges\n"
      "show spheres, {4}_hinges\n"
      "alter {4}_hinges, vdw={6}\n"
      "deselect\n",
      object, trace_radius, loose_color, core_color, drawing.name, hinge_color, hinge_radius);
}

std::string arrows(const Drawing& drawing, const DrawnMode& mode) {
  std::string text = "/modesweep_mode = []\n";
  for (const Arrow& arrow : mode.arrows)
    text += fmt::format("/modesweep_mode.append((({:.3f}), ({:.3f})))\n",
                        fmt::join(arrow.from, ", "), fmt::join(arrow.to, ", "));
  return text + fmt::format("/modesweep_arrows(\"{}_mode{}\", modesweep_mode, \"{}\", {})\n",
                            drawing.name, mode.mode, mode.color, head_radius);
}

}  // namespace

Written write_pml(std::ostream& out, const EntryModes& entry, const Motion& motion) {
  tl::expected<Drawing, std::string> drawing = drawing_of(entry, motion);
  if (!drawing) return tl::unexpected(std::move(drawing.error()));
  const std::vector<Node>& nodes = entry.structure.nodes;
  const tl::expected<PdbLines, std::string> lines = PdbLines::of(nodes, 0);
  if (!lines)
    return tl::unexpected(fmt::format(
        "not to be drawn by PyMOL, which is given PDB format: {} (cxc has no such limit)",
        lines.error()));
  const std::string object = drawing->name + "_ca";
  for (const std::string& line : legend(*drawing, entry, motion)) out << "# " << line << '\n';
  out << "# In the coordinates of the file, so that the whole structure can be loaded beside it.\n"
      << draw_arrows << atoms(object, nodes, *lines)
      << selection(drawing->name + "_core", object, drawing->core)
      << selection(drawing->name + "_hinges", object, drawing->hinges) << looks(*drawing, object);
  for (const DrawnMode& mode : drawing->modes) out << arrows(*drawing, mode);
  out << fmt::format("orient {0}\nzoom {0}, 5\n", object);
  return {};
}

}  // namespace modesweep
