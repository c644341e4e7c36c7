// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <map>

#include <modesweep/structure.hpp>

#include "cif_tables.hpp"
#include "reader_comparison.hpp"
#include "structure/binary_cif.hpp"
#include "support/binary_cif_writer.hpp"
#include "support/corruption.hpp"
#include "support/data_files.hpp"
#include "support/gzip.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

using reader_comparison::difference;
using test_support::BinaryColumn;
using test_support::EncodedData;
using test_support::IntegerCoding;
using test_support::packed_column;

class BinaryCif : public testing::Test {
 protected:
  /// Reads the mmCIF text and its BinaryCIF form; all must be the same.
  void expect_same(const std::string& mmcif, int variant, const ReadOptions& options = {}) {
    const auto expected = read_structure(folder_.write("x.cif", mmcif), options);
    const auto read =
        read_structure(folder_.write("x.bcif", as_binary_cif(mmcif, variant)), options);
    ASSERT_TRUE(expected) << expected.error().message;
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(difference(*read, *expected), "") << "variant " << variant;
  }
  std::string message(const std::string& bytes) {
    const auto read = read_structure(folder_.write("x.bcif", bytes), {});
    if (read) return "read";
    EXPECT_EQ(read.error().code, "not_a_structure");
    return read.error().message;
  }
  test_support::TempDir folder_;
};

/// A file of `rows` atoms, alanines' CA of numbers 1, 2 ..., with these data as the column.
std::string with_column(const std::string& name, const EncodedData& data, std::int64_t rows,
                        test_support::Integers mask = {}) {
  const auto n = static_cast<std::size_t>(rows < 0 || rows > 1000 ? 3 : rows);
  test_support::Integers numbers;
  std::vector<double> line;
  for (std::size_t i = 0; i < n; ++i) {
    numbers.push_back(static_cast<std::int32_t>(i + 1));
    line.push_back(3.8 * static_cast<double>(i));
  }
  std::map<std::string, EncodedData> columns = {
      {"label_atom_id",
       encode_strings(std::vector<std::string>(n, "CA"), IntegerCoding::run_length)},
      {"label_comp_id",
       encode_strings(std::vector<std::string>(n, "ALA"), IntegerCoding::run_length)},
      {"label_asym_id",
       encode_strings(std::vector<std::string>(n, "A"), IntegerCoding::run_length)},
      {"auth_seq_id", test_support::encode_integers(numbers, IntegerCoding::plain)}};
  for (const char* axis : {"Cartn_x", "Cartn_y", "Cartn_z"})
    columns[axis] = test_support::encode_doubles(line);
  columns[name] = data;
  std::vector<decltype(packed_column({"", data, {}}))> packed;
  for (const auto& [column, values] : columns)
    packed.push_back(
        packed_column({column, values, column == name ? mask : test_support::Integers{}}));
  return test_support::binary_cif("X", {test_support::packed_category("_atom_site", rows, packed)});
}

std::string one_column(const EncodedData& data, std::int64_t rows) {
  return with_column("Cartn_x", data, rows);
}

/// The x of the atoms whose column `Cartn_x` is encoded so.
std::vector<double> decoded(const EncodedData& data, std::int64_t rows) {
  const auto read = read_structure(one_column(data, rows), "x.bcif", {});
  std::vector<double> values;
  if (!read) return values;
  for (const Node& node : read->nodes) values.push_back(node.position[0]);
  return values;
}

TEST_F(BinaryCif, EveryEncodingGivesItsValuesBack) {
  const test_support::Integers integers = {5,   5,   5, -40000, 70000, 254,
                                           255, 256, 0, 127,    -128,  -129};
  const std::vector<double> expected(integers.begin(), integers.end());
  for (int coding = 0; coding < test_support::integer_codings; ++coding)
    EXPECT_EQ(decoded(encode_integers(integers, static_cast<IntegerCoding>(coding)), 12), expected)
        << coding;
  EXPECT_EQ(decoded(test_support::encode_integers({255, 0, 510, 511}, IntegerCoding::packing), 4),
            (std::vector<double>{255, 0, 510, 511}));
  const std::vector<double> reals = {1.5, -0.001, 123.456};
  EXPECT_EQ(decoded(encode_fixed_point(reals, 3, IntegerCoding::delta_packing), 3), reals);
  EXPECT_EQ(decoded(test_support::encode_doubles(reals), 3), reals);
  EXPECT_EQ(decoded(test_support::encode_floats(reals), 3), reals);
  EXPECT_EQ(decoded(test_support::encode_interval({0, 0.5, 2}, 0, 2, 5), 3),
            (std::vector<double>{0, 0.5, 2}));
  EXPECT_EQ(decoded(encode_strings({"1.5", "-2", "3e1"}, IntegerCoding::plain), 3),
            (std::vector<double>{1.5, -2, 30}));
}

TEST_F(BinaryCif, MasksComeBeforeValues) {
  const auto read = read_structure(
      with_column("B_iso_or_equiv", test_support::encode_integers({7, 8, 9}, IntegerCoding::plain),
                  3, {0, 1, 2}),
      "x.bcif", {});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->nodes[0].b_factor, 7.0);
  EXPECT_EQ(read->nodes[1].b_factor, std::nullopt);
  EXPECT_EQ(read->nodes[2].b_factor, std::nullopt);
}

TEST_F(BinaryCif, TextsAreTakenAsTheyStand) {
  const auto chains = [&](const std::vector<std::string>& texts) {
    const auto read =
        read_structure(with_column("auth_asym_id", encode_strings(texts, IntegerCoding::run_length),
                                   std::ssize(texts)),
                       "x.bcif", {});
    std::vector<std::string> found;
    if (read)
      for (const Node& node : read->nodes) found.push_back(node.chain);
    return found;
  };
  std::vector<std::string> texts = {"CA", "O5'", "two words", "loop_", "it's \"so\"", "a\n;b"};
  EXPECT_EQ(chains(texts), texts);
  // Offsets count UTF-16 units: e with acute is one, a smiling face is two.
  texts = {"\xc3\xa9", "\xf0\x9f\x98\x80", "x"};
  EXPECT_EQ(chains(texts), texts);
}

TEST_F(BinaryCif, IsReadAsTheMmcifFile) {
  std::vector<test_support::Atom> atoms = test_support::helix(30);
  for (test_support::Atom& atom : atoms)
    if (atom.y == "-0.000") atom.y = "0.000";  // integers have no negative zero
  atoms[3].altloc = "A";
  atoms[7].residue = "KCX";
  atoms[9].b_factor = "?";
  for (int variant = 0; variant < 6; ++variant)
    for (const NodeRule rule : {NodeRule::prody, NodeRule::polymer, NodeRule::prody_app})
      expect_same(test_support::mmcif_text(atoms, "1ABC", "A title; with \xc3\xa9"), variant,
                  {rule, {}});
}

TEST_F(BinaryCif, RealFilesAreReadAsTheirMmcif) {
  int files = 0;
  for (const std::filesystem::path& file : test_support::real_structure_files()) {
    if (file.string().find(".cif") == std::string::npos) continue;
    const Outcome<std::string> text = read_decompressed(file);
    ASSERT_TRUE(text);
    for (int variant = 0; variant < 3; ++variant) expect_same(*text, variant);
    ++files;
  }
  std::printf("%d real files\n", files);
  EXPECT_GT(files, 0);
}

TEST_F(BinaryCif, NamesHeadersAndGzip) {
  const std::string bytes = as_binary_cif(test_support::mmcif_text(test_support::helix(12)), 2);
  EXPECT_TRUE(is_structure_file_name("1abc.bcif"));
  EXPECT_TRUE(is_structure_file_name("1abc.BCIF.gz"));
  EXPECT_EQ(structure_stem("1abc.bcif.gz"), "1abc");
  const auto path = folder_.write("1abc.bcif.gz", test_support::gzip(bytes));
  EXPECT_EQ(read_structure(path, {})->nodes.size(), 12u);
  EXPECT_EQ(read_header(path)->title, "A TEST");
}

TEST_F(BinaryCif, StatedSizesAreCheckedBeforeAnythingIsAllocated) {
  const std::int64_t too_many = std::int64_t{1} << 40;
  const EncodedData three = test_support::encode_integers({1, 2, 3}, IntegerCoding::plain);
  EXPECT_NE(message(one_column(three, too_many)).find("1099511627776 values"), std::string::npos);
  EXPECT_NE(message(one_column(three, 4)).find("not as many values"), std::string::npos);
  EXPECT_NE(message(one_column(three, -1)).find("negative"), std::string::npos);
  EncodedData run = test_support::encode_integers({1, 1}, IntegerCoding::run_length);
  run.bytes[7] = '\x7f';  // the run's length: 2 + 127 * 2^24
  EXPECT_NE(message(one_column(run, 2)).find("runs and their stated size"), std::string::npos);
}

TEST_F(BinaryCif, CorruptedCopiesDoNoHarm) {
  const std::string bytes = as_binary_cif(test_support::mmcif_text(test_support::helix(40)), 2);
  int refused = 0;
  for (std::uint64_t seed = 0; seed < COPIES; ++seed) {
    const auto read = read_structure(test_support::corrupted(bytes, seed), "x.bcif", {});
    refused += !read;
    if (!read) continue;
    EXPECT_LE(read->nodes.size(), 40u) << "seed " << seed;
    for (const Node& node : read->nodes)
      for (const double x : node.position) EXPECT_TRUE(std::isfinite(x)) << "seed " << seed;
  }
  EXPECT_GT(refused, 0);
  // Lists within lists, deeper than any recursion could go.
  EXPECT_NE(message("\x83\xa7"
                    "version" +
                    std::string(1'000'000, '\x91')),
            "read");
}

}  // namespace
}  // namespace modesweep
