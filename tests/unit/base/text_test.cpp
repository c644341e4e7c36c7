// SPDX-License-Identifier: MIT
#include "base/text.hpp"

#include <gtest/gtest.h>

namespace modesweep {
namespace {

using Parts = std::vector<std::string>;

TEST(Text, LowersLettersOfAsciiAlone) {
  EXPECT_EQ(ascii_lower("Az-09 \xc3\x84"), "az-09 \xc3\x84");
  EXPECT_EQ(ascii_lower('Z'), 'z');
  EXPECT_EQ(ascii_lower('['), '[');
}

TEST(Text, TrimsBlanksAround) {
  EXPECT_EQ(trimmed(" \t a b\r\n\v\f"), "a b");
  EXPECT_EQ(trimmed("a"), "a");
  EXPECT_EQ(trimmed(" \r\n\t"), "");
  EXPECT_EQ(trimmed(""), "");
}

TEST(Text, SplitsAsFilesAreSplitIntoLines) {
  EXPECT_EQ(split("A45,A97", ','), (Parts{"A45", "A97"}));
  EXPECT_EQ(split("a,,b,", ','), (Parts{"a", "", "b"}));
  EXPECT_EQ(split(",a", ','), (Parts{"", "a"}));
  EXPECT_EQ(split("a, b", ','), (Parts{"a", " b"}));
  EXPECT_EQ(split("a,b", ':'), Parts{"a,b"});
  EXPECT_EQ(split("", ','), Parts{});
}

TEST(Text, FindsWordsBetweenAnyOfTheCharacters) {
  using Words = std::vector<std::string_view>;
  EXPECT_EQ(words("\t ATOM  1 CA "), (Words{"ATOM", "1", "CA"}));
  EXPECT_EQ(words("A, B,\nC,", ", \t\n"), (Words{"A", "B", "C"}));
  EXPECT_EQ(words(" \t"), Words{});
  EXPECT_EQ(words(""), Words{});
}

TEST(Text, JoinsWhatItSplit) {
  for (const char* text : {"A45,A97", "A45", "", ",a", "a,,b"})
    EXPECT_EQ(join(split(text, ','), ','), text);
}

TEST(Text, CountsAgreeWithWhatIsCounted) {
  EXPECT_EQ(counted(0, "row"), "0 rows");
  EXPECT_EQ(counted(1, "row"), "1 row");
  EXPECT_EQ(counted(2, "row"), "2 rows");
  EXPECT_EQ(counted(11, "row"), "11 rows");
  EXPECT_EQ(counted(1, "entry", "entries"), "1 entry");
  EXPECT_EQ(counted(0, "entry was", "entries were"), "0 entries were");
  EXPECT_EQ(counted(1, "entry was", "entries were"), "1 entry was");
}

TEST(Text, WhatIsNoUtf8IsReplaced) {
  EXPECT_EQ(valid_utf8("plain"), "plain");
  EXPECT_EQ(valid_utf8("\xce\xb1 \xf0\x9f\xa7\xac"), "\xce\xb1 \xf0\x9f\xa7\xac");
  EXPECT_EQ(valid_utf8("z\xe9ta"), "z\xef\xbf\xbdta");
  // Half a character, a surrogate, and a character in more bytes than it needs.
  for (const char* text : {"a\xe2\x82", "\xed\xa0\x80", "\xc0\xaf"})
    EXPECT_NE(valid_utf8(text).find("\xef\xbf\xbd"), std::string::npos);
  using namespace std::string_literals;
  EXPECT_EQ(valid_utf8("\0\xff"s), "\0\xef\xbf\xbd"s);
}

TEST(Text, PrintableTextIsOneLineThatSpeaksToNoTerminal) {
  EXPECT_EQ(printable("a\tb\nc\x1b[31m\x7f"), "a b c [31m ");
  EXPECT_EQ(printable("\xc2\x9b"
                      "2J \xc2\xa0\xc3\xa9"),
            " 2J \xc2\xa0\xc3\xa9");
  EXPECT_EQ(printable("x\xe2\x80\xae"
                      "fdp \xe2\x80\xa8 \xe2\x80\x93"),
            "x fdp   \xe2\x80\x93");
  // Such as show as nothing: soft hyphen, zero-width space, byte order mark, a variation selector,
  // a filler of Hangul, letters and the mark of a language tag.
  for (const char* const unseen :
       {"\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff", "\ufe0f", "\u3164", "\U000e0041",
        "\U000e0001", "\U000e0100", "\u202e", "\u2066", "\u061c", "\u180e", "\U0001d173", "\ufffb"})
    EXPECT_EQ(printable("a" + std::string(unseen) + "b"), "a b") << unseen;
  // And such as do not: letters of all lengths in UTF-8, marks that stand on them, wide blanks.
  for (const char* const seen :
       {"\u00ac", "\u00ae", "\u03b1", "\u0301", "\u3000", "\u2010", "\u4e2d", "\ufffd", "\ufe10",
        "\U0001f9ec", "\U000dffff", "\U000e1000", "\U0010ffff"})
    EXPECT_EQ(printable(seen), seen);
  EXPECT_EQ(one_line("  a \r\n b\t"), "a b");
  EXPECT_EQ(one_line("\x1b\x1b"), "");
}

TEST(Text, CutsNoCharacterInTwo) {
  EXPECT_EQ(first_bytes("abc", 3), "abc");
  EXPECT_EQ(first_bytes("abc", 2), "ab");
  EXPECT_EQ(first_bytes("a\xce\xb1", 2), "a");
  EXPECT_EQ(first_bytes("\xf0\x9f\xa7\xac", 3), "");
}

}  // namespace
}  // namespace modesweep
