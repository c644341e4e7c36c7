// SPDX-License-Identifier: MIT
// Files made to fill the memory or to speak to the terminal are rows of the failures, or harmless.
#include <gtest/gtest.h>

#include <fstream>

#include "support/binary_cif_writer.hpp"
#include "support/gzip.hpp"
#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::helix;
using test_support::mmcif_text;
using test_support::pdb_text;
using test_support::run_modesweep;
using test_support::TempDir;

class HostileFiles : public testing::Test {
 protected:
  /// Ranks the folder, in which there must be a good file besides; returns the failures' table.
  std::string failures() {
    folder_.write("in/good.pdb", pdb_text(helix(20)));
    const std::string table = (folder_.path() / "failures.tsv").string();
    result_ = run_modesweep({"rank", "--files", (folder_.path() / "in").string(), "--format", "tsv",
                             "--failures", table});
    EXPECT_EQ(result_.exit_code, 0) << result_.err;
    EXPECT_NE(result_.out.find("good\t"), std::string::npos) << result_.out;
    return test_support::read_file(table);
  }
  /// A path below the folder, to be written to piece by piece.
  std::ofstream open(const std::string& name) {
    return std::ofstream(folder_.write("in/" + name, ""), std::ios::binary);
  }
  TempDir folder_;
  test_support::RunResult result_;
};

TEST_F(HostileFiles, AGzipBomb) {
  // 10 GB of zeros in 10 MB: a thousand members of 10 MB each.
  const std::string member = test_support::gzip(std::string(10'000'000, '\0'));
  {
    std::ofstream bomb = open("bomb.cif.gz");
    for (int i = 0; i < 1000; ++i) bomb << member;
  }
  const std::string table = failures();
  EXPECT_NE(table.find("\tparse\tbad_gzip\t"), std::string::npos) << table;
  EXPECT_NE(table.find("inflates to more than"), std::string::npos) << table;
}

TEST_F(HostileFiles, AnEndlessLine) {
  const std::string piece(1 << 20, 'x');
  for (const char* name : {"title.cif", "atom.cif", "plain.pdb"}) {
    std::ofstream file = open(name);
    if (std::string_view(name) == "title.cif")
      file << "data_x\n_struct.title '";
    else if (std::string_view(name) == "atom.cif")
      file << mmcif_text(helix(20)) << "ATOM ";
    else
      file << pdb_text(helix(20)) << "REMARK ";
    for (int i = 0; i < LINE_MEGABYTES; ++i) file << piece;
    file << "'\n" << mmcif_text(helix(20)).substr(10);
  }
  const std::string table = failures();
  for (const char* name : {"title.cif", "atom.cif", "plain.pdb"})
    EXPECT_NE(table.find(std::string(name) + "\tparse\tnot_a_structure\t"), std::string::npos)
        << table;
  EXPECT_NE(table.find("a line is longer than 16 MB"), std::string::npos) << table;
}

TEST_F(HostileFiles, ABinaryCifFileOf2To40Atoms) {
  const std::string bytes = test_support::binary_cif(
      "X", {test_support::packed_category(
               "_atom_site", std::int64_t{1} << 40,
               {test_support::packed_column(
                   {"id",
                    test_support::encode_integers({1}, test_support::IntegerCoding::plain),
                    {}})})});
  folder_.write("in/huge.bcif", bytes);
  const std::string table = failures();
  EXPECT_NE(table.find("huge.bcif\tparse\tnot_a_structure\t"), std::string::npos) << table;
  EXPECT_NE(table.find("1099511627776 values"), std::string::npos) << table;
}

TEST_F(HostileFiles, NothingSpeaksToTheTerminal) {
  const std::string escape =
      "\x1b]0;owned\x07\x1b[31m\xc2\x9b"
      "2J";
  folder_.write("in/title.cif", mmcif_text(helix(20), "1ABC", "red " + escape + " title"));
  folder_.write("in/chain.cif", [&] {
    std::vector<test_support::Atom> atoms = helix(20);
    for (test_support::Atom& atom : atoms) atom.chain = "'" + escape + "'";
    atoms[3].x = "?";
    return mmcif_text(atoms);
  }());
  folder_.write("in/name" + escape + ".pdb", "<html>");
  folder_.write("in/good" + escape + ".pdb", pdb_text(helix(20)));
  for (const char* format : {"table", "tsv", "jsonl"}) {
    const auto result =
        run_modesweep({"rank", "--files", (folder_.path() / "in").string(), "--format", format,
                       "--columns", "pdb_id,title,file,method", "-v"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    for (const std::string& text : {result.out, result.err})
      for (const std::string control : {"\x1b", "\x07", "\xc2\x9b"})
        EXPECT_EQ(text.find(control), std::string::npos) << format << "\n" << text;
  }
}

}  // namespace
