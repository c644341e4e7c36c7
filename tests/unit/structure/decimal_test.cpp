// SPDX-License-Identifier: MIT
#include "structure/decimal.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <string_view>

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

/// What `parse_fixed` makes of a field, with something else before it.
template <unsigned width, unsigned decimals>
std::optional<double> fixed(const std::string& field) {
  const std::string line = "12345678" + field;
  double value = 0;
  return field.size() == width && parse_fixed<width, decimals>(line.data() + line.size(), value)
             ? std::optional(value)
             : std::nullopt;
}

/// Where `parse_fixed` reads a field, it gives the value that other ways give.
template <unsigned width, unsigned decimals>
void agrees_on_damaged_fields(const std::string& format) {
  constexpr std::string_view characters = " 0123456789.-+:/,eEnaXx*=~\x80\xff\x10\x1d";
  std::mt19937_64 random(2);
  std::size_t read = 0;
  for (int i = 0; i < 300'000; ++i) {
    const double sign = random() % 2 == 0 ? 1 : -1;
    const double size = std::pow(10.0, static_cast<int>(random() % (width - decimals - 1)));
    const double number = sign * size * static_cast<double>(random() % 10'000) / 10'000;
    std::string field = fmt::format(fmt::runtime(format), number);
    if (field.size() != width) continue;
    for (std::size_t damaged = random() % 3; damaged > 0; --damaged)
      field[random() % width] = characters[random() % characters.size()];
    const std::optional<double> value = fixed<width, decimals>(field);
    if (!value) continue;
    ++read;
    const std::string text = field.substr(std::min(field.find_first_not_of(' '), field.size()));
    double expected = 0;
    ASSERT_TRUE(parse_decimal(text, expected)) << field;
    ASSERT_EQ(bits(*value), bits(expected)) << field;
  }
  EXPECT_GT(read, 100'000u);
}

TEST(Decimal, FieldsOfFixedWidthEqualOtherWays) {
  agrees_on_damaged_fields<8, 3>("{:8.3f}");
  agrees_on_damaged_fields<6, 2>("{:6.2f}");
}

TEST(Decimal, FieldsOfFixedWidth) {
  EXPECT_EQ((fixed<8, 3>("9999.999")), 9999.999);
  EXPECT_EQ((fixed<8, 3>("-999.999")), -999.999);
  EXPECT_EQ((fixed<8, 3>("   0.001")), 0.001);
  EXPECT_EQ((fixed<6, 2>("999.99")), 999.99);
  EXPECT_EQ((fixed<6, 2>("-99.99")), -99.99);
  EXPECT_EQ((fixed<6, 2>("  1.00")), 1.0);
  EXPECT_EQ(bits(fixed<8, 3>("  -0.000").value()), bits(-0.0));
  for (const char* field : {"        ", "    .   ", "    .123", "   -.123", "   1.12 ", "   1.1  ",
                            " 1 2.123", "1  2.123", "- 12.123", "--12.123", " +12.123", "  1.2345",
                            "12345678", "   x.123", "   1.x23", "   1,123", " 1e2.123", "     nan"})
    EXPECT_FALSE((fixed<8, 3>(field))) << field;
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
