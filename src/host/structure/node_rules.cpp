// SPDX-License-Identifier: MIT
#include "structure/node_rules.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace modesweep {
namespace {

constexpr std::array<std::string_view, 41> amino_acids = {
    "ALA", "ARG", "ASN", "ASP", "CYS", "GLN", "GLU", "GLY", "HIS", "ILE", "LEU",
    "LYS", "MET", "PHE", "PRO", "SER", "THR", "TRP", "TYR", "VAL", "ASX", "CME",
    "CSB", "CSO", "CYX", "GLX", "HID", "HIE", "HIP", "HSD", "HSE", "HSP", "MEN",
    "MSE", "PHD", "PTR", "SEC", "SEP", "TPO", "XAA", "XLE"};

constexpr std::array<std::string_view, 8> amino_acids_since_2_6_1 = {"ARN",  "ASH",  "GLH", "HISD",
                                                                     "HISE", "HISP", "LYN", "TYM"};

constexpr std::array<std::string_view, 28> nucleic = {
    "GUN", "ADE", "CYT", "THY", "URA", "DA",  "DC",  "DG",  "DT",  "DU",
    "A",   "C",   "G",   "T",   "U",   "AMP", "ADP", "ATP", "CDP", "CTP",
    "GMP", "GDP", "GTP", "TMP", "TTP", "UMP", "UDP", "UTP"};

constexpr std::array<std::string_view, 3> nucleic_atoms = {"P", "C4'", "C2"};

/// A name of up to four letters as one number, so that a set is searched at once.
constexpr std::uint32_t packed(std::string_view name) {
  std::uint32_t result = 0;
  for (const char c : name) result = result << 8 | static_cast<unsigned char>(c);
  return result;
}

/// Names by a hash of them, at the first free place from it on.
template <std::size_t n>
class NameSet {
 public:
  explicit constexpr NameSet(const std::array<std::string_view, n>& names) {
    for (const std::string_view name : names) {
      std::size_t place = place_of(packed(name));
      while (names_[place] != 0) place = (place + 1) % size;
      names_[place] = packed(name);
    }
  }
  constexpr bool has(std::string_view name) const {
    if (name.empty() || name.size() > 4) return false;
    const std::uint32_t wanted = packed(name);
    for (std::size_t place = place_of(wanted); names_[place] != 0; place = (place + 1) % size)
      if (names_[place] == wanted) return true;
    return false;
  }

 private:
  static constexpr std::size_t size = std::bit_ceil(4 * n);
  static constexpr std::size_t place_of(std::uint32_t name) {
    constexpr std::uint32_t golden_ratio = 0x9e3779b9;  // Knuth's multiplicative hash
    return name * golden_ratio >> (32 - std::countr_zero(size));
  }
  std::array<std::uint32_t, size> names_{};
};

template <const auto& names>
bool contains(std::string_view name) {
  static constexpr NameSet set(names);
  return set.has(name);
}

}  // namespace

std::string_view to_string(NodeRule rule) {
  switch (rule) {
    case NodeRule::prody: return "prody";
    case NodeRule::polymer: return "polymer";
    case NodeRule::prody_app: return "prody-app";
  }
  return "unknown";
}

bool is_prody_amino_acid(std::string_view residue, ProdyRelease release) {
  return contains<amino_acids>(residue) ||
         (release == ProdyRelease::v2_6_1 && contains<amino_acids_since_2_6_1>(residue));
}

bool is_prody_nucleic(std::string_view residue) { return contains<nucleic>(residue); }

bool may_be_node(NodeRule rule, std::string_view residue, std::string_view atom,
                 ProdyRelease release) {
  switch (rule) {
    case NodeRule::prody: return atom == "CA" && is_prody_amino_acid(residue, release);
    case NodeRule::polymer: return atom == "CA" && residue != "CA";
    case NodeRule::prody_app:
      return (atom == "CA" && is_prody_amino_acid(residue, release)) ||
             (contains<nucleic_atoms>(atom) && is_prody_nucleic(residue));
  }
  return false;
}

}  // namespace modesweep
