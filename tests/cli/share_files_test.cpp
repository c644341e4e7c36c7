// SPDX-License-Identifier: MIT
// Man pages and completions: nothing that help names is missing from them, and the programs that
// read them are content.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include <modesweep/columns.hpp>

#include "cli/help_flags.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

using help_flags::commands;
using test_support::read_file;
using test_support::run;
using test_support::run_modesweep;

bool have(const std::string& program) {
  return run({"sh", "-c", "command -v " + program}).exit_code == 0;
}

std::string page_name(std::string command) {
  std::replace(command.begin(), command.end(), ' ', '-');
  return command + ".1";
}

/// As roff has it.
std::string escaped(const std::string& flag) {
  std::string out;
  for (const char c : flag) out += c == '-' ? std::string("\\-") : std::string(1, c);
  return "\\fB" + out + "\\fR";
}

class ShareFiles : public testing::Test {
 protected:
  void SetUp() override {
    const auto result = run_modesweep({"share-files", share().string(), "2026-01-02"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    ASSERT_GE(commands().size(), 12u);
  }
  std::filesystem::path share() const { return folder_.path() / "share"; }
  std::filesystem::path bash() const { return share() / "bash-completion/completions/modesweep"; }
  std::filesystem::path zsh() const { return share() / "zsh/site-functions/_modesweep"; }
  std::filesystem::path fish() const {
    return share() / "fish/vendor_completions.d/modesweep.fish";
  }

  /// What bash offers for the last of `words`, the program's name being the first.
  std::vector<std::string> complete(const std::vector<std::string>& words) const {
    std::vector<std::string> command = {"bash", "-c",
                                        "source \"$1\"; shift; COMP_WORDS=(\"$@\"); "
                                        "COMP_CWORD=$(($# - 1)); _modesweep; "
                                        "printf '%s\\n' \"${COMPREPLY[@]}\"",
                                        "bash", bash().string()};
    command.insert(command.end(), words.begin(), words.end());
    test_support::RunOptions options;
    options.folder = folder_.path().string();
    const auto result = run(command, options);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    std::istringstream lines(result.out);
    std::vector<std::string> offered;
    for (std::string line; std::getline(lines, line);)
      if (!line.empty()) offered.push_back(line);
    std::sort(offered.begin(), offered.end());
    return offered;
  }

  test_support::TempDir folder_;
};

using Words = std::vector<std::string>;

TEST_F(ShareFiles, EveryCommandHasAPageWithEveryFlag) {
  std::set<std::string> pages;
  for (const auto& [command, flags] : commands()) {
    const std::filesystem::path path = share() / "man/man1" / page_name(command);
    ASSERT_TRUE(std::filesystem::exists(path)) << path;
    pages.insert(path.filename());
    const std::string page = read_file(path);
    for (const std::string& flag : flags)
      EXPECT_NE(page.find(escaped(flag)), std::string::npos) << flag << " in " << path.filename();
    EXPECT_NE(page.find("2026-01-02"), std::string::npos);
  }
  for (const auto& file : std::filesystem::directory_iterator(share() / "man/man1"))
    EXPECT_TRUE(pages.contains(file.path().filename())) << file.path();
}

TEST_F(ShareFiles, PagesHaveWhatHelpSaysBelowTheFlags) {
  const std::string page = read_file(share() / "man/man1/modesweep-rank.1");
  for (const modesweep::Column& column : modesweep::known_columns())
    EXPECT_NE(page.find("\n.TP\n\\fB" + column.name + "\\fR\n"), std::string::npos) << column.name;
  for (const char* part :
       {".SH DESCRIPTION\nfv1, the", ".SH COLUMNS\nof a table", ".TP\n\\fBtail\\fR\nmore than half",
        ".SH EXIT CODES\n", ".TP\n\\fB130, 143\\fR\ninterrupted", "\n.SH SEE ALSO\n"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  const std::string modes = read_file(share() / "man/man1/modesweep-modes.1");
  EXPECT_NE(modes.find(".TP\n\\fBtsv, csv, jsonl\\fR\nnumbers of each residue"), std::string::npos);
}

TEST_F(ShareFiles, PagesPassWhatReadsThem) {
  const bool groff = have("groff"), mandoc = have("mandoc"), man = have("man");
  if (!groff && !mandoc && !man) GTEST_SKIP() << "neither groff nor mandoc nor man is here";
  test_support::RunOptions options;
  options.folder = (share() / "man/man1").string();
  const auto check = [&](const std::string& program) {
    const auto result =
        run({"sh", "-c", "for page in *.1; do " + program + " \"$page\"; done"}, options);
    EXPECT_EQ(result.exit_code, 0) << program;
    EXPECT_EQ(result.err, "") << program;
    return result.out;
  };
  if (groff) check("groff -ww -man -Tutf8");
  if (man) check("man --warnings -l");
  if (mandoc) {
    EXPECT_EQ(check("mandoc -T lint -W warning"), "");
  }
}

TEST_F(ShareFiles, BashCompletesEveryCommandAndFlag) {
  for (const auto& [command, flags] : commands()) {
    std::istringstream stream(command);
    Words words;
    for (std::string word; stream >> word;) words.push_back(word);
    words.emplace_back("-");
    EXPECT_EQ(complete(words), Words(flags.begin(), flags.end())) << command;
    if (words.size() == 2) continue;
    words.pop_back();
    const Words offered = complete(words);
    EXPECT_TRUE(std::count(offered.begin(), offered.end(), words.back())) << command;
  }
}

TEST_F(ShareFiles, BashCompletesValues) {
  EXPECT_EQ(complete({"modesweep", "rank", "--format", ""}),
            (Words{"csv", "jsonl", "table", "tsv"}));
  EXPECT_EQ(complete({"modesweep", "rank", "--format", "=", "t"}), (Words{"table", "tsv"}));
  EXPECT_EQ(complete({"modesweep", "rank", "--format", "="}),
            (Words{"csv", "jsonl", "table", "tsv"}));
  EXPECT_EQ(complete({"modesweep", "rank", "x", "--columns", "fv1,trac"}),
            (Words{"fv1,trace_all"}));
  EXPECT_EQ(complete({"modesweep", "rank", "--sort", "trac"}), (Words{"trace_all"}));
  EXPECT_EQ(complete({"modesweep", "modes", "--format", "npz,n"}), (Words{"npz,nmd", "npz,npz"}));
  EXPECT_EQ(complete({"modesweep", "fetch", "--hosts", "w"}), (Words{"wwpdb"}));
  EXPECT_EQ(complete({"modesweep", "rank", "--retmax", ""}), Words{});
  EXPECT_EQ(complete({"modesweep", "completion", ""}), (Words{"bash", "fish", "zsh"}));
  EXPECT_EQ(complete({"modesweep", "cache", "c"}), (Words{"clear"}));
}

TEST_F(ShareFiles, BashCompletesFilesAndFolders) {
  folder_.write("a structure.cif", "");
  folder_.write("a folder/x", "");
  EXPECT_EQ(complete({"modesweep", "rank", "-o", "a"}), (Words{"a folder", "a structure.cif"}));
  EXPECT_EQ(complete({"modesweep", "rank", "--archive", "a"}), (Words{"a folder"}));
  EXPECT_EQ(complete({"modesweep", "rank", "--files", "x", "a"}),
            (Words{"a folder", "a structure.cif"}));
  EXPECT_EQ(complete({"modesweep", "modes", "a"}), (Words{"a folder", "a structure.cif"}));
  EXPECT_EQ(complete({"modesweep", "show", "a"}), (Words{"a folder"}));
  EXPECT_EQ(complete({"modesweep", "rank", "a"}), (Words{"a folder", "a structure.cif"}));
  EXPECT_EQ(complete({"modesweep", "search", "a"}), Words{}) << "a search term";
}

TEST_F(ShareFiles, ShellcheckFindsNothingInTheCompletionsOfBash) {
  if (!have("shellcheck")) GTEST_SKIP() << "shellcheck is not here";
  EXPECT_EQ(run({"shellcheck", bash().string()}).out, "");
}

TEST_F(ShareFiles, FishCompletesEveryCommandAndFlag) {
  if (!have("fish")) GTEST_SKIP() << "fish is not here";
  std::string script = "source $argv[1]\n";
  for (const auto& [command, flags] : commands())
    script += "echo '== " + command + "'\ncomplete -C '" + command + " -'\n" +
              (command == "modesweep" ? "" : "complete -C '" + command + "'\n");
  script += "echo '== values'\ncomplete -C 'modesweep rank --columns fv1,trac'\n";
  script += "complete -C 'modesweep rank --format ts'\n";
  test_support::RunOptions options;
  options.environment["HOME"] = folder_.path().string();
  const auto result = run({"fish", "--no-config", "-c", script, fish().string()}, options);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  std::map<std::string, std::set<std::string>> offered;
  std::istringstream lines(result.out);
  std::string command;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("== "))
      command = line.substr(3);
    else
      offered[command].insert(line.substr(0, line.find('\t')));
  }
  for (const auto& [path, flags] : commands()) {
    for (const std::string& flag : flags)
      EXPECT_TRUE(offered[path].contains(flag)) << path << ' ' << flag;
    if (path != "modesweep") {
      EXPECT_TRUE(offered[path].contains(path.substr(path.rfind(' ') + 1))) << path;
    }
  }
  EXPECT_EQ(offered["values"], (std::set<std::string>{"fv1,trace_all", "tsv"}));
}

TEST_F(ShareFiles, ZshReadsTheCompletionsOfEveryCommandAndFlag) {
  const std::string script = read_file(zsh());
  for (const auto& [command, flags] : commands()) {
    std::string name = command;
    std::replace(name.begin(), name.end(), ' ', '_');
    const std::size_t begin = script.find("\n_" + name + "() {");
    ASSERT_NE(begin, std::string::npos) << command;
    const std::string function = script.substr(begin, script.find("\n}\n", begin) - begin);
    for (const std::string& flag : flags)
      EXPECT_NE(function.find(flag), std::string::npos) << command << ' ' << flag;
  }
  if (!have("zsh")) GTEST_SKIP() << "zsh is not here: its script was not parsed";
  const auto result = run({"zsh", "-n", zsh().string()});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
}

TEST_F(ShareFiles, CompletionPrintsTheSameScripts) {
  EXPECT_EQ(run_modesweep({"completion", "bash"}).out, read_file(bash()));
  EXPECT_EQ(run_modesweep({"completion", "zsh"}).out, read_file(zsh()));
  EXPECT_EQ(run_modesweep({"completion", "fish"}).out, read_file(fish()));
  EXPECT_EQ(run_modesweep({"completion", "tcsh"}).exit_code, 2);
}

TEST(ShareFilesErrors, AFolderThatCannotBeWritten) {
  const auto result = run_modesweep({"share-files", "/proc/modesweep", "2026-01-02"});
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_NE(result.err.find("/proc/modesweep"), std::string::npos) << result.err;
}

}  // namespace
