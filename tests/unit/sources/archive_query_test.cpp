// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "sources/fts_query.hpp"

namespace modesweep {
namespace {

std::string match(std::string_view term) { return parse_fts_query(term).match; }

TEST(NameWords, SplitsAtPunctuationAndBetweenLettersAndDigits) {
  EXPECT_EQ(name_words("1TRN_A"), "1TRN 1 TRN A");
  EXPECT_EQ(name_words("lactate-dehydrogenase"), "lactate dehydrogenase");
  EXPECT_EQ(name_words("chain7.final"), "chain7 chain 7 final");
}

TEST(NameWords, FindsEntryIdsInsideOfNames) {
  EXPECT_EQ(name_words("pdb1ubi"), "pdb1ubi pdb 1ubi 1 ubi");
  EXPECT_EQ(name_words("d1kyow_"), "d1kyow d 1kyow 1kyo 1 kyow");
  EXPECT_EQ(name_words("1AE5A"), "1AE5A 1AE5 1 AE 5A 5 A");
  EXPECT_EQ(name_words("pdb_00001ubi"), "pdb 00001ubi 00001 ubi 1UBI");
}

TEST(NameWords, KeepsOtherAlphabetsAndNeedsNoWord) {
  EXPECT_EQ(name_words("α-Amylase"), "α Amylase");
  EXPECT_EQ(name_words("--._"), "");
  EXPECT_EQ(name_words(""), "");
}

TEST(FtsQuery, AndsQuotedWords) {
  EXPECT_EQ(match("human trypsin"), R"((("human" "trypsin")))");
  EXPECT_EQ(match("human AND trypsin human"), R"((("human" "trypsin")))");
}

TEST(FtsQuery, KeepsPhrasesAndPrefixes) {
  EXPECT_EQ(match(R"("serine protease" tryp*)"), R"((("serine protease" "tryp*" *)))");
  EXPECT_EQ(match(R"("serine prot"*)"), R"((("serine prot" *)))");
  EXPECT_EQ(match("\u201Cserine protease\u201D"), R"((("serine protease")))");
}

TEST(FtsQuery, HasOrAndNotInCapitalsOnly) {
  EXPECT_EQ(match("a b OR c"), R"((("a" "b")) OR (("c")))");
  EXPECT_EQ(match("a NOT b NOT c"), R"((("a") NOT ("b" OR "c")))");
  EXPECT_EQ(match("a or not b"), R"((("a" "or" "not" "b")))");
}

TEST(FtsQuery, TolerateStrayOperatorsAndOpenQuotes) {
  EXPECT_EQ(match("OR a OR"), R"((("a")))");
  EXPECT_EQ(match("a NOT"), R"((("a")))");
  EXPECT_EQ(match("a OR OR b"), R"((("a")) OR (("b")))");
  EXPECT_EQ(match(R"("serine protease)"), R"((("serine protease")))");
  EXPECT_EQ(match(R"(a")"), R"((("a")))");
  EXPECT_EQ(match(R"(a""b)"), R"((("a" "b")))");
}

TEST(FtsQuery, NothingToFind) {
  for (const char* term : {"", " ", "\t\n", "*", "\"\"", "\"", "()", "- +", "OR", "NOT", "NOT a",
                           "a OR NOT b", "\u2013"})
    EXPECT_EQ(match(term), "") << term;
}

TEST(FtsQuery, QuotesWhatFts5WouldReadAsSyntax) {
  EXPECT_EQ(match("title:x ^y NEAR"), R"((("title:x" "^y" "NEAR")))");
  EXPECT_EQ(match(R"(a"; DROP TABLE files; --)"), R"((("a" "; DROP TABLE files; --")))");
  EXPECT_EQ(match(std::string_view("a\0b", 3)), R"((("a" "b")))");
}

TEST(FtsQuery, SaysThatBracketsWereIgnored) {
  EXPECT_TRUE(parse_fts_query("spike[Title]").ignored_brackets);
  EXPECT_EQ(match("(spike[Title])"), R"((("spike" "Title")))");
  EXPECT_FALSE(parse_fts_query("\"spike (S)\"").ignored_brackets);
}

TEST(NameWords, OfExtendedIdsAreThoseOfTheNormalForm) {
  for (const char* name : {"pdb_00001ubi_xyz", "PDB_00001UBI-assembly1", "pdb_00001ubi_A"})
    EXPECT_NE((name_words(name) + " ").find(" 1UBI "), std::string::npos) << name_words(name);
  EXPECT_EQ(name_words("pdb_1abc5678"), "pdb 1abc5678 1 abc 5678");
}

TEST(FtsQuery, TakesExtendedEntryIds) {
  for (const char* term : {"pdb_00001ubi", "PDB_00001UBI", "\"pdb_00001ubi\"", "(pdb_00001ubi)"})
    EXPECT_EQ(match(term), R"((("1UBI")))") << term;
  EXPECT_EQ(match("pdb_00001ubi*"), R"((("1UBI*" *)))");
  EXPECT_EQ(match("PDB_1ABC5678"), R"((("pdb_1abc5678")))");
}

}  // namespace
}  // namespace modesweep
