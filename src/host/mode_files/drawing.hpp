// SPDX-License-Identifier: MIT
// What the scripts for viewers draw of an entry, whatever the viewer.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include <modesweep/mode_files.hpp>

namespace modesweep {

/// Colours as in the report, Okabe and Ito's, which the colour-blind tell apart.
inline constexpr std::string_view core_color = "0072b2", loose_color = "bbbbbb",
                                  hinge_color = "f0e442";
/// Of the arrows of the first mode of a drawing, of the second, and so on; then again.
inline constexpr std::array<std::string_view, 5> mode_colors = {"d55e00", "009e73", "cc79a7",
                                                                "e69f00", "56b4e9"};

/// Radii in angstrom: the trace through the nodes, a hinge, an arrow's head.
inline constexpr double trace_radius = 0.4, hinge_radius = 1.1, head_radius = 0.55;

struct Arrow {
  Vec3 from, to;  ///< angstrom
};

struct DrawnMode {
  int mode;
  double eigenvalue;
  std::string_view color;
  std::vector<Arrow> arrows;  ///< those that the trace does not hide
};

struct Drawing {
  std::string name;                 ///< of the entry: ASCII letters, digits and `_`, one at least
  std::vector<std::size_t> core;    ///< nodes, ascending, as `Core` has them; none where coreless
  std::vector<std::size_t> hinges;  ///< nodes, ascending
  std::vector<DrawnMode> modes;
};

/// Or why there is none, as `displacements_of`.
tl::expected<Drawing, std::string> drawing_of(const EntryModes& entry, const Motion& motion);

/// Sentences that say what is drawn, a line each, for comments: without semicolons, at which PyMOL
/// would take the rest for a command.
std::vector<std::string> legend(const Drawing& drawing, const EntryModes& entry,
                                const Motion& motion);

/// Text from a file as it may stand in a script: whatever could be more to a parser than a letter
/// becomes `_`. Opening a script must not run what a structure file says.
std::string harmless(std::string_view text);

}  // namespace modesweep
