// SPDX-License-Identifier: MIT
#include "base/gzip.hpp"

#include <gtest/gtest.h>

#include "support/gzip.hpp"

namespace modesweep {
namespace {

const std::string text = std::string(5000, 'a') + "end";

TEST(Gzip, Inflates) { EXPECT_EQ(*gunzip(test_support::gzip(text)), text); }

TEST(Gzip, ConcatenatedMembersAreOneText) {
  EXPECT_EQ(*gunzip(test_support::gzip("one") + test_support::gzip(text)), "one" + text);
}

TEST(Gzip, PaddingWithZerosIsIgnored) {
  EXPECT_EQ(*gunzip(test_support::gzip(text) + std::string(512, '\0')), text);
}

TEST(Gzip, ASpoiledChecksumIsRefused) {
  std::string bytes = test_support::gzip(text);
  bytes[bytes.size() - 8] ^= 1;
  EXPECT_FALSE(gunzip(bytes));
}

TEST(Gzip, ASpoiledLengthIsRefused) {
  std::string bytes = test_support::gzip(text);
  bytes[bytes.size() - 1] ^= 0x40;
  EXPECT_FALSE(gunzip(bytes));
}

TEST(Gzip, EveryCutIsRefused) {
  const std::string bytes = test_support::gzip(text);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(gunzip(std::string_view(bytes).substr(0, size))) << size;
}

TEST(Gzip, WhatInflatesBeyondTheLimitIsRefused) {
  const std::string bytes = test_support::gzip(std::string(1 << 20, '0'));
  const auto result = gunzip(bytes, 1 << 19);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().find("more than"), std::string::npos);
}

TEST(Gzip, RoomOfALongerTextServesAShorterOne) {
  std::string room;
  EXPECT_EQ(*gunzip(test_support::gzip(text), text.size(), room), text);
  EXPECT_EQ(*gunzip(test_support::gzip("one") + test_support::gzip("two"), 6, room), "onetwo");
  EXPECT_FALSE(gunzip(test_support::gzip("seven b"), 6, room));
}

TEST(Gzip, SomethingElseBehindIsRefused) {
  EXPECT_FALSE(gunzip(test_support::gzip(text) + "<html>"));
}

}  // namespace
}  // namespace modesweep
