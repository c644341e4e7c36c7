// SPDX-License-Identifier: MIT
// Two structures, compared to the bit.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <modesweep/structure.hpp>

namespace modesweep::reader_comparison {

inline std::string bits(double value) {
  return std::to_string(std::bit_cast<std::uint64_t>(value)) + " ";
}

/// All of a structure, doubles by their bits.
inline std::vector<std::string> listed(const Structure& s) {
  std::vector<std::string> list = {
      s.header.id + (s.header.id_is_entry ? " entry" : " stem"),
      s.header.title,
      s.header.keywords,
      s.header.molecules,
      s.header.organisms,
      s.header.method,
      s.header.resolution ? bits(*s.header.resolution) : "no resolution",
      s.header.revision,
      s.header.protein,
      std::to_string(s.models) + " models, " + std::to_string(s.chains) + " chains",
      s.nucleic_left_out ? "nucleic" : "",
      s.partial_assembly ? "part" : ""};
  for (const Node& n : s.nodes)
    list.push_back(bits(n.position[0]) + bits(n.position[1]) + bits(n.position[2]) +
                   (n.b_factor ? bits(*n.b_factor) : "no B factor ") + n.chain + " " + n.residue +
                   " " + n.atom + " " + (n.number ? std::to_string(*n.number) : "no number") +
                   n.insertion);
  return list;
}

/// The first thing in which they differ; empty where they are the same to the bit.
inline std::string difference(const Structure& read, const Structure& expected) {
  const std::vector<std::string> a = listed(read), b = listed(expected);
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    if (a[i] != b[i]) return "\"" + a[i] + "\" instead of \"" + b[i] + "\"";
  if (a.size() == b.size()) return {};
  return std::to_string(read.nodes.size()) + " nodes instead of " +
         std::to_string(expected.nodes.size());
}

}  // namespace modesweep::reader_comparison
