// SPDX-License-Identifier: MIT
#include "structure/decimal.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace modesweep {
namespace {

std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

TEST(Decimal, EqualsStrtodToTheBit) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 300'000; ++i) {
    const std::size_t count = 1 + random() % 15;
    std::string text;
    for (std::size_t k = 0; k < count; ++k) text += static_cast<char>('0' + random() % 10);
    if (random() % 4 != 0) text.insert(1 + random() % count, ".");
    if (random() % 2 == 0) text.insert(0, random() % 4 == 0 ? "+" : "-");
    double value = 0;
    ASSERT_TRUE(parse_decimal(text, value)) << text;
    ASSERT_EQ(bits(value), bits(std::strtod(text.c_str(), nullptr))) << text;
  }
}

TEST(Decimal, OtherFormsAreLeftToOthers) {
  double value = 0;
  for (const char* text : {"", "-", ".", ".5", "-.5", "1e5", "1.2.3", "nan", "inf", " 1", "1 ",
                           "1,5", "0x10", "--1", "1234567890123456", "1(3)", "?"})
    EXPECT_FALSE(parse_decimal(text, value)) << text;
  EXPECT_TRUE(parse_decimal("-0.000", value));
  EXPECT_EQ(bits(value), bits(-0.0));
  EXPECT_TRUE(parse_decimal("1.", value));
}

TEST(Decimal, Integers) {
  int value = 0;
  EXPECT_TRUE(parse_integer("-999999999", value));
  EXPECT_EQ(value, -999999999);
  EXPECT_TRUE(parse_integer("+12", value));
  EXPECT_EQ(value, 12);
  for (const char* text : {"", "-", "1.0", "1000000000", "12A", " 1"})
    EXPECT_FALSE(parse_integer(text, value)) << text;
}

TEST(Decimal, WhatWasWrittenComesBackFromAFloat) {
  for (int hundredths = -99999; hundredths <= 999999; hundredths += 7) {
    const double written = hundredths / 100.0;
    ASSERT_EQ(written_value(static_cast<float>(written)), written);
  }
  EXPECT_TRUE(std::isnan(written_value(NAN)));
  EXPECT_EQ(written_value(INFINITY), INFINITY);
}

}  // namespace
}  // namespace modesweep
