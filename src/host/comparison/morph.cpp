// SPDX-License-Identifier: MIT
// The step between two structures as a PDB file of many models, as far as soft modes go along it.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <optional>
#include <vector>

#include <modesweep/comparison.hpp>
#include <modesweep/properties.hpp>

#include "base/text.hpp"
#include "mode_files/pdb_lines.hpp"

namespace modesweep {
namespace {

std::string remarks_of(const StepOfResidues& step, int frames) {
  double square = 0;
  for (const double length : step.displacement) square += length * length;
  const double rmsd = std::sqrt(square / static_cast<double>(step.displacement.size()));
  const double left = rmsd * std::sqrt(std::max(0.0, 1 - step.morph_part));
  const std::string first = printable(step.first), second = printable(step.second);
  return fmt::format(
      "REMARK 999 FROM {} TOWARDS {}, MODESWEEP ANM, THEIR MATCHED RESIDUES\n"
      "REMARK 999 ALONG MODES 1 TO {} OF {}: {:.1f} % OF THE STEP\n"
      "REMARK 999 {:.3f} A RMSD FROM {} IN MODEL 1, {:.3f} A IN MODEL {}\n",
      first, second, step.morph_modes, first, 100 * step.morph_part, rmsd, second, left, frames);
}

}  // namespace

Written write_morph(std::ostream& out, const StepOfResidues& step, int frames) {
  assert(frames >= 2);
  if (step.morph.empty())
    return tl::unexpected(
        fmt::format("there is no morph: {} and {} do not differ", step.first, step.second));
  const tl::expected<PdbLines, std::string> lines =
      PdbLines::of(step.first_nodes, std::ranges::max(displacements(step.morph)));
  if (!lines)
    return tl::unexpected(
        fmt::format("the morph is not to be written in PDB format: {}", lines.error()));
  std::vector<std::optional<double>> b_factors;
  for (const Node& node : step.first_nodes) b_factors.push_back(node.b_factor);
  out << remarks_of(step, frames) << lines->remarks();
  for (int frame = 0; frame < frames; ++frame)
    out << fmt::format("MODEL     {:4}\n", frame + 1)
        << lines->atoms(step.morph, static_cast<double>(frame) / (frames - 1), b_factors)
        << "ENDMDL\n";
  out << lines->bonds() << "END\n";
  return {};
}

}  // namespace modesweep
