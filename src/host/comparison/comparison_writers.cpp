// SPDX-License-Identifier: MIT
// Comparisons for people.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include <modesweep/comparison.hpp>

#include "base/text.hpp"

namespace modesweep {
namespace {

constexpr std::size_t modes_shown = 10;
constexpr std::size_t structures_shown = 10;
constexpr std::size_t first_modes = 10;  // of which the sentence speaks

std::string shown(const std::vector<double>& values, std::size_t i) {
  return i < values.size() ? fmt::format("{:.4f}", values[i]) : "-";
}

std::string shown(const std::optional<double>& value) {
  return value ? fmt::format("{:.4f}", *value) : "-";
}

/// What an overlap holds of a step: its square, in percent.
std::string held(double overlap) {
  const double percent = 100 * overlap * overlap;
  if (percent < 0.1) return "less than 0.1 %";
  return fmt::format("{:.{}f} %", percent, percent < 9.95 ? 1 : 0);
}

/// "; the first ten 0.966": of the modes together.
std::string together(const std::vector<double>& cumulative) {
  const std::size_t modes = std::min(first_modes, cumulative.size());
  if (modes < 2) return {};
  return fmt::format("; the first {} {:.3f}", modes == first_modes ? "ten" : std::to_string(modes),
                     cumulative[modes - 1]);
}

/// Whether it was.
bool write_cut(std::ostream& out, std::size_t shown, std::size_t all, const char* what) {
  if (shown < all) fmt::print(out, "  (the first {} of {} {})\n", shown, all, what);
  return shown < all;
}

/// Columns of a matrix that stand beside `head` characters in lines of `width`; one at least.
std::size_t columns_that_fit(std::size_t width, std::size_t head) {
  constexpr std::size_t column = 8;
  if (width == 0) return std::string::npos;
  return width < head + column ? 1 : (width - head) / column;
}

void write_no_room(std::ostream& out, std::size_t shown, std::size_t wanted, const char* what) {
  if (shown < wanted) fmt::print(out, "  (no room for {} after {})\n", what, shown);
}

void write_pieces(std::ostream& out, const std::vector<MatchedPiece>& pieces) {
  std::vector<std::array<std::string, 2>> sides;
  std::array<std::size_t, 2> widths{};
  for (const MatchedPiece& piece : pieces) {
    const auto side = [](const std::string& chain, const std::string& range) {
      return printable(chain) + (range.empty() ? "" : " " + range);
    };
    sides.push_back({side(piece.first, piece.first_range), side(piece.second, piece.second_range)});
    for (std::size_t k = 0; k < 2; ++k) widths[k] = std::max(widths[k], sides.back()[k].size());
  }
  for (std::size_t i = 0; i < pieces.size(); ++i)
    fmt::print(
        out, "  chain {:<{}} with chain {:<{}}: {}, {:.1f} % identical, by {}\n", sides[i][0],
        widths[0], sides[i][1], widths[1],
        counted(static_cast<std::int64_t>(pieces[i].residues), "residue"),
        100.0 * static_cast<double>(pieces[i].identical) / static_cast<double>(pieces[i].residues),
        pieces[i].by_numbers ? "number" : "sequence");
}

bool write_steps(std::ostream& out, const Comparison& all, std::size_t most) {
  const std::size_t modes = std::max(all.first_deformation.size(), all.second_deformation.size());
  if (modes == 0) return false;
  out << "\nOverlap with the deformation from A to B\n"
         "  mode       A  cumulative       B  cumulative\n";
  const std::size_t lines = std::min(modes, most);
  for (std::size_t i = 0; i < lines; ++i)
    fmt::print(out, "  {:>4}  {:>6}  {:>10}  {:>6}  {:>10}\n", i + 1,
               shown(all.first_deformation, i), shown(all.first_cumulative, i),
               shown(all.second_deformation, i), shown(all.second_cumulative, i));
  return write_cut(out, lines, modes, "modes");
}

bool write_overlaps(std::ostream& out, const Comparison& all, std::size_t most, std::size_t width) {
  const std::size_t of_a = std::min(all.overlaps.size(), most);
  const std::size_t wanted_of_b = std::min(all.second_eigenvalues.size(), most);
  const std::size_t of_b = std::min(wanted_of_b, columns_that_fit(width, 6));
  out << "\nOverlaps of the modes of A (lines) and of B (columns)\n      ";
  for (std::size_t j = 0; j < of_b; ++j) fmt::print(out, "  {:>6}", j + 1);
  out << '\n';
  for (std::size_t i = 0; i < of_a; ++i) {
    fmt::print(out, "  {:>4}", i + 1);
    for (std::size_t j = 0; j < of_b; ++j) fmt::print(out, "  {:.4f}", all.overlaps[i][j]);
    out << '\n';
  }
  write_no_room(out, of_b, wanted_of_b, "modes of B");
  return write_cut(out, std::max(of_a, wanted_of_b),
                   std::max(all.overlaps.size(), all.second_eigenvalues.size()), "modes");
}

/// A line a structure: what the first's modes have of the step to it.
bool write_steps_from_first(std::ostream& out, const ComparisonMatrix& all, std::size_t lines,
                            std::size_t width) {
  fmt::print(
      out,
      "\nSteps from {}: overlap of its mode 1 (holds: the square) and of its first ten modes;\n"
      "back: of mode 1 of the other; alike: of mode 1 of both with each other\n",
      printable(all.names.front()));
  fmt::print(out,
             "  {:>3}  {:<{}}  residues  matched    RMSD  mode 1   holds     ten    back   alike\n",
             "", "", width);
  for (std::size_t j = 0; j < lines; ++j) {
    fmt::print(out, "  {:>3}  {:<{}}  {:>8}  {:>7}", j + 1, printable(all.names[j]), width,
               all.residues[j], all.matched[j]);
    if (j > 0) {
      const PairComparison& pair = all.pair(0, j);
      fmt::print(out, "  {:>6.3f}  {:>6}  {:>6}  {:>6}  {:>6}  {:>6.4f}", pair.rmsd,
                 shown(pair.first_deformation),
                 pair.first_deformation
                     ? fmt::format("{:.1f} %", 100 * std::pow(*pair.first_deformation, 2))
                     : "-",
                 shown(pair.first_cumulative), shown(pair.second_deformation), pair.overlap);
    }
    out << '\n';
  }
  return write_cut(out, lines, all.names.size(), "structures");
}

/// One number above the diagonal, another one below.
bool write_pairs(std::ostream& out, const ComparisonMatrix& all, std::size_t lines,
                 std::size_t width) {
  const std::size_t columns = std::min(lines, columns_that_fit(width, 5));
  const bool has_ten =
      std::all_of(all.pairs.begin(), all.pairs.end(),
                  [](const PairComparison& pair) { return pair.rmsip10.has_value(); });
  fmt::print(out,
             "\nRMSD in angstrom (above the diagonal) and RMSIP of {} modes (below), over the {} "
             "residues that all have\n     ",
             has_ten ? "ten" : "all", all.common);
  for (std::size_t j = 0; j < columns; ++j) fmt::print(out, "  {:>6}", j + 1);
  out << '\n';
  for (std::size_t i = 0; i < lines; ++i) {
    fmt::print(out, "  {:>3}", i + 1);
    for (std::size_t j = 0; j < columns; ++j) {
      if (i == j)
        out << "       -";
      else if (i < j)
        fmt::print(out, "  {:>6.3f}", all.pair(i, j).rmsd);
      else
        fmt::print(out, "  {:>6.4f}", has_ten ? *all.pair(i, j).rmsip10 : all.pair(i, j).rmsip);
    }
    out << '\n';
  }
  write_no_room(out, columns, lines, "structures");
  return write_cut(out, lines, all.names.size(), "structures");
}

}  // namespace

std::string comparison_sentence(const Comparison& all) {
  const std::string a = printable(all.first), b = printable(all.second);
  if (all.first_deformation.empty())
    return fmt::format("{} and {} do not differ: there is no step that modes could hold.", a, b);
  const std::vector<double>& from_a = all.first_deformation;
  std::string text = fmt::format(
      "Mode 1 of {} holds {} of the step from {} to {} (overlap {:.3f}{}); from {} mode 1 holds "
      "{}.",
      a, held(from_a[0]), a, b, from_a[0], together(all.first_cumulative), b,
      held(all.second_deformation[0]));
  const auto most = std::max_element(from_a.begin(), from_a.end());
  if (most != from_a.begin())
    text += fmt::format(" Of {}'s single modes {} holds most: {}.", a, most - from_a.begin() + 1,
                        held(*most));
  return text;
}

std::string comparison_sentence(const ComparisonMatrix& all) {
  const auto least_and_most = [&] {
    const PairComparison *least = nullptr, *most = nullptr;
    for (std::size_t j = 1; j < all.names.size(); ++j) {
      const PairComparison& pair = all.pair(0, j);
      if (!pair.first_deformation) continue;
      if (!least || pair.first_deformation < least->first_deformation) least = &pair;
      if (!most || pair.first_deformation > most->first_deformation) most = &pair;
    }
    return std::pair(least, most);
  };
  const auto [least, most] = least_and_most();
  const std::string first = printable(all.names.front());
  if (!most)
    return fmt::format(
        "{} does not differ from the others: there is no step that modes could hold.", first);
  std::string text = fmt::format(
      "Of the steps from {} mode 1 of it holds most of that to {}: {} (overlap {:.3f}{})", first,
      printable(all.names[most->second]), held(*most->first_deformation), *most->first_deformation,
      most->first_cumulative ? fmt::format("; the first ten {:.3f}", *most->first_cumulative) : "");
  if (least != most)
    text += fmt::format(", and least of that to {}: {}", printable(all.names[least->second]),
                        held(*least->first_deformation));
  return text + '.';
}

bool write_comparison_table(std::ostream& out, const Comparison& all, bool all_modes,
                            std::size_t width) {
  out << comparison_sentence(all) << '\n';
  if (!all.first_deformation.empty())
    out << "What a mode holds is the square of its overlap, a part of the square length of the "
           "step.\n";
  fmt::print(out, "\nA  {}, {}\nB  {}, {}\n", printable(all.first),
             counted(static_cast<std::int64_t>(all.first_nodes), "residue"), printable(all.second),
             counted(static_cast<std::int64_t>(all.second_nodes), "residue"));
  fmt::print(out, "matched residues  {}, {:.1f} % identical\n", all.matched, 100 * all.identity);
  write_pieces(out, all.pieces);
  fmt::print(out, "RMSD              {:.3f} angstrom\n", all.rmsd);
  fmt::print(out, "RMSIP             {}{:.4f} of {}\n",
             all.rmsip10 ? fmt::format("{:.4f} of 10 modes, ", *all.rmsip10) : "", all.rmsip,
             counted(static_cast<std::int64_t>(all.common_modes()), "mode"));
  const std::size_t most = all_modes ? std::string::npos : modes_shown;
  const bool are_cut = write_steps(out, all, most);
  return write_overlaps(out, all, most, width) || are_cut;
}

bool write_comparison_table(std::ostream& out, const ComparisonMatrix& all, bool all_structures,
                            std::size_t width) {
  const std::size_t lines =
      all_structures ? all.names.size() : std::min(all.names.size(), structures_shown);
  std::size_t longest = 0;
  for (std::size_t j = 0; j < lines; ++j)
    longest = std::max(longest, printable(all.names[j]).size());
  out << comparison_sentence(all) << '\n';
  write_steps_from_first(out, all, lines, longest);
  return write_pairs(out, all, lines, width);  // cut as the one before it
}

}  // namespace modesweep
