// SPDX-License-Identifier: MIT
#include "base/redaction.hpp"

#include <gtest/gtest.h>

namespace modesweep {
namespace {

TEST(RedactedUrl, LosesItsSecretsAlone) {
  for (const auto& [url, expected] : {
           std::pair("https://files.example.org/d/<ID>.cif.gz",
                     "https://files.example.org/d/<ID>.cif.gz"),
           std::pair("https://me:hush@example.org:81/<ID>", "https://REDACTED@example.org:81/<ID>"),
           std::pair("https://hush@example.org", "https://REDACTED@example.org"),
           std::pair("https://[::1]:80/x@y/<id>", "https://[::1]:80/x@y/<id>"),
           std::pair("https://h/x?token=hush&id=<ID>.cif&X-Amz-Signature=hush",
                     "https://h/x?token=REDACTED&id=<ID>.cif&X-Amz-Signature=REDACTED"),
           std::pair("https://h/x?hush", "https://h/x?REDACTED"),
           std::pair("https://h/x#hush", "https://h/x#REDACTED"),
           std::pair("https://h?a=hush;b=hush#hush", "https://h?a=REDACTED;b=REDACTED#REDACTED"),
           std::pair("--download-url=https://me:hush@h/", "--download-url=https://REDACTED@h/"),
           std::pair("me:hush@h/x", "REDACTED@h/x"),
           std::pair("https://h/x?id=<ID>.cif.gz&s=<id>hush",
                     "https://h/x?id=<ID>.cif.gz&s=REDACTED"),
           // What no reader takes for a URL, as it may be typed.
           std::pair("//me:hush@h/x", "//REDACTED@h/x"),
           std::pair("https:/me:hush@h/x", "https:/REDACTED@h/x"),
           std::pair("https://me:hu/sh@h/x", "https://REDACTED@h/x"),
           std::pair("https://me:hu?sh@h/x?k=v", "https://REDACTED@h/x?k=REDACTED"),
           std::pair("https://me:hu#sh@h/x", "https://REDACTED@h/x"),
           std::pair("https://me:hu sh@h/x", "https://REDACTED@h/x"),
           std::pair("https://a/x https://me:hush@h/", "https://a/x https://REDACTED@h/"),
       })
    EXPECT_EQ(redacted_url(url), expected) << url;
}

TEST(Secret, IsAUserAPasswordOrAParameterOfSuchAName) {
  for (const char* url : {"https://me:pw@h/", "https://me@h/", "https://h/?token=x",
                          "https://h/?a=b&api_key=x", "https://h/?X-Amz-Credential=x",
                          "https://h/?sig=x", "https://h/?Access-Token=x", "https://h/?KEY=x"})
    EXPECT_TRUE(has_secret(url)) << url;
  for (const char* url : {"https://h/", "https://h/?id=1UBI", "https://h/x@y/", "https://h/token=x",
                          "https://h/?query_key=1&WebEnv=x"})
    EXPECT_FALSE(has_secret(url)) << url;
  EXPECT_TRUE(has_secret_parameter("db=protein&api_key=x"));
  EXPECT_FALSE(has_secret_parameter("db=protein&term=api_key"));
}

}  // namespace
}  // namespace modesweep
