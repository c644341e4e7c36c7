// SPDX-License-Identifier: MIT
#include <modesweep/condition.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "unit/store/rows.hpp"

namespace modesweep {
namespace {

/// 100 residues, coll1 0.05 (a tail) in two pieces; no method, no B factors.
Row row() {
  Row row;
  row.header.id = "1ABC";
  row.header.title = "Adenylate KINASE, the 5'-form of \xc3\x84gypten \"A\\B\"";
  row.header.revision = "2011-07-13";
  row.chains = 2;
  row.residues = 100;
  row.components = 2;
  row.zero_modes = 12;
  row.eigenvalues = {0.25, 0.5};
  row.shares = {2.0 / 3, 1.0 / 3};
  row.collectivities = {0.05, 0.5, 0.75};
  row.core.emplace().outside1 = 0.75;
  return row;
}

bool meets(const std::string& text, const Row& row) {
  const tl::expected<Condition, std::string> condition = parse_condition(text);
  if (!condition) {
    ADD_FAILURE() << text << ": " << condition.error();
    return false;
  }
  EXPECT_EQ(condition->text(), text);
  return condition->is_met_by(row);
}

void expect_met(const std::vector<std::string>& texts, bool wanted = true) {
  for (const std::string& text : texts) EXPECT_EQ(meets(text, row()), wanted) << text;
}

std::string error_of(const std::string& text) {
  const tl::expected<Condition, std::string> condition = parse_condition(text);
  EXPECT_FALSE(condition) << text;
  return condition ? "" : condition.error();
}

TEST(Condition, ComparesNumbersAsTheyAre) {
  expect_met({"residues = 100", "residues == 1e2", "residues != 99.5", "residues < 100.5",
              "residues <= 100", "residues > 99", "residues >= 100", "100 <= residues", "coll1<.1",
              "coll1 > -1", "ev2 = 0.5", "cum2 = 1", "fv1 > fv2", "coll1 < coll2"});
  expect_met({"residues != 100", "residues < 100", "residues > 100", "coll1 >= 0.2",
              "fv1 = 0.666666666667", "coll1 > coll2"},
             false);
}

TEST(Condition, ComparesTextByItsBytes) {
  expect_met({"pdb_id = '1ABC'", "pdb_id == \"1ABC\"", "pdb_id != '1abc'",
              "revision >= '2011-01-01'", "revision < '2012'", "'2011-07-13' = revision",
              "pdb_id < title", "enm = 'anm'"});
  expect_met({"pdb_id = '1abc'", "revision > '2012'", "enm = 'gnm'"}, false);
}

TEST(Condition, LooksForTextInLettersOfAsciiWithoutRegardToCase) {
  expect_met({"title ~ 'kinase'", "title~'ADENYLATE k'", "title ~ ''", "notes ~ 'TAIL,pieces'",
              "title ~ '\xc3\x84gyp'"});
  expect_met({"title ~ 'kinases'", "pdb_id ~ '2'", "title ~ '\xc3\xa4gyp'"}, false);
}

TEST(Condition, TextHasQuotesOfBothKindsAndEscapes) {
  expect_met({R"(title ~ "5'-form")", R"(title ~ '5\'-form')", R"(title ~ '"a')",
              R"(title ~ "\"a\\b\"")"});
  Row tab = row();
  tab.header.title = "a\tb";
  EXPECT_TRUE(meets("title = 'a\tb'", tab));
}

TEST(Condition, NotesAreMetByRowsThatHaveThem) {
  expect_met({"tail", "pieces", "not loose", "not nucleic", "(tail)", "NOT Not tail"});
  expect_met({"not tail", "few", "not pieces", "loose"}, false);
}

TEST(Condition, KnowsEveryNoteThatARowCanHave) {
  Row all = row();
  all.zero_modes = 20;
  all.nucleic_left_out = all.partial_assembly = all.more_blocks = true;
  all.uncertain_zero = all.few_modes = all.fallback = all.no_assembly = true;
  all.core->linkers = 3;
  all.core->modes.emplace().rigid = 1;
  // A tail is not local as well, and what is linked is not coreless.
  Row other = all;
  other.core->outside1.reset();
  other.core->coreless = true;
  const std::vector<std::string_view> of_both[] = {notes(all), notes(other)};
  std::vector<std::string_view> known, found;
  for (const Note& note : known_notes) {
    known.push_back(note.code);
    const std::string code(note.code);
    EXPECT_TRUE(meets(code, all) || meets(code, other)) << code;
    EXPECT_FALSE(meets(code, Row())) << code;
    for (const auto& codes : of_both)
      if (std::find(codes.begin(), codes.end(), code) != codes.end() &&
          (found.empty() || found.back() != code))
        found.push_back(note.code);
  }
  EXPECT_EQ(found, known);
  for (const auto& codes : of_both)
    for (std::size_t i = 1; i < codes.size(); ++i)
      EXPECT_LT(std::find(known.begin(), known.end(), codes[i - 1]),
                std::find(known.begin(), known.end(), codes[i]))
          << "a row has them in their order";
}

// With --core it is mode 1 of the core that conditions speak of.
TEST(Condition, NotesMayJudgeTheCore) {
  Row loose = row();
  loose.core->modes.emplace().collectivities = {0.5};
  const Condition local = *parse_condition("local or notes ~ 'tail'", Judged::core);
  EXPECT_FALSE(local.is_met_by(loose));
  EXPECT_TRUE(parse_condition("tail and notes ~ 'tail'")->is_met_by(loose));
  loose.core->modes->collectivities = {0.05};
  EXPECT_TRUE(local.is_met_by(loose));
  EXPECT_FALSE(parse_condition("local")->is_met_by(loose)) << "of the whole it is a tail";
}

// Nothing is known of what is not there.
TEST(Condition, AColumnWithoutAValueMeetsNoComparison) {
  for (const char* column : {"resolution", "bfactor_corr", "fv1_all", "fv7", "trace_all"})
    for (const char* comparison : {"=", "!=", "<", "<=", ">", ">="}) {
      const std::string text = std::string(column) + " " + comparison + " 1";
      EXPECT_FALSE(meets(text, row())) << text;
      EXPECT_TRUE(meets("not " + text, row())) << text;
    }
  expect_met({"method = ''", "method != 'X'", "method ~ ''", "resolution = resolution"}, false);
  Row no_number = row();
  no_number.bfactor_corr = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(meets("bfactor_corr > 0.5", no_number)) << "it is shown as none, too";
}

TEST(Condition, NotIsTakenBeforeAndAndBeforeOr) {
  expect_met({"tail or few and few", "not few and tail", "not (few and tail)",
              "not residues = 5 and tail", "few and few or tail", "tail and not few or few",
              "((tail)) and (few or pieces)"});
  expect_met({"(tail or few) and few", "not tail or few", "not tail and few or few"}, false);
}

/// A condition made up of notes that are there and not, with the brackets that it needs, and
/// whether it is met.
struct MadeUp {
  std::string text;
  bool met = false;
  int binds = 0;  ///< 0: or, 1: and, 2: not and what is one word
};

MadeUp made_up(std::mt19937& random, int depth) {
  const auto below = [&](int count) {
    return std::uniform_int_distribution<int>(0, count - 1)(random);
  };
  const int kind = depth == 0 ? 3 : below(5);
  if (kind >= 3) {
    if (below(2) == 0) return {below(2) == 0 ? "tail" : "residues >= 100", true, 2};
    return {below(2) == 0 ? "few" : "title ~ 'lyase'", false, 2};
  }
  const auto part = [&](int binds) {
    MadeUp inner = made_up(random, depth - 1);
    if (inner.binds < binds || below(4) == 0) inner.text = "(" + inner.text + ")";
    return inner;
  };
  if (kind == 2) {
    const MadeUp inner = part(2);
    return {"not " + inner.text, !inner.met, 2};
  }
  MadeUp joined = part(kind);
  for (int i = 1 + below(2); i > 0; --i) {
    const MadeUp next = part(kind);
    joined.text += (kind == 0 ? " or " : " and ") + next.text;
    joined.met = kind == 0 ? joined.met || next.met : joined.met && next.met;
  }
  joined.binds = kind;
  return joined;
}

TEST(Condition, MeansWhatItsBracketsAndWordsMean) {
  std::mt19937 random(20261201);
  int met = 0;
  for (int i = 0; i < 3000; ++i) {
    const MadeUp condition = made_up(random, 5);
    ASSERT_EQ(meets(condition.text, row()), condition.met) << condition.text;
    met += condition.met;
  }
  EXPECT_GT(met, 500);
  EXPECT_LT(met, 2500);
}

TEST(Condition, ErrorsPointAtTheCharacter) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "the condition is empty"},
      {"  ", "the condition is empty"},
      {"coll1 >> 0.2",
       R"x(at character 8, "> 0.2": a note, a column, a number or text is missing)x"},
      {"coll1 >", "at its end: a note, a column, a number or text is missing"},
      {"tail and", "at its end: a note,"},
      {"and tail", R"x(at character 1, "and tail": a note,)x"},
      {"tail or or few", R"x(at character 9, "or few": a note,)x"},
      {"tail few", R"x(at character 6, "few": "and" or "or" is missing)x"},
      {"0.1 < coll1 < 0.5", R"x(at character 13, "< 0.5": "and" or "or" is missing)x"},
      {"tail)", R"x(at character 5, ")": "and" or "or" is missing)x"},
      {"(tail few)", R"x(at character 7, "few)": "and", "or" or ) is missing)x"},
      {"not (tail or (few)", R"x(at character 5, "(tail or (few)": this ( is not closed)x"},
      {"col1 > 0.1",
       R"x(at character 1, "col1 > 0.1": there is no column "col1"; did you mean coll1?)x"},
      {"not tial", R"x(at character 5, "tial": there is no note "tial"; did you mean tail?)x"},
      {"residues",
       R"x(at character 1, "residues": there is no note "residues" (a column stands )x"},
      {"tail = 1", R"x(at character 1, "tail = 1": tail is a note)x"},
      {"5", "at its end: a comparison (= != < <= > >= ~) is missing"},
      {"'a' and tail", R"x(at character 5, "and tail": a comparison)x"},
      {"fv1 > 'a'", R"x(at character 7, "'a'": fv1 is a number and 'a' is text)x"},
      {"title = 5", R"x(at character 9, "5": title is text and 5 is a number)x"},
      {"title < fv1", R"x(at character 9, "fv1": title is text and fv1 is a number)x"},
      {"fv1 ~ 5", R"x(at character 5, "~ 5": ~ looks for text in text)x"},
      {"1 < 2", R"x(at character 1, "1 < 2": neither side)x"},
      {"hinges ~ 'A45'", R"x(at character 1, "hinges ~ 'A45'": hinges is a list)x"},
      {"1 < shares", R"x(at character 5, "shares": shares is a list)x"},
      {"rank <= 10", R"x(at character 1, "rank <= 10": rank is counted)x"},
      {"1 < entries", R"x(at character 5, "entries": entries is counted)x"},
      {"pdb_id = 1UBI", R"x(at character 10, "1UBI": this is no number)x"},
      {"revision > 2020-01-01", R"x(at character 12, "2020-01-01": this is no number)x"},
      {"enm = gnm", R"x(at character 7, "gnm": there is no column "gnm")x"},
      {"fv1 > 1e999", R"x(at character 7, "1e999": this number is too large)x"},
      {"title ~ 'a", R"x(at character 9, "'a": this quote is not closed)x"},
      {R"x(title ~ 'a\')x", R"x(at character 9, "'a\'": this quote is not closed)x"},
      {R"x(title ~ 'a\n')x", R"x(at character 11, "\n'": in text \ stands before)x"},
      {"tail && few", R"x(at character 6, "&& few": this means nothing in a condition)x"},
      {"!tail", R"x(at character 1, "!tail": this means nothing)x"},
      {"title ~ '\xc3\x84' & tail", R"x(at character 13, "& tail": this means nothing)x"},
      {"\xe2\x88\x92 5", "at character 1, \"\xe2\x88\x92 5\": this means nothing"},
  };
  for (const auto& [text, wanted] : cases)
    EXPECT_EQ(error_of(text).substr(0, std::string(wanted).size()), wanted) << text;
}

TEST(Condition, ErrorsNameWhatThereIs) {
  const std::string note = error_of("nonsense");
  for (const Note& known : known_notes)
    EXPECT_NE(note.find(known.code), std::string::npos) << known.code;
  const std::string column = error_of("fv1 > nonsense");
  for (const Column& known : known_columns())
    EXPECT_NE(column.find(" " + known.name + " "), std::string::npos) << known.name;
  EXPECT_NE(column.find("text stands between quotes"), std::string::npos);
  const std::string long_one = error_of("tial and " + std::string(500, 'x'));
  EXPECT_LT(long_one.size(), 400u) << "it is not repeated whole";
}

TEST(Condition, NestingHasALimitAndLengthHasNone) {
  const auto nested = [](int times) {
    return std::string(times, '(') + "tail" + std::string(times, ')');
  };
  EXPECT_TRUE(meets(nested(100), row()));
  EXPECT_TRUE(error_of(nested(101)).starts_with("at character 101, \"(tail"));
  EXPECT_FALSE(error_of(std::string(1'000'000, '(')).empty());
  std::string negations;
  for (int i = 0; i < 1'000'000; ++i) negations += "not ";
  EXPECT_FALSE(error_of(negations + "tail").empty());
  std::string flat = "tail";
  for (int i = 0; i < 100'000; ++i) flat += i % 2 == 0 ? " or few" : " and (not tail)";
  EXPECT_TRUE(meets(flat, row()));
}

TEST(Condition, ArbitraryTextIsAConditionOrAnError) {
  constexpr const char* words[] = {"tail",   "few",   "not",         "and",         "or",  "(",
                                   ")",      "coll1", "coll1 > 0.2", "title ~ 'a'", "fv1", "rank",
                                   "hinges", "title", "=",           "!=",          "<=",  "~",
                                   "0.2",    "-1e3",  "'a'",         "\"b\"",       "'",   "\\",
                                   "\xc3",   "1UBI",  "&",           "\n",          "..-"};
  std::mt19937 random(20261202);
  const auto below = [&](int count) {
    return std::uniform_int_distribution<int>(0, count - 1)(random);
  };
  int conditions = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (int length = below(12); length >= 0; --length)
      if (i % 3 == 0)
        text += static_cast<char>(below(256));
      else
        text += std::string(words[below(std::size(words))]) + (below(4) == 0 ? "" : " ");
    const tl::expected<Condition, std::string> condition = parse_condition(text);
    if (condition) {
      ++conditions;
      condition->is_met_by(row());
      condition->is_met_by(Row());
      // What is one in brackets is the same.
      const auto again = parse_condition("(" + text + ")");
      ASSERT_TRUE(again) << text;
      ASSERT_EQ(again->is_met_by(row()), condition->is_met_by(row())) << text;
    } else {
      ASSERT_FALSE(condition.error().empty());
    }
  }
  EXPECT_GT(conditions, 100);
}

TEST(Condition, BothAreMetByWhatMeetsEach) {
  const Condition a = *parse_condition("tail or few"), b = *parse_condition("residues > 100");
  const Condition joined = both(a, b);
  EXPECT_EQ(joined.text(), "(tail or few) and (residues > 100)");
  ASSERT_EQ(joined.columns().size(), 1u);
  EXPECT_EQ(joined.columns()[0].name, "residues");
  EXPECT_FALSE(joined.is_met_by(row()));
  EXPECT_TRUE(both(a, *parse_condition("residues = 100")).is_met_by(row()));
  EXPECT_EQ(meets(joined.text(), row()), joined.is_met_by(row()));
}

TEST(Condition, NamesTheColumnsThatItCompares) {
  const Condition condition = *parse_condition("fv1_all > 0.1 and not (1 < fv2 or ev1 < ev9)");
  std::vector<std::string> names;
  for (const Column& column : condition.columns()) names.push_back(column.name);
  EXPECT_EQ(names, (std::vector<std::string>{"fv1_all", "fv2", "ev1", "ev9"}));
  EXPECT_EQ(condition.columns()[0].needs, Need::all_modes);
}

TEST(Columns, HaveValuesOfTheirType) {
  std::mt19937 random(20261203);
  std::vector<Column> columns = known_columns();
  for (const char* name : {"fv4", "ev4", "fv2_all", "cum2"}) columns.push_back(find_column(name));
  for (const Column& column : columns) {
    bool has_value = false;
    for (int i = 0; i < 100; ++i) {
      Row row = random_row(random);
      row.header.molecules = "m";
      row.collectivities.push_back(0.25);
      if (row.core) row.core->percentile = 50;
      if (row.core && row.core->modes) row.core->modes->collectivities = {0.5, 0.25, 0.125};
      const Value value = column.get(row, 1, column.index);
      if (std::holds_alternative<std::monostate>(value)) continue;
      has_value = true;
      const bool text = std::holds_alternative<std::string>(value);
      const bool number =
          std::holds_alternative<double>(value) || std::holds_alternative<std::int64_t>(value);
      ASSERT_EQ(column.type, text     ? ValueType::text
                             : number ? ValueType::number
                                      : ValueType::list)
          << column.name;
    }
    EXPECT_TRUE(has_value) << column.name;
  }
}

}  // namespace
}  // namespace modesweep
