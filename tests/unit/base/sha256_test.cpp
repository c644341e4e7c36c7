// SPDX-License-Identifier: MIT
#include "base/sha256.hpp"

#include <gtest/gtest.h>

#include <string>

namespace modesweep {
namespace {

/// The examples of NIST (FIPS 180-2, appendix B, and the empty message of its test vectors).
TEST(Sha256, IsThatOfTheStandard) {
  for (const auto& hash : {sha256, portable_sha256}) {
    EXPECT_EQ(hash(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(hash(std::string(1000000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }
}

TEST(Sha256, IsTheSameWithAndWithoutInstructions) {
  std::string bytes;
  unsigned value = 1;
  for (int length = 0; length < 300; ++length) {
    ASSERT_EQ(sha256(bytes), portable_sha256(bytes)) << length << " bytes";
    value = value * 1664525 + 1013904223;
    bytes += static_cast<char>(value >> 24);
  }
}

}  // namespace
}  // namespace modesweep
