// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cstdio>

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

/// A file of one `_atom_site` column.
std::string one_column(const EncodedData& data, std::int64_t rows,
                       test_support::Integers mask = {}) {
  return test_support::binary_cif(
      "X", {test_support::packed_category("_atom_site", rows,
                                          {packed_column({"Cartn_x", data, std::move(mask)})})});
}

TEST_F(BinaryCif, EveryEncodingGivesItsValuesBack) {
  const std::string tag = "data_X\nloop_\n_atom_site.Cartn_x\n";
  const test_support::Integers integers = {5,   5,   5, -40000, 70000, 254,
                                           255, 256, 0, 127,    -128,  -129};
  const std::string expected = tag + "5\n5\n5\n-40000\n70000\n254\n255\n256\n0\n127\n-128\n-129\n";
  for (int coding = 0; coding < test_support::integer_codings; ++coding)
    EXPECT_EQ(binary_cif_as_mmcif(
                  one_column(encode_integers(integers, static_cast<IntegerCoding>(coding)), 12)),
              expected)
        << coding;
  EXPECT_EQ(binary_cif_as_mmcif(one_column(
                test_support::encode_integers({255, 0, 510, 511}, IntegerCoding::packing), 4)),
            tag + "255\n0\n510\n511\n");
  const std::vector<double> reals = {1.5, -0.001, 123.456};
  EXPECT_EQ(binary_cif_as_mmcif(
                one_column(encode_fixed_point(reals, 3, IntegerCoding::delta_packing), 3)),
            tag + "1.5\n-0.001\n123.456\n");
  EXPECT_EQ(binary_cif_as_mmcif(one_column(test_support::encode_doubles(reals), 3)),
            tag + "1.5\n-0.001\n123.456\n");
  EXPECT_EQ(binary_cif_as_mmcif(one_column(test_support::encode_floats(reals), 3)),
            tag + "1.5\n-0.001\n123.456\n");
  EXPECT_EQ(binary_cif_as_mmcif(one_column(test_support::encode_interval({0, 0.5, 2}, 0, 2, 5), 3)),
            tag + "0\n0.5\n2\n");
  EXPECT_EQ(binary_cif_as_mmcif(one_column(
                test_support::encode_integers({7, 8, 9}, IntegerCoding::plain), 3, {0, 1, 2})),
            tag + "7\n.\n?\n");
}

TEST_F(BinaryCif, TextsAreQuotedAsTheyNeed) {
  const auto as_text = [&](const std::vector<std::string>& texts) {
    return *binary_cif_as_mmcif(
        one_column(encode_strings(texts, IntegerCoding::run_length), std::ssize(texts)));
  };
  const std::string tag = "data_X\nloop_\n_atom_site.Cartn_x\n";
  EXPECT_EQ(as_text({"CA", "O5'", "two words", "?", "", "loop_"}),
            tag + "CA\n\"O5'\"\n'two words'\n'?'\n''\n'loop_'\n");
  EXPECT_EQ(as_text({"it's \"so\""}), tag + "\n;it's \"so\"\n;\n");
  EXPECT_EQ(as_text({"a\n;b"}), tag + "\n;a\n ;b\n;\n");
  // Offsets count UTF-16 units: e with acute is one, a smiling face is two.
  EXPECT_EQ(as_text({"\xc3\xa9", "\xf0\x9f\x98\x80", "x"}),
            tag + "'\xc3\xa9'\n'\xf0\x9f\x98\x80'\nx\n");
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
    const Outcome<std::string> text = read_maybe_gzipped(file);
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
    const auto text = binary_cif_as_mmcif(test_support::corrupted(bytes, seed));
    refused += !text;
    if (!text || not_a_structure(*text)) continue;
    EXPECT_EQ(reader_comparison::compare(*text, "x.bcif", {}).problem, "") << "seed " << seed;
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
