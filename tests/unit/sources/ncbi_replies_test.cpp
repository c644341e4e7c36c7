// SPDX-License-Identifier: MIT
#include "sources/ncbi_replies.hpp"

#include <gtest/gtest.h>

namespace modesweep {
namespace {

using Kind = NcbiVerdict::Kind;

const std::string prolog =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<!DOCTYPE eSearchResult PUBLIC \"-//NLM//DTD "
    "esearch 20060628//EN\" \"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd\">\n";

std::string error(const std::string& text) {
  return prolog + "<eSearchResult>\n\t<ERROR>" + text + "</ERROR>\n</eSearchResult>\n";
}

const std::string result =
    prolog +
    "<eSearchResult><Count>5123</Count><RetMax>2</RetMax><RetStart>7</RetStart><QueryKey>1"
    "</QueryKey><WebEnv>MCID_6922abcd0123456789abcdef</WebEnv><IdList>\n<Id>7QZX_A</Id>\n"
    "<Id>9876543210</Id>\n</IdList><TranslationSet/><TranslationStack>   <TermSet>    "
    "<Term>kinase[All Fields]</Term>    <Field>All Fields</Field>    <Count>77</Count>    "
    "<Explode>N</Explode>   </TermSet>   <OP>GROUP</OP>  </TranslationStack><QueryTranslation>"
    "kinase[All Fields] AND pdb[filter]</QueryTranslation></eSearchResult>\n";

struct Case {
  const char* name;
  long status;
  std::string body;
  NcbiFormat format;
  Kind kind;
};

class NcbiReply : public testing::TestWithParam<Case> {};

TEST_P(NcbiReply, IsClassified) {
  const Case& c = GetParam();
  const NcbiVerdict verdict = classify_ncbi_reply(c.status, c.body, c.format);
  EXPECT_EQ(verdict.kind, c.kind) << verdict.message;
  EXPECT_EQ(verdict.message.empty(), c.kind == Kind::data);
  EXPECT_EQ(verdict.message.find('\n'), std::string::npos);
  EXPECT_EQ(verdict.message.find("SECRET"), std::string::npos) << verdict.message;
}

constexpr NcbiFormat xml = NcbiFormat::xml;
constexpr NcbiFormat acc = NcbiFormat::accessions;
constexpr NcbiFormat fasta = NcbiFormat::fasta;
const std::string rate_limit =
    R"({"error":"API rate limit exceeded","api-key":"SECRET","count":"4","limit":"3"})";
const std::string record = ">pdb|7QZX|A Chain A, Invented protein\nMKVLAAGIVGLL\n\n";

INSTANTIATE_TEST_SUITE_P(
    All, NcbiReply,
    testing::Values(
        Case{"Result", 200, result, xml, Kind::data},
        Case{"Accessions", 200, "7QZX_A\n7QZX_B\n", acc, Kind::data},
        Case{"Fasta", 200, record, fasta, Kind::data},
        Case{"LowerCaseErrorIsData", 200, prolog + "<r><error id=\"1\">gone</error></r>", xml,
             Kind::data},
        Case{"RateLimit", 429, rate_limit, xml, Kind::retry},
        Case{"RateLimitAs200", 200, rate_limit, fasta, Kind::retry},
        Case{"RateLimitAs400", 400, rate_limit, acc, Kind::retry},
        Case{"InvalidKey", 400, R"({"error":"API key invalid","api-key":"SECRET"})", xml,
             Kind::bad_request},
        Case{"BrokenJson", 200, "{\"esearchresult\":{\"ERROR\":\"a\nb", xml, Kind::retry},
        Case{"EmptyTermAsJson", 200,
             R"({"esearchresult":{"ERROR":"Empty term and query_key - nothing todo"}})", xml,
             Kind::bad_request},
        Case{"Html200", 200, "<!DOCTYPE html>\n<html><body>Oops<br></body></html>", xml,
             Kind::retry},
        Case{"HtmlInPlaceOfFasta", 200, "\n<HTML><body></body></HTML>", fasta, Kind::retry},
        Case{"Diagnostic", 500, "<html><title>NCBI/eutils7 - WWW Error 500 Diagnostic</title>", xml,
             Kind::retry},
        Case{"BadGateway", 502, "<html><body>502</body></html>", xml, Kind::retry},
        Case{"Html404", 404, "<html><body>404</body></html>", xml, Kind::refused},
        Case{"Html403", 403, "<html><body>blocked</body></html>", xml, Kind::refused},
        Case{"TooLong", 414, "<html><body>414</body></html>", xml, Kind::use_post},
        Case{"Backend", 200, error("Search Backend failed: read timed out"), xml, Kind::retry},
        Case{"Backend400", 400, error("Search Backend failed: read timed out"), xml, Kind::retry},
        Case{"BackendDatabase", 200, error("Search Backend failed: Database is not supported: x"),
             xml, Kind::retry},
        Case{"RetstartLimit", 200,
             error("Search Backend failed: Exception: 'retstart' cannot be larger than 9998"), xml,
             Kind::bad_request},
        Case{"EmptyTermInBackend", 200, error("Search Backend failed: Empty Term in the request"),
             xml, Kind::bad_request},
        Case{"EmptyTerm", 200, error("Empty term and query_key - nothing todo"), xml,
             Kind::bad_request},
        Case{"DbName", 200, error("Invalid db name specified: proteins"), xml, Kind::bad_request},
        Case{"HistoryLost", 200,
             "<?xml version=\"1.0\"?><eFetchResult>\n\t<ERROR>Unable to obtain query #3</ERROR>\n"
             "</eFetchResult>",
             acc, Kind::history_lost},
        Case{"OutOfRange", 400,
             "<eFetchResult><ERROR>Cannot retrieve history data: OUT OF RANGE. Parameter "
             "retstart=9 + 1 is greater than the number of records</ERROR></eFetchResult>",
             fasta, Kind::bad_request},
        Case{"EmptyIdList", 400,
             "ID list is empty! In it there are neither IDs nor accessions.\n Error: "
             "CEFetchPApplication::proxy_stream(): HTTP/1.1 400 Bad Request\n",
             acc, Kind::empty},
        Case{"NoCorrectIds", 400, "ID list is empty! Possibly it has no correct IDs.\n", fasta,
             Kind::empty},
        Case{"ProxyStream", 400,
             "<eFetchResult><ERROR>CEFetchPApplication::proxy_stream(): 502 Bad "
             "Gateway</ERROR></eFetchResult>",
             acc, Kind::retry},
        Case{"ProxyStreamText", 400,
             "Error: CEFetchPApplication::proxy_stream(): Failed to connect to PubOne service",
             fasta, Kind::retry},
        Case{"BreaksOff", 200, record + ">pdb|8BQ\nError+reading+from+remote+server\n", fasta,
             Kind::retry},
        Case{"BreaksOffInAList", 200, "7QZX_A\nResource temporarily unavailable", acc, Kind::retry},
        Case{"StartsWithError", 200, "Error: F a i l e d to understand id: 12", fasta, Kind::retry},
        Case{"BreaksOffInHtml", 200, record + "<html><body>502</body></html>" + record, fasta,
             Kind::retry},
        Case{"SequenceIsNoMessage", 200, record + "SERVERERRORBADGATEWAY\n", fasta, Kind::data},
        Case{"OnlyAProlog", 200, prolog, xml, Kind::retry},
        Case{"Nothing", 200, "", xml, Kind::retry},
        Case{"NoRecords", 200, "\n", fasta, Kind::empty},
        Case{"Cut", 200, result.substr(0, result.find("cdef</WebEnv>")), xml, Kind::retry},
        Case{"FastaInPlaceOfXml", 200, record, xml, Kind::retry},
        Case{"XmlInPlaceOfFasta", 200, result, fasta, Kind::retry},
        Case{"ProseInPlaceOfAccessions", 200, "Please try again", acc, Kind::retry},
        Case{"Plain503", 503, "busy", xml, Kind::retry},
        Case{"Empty500", 500, "", fasta, Kind::retry},
        Case{"Unknown400", 400, error("Cannot understand something"), xml, Kind::bad_request}),
    [](const auto& reply) { return std::string(reply.param.name); });

TEST(NcbiReply, WhatWouldFillTheMemoryIsNoReply) {
  std::string elements, attributes;
  for (int i = 0; i < 600'000; ++i) elements += "<a/>";
  for (int i = 0; i < 600'000; ++i) attributes += " a=''";
  for (const std::string& body : {"<r>" + elements + "</r>", "<r" + attributes + "/>",
                                  "<eSearchResult><Count>0</Count><RetStart>0</RetStart><IdList/>" +
                                      elements + "</eSearchResult>"}) {
    EXPECT_EQ(classify_ncbi_reply(200, body, xml).kind, Kind::retry);
    EXPECT_FALSE(parse_esearch(body));
  }
  EXPECT_EQ(classify_ncbi_reply(200, "{\"error\": [" + std::string(100'000, '['), fasta).kind,
            Kind::retry);
}

TEST(NcbiReply, SeveralErrorsAreJoined) {
  const auto verdict = classify_ncbi_reply(
      200, prolog + "<r><ERROR>Empty term</ERROR><ERROR>nothing todo</ERROR></r>", xml);
  EXPECT_EQ(verdict.message, "Empty term; nothing todo");
}

TEST(Esearch, ReadsDirectChildrenOnly) {
  const auto reply = parse_esearch(result);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->count, 5123);
  EXPECT_EQ(reply->ret_start, 7);
  EXPECT_EQ(reply->ids, (std::vector<std::string>{"7QZX_A", "9876543210"}));
  EXPECT_EQ(reply->query_key, "1");
  EXPECT_EQ(reply->web_env, "MCID_6922abcd0123456789abcdef");
  EXPECT_EQ(reply->query_translation, "kinase[All Fields] AND pdb[filter]");
  EXPECT_TRUE(reply->warnings.empty());
}

TEST(Esearch, CountsBeyond32Bits) {
  const auto reply = parse_esearch(
      "<eSearchResult><Count>98765432101</Count><RetStart>0</RetStart><IdList><Id>"
      "18446744073709551615</Id></IdList></eSearchResult>");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->count, 98765432101);
  EXPECT_EQ(reply->ids.at(0), "18446744073709551615");
}

TEST(Esearch, ACutReplyIsNothingAtEveryLength) {
  const std::size_t whole = result.rfind('>') + 1;
  for (std::size_t size = 0; size < whole; ++size)
    EXPECT_FALSE(parse_esearch(result.substr(0, size))) << size;
}

TEST(Esearch, WithoutItsNumbersIsNothing) {
  for (const char* body :
       {"<eSearchResult/>", "<eSearchResult><Count>1</Count><IdList/></eSearchResult>",
        "<eSearchResult><Count>x</Count><RetStart>0</RetStart><IdList/></eSearchResult>",
        "<eSearchResult><Count>-1</Count><RetStart>0</RetStart><IdList/></eSearchResult>",
        "<eSearchResult><Count>1</Count><RetStart>0</RetStart></eSearchResult>",
        "<other><Count>1</Count><RetStart>0</RetStart><IdList/></other>"})
    EXPECT_FALSE(parse_esearch(body)) << body;
}

TEST(Esearch, TellsWhatWasDropped) {
  const auto reply = parse_esearch(
      "<eSearchResult><Count>12</Count><RetStart>0</RetStart><IdList/><ErrorList><PhraseNotFound>"
      "fleegle</PhraseNotFound><FieldNotFound>spam</FieldNotFound></ErrorList><WarningList>"
      "<PhraseIgnored>the</PhraseIgnored><QuotedPhraseNotFound>\"a b\"</QuotedPhraseNotFound>"
      "<OutputMessage>No items found.</OutputMessage></WarningList></eSearchResult>");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->not_found, (std::vector<std::string>{"fleegle", "spam", "\"a b\""}));
  ASSERT_EQ(reply->warnings.size(), 4u);
  EXPECT_NE(reply->warnings[0].find("fleegle"), std::string::npos);
}

TEST(Entry, OfAccessions) {
  EXPECT_EQ(entry_of_accession("7QZX_A"), "7QZX");
  EXPECT_EQ(entry_of_accession("7qzx_a"), "7QZX");
  EXPECT_EQ(entry_of_accession("7QZX_AAx9"), "7QZX");
  EXPECT_EQ(entry_of_accession("pdb_00007qzx_A"), "7QZX");
  EXPECT_EQ(entry_of_accession("pdb_1abc5678_Lb"), "pdb_1abc5678");
  for (const char* other : {"", "9876543210", "7QZX", "7QZX_", "_A", "WP_012345678.1", "NP_000001",
                            "7QZX_A.1", "../../etc_A", "P12345.2", "pdb_1abc5678"})
    EXPECT_FALSE(entry_of_accession(other)) << other;
}

TEST(Entry, OfDeflines) {
  EXPECT_EQ(entry_of_defline(">pdb|7QZX|A Chain A, Invented protein"), "7QZX");
  EXPECT_EQ(entry_of_defline(">pdb|7QZX|"), "7QZX");
  EXPECT_EQ(entry_of_defline(">pdb|pdb_1abc5678|Lb x"), "pdb_1abc5678");
  EXPECT_EQ(entry_of_defline(">gi|9876543210|pdb|7QZX|A Chain A"), "7QZX");
  EXPECT_EQ(entry_of_defline(">7QZX_A Chain A, Invented protein [Mus musculus]"), "7QZX");
  EXPECT_EQ(entry_of_defline(">pdb_00007qzx_A Chain A"), "7QZX");
  EXPECT_EQ(entry_of_defline(">pdb|7QZX|A first\x01>pdb|8BQL|A second"), "7QZX");
  for (const char* other : {"", ">", "pdb|7QZX|A", ">WP_012345678.1 like pdb|7QZX|A",
                            ">gi|x|pdb|7QZX|A", ">gi|1", ">gi||pdb|7QZX|A", ">pdb|7QZX",
                            ">pdb|7Q/X|A", ">sp|P12345|pdb|7QZX|A", ">7QZX A", ">pdb|7QZX|A;x"})
    EXPECT_FALSE(entry_of_defline(other)) << other;
}

TEST(Entry, RecordsAreCounted) {
  const auto list = entries_of_records("7QZX_A\r\n\nWP_01.1\n8BQL_B", acc);
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0], "7QZX");
  EXPECT_FALSE(list[1]);
  EXPECT_EQ(list[2], "8BQL");
  EXPECT_EQ(entries_of_records(record + record + ">WP_01.1 x\nMK>L\n", fasta).size(), 3u);
}

}  // namespace
}  // namespace modesweep
