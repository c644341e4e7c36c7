// SPDX-License-Identifier: MIT
#include "structure/residue_names.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace modesweep {
namespace {

TEST(ResidueNames, FormsAreTheirAminoAcid) {
  for (const auto& [letter, names] : std::initializer_list<std::pair<char, const char*>>{
           {'H', "HIS HID HIE HIP HSD HSE HSP HISD HISE HISP HISA HISB HISH HIS1 HIS2"},
           {'C', "CYS CYX CYM CYS1 CYS2 CYSH"},
           {'D', "ASP ASH ASPH ASPP"},
           {'E', "GLU GLH GLUH GLUP"},
           {'K', "LYS LYN LYP LYSH LSN"},
           {'R', "ARG ARN ARGN"},
           {'Y', "TYR TYM PTR"},
           {'M', "MET MSE"},
           {'S', "SER SEP"},
           {'U', "SEC"},
           {'X', "UNK XYZ HOH ZN CA"}}) {
    std::istringstream words(names);
    for (std::string name; words >> name;) EXPECT_EQ(one_letter_code(name), letter) << name;
  }
}

TEST(ResidueNames, AmberMarksTheEndsOfChains) {
  constexpr const char* names =
      "ALA A ARG R ASN N ASP D CYS C CYX C GLN Q GLU E GLY G HID H HIE H HIP H ILE I LEU L LYS K "
      "MET M PHE F PRO P SER S THR T TRP W TYR Y VAL V CYS2 C GLUH E";
  std::istringstream words(names);
  for (std::string name, letter; words >> name >> letter;)
    for (const char end : {'N', 'C'}) {
      EXPECT_EQ(one_letter_code(end + name), letter[0]) << end << name;
      EXPECT_TRUE(is_amino_acid(end + name)) << end << name;
    }
  for (const char* name : {"NXYZ", "CZN", "NCALA", "XALA", "CA", ""})
    EXPECT_EQ(one_letter_code(name), 'X') << name;
  // N is a nucleotide, which the table has from gemmi's release 0.6 on.
  for (const char* name : {"NXYZ", "CZN", "NCALA", "XALA", "N", "CA", ""})
    EXPECT_FALSE(is_amino_acid(name)) << name;
}

TEST(ResidueNames, NucleotidesAreNoAminoAcids) {
  for (const char* name : {"DA", "U", "DG"}) EXPECT_FALSE(is_amino_acid(name)) << name;
  for (const char* name : {"ALA", "MSE", "HIE", "TYM"}) EXPECT_TRUE(is_amino_acid(name)) << name;
}

}  // namespace
}  // namespace modesweep
