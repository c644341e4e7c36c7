// SPDX-License-Identifier: MIT
// Small structure files made on the spot, in both formats.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace test_support {

/// One atom as a file has it; the fields are text so that a test can spoil them.
struct Atom {
  std::string name = "CA";
  std::string altloc;  // empty: none
  std::string residue = "ALA";
  std::string chain = "A";
  int number = 1;
  std::string x = "0.000", y = "0.000", z = "0.000";
  std::string element = "C";
  std::string occupancy = "1.00";
  std::string b_factor = "20.00";
  bool hetatm = false;
  int model = 1;
};

/// C-alphas of an ideal alpha-helix: 3-decimal coordinates, numbers from 1.
std::vector<Atom> helix(int residues, const std::string& chain = "A", double shift = 0);

std::string pdb_text(const std::vector<Atom>& atoms, std::string_view entry = "",
                     std::string_view title = "");

/// mmCIF whose chain is one polypeptide(L) entity, waters and ligands apart where `hetatm`.
std::string mmcif_text(const std::vector<Atom>& atoms, std::string_view entry = "1ABC",
                       std::string_view title = "A TEST");

}  // namespace test_support
