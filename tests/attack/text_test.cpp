// SPDX-License-Identifier: MIT
// Titles, names of files and words of servers that would speak to the terminal, break a line or be
// no text at all.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "net/fake_eutils.hpp"
#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::helix;
using test_support::mmcif_text;
using test_support::pdb_text;
using test_support::run_modesweep;
using test_support::RunOptions;
using test_support::RunResult;
using test_support::TempDir;

// ESC and BEL; CSI of C1 as UTF-8; a line that passes for another message; a tab; the direction of
// writing turned; a separator of lines; characters that show as nothing; Latin-1 and half a
// character, which are no UTF-8.
const std::string hostile =
    "\x1b]0;owned\x07\x1b[31m\xc2\x9b"
    "2J\nINJECTED\tx\r\xe2\x80\xae"
    "fdp\xe2\x80\xa8z\xe9t\u00ad\U000e0001\u200b\xe2\x82\x7f";

/// Whether text from outside is in it as it came. Lines and tabs of our own are not.
void expect_harmless(const std::string& text, const std::string& what) {
  for (const std::string bad :
       {"\x1b", "\x07", "\r", "\x7f", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x80\xa8", "\xe9", "\u00ad",
        "\U000e0001", "\u200b", "\nINJECTED", "INJECTED\t"})
    EXPECT_EQ(text.find(bad), std::string::npos) << what << ": " << text;
}

void expect_harmless(const RunResult& result, const std::string& what) {
  expect_harmless(result.out, what + ", standard output");
  expect_harmless(result.err, what + ", standard error");
}

class Text : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  TempDir folder_;
};

TEST_F(Text, NamesOfFiles) {
  const std::string good = folder_.write("in/good" + hostile + ".pdb", pdb_text(helix(20)));
  const std::string bad = folder_.write("in/bad" + hostile + ".pdb", "<html>");
  const std::string absent = path("in/absent" + hostile + ".pdb");
  const std::vector<std::vector<std::string>> commands = {
      {"rank", "--files", path("in"), "-v", "--columns", "pdb_id,file", "--format", "table"},
      {"rank", "--files", path("in"), "-v", "--columns", "pdb_id,file", "--format", "tsv"},
      {"rank", "--files", path("in"), "-v", "--format", "jsonl"},
      {"rank", "--files", path("in"), "--run", path("run" + hostile)},
      {"rank", "--files", absent},
      {"rank", "--archive", absent, "x"},
      {"rank", hostile, "--archive", path("in")},
      {"show", path("run" + hostile)},
      {"show", absent},
      {"resume", path("run" + hostile)},
      {"modes", good, bad},
      {"modes", good, "--format", "jsonl"},
      {"modes", absent},
      {"modes", good, "-o", path("of" + hostile)},
      {"compare", good, bad},
      {"compare", good, good},
      {"compare", good, absent},
      {"report", path("in"), "-o", path("page" + hostile + ".html")},
      {"report", absent, "-o", path("page.html")},
      {"cache", "list", "--cache-dir", path("cache" + hostile)},
      {"fetch", hostile},
      {hostile},
      {"rank", "--" + hostile},
      {"rank", "--files", path("in"), "--columns", hostile},
      {"rank", "--files", path("in"), "--select", hostile},
      {"rank", "--files", path("in"), hostile + "=1"},
  };
  for (const std::vector<std::string>& command : commands)
    expect_harmless(run_modesweep(command), fmt::format("{}", fmt::join(command, " ")));
}

TEST_F(Text, TablesAreUtf8WithOneLineARow) {
  folder_.write("in/title.cif", mmcif_text(helix(20), "1ABC", "z\xe9ta; e\xcc\x81 \xce\xb1"));
  folder_.write("in/" + hostile + ".pdb", pdb_text(helix(20)));
  folder_.write("in/x" + hostile + ".pdb", "<html>");
  const auto rank = [&](const std::string& format) {
    return run_modesweep({"rank", "--files", path("in"), "--columns", "pdb_id,title,file",
                          "--format", format, "--failures", path("failures.tsv")})
        .out;
  };
  const std::string tsv = rank("tsv"), jsonl = rank("jsonl");
  const std::string shown = "z\xef\xbf\xbdta; e\xcc\x81 \xce\xb1";
  EXPECT_NE(tsv.find("\t" + shown + "\t"), std::string::npos) << tsv;
  EXPECT_NE(jsonl.find('"' + shown + '"'), std::string::npos) << jsonl;
  EXPECT_EQ(std::count(tsv.begin(), tsv.end(), '\n'), 3) << tsv;
  EXPECT_EQ(std::count(jsonl.begin(), jsonl.end(), '\n'), 2) << jsonl;
  const std::string failures = test_support::read_file(path("failures.tsv"));
  EXPECT_EQ(std::count(failures.begin(), failures.end(), '\n'), 2) << failures;
  EXPECT_EQ(std::count(failures.begin(), failures.end(), '\t'), 8) << failures;
  expect_harmless(failures, "failures");
}

TEST_F(Text, PathsForProgramsAreWhatTheyAre) {
  const std::string cache = "cache\xe9\x1b[31m";
  const std::string file = folder_.write(cache + "/structures/ab/1ABC.cif", "x");
  const auto list = [&](const std::string& redirect) {
    return test_support::run(
        {"bash", "-c",
         test_support::modesweep_program() + " cache list --cache-dir \"$1\" " + redirect, "bash",
         path(cache)});
  };
  EXPECT_NE(list("").out.find(file), std::string::npos);
  // script gives it a terminal, and copies to standard output what it says there.
  RunOptions options;
  options.environment = {{"PROGRAM", test_support::modesweep_program()}, {"CACHE", path(cache)}};
  const RunResult terminal =
      test_support::run({"script", "--quiet", "--command",
                         "\"$PROGRAM\" cache list -q --cache-dir \"$CACHE\"", path("typescript")},
                        options);
  if (terminal.err.find("failed to create pseudo-terminal") != std::string::npos)
    GTEST_SKIP() << "no terminal can be made here";
  EXPECT_NE(terminal.out.find("1ABC\t1\t"), std::string::npos) << terminal.out << terminal.err;
  EXPECT_EQ(terminal.out.find("\x1b[31m"), std::string::npos) << terminal.out;
  EXPECT_EQ(terminal.out.find('\xe9'), std::string::npos) << terminal.out;
}

TEST_F(Text, WordsOfServers) {
  using test_support::FakeEutils;
  using test_support::LoggedRequest;
  using test_support::ServerReply;
  const std::string words =
      "\xc2\x9b"
      "2J\xe2\x80\xae&#x85;INJECTED&#9;&#10;INJECTED";
  const std::string with_title = "<html><title>" + hostile + "</title></html>";
  FakeEutils ncbi(test_support::fake_chains({"1ABC"}, 1, "invented"));
  ncbi.set_error_list("<ErrorList><PhraseNotFound>" + words + "</PhraseNotFound></ErrorList>" +
                      "<WarningList><OutputMessage>" + words + "</OutputMessage></WarningList>");
  const auto spoilt = [&](const std::string& script, const FakeEutils::Fault& fault) {
    for (int i = 0; fault && i < 8; ++i) ncbi.add_fault(script, fault);
    RunOptions options;
    options.environment["MODESWEEP_TEST_RETRY_SCALE"] = "0.001";
    const RunResult result =
        run_modesweep({"rank", "invented", "-v", "--ncbi-url", ncbi.url(), "--download-url",
                       ncbi.server().url("/download/<ID>.cif.gz"), "-o", path("out.tsv")},
                      options);
    expect_harmless(result, script);
    expect_harmless(test_support::read_file(path("out.tsv.meta.json")), script + ", record");
    return result;
  };
  const RunResult translated =
      spoilt("esearch", [&](const LoggedRequest&, ServerReply reply) -> ServerReply {
        const std::size_t at = reply.body.find("</QueryTranslation>");
        if (at != std::string::npos) reply.body.insert(at, words);
        return reply;
      });
  EXPECT_NE(translated.err.find("understood  "), std::string::npos) << translated.err;
  EXPECT_NE(translated.err.find("INJECTED"), std::string::npos) << translated.err;
  spoilt("esearch", [&](const LoggedRequest&, ServerReply) -> ServerReply {
    return {400, with_title, "text/html"};
  });
  spoilt("esearch", [&](const LoggedRequest&, ServerReply) -> ServerReply {
    return {200, "<eSearchResult><ERROR>" + words + "</ERROR></eSearchResult>", "text/xml"};
  });
  ncbi.set_other([&](const LoggedRequest&) -> ServerReply {
    return {403, with_title, "text/html", {{"X-Words", "\x1b[31m"}}};
  });
  spoilt("download", {});
}

}  // namespace
