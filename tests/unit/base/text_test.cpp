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

}  // namespace
}  // namespace modesweep
