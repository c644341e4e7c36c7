// SPDX-License-Identifier: MIT
// What the page of `compare` holds.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include <modesweep/report.hpp>

#include "report/page_parts.hpp"
#include "report/page_writer.hpp"

namespace modesweep {
namespace {

using Json = nlohmann::ordered_json;

/// With so many digits as the eye sees.
Json short_numbers(const std::vector<double>& values, const char* format) {
  Json list = Json::array();
  for (const double value : values)
    list.push_back(std::strtod(fmt::format(fmt::runtime(format), value).c_str(), nullptr));
  return list;
}

Json lengths(const std::vector<double>& values) { return short_numbers(values, "{:.3f}"); }
/// Of numbers that span orders of magnitude.
Json numbers(const std::vector<double>& values) { return short_numbers(values, "{:.6g}"); }

/// x of all residues, y of all, z of all, of vectors that have them residue by residue.
Json axes_of(const std::vector<double>& vectors) {
  Json axes = Json::array();
  for (std::size_t axis = 0; axis < 3; ++axis) {
    std::vector<double> values;
    for (std::size_t i = axis; i < vectors.size(); i += 3) values.push_back(vectors[i]);
    axes.push_back(lengths(values));
  }
  return axes;
}

Json side(const std::string& name, std::size_t residues, const std::vector<double>& eigenvalues,
          const std::vector<double>& overlaps, const std::vector<double>& cumulative) {
  return {{"name", name},
          {"residues", residues},
          {"eigenvalues", eigenvalues},
          {"overlaps", overlaps},
          {"cumulative", cumulative}};
}

Json residues_of(const Comparison& comparison, const StepOfResidues& step) {
  Json residues;
  for (const char* list : {"chains", "numbers", "insertions", "names"})
    residues[list] = Json::array();
  for (const MatchedPiece& piece : step.pieces)
    for (std::size_t i = 0; i < piece.residues; ++i) residues["chains"].push_back(piece.first);
  std::vector<double> positions;
  for (const Node& node : step.first_nodes) {
    residues["numbers"].push_back(node.number ? Json(*node.number) : Json());
    residues["insertions"].push_back(node.insertion == ' ' ? "" : std::string(1, node.insertion));
    residues["names"].push_back(node.residue);
    positions.insert(positions.end(), node.position.begin(), node.position.end());
  }
  residues["positions"] = axes_of(positions);
  residues["morph"] = axes_of(step.morph);
  residues["displacement"] = lengths(step.displacement);
  residues["held"] = lengths(step.held_displacement);
  const std::vector<double>& overlaps = comparison.first_deformation;
  const auto best = std::max_element(overlaps.begin(), overlaps.end()) - overlaps.begin();
  residues["best_mode"] = best + 1;
  residues["of_best_mode"] = overlaps.empty()
                                 ? Json::array()
                                 : lengths(step.mode_displacements[static_cast<std::size_t>(best)]);
  residues["fluctuations_a"] = numbers(step.first_fluctuations);
  residues["fluctuations_b"] = numbers(step.second_fluctuations);
  return residues;
}

Json comparison_of(const Comparison& all, const StepOfResidues& step) {
  Json data;
  data["sentence"] = comparison_sentence(all);
  data["a"] = side(all.first, all.first_nodes, all.first_eigenvalues, all.first_deformation,
                   all.first_cumulative);
  data["b"] = side(all.second, all.second_nodes, all.second_eigenvalues, all.second_deformation,
                   all.second_cumulative);
  data["matched"] = all.matched;
  data["identity"] = all.identity;
  data["rmsd"] = all.rmsd;
  data["rmsip10"] = all.rmsip10 ? Json(*all.rmsip10) : Json();
  data["rmsip"] = all.rmsip;
  data["common_modes"] = all.common_modes();
  data["overlaps"] = Json::array();
  for (const std::vector<double>& line : all.overlaps) data["overlaps"].push_back(numbers(line));
  data["pieces"] = Json::array();
  for (const MatchedPiece& piece : all.pieces)
    data["pieces"].push_back({{"a", piece.first + ' ' + piece.first_range},
                              {"b", piece.second + ' ' + piece.second_range},
                              {"residues", piece.residues},
                              {"identical", piece.identical},
                              {"by", piece.by_numbers ? "number" : "sequence"}});
  data["morph_modes"] = step.morph_modes;
  data["morph_part"] = step.morph_part;
  data["residues"] = residues_of(all, step);
  return data;
}

}  // namespace

void write_comparison_report(std::ostream& out, const ComparisonReport& content) {
  Json about = about_page(content.command, content.date, content.libraries);
  about["parameters"] = Json::array();
  for (const auto& [key, value] : content.parameters) about["parameters"].push_back({key, value});
  write_page(out, {comparison_html, comparison_js}, content.libraries, [&] {
    write_json(out, "about", about);
    write_json(out, "comparison", comparison_of(content.comparison, content.step));
  });
}

}  // namespace modesweep
