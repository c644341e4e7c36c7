// SPDX-License-Identifier: MIT
// The library names no flag, and the program adds them to what the library says.
#include "cli/flag_names.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/help_flags.hpp"
#include "support/data_files.hpp"
#include "support/temp_dir.hpp"

namespace {

namespace fs = std::filesystem;
using modesweep::LeftOut;
using modesweep::cli::flag_names;
using modesweep::cli::FlagName;
using modesweep::cli::with_flags;

/// The string literals of C++ source, those that stand one after the other put together.
std::vector<std::string> string_literals(std::string_view source) {
  std::vector<std::string> literals;
  bool adjacent = false;
  char before = ' ';  // 100'000 has no quote
  const auto skip_to = [&](std::string_view end) {
    const std::size_t found = source.find(end);
    const std::string_view passed = source.substr(0, found);
    source.remove_prefix(std::min(source.size(), passed.size() + end.size()));
    return passed;
  };
  const auto add = [&](std::string_view text) {
    if (!adjacent) literals.emplace_back();
    literals.back() += text;
    adjacent = true;
  };
  while (!source.empty()) {
    const bool quoted = source[0] == '"' ||
                        (source[0] == '\'' && !std::isdigit(static_cast<unsigned char>(before)));
    if (source.starts_with("//")) {
      skip_to("\n");
    } else if (source.starts_with("/*")) {
      skip_to("*/");
    } else if (source.starts_with("R\"(")) {
      source.remove_prefix(3);
      add(skip_to(")\""));
    } else if (quoted) {
      std::size_t end = 1;
      while (end < source.size() && source[end] != source[0] && source[end] != '\n')
        end += source[end] == '\\' ? 2 : 1;
      if (source[0] == '"') add(source.substr(1, end - 1));
      source.remove_prefix(std::min(source.size(), end + 1));
    } else {
      before = source[0];
      adjacent = adjacent && (before == ' ' || before == '\n');
      source.remove_prefix(1);
    }
  }
  return literals;
}

struct Text {
  fs::path file;
  std::string text;
};

/// What the library says in its messages, and all of its headers and of the report page.
std::vector<Text> texts_of_library() {
  std::vector<Text> texts;
  const fs::path root = test_support::source_dir();
  for (const fs::path& folder : {root / "include", root / "src"})
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
      const fs::path& file = entry.path();
      const std::string ending = file.extension().string();
      if (!entry.is_regular_file() || file.string().find("src/host/cli/") != std::string::npos)
        continue;
      const std::string source = test_support::read_file(file);
      if (folder.filename() == "include" || ending == ".js" || ending == ".html")
        texts.push_back({file, source});
      else if (ending == ".cpp" || ending == ".hpp" || ending == ".cu" || ending == ".cuh")
        for (std::string& literal : string_literals(source))
          texts.push_back({file, std::move(literal)});
    }
  return texts;
}

/// Whether it stands there as a word.
bool names(std::string_view text, std::string_view flag) {
  const auto goes_on = [](char c) {
    return c == '-' || std::isalnum(static_cast<unsigned char>(c));
  };
  for (std::size_t at = text.find(flag); at != std::string_view::npos;
       at = text.find(flag, at + 1)) {
    const std::size_t end = at + flag.size();
    if ((at == 0 || !goes_on(text[at - 1])) && (end == text.size() || !goes_on(text[end])))
      return true;
  }
  return false;
}

TEST(FlagNames, LiteralsAreFoundInSource) {
  EXPECT_EQ(string_literals(
                "a = \"x\\\"y\" + 1'000; // \"no\"\nb(\"one \"\n  \"two\", '\"', R\"(three)\");"),
            (std::vector<std::string>{"x\\\"y", "one two", "three"}));
  EXPECT_TRUE(names("with --offline, or", "--offline"));
  EXPECT_FALSE(names("with --offline-mode", "--offline"));
}

TEST(FlagNames, TheLibraryNamesNoFlag) {
  const std::vector<Text> texts = texts_of_library();
  ASSERT_GT(texts.size(), 1000u);
  const std::set<std::string> flags = help_flags::all_flags();
  ASSERT_TRUE(flags.contains("--max-memory"));
  for (const std::string& flag : flags) {
    if (!flag.starts_with("--")) continue;
    for (const auto& [file, text] : texts) EXPECT_FALSE(names(text, flag)) << file << ": " << flag;
  }
}

TEST(FlagNames, EveryPhraseIsTheLibrarys) {
  const std::vector<Text> texts = texts_of_library();
  for (const auto& [phrase, flag] : flag_names())
    EXPECT_TRUE(std::any_of(texts.begin(), texts.end(), [&](const Text& text) {
      return text.text.find(phrase) != text.text.npos;
    })) << phrase;
}

TEST(FlagNames, EveryFlagIsTheProgramsOwn) {
  const std::set<std::string> flags = help_flags::all_flags();
  for (const auto& [phrase, text] : flag_names()) {
    static const std::regex flag("--[a-z-]+");
    const std::string words(text);
    for (std::sregex_iterator match(words.begin(), words.end(), flag), none; match != none; ++match)
      EXPECT_TRUE(flags.contains(match->str())) << match->str();
  }
}

TEST(FlagNames, StandBehindThePhraseOnce) {
  const std::string said = "5 residues need 9 GB, and the limit of memory is 1 GB";
  const std::string shown = "5 residues need 9 GB, and the limit of memory (--max-memory) is 1 GB";
  EXPECT_EQ(with_flags(said), shown);
  EXPECT_EQ(with_flags(shown), shown);
  EXPECT_EQ(with_flags("nothing to add"), "nothing to add");
  EXPECT_EQ(with_flags("backend cuda: no driver"), "--backend cuda: no driver");
  const auto left_out = with_flags([&](const auto& visit) {
    visit(LeftOut{"1ABC", {}, {modesweep::Stage::solve, "out_of_memory", said}});
  });
  int visits = 0;
  left_out([&](const LeftOut& entry) {
    ++visits;
    EXPECT_EQ(entry.failure.message, shown);
  });
  EXPECT_EQ(visits, 1);
}

}  // namespace
