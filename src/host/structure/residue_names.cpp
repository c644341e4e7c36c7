// SPDX-License-Identifier: MIT
#include "structure/residue_names.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <gemmi/resinfo.hpp>
#include <string>
#include <utility>

namespace modesweep {
namespace {

using Form = std::pair<std::string_view, char>;

/// Forms that the PDB does not know, or knows as something else that is in no chain: of Amber
/// (constant pH included), CHARMM, GROMOS, OPLS, X-PLOR, Tinker, Rosetta and HADDOCK.
constexpr std::array forms = std::to_array<Form>({
    {"AR0", 'R'},  {"ARN", 'R'},   {"ARGN", 'R'},  {"ASN1", 'N'}, {"AS4", 'D'},  {"ASH", 'D'},
    {"ASP1", 'D'}, {"ASPH", 'D'},  {"ASPP", 'D'},  {"CYD", 'C'},  {"CYF", 'C'},  {"CYM", 'C'},
    {"CYN", 'C'},  {"CYS1", 'C'},  {"CYS2", 'C'},  {"CYSH", 'C'}, {"CYX", 'C'},  {"CYZ", 'C'},
    {"GL4", 'E'},  {"GLH", 'E'},   {"GLUH", 'E'},  {"GLUP", 'E'}, {"HID", 'H'},  {"HIE", 'H'},
    {"HIP", 'H'},  {"HIS1", 'H'},  {"HIS2", 'H'},  {"HISA", 'H'}, {"HISB", 'H'}, {"HISD", 'H'},
    {"HISE", 'H'}, {"HISH", 'H'},  {"HISP", 'H'},  {"HSC", 'H'},  {"HSD", 'H'},  {"HSE", 'H'},
    {"HSP", 'H'},  {"LSN", 'K'},   {"LYD", 'K'},   {"LYN", 'K'},  {"LYP", 'K'},  {"LYSH", 'K'},
    {"LYSN", 'K'}, {"MELEU", 'L'}, {"MEVAL", 'V'}, {"PHEH", 'F'}, {"PHEU", 'F'}, {"TRPH", 'W'},
    {"TRPU", 'W'}, {"TYD", 'Y'},   {"TYM", 'Y'},   {"TYRH", 'Y'}, {"TYRU", 'Y'},
});

/// 0 where the name is none of the above.
char letter_of_form(std::string_view residue) {
  const auto* const form = std::find_if(forms.begin(), forms.end(),
                                        [&](const Form& known) { return known.first == residue; });
  return form == forms.end() ? '\0' : form->second;
}

gemmi::ResidueInfo tabulated(std::string_view residue) {
  return gemmi::find_tabulated_residue(std::string(residue));
}

/// 0 where it is not one letter of the alphabet. That of a modified residue is its parent's in
/// lower case.
char letter_in_table(std::string_view residue) {
  const auto letter = static_cast<unsigned char>(tabulated(residue).one_letter_code);
  return std::isalpha(letter) ? static_cast<char>(std::toupper(letter)) : '\0';
}

/// 0 where a force field does not know the residue.
char letter_of_force_field(std::string_view residue) {
  if (const char letter = letter_of_form(residue)) return letter;
  // Amber marks the residues at both ends of a chain, in four letters or more: NALA, CHIE, NCYS2.
  if (residue.size() < 4 || (residue[0] != 'N' && residue[0] != 'C')) return '\0';
  residue.remove_prefix(1);
  if (const char letter = letter_of_form(residue)) return letter;
  return tabulated(residue).is_amino_acid() ? letter_in_table(residue) : '\0';
}

}  // namespace

char one_letter_code(std::string_view residue) {
  if (const char letter = letter_in_table(residue)) return letter;
  const char letter = letter_of_force_field(residue);
  return letter ? letter : 'X';
}

bool is_amino_acid(std::string_view residue) {
  return tabulated(residue).is_amino_acid() || letter_of_force_field(residue) != '\0';
}

bool is_force_field_name(std::string_view residue) {
  return letter_of_force_field(residue) != '\0';
}

bool is_d_amino_acid(std::string_view residue) {
  using Kind = decltype(gemmi::ResidueInfo::kind);  // its name is another in each release of gemmi
  return tabulated(residue).kind == Kind::AAD;
}

bool is_nucleic_residue(std::string_view residue) { return tabulated(residue).is_nucleic_acid(); }

}  // namespace modesweep
