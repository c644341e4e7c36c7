// SPDX-License-Identifier: MIT
#include "structure/cif_scanner.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace modesweep {
namespace {

/// What the scanner hands out, one line a call.
struct Recorder {
  std::string said;
  std::size_t columns = 0, lines = 0;

  bool block() {
    said += "block\n";
    return true;
  }
  bool cut_row() {
    said += "cut\n";
    return true;
  }
  bool stray(std::string_view) { return true; }
  bool pair(std::string_view tag, std::string_view value) {
    said += std::string(tag) + "=" + std::string(value) + "\n";
    return true;
  }
  bool loop(const std::vector<std::string_view>& tags) {
    columns = tags.size();
    for (const std::string_view tag : tags) said += std::string(tag) + "|";
    said += "\n";
    return true;
  }
  bool row(const std::string_view* values) {
    for (std::size_t i = 0; i < columns; ++i) said += std::string(values[i]) + "|";
    said += "\n";
    return true;
  }
  bool line(const CifLine& line) {
    ++lines;
    for (std::size_t i = 0; i < columns; ++i) said += std::string(line.value(i)) + "|";
    said += "\n";
    return true;
  }
};

std::string scanned(const std::string& text) {
  Recorder recorder;
  return scan_cif(text, recorder) == ScanEnd::whole ? recorder.said : "cut within a text field";
}

TEST(CifScanner, PairsAndLoops) {
  EXPECT_EQ(
      scanned("# c\ndata_X\n_a.b 1\n_a.c 'it is'\n_a.d\n;two\nlines\n;\n"
              "loop_\n_e.f\n_e.g\n1 2\n3\n4 \"O5'\" ;x # rest\n_z.z ?"),
      "block\n_a.b=1\n_a.c='it is'\n_a.d=;two\nlines\n;\n_e.f|_e.g|\n1|2|\n3|4|\n\"O5'\"|;x|\n"
      "_z.z=?\n");
}

TEST(CifScanner, OddFormsAreReadAsTheyAreMeant) {
  for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
           {"", ""},
           {"_a.b 1\n", "_a.b=1\n"},
           {"data_X\n_a.b\n", "block\n_a.b=?\n"},
           {"data_X\n_a.b\n_a.c 1\n", "block\n_a.b=?\n_a.c=1\n"},
           {"data_X\nloop_\n1 2\n", "block\n"},
           {"data_X\nloop_\n_a.b\n", "block\n_a.b|\n"},
           {"data_X\nloop_\n_a.b\n_a.c\n1 2 3\n", "block\n_a.b|_a.c|\n1|2|\ncut\n"},
           {"data_X\n_a.b 'open\n_a.c 1\n", "block\n_a.b='open\n_a.c=1\n"},
           {"data_X\n_a.b\n;open\n", "cut within a text field"},
           {"data_X\ndata_Y\n_a.b 1\n", "block\nblock\n_a.b=1\n"},
           {"data_X\nsave_y\n_a.b 1\nloop_\n_a.c\n2\nsave_\n_a.d 3\n", "block\n_a.d=3\n"},
           {"data_X\n_a.b $c\n", "block\n_a.b=$c\n"},
           {"data_X\n_a.b \xc3\xa9\n", "block\n_a.b=\xc3\xa9\n"},
           {"data_X\nloop_x\n_a.b 1 2\n_a.c 3\n", "block\n_a.b=1\n_a.c=3\n"},
           {"data_X\n_a.b\n;x\n; _a.c 1\n", "block\n_a.b=;x\n;\n_a.c=1\n"}})
    EXPECT_EQ(scanned(text), expected) << text;
}

TEST(CifScanner, ValuesWithoutTheirQuotes) {
  for (const auto& [raw, value] :
       std::vector<std::pair<std::string, std::string>>{{"CA", "CA"},
                                                        {"'O5''", "O5'"},
                                                        {"\"a b\"", "a b"},
                                                        {"'?'", "?"},
                                                        {"''", ""},
                                                        {";two\nlines\n;", "two\nlines"},
                                                        {"'open", "open"},
                                                        {";x", ";x"},
                                                        {"'", ""}})
    EXPECT_EQ(cif_value(raw), std::string_view(value)) << raw;
  EXPECT_FALSE(cif_value("?"));
  EXPECT_FALSE(cif_value("."));
}

/// Rows far from the end of the text are read a line at a time; the same comes of it.
TEST(CifScanner, LinesAreReadAsRowsAre) {
  const std::string head = "data_X\nloop_\n_a.b\n_a.c\n_a.d\n";
  const std::vector<std::string> rows = {
      "1   x   . ",
      "2   y   'q' ",
      "10  x   ? ",
      "3 \"O5'\" z",
      "4 'two words' z",
      "5 a_b c",
      "6\n;text\n; d",
      "7 8 9 # end",
      "11\t12\t13",
      "# comment\n14 15 16",
      "17 18\n19",
      "20 21 22 23 24 25",
      "26 \"a\"b\" c",
      ";x\n; 27 28",
      std::string(70, 'a') + " " + std::string(70, 'b') + "  " + std::string(70, 'c'),
      std::string(300, 'd') + " e f"};
  std::string text = head;
  for (int repeat = 0; repeat < 3; ++repeat)
    for (const std::string& row : rows) text += row + "\n" + row + "\n";
  const std::string padding = "_p.p\n;" + std::string(1000, ' ') + "\n;\n";
  // Word by word, by putting each row into a loop of its own.
  Recorder quick;
  ASSERT_EQ(scan_cif(text + padding, quick), ScanEnd::whole);
  EXPECT_GT(quick.lines, 20u);
  CifScanner scanner(text);
  std::string_view token;
  std::string expected = "block\n_a.b|_a.c|_a.d|\n";
  int values = 0;
  while (scanner.next(token) != CifScanner::Token::end)
    if (token != "data_X" && token != "loop_" && !token.starts_with("_a."))
      expected += std::string(token) + (++values % 3 == 0 ? "|\n" : "|");
  EXPECT_EQ(quick.said.substr(0, quick.said.find("_p.p")), expected);
}

}  // namespace
}  // namespace modesweep
