// SPDX-License-Identifier: MIT
// The quick readers against gemmi's: the same structure to the bit, or no structure.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <modesweep/structure.hpp>

#include "structure/calpha_readers.hpp"
#include "structure/gemmi_reader.hpp"
#include "structure/text_format.hpp"

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
                   (n.b_factor ? bits(*n.b_factor) : "no B factor ") + n.chain + " " + n.residue + " " + n.atom + " " +
                   (n.number ? std::to_string(*n.number) : "no number") + n.insertion);
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

inline std::optional<Structure> read_quickly(const std::string& text,
                                             const std::filesystem::path& path,
                                             const ReadOptions& options) {
  return is_mmcif_text(text) ? read_mmcif_calphas(text, path, options)
                             : read_pdb_calphas(text, path, options);
}

struct Verdict {
  bool quick = false;   ///< the quick reader took it
  std::string problem;  ///< empty: what was taken is what gemmi reads
};

inline Verdict compare(const std::string& text, const std::filesystem::path& path,
                       const ReadOptions& options) {
  const std::optional<Structure> quick = read_quickly(text, path, options);
  if (!quick) return {};
  const Outcome<Structure> oracle = read_with_gemmi(text, path, options);
  if (!oracle) return {true, "gemmi refuses it: " + oracle.error().message};
  return {true, difference(*quick, *oracle)};
}

}  // namespace modesweep::reader_comparison
