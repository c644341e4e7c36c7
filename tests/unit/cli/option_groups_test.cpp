// SPDX-License-Identifier: MIT
#include "cli/option_groups.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <utility>

#include <modesweep/outcome.hpp>

#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "support/environment.hpp"
#include "typed.hpp"

namespace modesweep::cli {
namespace {

Model model_of(const std::vector<std::string>& words) {
  Model model;
  typed::parse([&](const Flags& flags) { add_model(flags, model); }, words);
  return model;
}

TEST(ModelOptions, DefaultsAreThoseOfProDy) {
  const Model model = model_of({});
  EXPECT_EQ(model.network.model, ElasticModel::anm);
  EXPECT_EQ(model.network.cutoff, 15);
  EXPECT_EQ(model.network.gamma, 1);
  EXPECT_EQ(model.modes, 20);
  EXPECT_EQ(model.read.nodes, NodeRule::prody);
}

TEST(ModelOptions, TheCutoffIsThatOfTheNetworkUnlessOneIsTyped) {
  EXPECT_EQ(model_of({"--enm", "gnm"}).network.cutoff, 10);
  EXPECT_EQ(model_of({"--enm", "gnm", "-c", "7.3"}).network.cutoff, 7.3);
  EXPECT_EQ(model_of({"-c", "10", "--enm", "anm"}).network.cutoff, 10);
}

TEST(ModelOptions, RefuseWhatIsNoNumberOrNoneThatIsMeant) {
  for (const char* number :
       {"nan", "inf", "-inf", "1e309", "-1", "0", "x", "", "15A", "3.9", "1001"})
    EXPECT_THROW(model_of({"--cutoff", number}), CLI::ParseError) << number;
  for (const char* number : {"nan", "0", "-1", "1e-13", "1e13"})
    EXPECT_THROW(model_of({"--gamma", number}), CLI::ParseError) << number;
  for (const char* number : {"0", "-3", "10001", "2.5", "all"})
    EXPECT_THROW(model_of({"--modes", number}), CLI::ParseError) << number;
  EXPECT_EQ(model_of({"--gamma", "1e-12"}).network.gamma, 1e-12);
  EXPECT_THROW(model_of({"--nodes", "ca"}), CLI::ParseError);
}

TEST(ModelOptions, DigitsAreDecimal) {
  EXPECT_EQ(model_of({"--modes", "020"}).modes, 20);
  EXPECT_EQ(model_of({"--cutoff", "1e1"}).network.cutoff, 10);
  EXPECT_EQ(model_of({"--cutoff", "012.50"}).network.cutoff, 12.5);
  EXPECT_EQ(model_of({"--model", "0"}).read.model, 0);
}

/// Of a command and those below it, with the words that name it.
void for_each_flag(
    const CommandEntry& command,
    const std::function<void(const std::string& path, const FlagEntry& flag)>& visit) {
  for (const FlagEntry& flag : command.flags) visit(command.path, flag);
  for (const CommandEntry& below : command.commands) for_each_flag(below, visit);
}

/// What the program says of a line, with the exit code; the work is not begun.
std::pair<int, std::string> said_of(const std::vector<std::string>& words) {
  std::vector<const char*> arguments;
  for (const std::string& word : words) arguments.push_back(word.c_str());
  testing::internal::CaptureStderr();
  int code = 0;
  try {
    code = parse_command_line(static_cast<int>(arguments.size()), arguments.data()).exit_code;
  } catch (const RunError&) {
    // The line was taken, and lacks something else.
  }
  return {code, testing::internal::GetCapturedStderr()};
}

TEST(Numbers, AreDecimalAndInTheirRangeWhateverTheFlag) {
  const char* const info[] = {"modesweep", "info"};
  const CommandEntry program = parse_command_line(2, info).call.program;
  const std::set<std::string> numbers = {"INT", "UINT", "FLOAT", "N", "SECONDS", "DAYS", "SIZE"};
  int tried = 0;
  for_each_flag(program, [&](const std::string& path, const FlagEntry& flag) {
    if (!numbers.contains(flag.value)) return;
    EXPECT_FALSE(flag.limits.empty()) << path << flag.names.back();
    std::vector<std::string> words = split(path, ' ');
    words.push_back(flag.names.back());
    for (const char* const bad :
         {"0x10", "0X1p3", "0b1", "+1", " 1", "1 ", "1,", "1'0", "1_0", "", "-1", "nan", "-inf",
          "1e999", "99999999999999999999999", "ten", "-0x1", "1e+", "\u0661"}) {
      words.push_back(bad);
      const auto [code, text] = said_of(words);
      EXPECT_EQ(code, 2) << path << flag.names.back() << " " << bad;
      EXPECT_NE(text.find(flag.names.back()), std::string::npos) << text;
      EXPECT_NE(text.find(flag.limits.substr(flag.limits.rfind(' ') + 1)), std::string::npos)
          << path << text;
      words.pop_back();
      ++tried;
    }
  });
  EXPECT_GT(tried, 300);
}

TEST(Numbers, SizesTakeUnits) {
  const auto bytes_of = [](const char* word) {
    std::uint64_t bytes = 0;
    typed::parse(
        [&](const Flags& flags) { flags.option("--size", bytes, "a size", {bytes_from(0)}); },
        {"--size", word});
    return bytes;
  };
  EXPECT_EQ(bytes_of("0"), 0U);
  EXPECT_EQ(bytes_of("017"), 17U);
  EXPECT_EQ(bytes_of("3b"), 3U);
  for (const char* const kilobyte : {"1k", "1K", "1kb", "1KiB", "1ki", "1 k"})
    EXPECT_EQ(bytes_of(kilobyte), 1024U) << kilobyte;
  EXPECT_EQ(bytes_of("8G"), std::uint64_t{8} << 30);
  EXPECT_EQ(bytes_of("1E"), std::uint64_t{1} << 60);
  for (const char* const bad :
       {"2E", "1.5G", "1x", "1kk", "1ib", "1i", "k", "1kbb", "1152921504606846977"})
    EXPECT_THROW(bytes_of(bad), CLI::ParseError) << bad;
}

TEST(ModelOptions, TheModelThatASelectionNamesIsThatOfTheFile) {
  EXPECT_EQ(model_of({"--select", "/2/A"}).read.model, 2);
  EXPECT_EQ(model_of({"--select", "//A", "--model", "3"}).read.model, 3);
  EXPECT_EQ(model_of({"--select", "/2/A", "--model", "2"}).read.model, 2);
  EXPECT_THROW(model_of({"--select", "/2/A", "--model", "3"}), RunError);
  EXPECT_THROW(model_of({"--select", "//A/1-x"}), RunError);
}

Output output_of(const std::vector<std::string>& words) {
  Output output;
  RankRequest request;
  typed::parse(
      [&](const Flags& flags) {
        add_output(flags, output);
        add_run(flags, output, request);
      },
      words);
  return output;
}

std::string error_of(const std::vector<std::string>& words) {
  try {
    output_of(words);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "none";
}

TEST(OutputOptions, TheFormatIsTypedOrThatOfTheEnding) {
  EXPECT_EQ(output_of({}).format, Format::table);
  EXPECT_EQ(output_of({"-o", "x.tsv"}).format, Format::tsv);
  EXPECT_EQ(output_of({"-o", "x.jsonl"}).format, Format::jsonl);
  EXPECT_EQ(output_of({"-o", "x.ndjson"}).format, Format::jsonl);
  EXPECT_EQ(output_of({"-o", "x.txt"}).format, Format::table);
  EXPECT_EQ(output_of({"-o", "x.tsv", "--format", "jsonl"}).format, Format::jsonl);
  EXPECT_EQ(output_of({"-o", "x.csv"}).format, Format::csv);
  EXPECT_EQ(output_of({"-o", "x.TSV"}).format, Format::tsv);
  EXPECT_EQ(output_of({"-o", "x"}).format, Format::table);
  EXPECT_EQ(output_of({"-o", "x.dat", "--format", "csv"}).format, Format::csv);
  EXPECT_TRUE(output_of({"-o", "-", "--format", "csv"}).file.empty());
  EXPECT_EQ(error_of({"-o", "x.cvs"}),
            "x.cvs has the ending of no format; did you mean .csv? (there are .tsv, .csv, .jsonl, "
            ".ndjson, .txt; --format takes any name)");
  EXPECT_THROW(output_of({"-o", "x.xlsx"}), RunError);
  EXPECT_EQ(error_of({"--format", "tvs"}),
            "--format: \"tvs\" is none of table, tsv, csv, jsonl; did you mean tsv?");
}

TEST(OutputOptions, WidthIsTheTerminalsUnlessTyped) {
  EXPECT_FALSE(output_of({}).width);
  EXPECT_EQ(output_of({"--width", "0"}).width, 0);
  EXPECT_THROW(output_of({"--width", "-1"}), CLI::ParseError);
}

TEST(OutputOptions, AnEmptyNameIsNoName) {
  EXPECT_THROW(output_of({"-o", ""}), CLI::ParseError);
  EXPECT_THROW(output_of({"--failures", ""}), CLI::ParseError);
}

TEST(OutputOptions, ColumnsAreThoseThatThereAre) {
  const Output output = output_of({"--columns", "pdb_id, fv7,,ev2"});
  ASSERT_EQ(output.columns.size(), 3u);
  EXPECT_EQ(output.columns[1].name, "fv7");
  EXPECT_EQ(output.columns[1].index, 7);
  EXPECT_THROW(output_of({"--columns", "fv0"}), RunError);
  EXPECT_THROW(output_of({"--columns", "pdbid"}), RunError);
}

TEST(OutputOptions, SortNamesAColumnAndADirection) {
  EXPECT_FALSE(output_of({}).order.column);
  const RowOrder plain = output_of({"--sort", "residues"}).order;
  EXPECT_EQ(plain.column->name, "residues");
  EXPECT_FALSE(plain.descending);
  EXPECT_EQ(output_of({"--sort", "coll1:asc"}).order.descending, false);
  EXPECT_EQ(output_of({"--sort", "coll1:desc"}).order.descending, true);
  EXPECT_THROW(output_of({"--sort", "coll1:up"}), RunError);
}

TEST(OutputOptions, ConditionsAreParsedAndNoTailsIsOne) {
  const auto where = [](const std::vector<std::string>& words) {
    return output_of(words).order.where;
  };
  EXPECT_FALSE(where({}));
  EXPECT_EQ(where({"--where", "coll1 > 0.2"})->text(), "coll1 > 0.2");
  EXPECT_EQ(where({"--where", "-1 < ev1"})->text(), "-1 < ev1");
  EXPECT_EQ(where({"--no-tails"})->text(), "not tail");
  EXPECT_EQ(where({"--no-tails", "--core"})->text(), "not local");
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--where", "few or tail", "--no-tails"},
        {"--no-tails", "--where", "few or tail"}}) {
    const std::optional<Condition> both = where(words);
    EXPECT_EQ(both->text(), "(few or tail) and (not tail)");
    Row tail;
    tail.few_modes = true;
    EXPECT_TRUE(both->is_met_by(tail));
    tail.core.emplace().outside1 = 0.75;
    EXPECT_FALSE(both->is_met_by(tail));
  }
  EXPECT_THROW(where({"--where", "tail", "--where", "few"}), CLI::ParseError);
  for (const char* text : {"", "coll1", "coll1 > ", "not"})
    EXPECT_THROW(where({"--where", text}), RunError) << text;
  try {
    where({"--where", "not tial", "--no-tails"});
    ADD_FAILURE();
  } catch (const RunError& error) {
    EXPECT_EQ(error.cause(), Cause::request);
    EXPECT_TRUE(std::string(error.what()).starts_with("--where: at character 5, \"tial\": "))
        << error.what();
  }
}

TEST(OutputOptions, TenRowsUnlessOtherwiseTyped) {
  EXPECT_EQ(output_of({}).order.top, 10u);
  EXPECT_EQ(output_of({"--top", "0"}).order.top, 0u);
  for (const char* number : {"-1", "1.5", "nan", "ten"})
    EXPECT_THROW(output_of({"--top", number}), CLI::ParseError) << number;
}

TEST(OutputOptions, AStreamIsOfRowsAsLinesOfJson) {
  EXPECT_TRUE(output_of({"--stream", "--format", "jsonl"}).stream);
  EXPECT_TRUE(output_of({"--stream", "-o", "x.jsonl"}).stream);
  EXPECT_THROW(output_of({"--stream"}), RunError);
  EXPECT_THROW(output_of({"--stream", "--format", "tsv"}), RunError);
}

TEST(MachineOptions, SizesHaveUnitsAndMachinesTheirOwnFigures) {
  Machine machine;
  const auto parse = [&](const std::vector<std::string>& words) {
    machine = {};
    typed::parse([&](const Flags& flags) { add_machine(flags, machine); }, words);
  };
  parse({"--max-memory", "8G", "--threads", "3", "--no-result-cache"});
  EXPECT_EQ(machine.max_memory, std::uint64_t{8} << 30);
  EXPECT_EQ(machine.threads, 3);
  EXPECT_FALSE(machine.result_cache);
  parse({});
  EXPECT_GT(machine.max_memory, 0u);
  EXPECT_GE(machine.threads, 1);
  EXPECT_TRUE(machine.result_cache);
  for (const char* number : {"0", "-1", "4097"})
    EXPECT_THROW(parse({"--threads", number}), CLI::ParseError) << number;
  for (const char* size : {"-1", "0", "0G", "nan"})
    EXPECT_THROW(parse({"--max-memory", size}), CLI::ParseError) << size;
}

TEST(SearchOptions, AddressAndKeyComeFromTheEnvironmentToo) {
  const test_support::EnvironmentVariable email("EMAIL", "a@example.org");
  const test_support::EnvironmentVariable key("NCBI_API_KEY", " secret\n");
  Input input;
  Access access;
  const auto define = [&](const Flags& flags) { add_search(flags, input, access); };
  typed::parse(define, {});
  EXPECT_EQ(access.ncbi.email, "a@example.org");
  EXPECT_EQ(access.ncbi.api_key, "secret");
  EXPECT_EQ(input.retmax, 1000);
  access = {};
  typed::parse(define, {"--email", "b@example.org", "--retmax", "all", "--source", "rcsb"});
  EXPECT_EQ(access.ncbi.email, "b@example.org");
  EXPECT_FALSE(input.retmax);
  EXPECT_EQ(input.source, Source::rcsb);
  for (const char* number : {"0", "-1", "1e3", "many", "99999999999999999999"})
    EXPECT_THROW(typed::parse(define, {"--retmax", number}), RunError) << number;
}

TEST(StoreOptionsTyped, HostsMirrorsAndTheCache) {
  const test_support::EnvironmentVariable mirrors("PDB_DIR", "/a::/b");
  StoreOptions store;
  typed::parse(
      [&](const Flags& flags) { add_store(flags, store); },
      {"--hosts", "pdbe, rcsb", "--cache-dir", "/c", "--cache-limit", "20M", "--download-url",
       "https://one.example/<ID>.cif.gz", "--download-url", "https://two.example/<ID>.cif.gz"});
  EXPECT_EQ(store.archives, (std::vector<std::string>{"pdbe", "rcsb"}));
  EXPECT_EQ(store.mirrors, (std::vector<std::filesystem::path>{"/a", "/b"}));
  EXPECT_EQ(store.cache_dir, "/c");
  EXPECT_EQ(store.cache_limit, std::uint64_t{20} << 20);
  EXPECT_EQ(store.url_templates.size(), 2u);
}

}  // namespace
}  // namespace modesweep::cli
