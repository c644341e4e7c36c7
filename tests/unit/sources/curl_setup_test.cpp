// SPDX-License-Identifier: MIT
#include "sources/curl_setup.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace modesweep {
namespace {

TEST(Url, PlainHttpIsForThisMachineOnly) {
  for (const char* url :
       {"https://files.rcsb.org/download/1UBI.cif.gz", "http://127.0.0.1:8080/x",
        "http://127.8.9.10/", "http://localhost/", "http://LOCALHOST:99/", "http://[::1]:8080/x"})
    EXPECT_NO_THROW(check_url(url)) << url;
  for (const char* url :
       {"", "files.rcsb.org/download", "http://files.rcsb.org/", "http://127.0.0.1.example.org/",
        "http://127.0.0.1@example.org/", "http://localhost.example.org/", "http://[::2]/",
        "http://128.0.0.1/", "ftp://files.wwpdb.org/x", "file:///etc/passwd", "https://"})
    EXPECT_THROW(check_url(url), RunError) << url;
}

TEST(Url, Parts) {
  EXPECT_EQ(url_host("https://Files.RCSB.org/download/"), "files.rcsb.org");
  EXPECT_EQ(url_server("https://files.rcsb.org/download/"), "files.rcsb.org:443");
  EXPECT_EQ(url_server("http://127.0.0.1:81/"), "127.0.0.1:81");
  EXPECT_EQ(url_host("not a url"), "");
}

TEST(Url, ShownWithoutSecrets) {
  EXPECT_EQ(displayed_url("https://me:secret@example.org/esearch.fcgi?api_key=abc&term=x#y"),
            "https://example.org/esearch.fcgi");
}

TEST(Url, IsQuotedWithoutSecretsWhereItIsNone) {
  try {
    check_url("me:secret@example.org/x?token=hidden");
    FAIL();
  } catch (const RunError& error) {
    const std::string said = error.what();
    EXPECT_EQ(said.find("secret"), said.npos) << said;
    EXPECT_EQ(said.find("hidden"), said.npos) << said;
    EXPECT_NE(said.find("example.org/x"), said.npos) << said;
  }
}

TEST(Quotable, IsOneLineOfBoundedLength) {
  EXPECT_EQ(quotable("  a\r\n\t b\x1b[31m\x7f c  "), "a b [31m c");
  EXPECT_EQ(quotable(std::string(300, 'x')), std::string(200, 'x') + "...");
  EXPECT_EQ(quotable("ab\xc3\xa9\xc3\xa9", 3), "ab...");
}

TEST(CurlError, IsOneClauseThatNamesTheCause) {
  const std::string url = "https://me:pw@eutils.example.org/esearch.fcgi?api_key=s3cret";
  struct Case {
    CURLcode code;
    const char* said;
    const char* expected;
  };
  for (const Case& c : {
           Case{CURLE_RECV_ERROR, "CONNECT tunnel failed, response 407", "proxy refused"},
           Case{CURLE_RECV_ERROR, "Received HTTP code 403 from proxy after CONNECT",
                "proxy refused"},
           Case{CURLE_COULDNT_RESOLVE_PROXY, "Could not resolve proxy: p", "proxy"},
           Case{CURLE_COULDNT_CONNECT, "Failed to connect to 10.0.0.1 port 3128 after 0 ms: x",
                "proxy does not answer"},
           Case{CURLE_COULDNT_CONNECT, "Failed to connect to eutils.example.org port 443: x",
                "no connection to eutils.example.org"},
           Case{CURLE_COULDNT_RESOLVE_HOST, "", "name eutils.example.org could not be looked up"},
           Case{CURLE_PEER_FAILED_VERIFICATION, "self-signed certificate", "is not trusted"},
           Case{CURLE_SSL_CACERT_BADFILE, "", "trusted authorities"},
           Case{CURLE_OPERATION_TIMEDOUT, "", "took too long"},
           Case{CURLE_PARTIAL_FILE, "", "broke"},
           Case{CURLE_TOO_MANY_REDIRECTS, "", "circle"},
           Case{CURLE_UNSUPPORTED_PROTOCOL, "", "https"},
       }) {
    ErrorBuffer errors{};
    std::strcpy(errors.data(), c.said);
    const std::string text = describe_curl_error(c.code, errors, url);
    EXPECT_NE(text.find(c.expected), std::string::npos) << text;
    EXPECT_EQ(text.find("s3cret"), std::string::npos) << text;
    EXPECT_EQ(text.find("pw"), std::string::npos) << text;
  }
}

TEST(CurlError, OnlyTransferFailuresAreTransient) {
  for (const CURLcode code : {CURLE_COULDNT_CONNECT, CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING,
                              CURLE_RECV_ERROR, CURLE_OPERATION_TIMEDOUT})
    EXPECT_TRUE(is_transient(code)) << code;
  for (const CURLcode code :
       {CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_UNSUPPORTED_PROTOCOL,
        CURLE_TOO_MANY_REDIRECTS, CURLE_COULDNT_RESOLVE_HOST, CURLE_WRITE_ERROR})
    EXPECT_FALSE(is_transient(code)) << code;
}

TEST(Transfer, OfflineIsRefusedBeforeASocket) {
  HttpOptions http;
  TransferGuard guard({}, search_transfer);
  http.offline = true;
  const EasyHandle handle = make_easy_handle();
  ErrorBuffer errors{};
  try {
    configure_transfer(handle.get(), "https://files.example.org/x", http, guard, errors);
    FAIL();
  } catch (const RunError& error) {
    EXPECT_EQ(error.cause(), Cause::unavailable);
  }
}

}  // namespace
}  // namespace modesweep
