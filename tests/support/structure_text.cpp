// SPDX-License-Identifier: MIT
#include "support/structure_text.hpp"

#include <cmath>
#include <cstdio>
#include <numbers>

namespace test_support {
namespace {

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

std::string right(const std::string& text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

std::string left(const std::string& text, std::size_t width) {
  return text.size() < width ? text + std::string(width - text.size(), ' ') : text;
}

std::string pdb_line(const Atom& atom, int serial) {
  // A one-letter element's name starts in column 14, a two-letter one's in column 13.
  const std::string name =
      atom.element.size() == 1 && atom.name.size() < 4 ? " " + atom.name : atom.name;
  return left(atom.hetatm ? "HETATM" : "ATOM", 6) + right(std::to_string(serial), 5) + " " +
         left(name, 4) + left(atom.altloc, 1) + right(atom.residue, 3) + " " + left(atom.chain, 1) +
         right(std::to_string(atom.number), 4) + "    " + right(atom.x, 8) + right(atom.y, 8) +
         right(atom.z, 8) + right(atom.occupancy, 6) + right(atom.b_factor, 6) +
         std::string(10, ' ') + right(atom.element, 2) + "\n";
}

}  // namespace

std::vector<Atom> helix(int residues, const std::string& chain, double shift) {
  std::vector<Atom> atoms;
  for (int i = 0; i < residues; ++i) {
    const double angle = i * 100 * std::numbers::pi / 180;
    Atom& atom = atoms.emplace_back();
    atom.chain = chain;
    atom.number = i + 1;
    atom.x = number_text(2.3 * std::cos(angle) + shift);
    atom.y = number_text(2.3 * std::sin(angle));
    atom.z = number_text(1.5 * i);
  }
  return atoms;
}

std::string pdb_text(const std::vector<Atom>& atoms, std::string_view entry,
                     std::string_view title) {
  std::string text;
  if (!entry.empty())
    text += left("HEADER    HYDROLASE", 50) + "01-JAN-20   " + std::string(entry) +
            std::string(14, ' ') + "\n";
  if (!title.empty()) text += left("TITLE     " + std::string(title), 80) + "\n";
  const bool models = !atoms.empty() && atoms.back().model != 1;
  int model = 0;
  int serial = 0;
  for (const Atom& atom : atoms) {
    if (models && atom.model != model) {
      if (model != 0) text += "ENDMDL\n";
      model = atom.model;
      text += "MODEL     " + right(std::to_string(model), 4) + "\n";
    }
    text += pdb_line(atom, ++serial);
  }
  if (models) text += "ENDMDL\n";
  return text + "END\n";
}

std::string mmcif_text(const std::vector<Atom>& atoms, std::string_view entry,
                       std::string_view title) {
  const std::string id(entry);
  std::string text = "data_" + id + "\n#\n_entry.id " + id + "\n_struct.title '" +
                     std::string(title) +
                     "'\n_exptl.method 'X-RAY DIFFRACTION'\n#\n"
                     "loop_\n_entity.id\n_entity.type\n1 polymer\n2 non-polymer\n#\n"
                     "_entity_poly.entity_id 1\n_entity_poly.type 'polypeptide(L)'\n#\n"
                     "loop_\n";
  for (const char* tag : {"group_PDB",      "id",
                          "type_symbol",    "label_atom_id",
                          "label_alt_id",   "label_comp_id",
                          "label_asym_id",  "label_entity_id",
                          "label_seq_id",   "pdbx_PDB_ins_code",
                          "Cartn_x",        "Cartn_y",
                          "Cartn_z",        "occupancy",
                          "B_iso_or_equiv", "auth_seq_id",
                          "auth_comp_id",   "auth_asym_id",
                          "auth_atom_id",   "pdbx_PDB_model_num"})
    text += std::string("_atom_site.") + tag + "\n";
  int serial = 0;
  for (const Atom& atom : atoms) {
    const std::string number = std::to_string(atom.number);
    text += (atom.hetatm ? "HETATM " : "ATOM ") + std::to_string(++serial) + " " + atom.element +
            " " + atom.name + " " + (atom.altloc.empty() ? "." : atom.altloc) + " " + atom.residue +
            " " + atom.chain + (atom.hetatm ? "x 2 . ? " : " 1 " + number + " ? ") + atom.x + " " +
            atom.y + " " + atom.z + " " + atom.occupancy + " " + atom.b_factor + " " + number +
            " " + atom.residue + " " + atom.chain + " " + atom.name + " " +
            std::to_string(atom.model) + "\n";
  }
  return text + "#\n";
}

}  // namespace test_support
