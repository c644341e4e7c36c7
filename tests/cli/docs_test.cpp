// SPDX-License-Identifier: MIT
// The pages say what the program does: their flags are its flags, and their examples are run and
// print what is shown.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <optional>
#include <regex>
#include <sstream>

#include <modesweep/columns.hpp>

#include "cli/help_flags.hpp"
#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::source_dir;

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    line.erase(line.find_last_not_of(" \t\r") + 1);
    lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// A page of Markdown: what is code in it.
struct Page {
  struct Fence {
    std::string language;
    std::vector<std::string> lines;
  };
  std::vector<Fence> fences;
  std::vector<std::string> spans;
};

Page read_page(const std::filesystem::path& path) {
  Page page;
  std::string text;
  bool in_fence = false;
  for (const std::string& line : split_lines(test_support::read_file(path))) {
    if (line.starts_with("```")) {
      in_fence = !in_fence;
      if (in_fence) page.fences.push_back({line.substr(3), {}});
    } else if (in_fence) {
      page.fences.back().lines.push_back(line);
    } else {
      text += line + "\n";
    }
  }
  // A span may go on in the next line.
  static const std::regex span("`([^`]+)`");
  for (auto it = std::sregex_iterator(text.begin(), text.end(), span); it != std::sregex_iterator();
       ++it)
    page.spans.push_back((*it)[1]);
  return page;
}

std::vector<std::filesystem::path> pages() {
  std::vector<std::filesystem::path> paths = {source_dir() / "README.md",
                                              source_dir() / "CONTRIBUTING.md",
                                              source_dir() / "bench/README.md"};
  for (const auto& file : std::filesystem::directory_iterator(source_dir() / "docs"))
    if (file.path().extension() == ".md") paths.push_back(file.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// From the top of the repository.
std::string name_of(const std::filesystem::path& page) {
  return page.lexically_relative(source_dir()).string();
}

/// A line or a span of code that calls the program, or names flags alone: its command by its words
/// (empty: any), and its flags.
struct Usage {
  std::string command;
  std::vector<std::string> flags;
};

std::optional<Usage> read_usage(const std::string& code) {
  std::vector<std::string> words = words_of(code);
  if (!words.empty() && words.front() == "$") words.erase(words.begin());
  if (words.empty()) return std::nullopt;
  const auto& commands = help_flags::commands();
  Usage usage;
  std::size_t at = 0;
  const std::string program = std::filesystem::path(words[0]).filename().string();
  if (program == "modesweep" || commands.contains("modesweep " + words[0])) {
    usage.command = "modesweep";
    if (program == "modesweep") ++at;
    for (; at < words.size() && commands.contains(usage.command + " " + words[at]); ++at)
      usage.command += " " + words[at];
    // `modesweep COMMAND --help` is of all.
    if (usage.command == "modesweep") usage.command.clear();
  } else if (!words[0].starts_with('-')) {
    return std::nullopt;  // another program
  }
  static const std::regex flag(R"(^(--[a-z][a-z-]*|-[a-z])([=,.;:)].*)?$)");
  std::smatch match;
  for (; at < words.size() && words[at] != "|" && words[at] != "#"; ++at)
    if (std::regex_match(words[at], match, flag)) usage.flags.push_back(match[1]);
  return usage;
}

TEST(Docs, NameNoFlagThatTheProgramLacks) {
  const std::set<std::string> all = help_flags::all_flags();
  std::size_t checked = 0;
  for (const auto& path : pages()) {
    const Page page = read_page(path);
    std::vector<std::string> code = page.spans;
    for (const Page::Fence& fence : page.fences)
      if (fence.language.empty()) code.insert(code.end(), fence.lines.begin(), fence.lines.end());
    for (const std::string& piece : code) {
      const auto usage = read_usage(piece);
      if (!usage) continue;
      const std::set<std::string>& known =
          usage->command.empty() ? all : help_flags::commands().at(usage->command);
      for (const std::string& flag : usage->flags) {
        EXPECT_TRUE(known.contains(flag)) << flag << " in " << name_of(path) << ": " << piece;
        ++checked;
      }
    }
  }
  EXPECT_GE(checked, 100u);
}

TEST(Docs, HaveTheTablesOfTheProgram) {
  const test_support::TempDir folder;
  const std::string page = test_support::read_file(source_dir() / "docs/reference.md");
  const auto path = folder.write("reference.md", page);
  const auto result = test_support::run_modesweep({"reference", path.string()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(test_support::read_file(path), page)
      << "bring it up to date: build/release/modesweep reference docs/reference.md";
}

TEST(Docs, AreLeftAsTheyAreWithoutMarks) {
  const test_support::TempDir folder;
  const auto path = folder.write("page.md", "no marks\n");
  const auto result = test_support::run_modesweep({"reference", path.string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("page.md lacks the marks"), std::string::npos) << result.err;
  EXPECT_EQ(test_support::read_file(path), "no marks\n");
}

TEST(Docs, LinkToPagesThatAreThere) {
  static const std::regex link(R"(\]\(([^)#:]+)(?:#[^)]*)?\))");
  std::size_t checked = 0;
  for (const auto& path : pages()) {
    const std::string text = test_support::read_file(path);
    for (auto it = std::sregex_iterator(text.begin(), text.end(), link);
         it != std::sregex_iterator(); ++it, ++checked)
      EXPECT_TRUE(std::filesystem::exists(path.parent_path() / (*it)[1].str()))
          << name_of(path) << " links to " << (*it)[1];
  }
  EXPECT_GE(checked, 40u);
}

TEST(Docs, ReadmeIsShort) {
  EXPECT_LE(split_lines(test_support::read_file(source_dir() / "README.md")).size(), 130u);
}

TEST(Docs, AreAllNamedInTheirList) {
  const std::string list = test_support::read_file(source_dir() / "docs/README.md");
  for (const auto& path : pages()) {
    if (path.parent_path() != source_dir() / "docs" || path.filename() == "README.md") continue;
    EXPECT_NE(list.find("(" + path.filename().string() + ")"), std::string::npos)
        << "docs/README.md does not name " << path.filename();
  }
}

TEST(Docs, DefineEveryColumn) {
  const std::string text = test_support::read_file(source_dir() / "docs/numbers.md");
  for (const modesweep::Column& column : modesweep::known_columns())
    EXPECT_NE(text.find("`" + column.name + "`"), std::string::npos)
        << "docs/numbers.md does not say what the column " << column.name << " is";
}

/// Numbers may differ in the last digit shown, as they do between processors.
bool same_word(const std::string& shown, const std::string& printed) {
  if (shown == printed) return true;
  char* end = nullptr;
  const double a = std::strtod(shown.c_str(), &end);
  if (*end != '\0') return false;
  const double b = std::strtod(printed.c_str(), &end);
  if (*end != '\0') return false;
  const std::size_t point = shown.find('.');
  const std::size_t exponent = std::min(shown.find_first_of("eE"), shown.size());
  const double scale =
      exponent < shown.size() ? std::pow(10, std::atoi(shown.c_str() + exponent + 1)) : 1;
  const double unit =
      point == std::string::npos ? 0 : std::pow(10, -static_cast<double>(exponent - point - 1));
  return std::abs(a - b) <= 1.01 * unit * scale;
}

TEST(Docs, ValidationTableHasOurNumbers) {
  struct Row {
    std::string residues, fv1;
  };
  std::map<std::string, Row> rows;  // by file name
  bool in_table = false;
  for (const std::string& line :
       split_lines(test_support::read_file(source_dir() / "docs/validation.md"))) {
    if (line.starts_with("<!--")) in_table = line.find("validation_table.py") != std::string::npos;
    const std::vector<std::string> words = words_of(line);
    if (in_table && words.size() == 15 && words[3].find('.') != std::string::npos)
      rows[words[3]] = {words[5], words[7]};
  }
  ASSERT_GE(rows.size(), 30u);

  std::vector<std::string> command = {
      "rank", "--top", "0", "--columns", "file,residues,fv1", "--format", "tsv", "--files"};
  for (const auto& path : test_support::package_structure_files())
    if (rows.contains(path.filename().string())) command.push_back(path.string());
  if (command.back() == "--files") GTEST_SKIP() << "none of the files is here";
  const auto result = test_support::run_modesweep(command);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::set<std::string> found;
  std::set<std::string> equal;
  for (const std::string& line : split_lines(result.out)) {
    const std::vector<std::string> words = words_of(line);
    const std::string name = std::filesystem::path(words[0]).filename().string();
    const auto row = rows.find(name);
    // Other files may have the same name.
    if (row == rows.end() || row->second.residues != words[1]) continue;
    found.insert(name);
    if (same_word(row->second.fv1, words[2])) equal.insert(name);
  }
  EXPECT_EQ(found, equal);
  EXPECT_FALSE(found.empty());
}

/// A line `$ COMMAND` and what is shown below it.
struct Example {
  std::string command;
  std::vector<std::string> shown;
};

std::vector<Example> examples(const Page::Fence& fence) {
  std::vector<Example> result;
  for (std::size_t i = 0; i < fence.lines.size(); ++i) {
    std::string line = fence.lines[i];
    if (!line.starts_with("$ ")) {
      if (!result.empty()) result.back().shown.push_back(line);
      continue;
    }
    while (line.ends_with('\\') && i + 1 < fence.lines.size())
      line.replace(line.size() - 1, 1, fence.lines[++i]);
    result.push_back({line.substr(2), {}});
  }
  for (Example& example : result)
    while (!example.shown.empty() && example.shown.back().empty()) example.shown.pop_back();
  return result;
}

/// In how many digits solvers agree in a self-test is a matter of its machine altogether.
bool same_line(const std::string& shown, const std::string& printed) {
  static const std::regex digits(R"(\d+\.\d digits)");
  const auto expected = words_of(std::regex_replace(shown, digits, "so many digits"));
  const auto found = words_of(std::regex_replace(printed, digits, "so many digits"));
  return std::equal(expected.begin(), expected.end(), found.begin(), found.end(), same_word);
}

/// All of standard output is shown, but where a line `...` stands for some of it, and after it
/// what one cares to show of standard error.
void expect_shown(const Example& example, const test_support::RunResult& result) {
  const std::vector<std::string> out = split_lines(result.out);
  const std::vector<std::string> err = split_lines(result.err);
  std::size_t next = 0;
  std::size_t next_error = 0;
  for (std::size_t i = 0; i < example.shown.size(); ++i) {
    const std::string& line = example.shown[i];
    if (next < out.size() && same_line(line, out[next])) {
      ++next;
      continue;
    }
    if (line == "...") {
      if (i + 1 == example.shown.size()) {
        next = out.size();
        break;
      }
      while (next < out.size() && !same_line(example.shown[i + 1], out[next])) ++next;
      continue;
    }
    while (next_error < err.size() && !same_line(line, err[next_error])) ++next_error;
    ASSERT_LT(next_error++, err.size())
        << "shown but not printed: " << line << "\n$ " << example.command << "\n"
        << result.out << result.err;
  }
  EXPECT_EQ(next, out.size()) << "printed but not shown: " << out[next] << "\n$ "
                              << example.command;
}

class DocsExamples : public testing::TestWithParam<std::filesystem::path> {
 protected:
  void expect_all_shown(const std::map<std::string, std::string>& environment) const;
};

void DocsExamples::expect_all_shown(const std::map<std::string, std::string>& environment) const {
  const test_support::TempDir folder;
  std::filesystem::create_directories(folder.path() / "build/release");
  std::filesystem::create_symlink(test_support::modesweep_program(),
                                  folder.path() / "build/release/modesweep");
  const auto package =
      std::filesystem::path(test_support::modesweep_program()).parent_path() / "python";
  const bool has_package = std::filesystem::exists(package / "modesweep/_errors.py");
  if (has_package)
    std::filesystem::create_directory_symlink(package, folder.path() / "build/release/python");
  for (const char* name : {"data", "docs"})
    std::filesystem::create_directory_symlink(source_dir() / name, folder.path() / name);
  test_support::RunOptions options;
  options.folder = folder.path().string();
  options.environment = environment;
  options.environment["HOME"] = folder.path().string();
  options.environment["MODESWEEP_CACHE_DIR"] = (folder.path() / "cache").string();
  const auto works = [&](const std::string& command) {
    return test_support::run({"bash", "-c", command}, options).exit_code == 0;
  };
  const auto can_run = [&](const Example& example) {
    if (example.command.find("build/release/python") != std::string::npos)
      return has_package && works(
                                "PYTHONPATH=build/release/python /usr/bin/python3 -c "
                                "'import modesweep, pandas, prody'");
    return !example.command.starts_with("/usr/bin/python3") ||
           works("/usr/bin/python3 -c 'import matplotlib, numpy, prody'");
  };

  std::size_t ran = 0;
  for (const Page::Fence& fence : read_page(GetParam()).fences) {
    // A program begins with its name as a comment, and is there for the commands that follow.
    if (fence.language == "python" && fence.lines[0].starts_with("# ") &&
        fence.lines[0].ends_with(".py")) {
      std::string text;
      for (const std::string& line : fence.lines) text += line + "\n";
      folder.write(fence.lines[0].substr(2), text);
    }
    if (!fence.language.empty()) continue;
    for (const Example& example : examples(fence)) {
      if (!can_run(example)) {
        std::cout << "not run on this machine: " << example.command << "\n";
        continue;
      }
      expect_shown(example, test_support::run({"bash", "-c", example.command}, options));
      ++ran;
    }
  }
  std::cout << ran << " commands of " << name_of(GetParam()) << " ran\n";
}

TEST_P(DocsExamples, PrintWhatIsShown) { expect_all_shown({}); }

/// What a reader sees must not hang on the driver: this one has a device, which then fails.
TEST_P(DocsExamples, PrintWhatIsShownWithAnotherDriver) {
  expect_all_shown({{"LD_LIBRARY_PATH", FAKE_DRIVER}});
}

TEST(Docs, HaveExamples) {
  std::map<std::string, std::size_t> count;
  for (const auto& path : pages())
    for (const Page::Fence& fence : read_page(path).fences)
      if (fence.language.empty()) count[name_of(path)] += examples(fence).size();
  for (const auto& [page, least] : std::map<std::string, std::size_t>{{"README.md", 5},
                                                                      {"CONTRIBUTING.md", 3},
                                                                      {"docs/README.md", 1},
                                                                      {"docs/cluster.md", 5},
                                                                      {"docs/compare.md", 1},
                                                                      {"docs/modes.md", 3},
                                                                      {"docs/numbers.md", 2},
                                                                      {"docs/python.md", 3},
                                                                      {"docs/reference.md", 1},
                                                                      {"docs/report.md", 1},
                                                                      {"docs/runs.md", 2},
                                                                      {"docs/sources.md", 1},
                                                                      {"docs/tutorial.md", 8}})
    EXPECT_GE(count[page], least) << page;
}

INSTANTIATE_TEST_SUITE_P(Pages, DocsExamples, testing::ValuesIn(pages()), [](const auto& page) {
  std::string name = name_of(page.param);
  name.resize(name.rfind('.'));
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '/'; }, '_');
  return name;
});

}  // namespace
