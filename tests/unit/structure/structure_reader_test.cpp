// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <functional>

#include <modesweep/structure.hpp>

#include "support/gzip.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

using test_support::Atom;
using test_support::helix;
using Writer = std::function<std::string(const std::vector<Atom>&)>;

/// Every case that both formats can hold is tried in both.
class BothFormats : public testing::TestWithParam<std::string> {
 protected:
  std::filesystem::path write(const std::vector<Atom>& atoms) const {
    return GetParam() == "pdb"
               ? folder_.write("x.pdb", test_support::pdb_text(atoms, "1ABC", "A TEST"))
               : folder_.write("x.cif", test_support::mmcif_text(atoms));
  }
  Outcome<Structure> read(const std::vector<Atom>& atoms, ReadOptions options = {}) const {
    return read_structure(write(atoms), options);
  }
  std::size_t count(const std::vector<Atom>& atoms, NodeRule rule) const {
    const auto structure = read(atoms, {rule, {}});
    return structure ? structure->nodes.size() : 0;
  }
  test_support::TempDir folder_;
};

INSTANTIATE_TEST_SUITE_P(Format, BothFormats, testing::Values("pdb", "mmcif"),
                         [](const auto& format) { return format.param; });

TEST_P(BothFormats, HeaderAndNodes) {
  const auto structure = read(helix(12));
  ASSERT_TRUE(structure) << structure.error().message;
  EXPECT_EQ(structure->header.id, "1ABC");
  EXPECT_TRUE(structure->header.id_is_entry);
  EXPECT_EQ(structure->header.title, "A TEST");
  ASSERT_EQ(structure->nodes.size(), 12u);
  EXPECT_EQ(structure->nodes[0].position, (Vec3{2.3, 0.0, 0.0}));
  EXPECT_EQ(structure->nodes[11].number, 12);
  EXPECT_EQ(structure->nodes[11].position[2], 16.5);
  EXPECT_EQ(structure->chains, 1);
  EXPECT_EQ(structure->models, 1);
}

TEST_P(BothFormats, AltlocsBlankAndAOnly) {
  std::vector<Atom> atoms = helix(12);
  atoms[3].altloc = "A";
  atoms[4].altloc = "B";  // the residue's only conformer: lost, as in ProDy
  Atom second = atoms[3];
  second.altloc = "B";
  second.x = "9.000";
  atoms.insert(atoms.begin() + 4, second);
  const auto structure = read(atoms);
  ASSERT_TRUE(structure);
  EXPECT_EQ(structure->nodes.size(), 11u);
  EXPECT_NE(structure->nodes[3].position[0], 9.0);
}

TEST_P(BothFormats, PolymerTakesTheHighestOccupancyOncePerPosition) {
  std::vector<Atom> atoms = helix(12);
  atoms[3].altloc = "A";
  atoms[3].occupancy = "0.40";
  Atom second = atoms[3];
  second.altloc = "B";
  second.occupancy = "0.60";
  second.residue = "SER";  // microheterogeneity: still one position
  second.x = "9.000";
  atoms.insert(atoms.begin() + 4, second);
  const auto structure = read(atoms, {NodeRule::polymer, {}});
  ASSERT_TRUE(structure) << structure.error().message;
  EXPECT_EQ(structure->nodes.size(), 12u);
  EXPECT_EQ(structure->nodes[3].position[0], 9.0);
}

TEST_P(BothFormats, ModifiedResidues) {
  std::vector<Atom> atoms = helix(12);
  atoms[5].residue = "MSE";  // in ProDy's set
  atoms[6].residue = "KCX";  // not in it
  EXPECT_EQ(count(atoms, NodeRule::prody), 11u);
  EXPECT_EQ(count(atoms, NodeRule::polymer), 12u);
}

TEST_P(BothFormats, CalciumIsNoNodeAndAFreeAminoAcidIsOne) {
  std::vector<Atom> atoms = helix(12);
  Atom calcium = atoms.back();
  calcium.hetatm = true;
  calcium.residue = "CA";
  calcium.element = "CA";
  calcium.number = 101;
  calcium.x = "20.000";
  Atom glycine = calcium;
  glycine.residue = "GLY";
  glycine.element = "C";
  glycine.number = 102;
  glycine.x = "25.000";
  atoms.push_back(calcium);
  atoms.push_back(glycine);
  EXPECT_EQ(count(atoms, NodeRule::prody), 13u);
  if (GetParam() == "mmcif") {
    EXPECT_EQ(count(atoms, NodeRule::polymer), 12u);
  }
}

TEST_P(BothFormats, ADuplicateIsTwoNodes) {
  std::vector<Atom> atoms = helix(12);
  Atom twice = atoms[2];
  twice.x = "7.000";
  atoms.insert(atoms.begin() + 3, twice);
  EXPECT_EQ(count(atoms, NodeRule::prody), 13u);
}

TEST_P(BothFormats, TheFirstModelOrTheOneAskedFor) {
  std::vector<Atom> atoms = helix(12);
  std::vector<Atom> second = helix(12);
  for (Atom& atom : second) {
    atom.model = 2;
    atom.x = "5.000";
  }
  atoms.insert(atoms.end(), second.begin(), second.end());
  EXPECT_EQ(read(atoms)->nodes[0].position[0], 2.3);
  EXPECT_EQ(read(atoms)->models, 2);
  EXPECT_EQ(read(atoms, {NodeRule::prody, 2})->nodes[0].position[0], 5.0);
  EXPECT_EQ(read(atoms, {NodeRule::prody, 7}).error().code, "no_model");
}

TEST_P(BothFormats, BadCoordinatesFailTheEntry) {
  for (const char* bad : {"********", "nan", "1.2.3", "1e400", "abc"}) {
    std::vector<Atom> atoms = helix(12);
    atoms[7].y = bad;
    const auto structure = read(atoms);
    ASSERT_FALSE(structure) << bad;
    EXPECT_EQ(structure.error().stage, Stage::parse);
    EXPECT_EQ(structure.error().code, "bad_coordinates") << structure.error().message;
  }
}

TEST_P(BothFormats, BadCoordinatesOfOtherAtomsDoNotMatter) {
  std::vector<Atom> atoms = helix(12);
  atoms[7].altloc = "B";
  atoms[7].y = "********";
  EXPECT_EQ(count(atoms, NodeRule::prody), 11u);
}

TEST_P(BothFormats, NothingToTakeIsNoNodes) {
  std::vector<Atom> atoms = helix(12);
  for (Atom& atom : atoms) atom.name = "CB";
  EXPECT_EQ(read(atoms).error().code, "no_nodes");
  for (Atom& atom : atoms) {
    atom.name = "P";
    atom.element = "P";
    atom.residue = "DA";
  }
  const auto structure = read(atoms);
  ASSERT_FALSE(structure);
  EXPECT_EQ(structure.error().code, "no_nodes");
  EXPECT_NE(structure.error().message.find("nucleic"), std::string::npos);
  EXPECT_EQ(count(atoms, NodeRule::prody_app), 12u);
}

TEST_P(BothFormats, NucleicAcidOutsideTheNetworkIsNoted) {
  std::vector<Atom> atoms = helix(12);
  std::vector<Atom> strand = helix(6, "B", 20);
  for (Atom& atom : strand) {
    atom.name = "P";
    atom.element = "P";
    atom.residue = "DG";
  }
  atoms.insert(atoms.end(), strand.begin(), strand.end());
  EXPECT_TRUE(read(atoms)->nucleic_left_out);
  EXPECT_FALSE(read(atoms, {NodeRule::prody_app, {}})->nucleic_left_out);
  EXPECT_EQ(count(atoms, NodeRule::prody_app), 18u);
}

class StructureReader : public testing::Test {
 protected:
  Outcome<Structure> read(const std::string& name, const std::string& content,
                          ReadOptions options = {}) const {
    return read_structure(folder_.write(name, content), options);
  }
  test_support::TempDir folder_;
};

TEST_F(StructureReader, AnAllBFileFollowsProDy261) {
  std::vector<Atom> atoms = helix(12);
  for (Atom& atom : atoms) atom.altloc = "B";
  EXPECT_EQ(read("x.cif", test_support::mmcif_text(atoms))->nodes.size(), 12u);
  EXPECT_EQ(read("x.pdb", test_support::pdb_text(atoms)).error().code, "no_nodes");
}

TEST_F(StructureReader, ResidueNamesOf261OnlyWhere231TakesNothing) {
  std::vector<Atom> atoms = helix(12);
  atoms[0].residue = "ASH";
  EXPECT_EQ(read("x.pdb", test_support::pdb_text(atoms))->nodes.size(), 11u);
  for (Atom& atom : atoms) atom.residue = "ASH";
  EXPECT_EQ(read("x.pdb", test_support::pdb_text(atoms))->nodes.size(), 12u);
}

TEST_F(StructureReader, ContentDecidesTheFormat) {
  EXPECT_TRUE(read("x.pdb", test_support::mmcif_text(helix(12))));
  EXPECT_TRUE(read("x.cif", test_support::pdb_text(helix(12))));
  EXPECT_TRUE(read("x.pdb", test_support::gzip(test_support::pdb_text(helix(12)))));
  EXPECT_TRUE(read("x.cif", "# a comment\n\n" + test_support::mmcif_text(helix(12))));
}

TEST_F(StructureReader, WhatIsNoStructureSaysWhatItIs) {
  const auto message = [&](const std::string& content) {
    const auto structure = read("x.cif", content);
    if (structure) return std::string("read");
    EXPECT_EQ(structure.error().code, "not_a_structure");
    return structure.error().message;
  };
  EXPECT_NE(message("<!DOCTYPE html><html>").find("HTML"), std::string::npos);
  EXPECT_NE(message("{\"error\": 1}").find("JSON"), std::string::npos);
  EXPECT_NE(message(std::string("\x01\x02 bytes\0\0\0", 11) + "x").find("binary"),
            std::string::npos);
  EXPECT_NE(message("\x7f"
                    "ELF")
                .find("a program"),
            std::string::npos);
  EXPECT_NE(message(" \n \n").find("white space"), std::string::npos);
  EXPECT_NE(message("hello").find("neither"), std::string::npos);
  EXPECT_NE(message("data_x\n_entry.id x\n").find("_atom_site"), std::string::npos);
}

TEST_F(StructureReader, ACutTableIsRefused) {
  const std::string whole = test_support::mmcif_text(helix(12));
  const auto structure = read("x.cif", whole.substr(0, whole.rfind(" 20.00")));
  ASSERT_FALSE(structure);
  EXPECT_EQ(structure.error().code, "not_a_structure");
  const std::string pdb = test_support::pdb_text(helix(12));
  EXPECT_FALSE(read("x.pdb", pdb.substr(0, pdb.size() - 50)));
}

TEST_F(StructureReader, BlankCoordinatesOfAPdbFile) {
  std::vector<Atom> atoms = helix(12);
  atoms[5].z = "        ";
  EXPECT_EQ(read("x.pdb", test_support::pdb_text(atoms)).error().code, "bad_coordinates");
  atoms[5].z = "?";
  EXPECT_EQ(read("x.cif", test_support::mmcif_text(atoms)).error().code, "bad_coordinates");
}

TEST_F(StructureReader, LineNumbersInTheLastColumns) {
  std::string text = test_support::pdb_text(helix(12));
  std::string old;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = text.find('\n', i);
    std::string line = text.substr(i, end - i);
    if (line.starts_with("ATOM")) line = line.substr(0, 72) + "1TAB  89";
    old += line + "\n";
    i = end + 1;
  }
  EXPECT_EQ(read("x.pdb", old)->nodes.size(), 12u);
}

TEST_F(StructureReader, CarriageReturnsAndMissingEnd) {
  std::string text = test_support::pdb_text(helix(12));
  text.resize(text.find("END\n"));
  for (std::size_t i = 0; (i = text.find('\n', i)) != std::string::npos; i += 2)
    text.insert(i, "\r");
  EXPECT_EQ(read("x.pdb", text)->nodes.size(), 12u);
}

TEST_F(StructureReader, TitlesCannotSpeakToTheTerminal) {
  const auto structure = read("x.cif", test_support::mmcif_text(helix(12), "1ABC",
                                                                "red \x1b[31m and \xc2\x9b"
                                                                "2J end"));
  ASSERT_TRUE(structure);
  EXPECT_EQ(structure->header.title, "red [31m and 2J end");
}

TEST_F(StructureReader, TheStemIsTheIdWhereTheFileHasNone) {
  const auto structure = read("d1cih__.pdb", test_support::pdb_text(helix(12)));
  EXPECT_EQ(structure->header.id, "d1cih__");
  EXPECT_FALSE(structure->header.id_is_entry);
  EXPECT_EQ(read("y.cif", test_support::mmcif_text(helix(12), "model_1"))->header.id, "y");
}

TEST_F(StructureReader, TheAssemblyIsCompared) {
  const std::string whole = test_support::mmcif_text(helix(12));
  const auto with = [&](const char* assembly) { return read("x.cif", whole + assembly); };
  const std::string once =
      "_pdbx_struct_assembly.id 1\n_pdbx_struct_assembly.details author_defined_assembly\n"
      "_pdbx_struct_assembly.method_details ?\n_pdbx_struct_assembly.oligomeric_details ?\n"
      "_pdbx_struct_assembly.oligomeric_count 1\n#\n"
      "_pdbx_struct_assembly_gen.assembly_id 1\n_pdbx_struct_assembly_gen.oper_expression ";
  const std::string chains = "\n_pdbx_struct_assembly_gen.asym_id_list A\n#\n";
  const std::string operators =
      "loop_\n_pdbx_struct_oper_list.id\n_pdbx_struct_oper_list.type\n"
      "_pdbx_struct_oper_list.matrix[1][1]\n_pdbx_struct_oper_list.matrix[1][2]\n"
      "_pdbx_struct_oper_list.matrix[1][3]\n_pdbx_struct_oper_list.vector[1]\n"
      "_pdbx_struct_oper_list.matrix[2][1]\n_pdbx_struct_oper_list.matrix[2][2]\n"
      "_pdbx_struct_oper_list.matrix[2][3]\n_pdbx_struct_oper_list.vector[2]\n"
      "_pdbx_struct_oper_list.matrix[3][1]\n_pdbx_struct_oper_list.matrix[3][2]\n"
      "_pdbx_struct_oper_list.matrix[3][3]\n_pdbx_struct_oper_list.vector[3]\n"
      "1 identity 1 0 0 0 0 1 0 0 0 0 1 0\n2 other -1 0 0 0 0 -1 0 0 0 0 1 0\n#\n";
  EXPECT_FALSE(with((once + "1" + chains + operators).c_str())->partial_assembly);
  EXPECT_TRUE(with((once + "1,2" + chains + operators).c_str())->partial_assembly);
  EXPECT_FALSE(with("")->partial_assembly);
}

/// Chains A (numbers 1 to 12) and B (1 to 5), all ALA but one GLY, B factors 20 but one of 60.
std::vector<Atom> two_chains() {
  std::vector<Atom> atoms = helix(12, "A");
  const std::vector<Atom> second = helix(5, "B", 30);
  atoms.insert(atoms.end(), second.begin(), second.end());
  atoms[2].residue = "GLY";
  atoms[4].b_factor = "60.00";
  return atoms;
}

/// Chain and number of each node, or the code of the failure.
std::string selected(const Outcome<Structure>& structure) {
  if (!structure) return structure.error().code;
  std::string text;
  for (const Node& node : structure->nodes)
    text += node.chain + std::to_string(node.number.value()) + ' ';
  return text;
}

TEST_P(BothFormats, ChainsAndSelectionsTakeAPart) {
  const auto with = [&](std::vector<std::string> chains, std::string selection,
                        NodeRule rule = NodeRule::prody) {
    return selected(read(two_chains(), {rule, {}, std::move(chains), std::move(selection)}));
  };
  const std::string b = "B1 B2 B3 B4 B5 ";
  EXPECT_EQ(with({"B"}, ""), b);
  EXPECT_EQ(with({"B"}, "", NodeRule::polymer), b);  // which gemmi reads
  EXPECT_EQ(with({}, "//B"), b);
  EXPECT_EQ(with({}, "B/4-10"), "B4 B5 ");
  EXPECT_EQ(with({}, "//*/4-5"), "A4 A5 B4 B5 ");
  EXPECT_EQ(with({"A"}, "4-5"), "A4 A5 ");
  EXPECT_EQ(with({}, "(GLY)"), "A3 ");
  EXPECT_EQ(with({}, "//!A/2(!GLY)-3"), "B2 B3 ");
  EXPECT_EQ(with({}, "//*//;b>50"), "A5 ");
  EXPECT_EQ(with({}, "//B//CA[C]"), b);
  EXPECT_EQ(with({}, "//B//CB"), "nothing_selected");
  EXPECT_EQ(with({"A", "b"}, ""), "no_chain");
  EXPECT_EQ(with({}, "//A/13-20"), "nothing_selected");
  EXPECT_EQ(with({"A"}, "//B"), "nothing_selected");
  EXPECT_EQ(read(two_chains())->chains, 2);
  EXPECT_EQ(read(two_chains(), {NodeRule::prody, {}, {"A"}, ""})->chains, 1);
  EXPECT_EQ(read(two_chains(), {NodeRule::prody, {}, {"A", "b"}, ""}).error().message,
            write(two_chains()).string() + ": there is no chain b among A, B (those with nodes)");
}

TEST_F(StructureReader, ProteinsAreKnownByAccessionElseBySequence) {
  const std::string atoms = test_support::pdb_text(two_chains());
  const auto protein = [&](const std::string& text) {
    return read_structure(folder_.write("x.pdb", text), {}).value().header.protein;
  };
  const std::string reference =
      "DBREF  1ABC A    1    12  UNP    P00760   TRY1_BOVIN       1     12\n";
  const std::string other =
      "DBREF1 1ABC B    1     5  UNP                  A0A024B7W1_ZIKVF\n"
      "DBREF2 1ABC B     A0A024B7W1                        1           5\n";
  const std::string itself =
      "DBREF  1ABC A    1    12  PDB    1ABC     1ABC             1     12\n";
  EXPECT_EQ(protein(reference + atoms), "P00760");
  EXPECT_EQ(protein(other + reference + reference + atoms), "A0A024B7W1,P00760");

  const std::string of_nodes = protein(atoms);
  EXPECT_TRUE(of_nodes.starts_with("sequence:")) << of_nodes;
  EXPECT_EQ(of_nodes.size(), 9u + 16u);
  EXPECT_EQ(protein(itself + atoms), of_nodes);
  // Of the chains that are chosen; another sequence is another protein.
  const auto of_chain = [&](const std::string& text, const std::string& chain) {
    return read_structure(folder_.write("x.pdb", text), {NodeRule::prody, {}, {chain}, ""})
        ->header.protein;
  };
  EXPECT_NE(of_chain(atoms, "A"), of_nodes);
  EXPECT_EQ(of_chain(other + reference + atoms, "A"), "P00760");
  EXPECT_EQ(of_chain(other + reference + atoms, "B"), "A0A024B7W1");
  std::vector<Atom> mutant = two_chains();
  mutant[0].residue = "TRP";
  EXPECT_NE(protein(test_support::pdb_text(mutant)), of_nodes);
  // The sequence goes before the nodes, which may lack some; a copy changes nothing.
  const std::string sequence =
      "SEQRES   1 A   13  MET ALA ALA GLY ALA ALA ALA ALA ALA ALA ALA ALA ALA\n";
  const std::string modified =
      "SEQRES   1 B   13  MSE ALA ALA GLY ALA ALA ALA ALA ALA ALA ALA ALA ALA\n";
  EXPECT_NE(protein(sequence + atoms), of_nodes);
  EXPECT_EQ(protein(sequence + modified + atoms), protein(sequence + atoms));

  // mmCIF says the same.
  const auto mmcif = [&](const std::string& more) {
    std::string text = test_support::mmcif_text(two_chains());
    const std::string type = "_entity_poly.type 'polypeptide(L)'\n";
    text.insert(text.find(type) + type.size(), more);
    return read_structure(folder_.write("x.cif", text), {}).value().header.protein;
  };
  EXPECT_EQ(mmcif("_entity_poly.pdbx_seq_one_letter_code_can\n;MAAGAA\nAAAAAAA\n;\n"),
            protein(sequence + atoms));
  EXPECT_EQ(mmcif("#\nloop_\n_struct_ref.id\n_struct_ref.entity_id\n_struct_ref.db_name\n"
                  "_struct_ref.db_code\n_struct_ref.pdbx_db_accession\n"
                  "1 1 UNP TRY1_BOVIN P00760\n2 1 PDB 1ABC 1ABC\n3 1 UNP X A0A024B7W1\n#\n"),
            protein(reference + other + atoms));
  EXPECT_EQ(mmcif(""), of_nodes);
}

TEST(Selections, NameAModelOrAreRefused) {
  EXPECT_EQ(model_of_selection("//A/10-50").value(), std::nullopt);
  EXPECT_EQ(model_of_selection("/2/A").value(), 2);
  EXPECT_EQ(model_of_selection("").value(), std::nullopt);
  for (const char* cid : {"//A/10-5*0", "/x/A", "//A/10-50;q<3", "//A//CA:B", "//*//;polymer",
                          "//A/(GLY", "//A//CA[", "A/1/CA[Qq]"}) {
    EXPECT_FALSE(model_of_selection(cid)) << cid;
  }
}

TEST_F(StructureReader, HeadersAlone) {
  const auto header =
      read_header(folder_.write("x.pdb", "HEADER    HYDROLASE" + std::string(31, ' ') +
                                             "01-JAN-20   1ABC" + std::string(14, ' ') +
                                             "\nTITLE     THE TITLE"
                                             "\nCOMPND    MOL_ID: 1;"
                                             "\nCOMPND   2 MOLECULE: TRYPSIN;"
                                             "\nSOURCE    MOL_ID: 1;"
                                             "\nSOURCE   2 ORGANISM_SCIENTIFIC: BOS TAURUS;"
                                             "\nKEYWDS    PROTEASE"
                                             "\nREVDAT   2   24-FEB-09 1ABC    1       VERSN\n" +
                                             test_support::pdb_text(helix(3))));
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->id, "1ABC");
  EXPECT_EQ(header->title, "THE TITLE");
  EXPECT_EQ(header->molecules, "TRYPSIN");
  EXPECT_EQ(header->organisms, "BOS TAURUS");
  EXPECT_EQ(header->keywords, "PROTEASE");
  EXPECT_EQ(header->revision, "2009-02-24");
  EXPECT_TRUE(read_header(folder_.write("y.pdb", test_support::pdb_text(helix(3)))));
  EXPECT_FALSE(read_header(folder_.write("z.pdb", "<html>")));
}

}  // namespace
}  // namespace modesweep
