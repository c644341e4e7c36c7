// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <sstream>

#include <modesweep/version.hpp>

#include "entry.hpp"
#include "mode_files/npz_archive.hpp"
#include "support/npz.hpp"

namespace modesweep {
namespace {

using test_support::NpyArray;
using test_support::read_npz;

std::string bytes_of(const EntryModes& entry) {
  std::ostringstream out;
  EXPECT_TRUE(write_npz(out, entry));
  return out.str();
}

TEST(Npz, HoldsTheEntryToTheLastBit) {
  EntryModes entry = solved(coil(12));
  entry.structure.nodes[3].insertion = 'B';
  entry.structure.nodes[4].chain = "";
  entry.structure.nodes[5].chain = "AAA";
  auto arrays = read_npz(bytes_of(entry));
  const auto shape = [&](const char* name) { return arrays.at(name).shape; };
  using Shape = std::vector<std::size_t>;
  EXPECT_EQ(arrays.at("eigenvalues").doubles(), entry.modes.eigenvalues);
  EXPECT_EQ(arrays.at("residuals").doubles(), entry.modes.residuals);
  EXPECT_EQ(arrays.at("eigenvectors").doubles(), entry.modes.eigenvectors);
  EXPECT_EQ(shape("eigenvectors"), (Shape{36, 5}));
  EXPECT_TRUE(arrays.at("eigenvectors").by_columns);
  EXPECT_EQ(shape("coordinates"), (Shape{12, 3}));
  EXPECT_FALSE(arrays.at("coordinates").by_columns);
  EXPECT_EQ(shape("degenerate_modes"), (Shape{0, 2}));
  const std::vector<double> coordinates = arrays.at("coordinates").doubles();
  for (std::size_t i = 0; i < 12; ++i) {
    const Node& node = entry.structure.nodes[i];
    for (std::size_t axis = 0; axis < 3; ++axis)
      EXPECT_EQ(coordinates[3 * i + axis], node.position[axis]);
    EXPECT_EQ(arrays.at("b_factors").doubles()[i], node.b_factor);
    EXPECT_EQ(arrays.at("residue_numbers").integers()[i], node.number);
    EXPECT_EQ(arrays.at("atom_names").texts()[i], U"CA");
    EXPECT_EQ(arrays.at("residue_names").texts()[i], i % 2 == 0 ? U"ALA" : U"MSE");
    EXPECT_EQ(arrays.at("insertion_codes").texts()[i], i == 3 ? U"B" : U"");
    EXPECT_EQ(arrays.at("chains").texts()[i], i == 4 ? U"" : i == 5 ? U"AAA" : U"A");
  }
}

TEST(Npz, HoldsNoNumberThatTheFileDoesNotState) {
  EntryModes entry = solved(coil(12));
  entry.structure.nodes[4].b_factor.reset();
  entry.structure.nodes[7].number.reset();
  auto arrays = read_npz(bytes_of(entry));
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(std::isnan(arrays.at("b_factors").doubles()[i]), i == 4);
    EXPECT_EQ(arrays.at("residue_numbers").integers()[i],
              i == 7 ? std::numeric_limits<std::int64_t>::min() : static_cast<std::int64_t>(i) - 2);
  }
}

TEST(Npz, HoldsTheParameters) {
  EntryModes entry = solved(coil(12), 7);
  entry.model.read.model = 3;
  entry.structure.header.id = "caf\xc3\xa9";
  auto arrays = read_npz(bytes_of(entry));
  for (const char* name : {"cutoff", "gamma"}) EXPECT_TRUE(arrays.at(name).shape.empty()) << name;
  EXPECT_EQ(arrays.at("cutoff").doubles(), std::vector<double>{15});
  EXPECT_EQ(arrays.at("gamma").doubles(), std::vector<double>{1});
  EXPECT_EQ(arrays.at("modes_requested").integers(), std::vector<std::int64_t>{7});
  EXPECT_EQ(arrays.at("zero_modes").integers(), std::vector<std::int64_t>{6});
  EXPECT_EQ(arrays.at("method_version").integers(), std::vector<std::int64_t>{method_version});
  EXPECT_EQ(arrays.at("entry").texts().at(0), U"caf\u00e9");
  EXPECT_EQ(arrays.at("model").texts().at(0), U"ANM");
  EXPECT_EQ(arrays.at("nodes").texts().at(0), U"prody");
  EXPECT_EQ(arrays.at("file_model").texts().at(0), U"3");
  EXPECT_EQ(arrays.at("solver").texts().at(0), U"lapack");
  EXPECT_EQ(arrays.at("file_sha256").texts().at(0), std::u32string(64, U'e'));
}

TEST(Npz, ListsDegenerateModes) {
  EntryModes entry = solved(coil(12));
  entry.modes.eigenvalues = {0.1, 0.1, 0.2, 0.3, 0.3};
  EXPECT_EQ(read_npz(bytes_of(entry)).at("degenerate_modes").integers(),
            (std::vector<std::int64_t>{1, 2, 4, 5}));
}

TEST(Npz, TheSameModesGiveTheSameBytes) {
  const EntryModes entry = solved(coil(12));
  EXPECT_EQ(bytes_of(entry), bytes_of(entry));
}

TEST(NpzArchive, KnowsItsSize) {
  NpzArchive archive;
  archive.add("a", 1.5);
  archive.add("bc", {2, 1}, std::vector<std::string>{"x", "yz"});
  std::ostringstream out;
  archive.write(out);
  EXPECT_EQ(out.str().size(), archive.size());
  EXPECT_EQ(read_npz(out.str()).at("bc").type, "<U2");
}

TEST(NpzArchive, TextsAreAsWideAsTheLongest) {
  NpzArchive archive;
  archive.add("none", {2}, std::vector<std::string>{"", ""});
  archive.add("wide", {2}, std::vector<std::string>{"\xf0\x9f\xa7\xac", "ab"});
  std::ostringstream out;
  archive.write(out);
  auto arrays = read_npz(out.str());
  EXPECT_EQ(arrays.at("none").type, "<U1");
  EXPECT_EQ(arrays.at("wide").texts(), (std::vector<std::u32string>{U"\U0001f9ec", U"ab"}));
}

}  // namespace
}  // namespace modesweep
