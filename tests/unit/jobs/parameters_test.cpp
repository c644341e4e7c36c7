// SPDX-License-Identifier: MIT
#include <modesweep/parameters.hpp>

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include <modesweep/mode_files.hpp>
#include <modesweep/report.hpp>
#include <modesweep/run_store.hpp>

#include "support/npz.hpp"
#include "support/temp_dir.hpp"
#include "unit/mode_files/entry.hpp"

namespace modesweep {
namespace {

/// Of each parameter a value that is not its default.
const std::map<std::string, std::string, std::less<>> other_values = {
    {"model", "GNM"},
    {"cutoff", "12.300000000000002"},
    {"gamma", "0.1"},
    {"modes", "7"},
    {"nodes", "polymer"},
    {"file_model", "3"},
    {"chains", "A,B"},
    {"by", "chain"},
    {"assembly", "PAU"},
    {"selection", "//A/10-50"},
    {"all_modes", "yes"},
    {"hinges", "yes"},
    {"square_fluctuations", "yes"},
    {"residuals", "no"},
    {"core", "yes"},
    {"core_stability", "yes"},
    {"method_version", "999"},
    {"min_residues", "5"},
    {"solver", "jacobi"},
    {"isa", best_isa() == Isa::portable ? "avx2" : "portable"},
    {"backend", "cuda"},
    {"balance", "dynamic"},
    {"source", "rcsb"},
    {"shard", "3/8"},
    {"archive", "/data/some archive"},
    {"search_term", "covid \"main protease\""},
    {"retmax", "all"},
    {"file_format", "bcif"},
    {"download_url", "https://a.example.org/<id>.cif https://b.example.org/<id>.cif"},
};

RankRequest with(const Parameter& parameter, const std::string& text) {
  RankRequest request;
  parameter.write(request, text);
  return request;
}

std::string value_in(const Settings& settings, std::string_view name) {
  for (const auto& [known, value] : settings)
    if (known == name) return value;
  return "(none)";
}

/// A request with every parameter at another value.
RankRequest all_others() {
  RankRequest request;
  for (const Parameter& parameter : parameters())
    parameter.write(request, other_values.at(std::string(parameter.name)));
  return request;
}

std::string record_of(const RankRequest& request) {
  RankResult result;
  result.rows = rank_rows({}, {});
  return ranking_record(request, result, "rank");
}

TEST(Parameters, EachIsReadAsItWasWrittenAndChangesNoOther) {
  ASSERT_EQ(parameters().size(), other_values.size());
  const Settings defaults = settings_of({});
  for (const Parameter& parameter : parameters()) {
    SCOPED_TRACE(parameter.name);
    const std::string& other = other_values.at(std::string(parameter.name));
    const Settings settings = settings_of(with(parameter, other));
    EXPECT_EQ(value_in(defaults, parameter.name), to_text(parameter.default_value()));
    EXPECT_NE(value_in(defaults, parameter.name), other);
    for (const auto& [name, value] : settings)
      EXPECT_EQ(value, name == parameter.name ? other : value_in(defaults, name)) << name;
    RankRequest read;
    apply_settings(settings, read);
    EXPECT_EQ(settings_of(read), settings);
    // And back to the default.
    apply_settings(defaults, read);
    EXPECT_EQ(settings_of(read), defaults);
  }
}

TEST(Parameters, TheRunStoreKeepsAll) {
  const test_support::TempDir folder;
  SilentReporter reporter;
  const Settings written = settings_of(all_others());
  {
    const auto run = RunStore::open(folder.path() / "run", reporter);
    run->begin(written, {}, {});
  }
  const Settings read = RunView::open(folder.path() / "run")->parameters();
  EXPECT_EQ(read, written);
  RankRequest request;
  apply_settings(read, request);
  EXPECT_EQ(settings_of(request), written);
}

TEST(Parameters, TheCacheTellsApartWhatRowsDependOnAlone) {
  for (const Parameter& parameter : parameters()) {
    const RankRequest other = with(parameter, other_values.at(std::string(parameter.name)));
    EXPECT_EQ(row_parameters(other) != row_parameters({}), parameter.scope == Parameter::Scope::row)
        << parameter.name;
  }
}

TEST(Parameters, TheRecordHoldsAllAsJson) {
  const RankRequest request = all_others();
  const auto record = nlohmann::json::parse(record_of(request));
  RankRequest read;
  for (const Parameter& parameter : parameters()) {
    const nlohmann::json& value = record["parameters"].at(std::string(parameter.name));
    std::string text;
    if (value.is_string())
      text = value;
    else if (value.is_boolean())
      text = value.get<bool>() ? "yes" : "no";
    else if (value.is_array())
      for (const auto& item : value) text += (text.empty() ? "" : ",") + item.get<std::string>();
    else
      text = value.dump();
    parameter.write(read, text);
  }
  EXPECT_EQ(settings_of(read), settings_of(request));
}

TEST(Parameters, NpzHoldsAll) {
  EntryModes entry = solved(coil(12));
  entry.parameters = settings_of(all_others());
  std::ostringstream out;
  ASSERT_TRUE(write_npz(out, entry));
  const auto arrays = test_support::read_npz(out.str());
  const std::vector<std::u32string> texts = arrays.at("parameters").texts();
  ASSERT_EQ(texts.size(), 2 * entry.parameters.size());
  for (std::size_t i = 0; i < entry.parameters.size(); ++i) {
    const auto& [name, value] = entry.parameters[i];
    EXPECT_EQ(texts[2 * i], std::u32string(name.begin(), name.end()));
    EXPECT_EQ(texts[2 * i + 1], std::u32string(value.begin(), value.end()));
  }
}

TEST(Parameters, TheReportShowsAll) {
  ReportContent content;
  content.parameters = settings_of(all_others());
  std::ostringstream out;
  write_report(out, content);
  for (const auto& [name, value] : content.parameters) {
    // Markup and quotes are escaped in the page's JSON.
    const std::string plain = value.substr(0, value.find_first_of("<\""));
    EXPECT_NE(out.str().find("[\"" + name + "\",\"" + plain), std::string::npos) << name;
  }
}

TEST(Parameters, AnotherTextThanAValueIsRefused) {
  for (const char* name : {"model", "cutoff", "modes", "nodes", "file_model", "all_modes", "solver",
                           "isa", "backend", "source", "retmax", "file_format"}) {
    RankRequest request;
    EXPECT_THROW(apply_settings({{name, "1x"}}, request), RunError) << name;
  }
}

TEST(Parameters, AnAddressWithAKeyIsWithheld) {
  RankRequest request;
  request.access.store.url_templates = {"https://user:word@example.org/<id>.cif"};
  const Settings settings = settings_of(request);
  EXPECT_TRUE(is_withheld(settings, "download_url"));
  EXPECT_EQ(value_in(settings, "download_url").find("word@"), std::string::npos);
  EXPECT_EQ(record_of(request).find("word@"), std::string::npos);
  EXPECT_FALSE(is_withheld(settings_of({}), "download_url"));
}

TEST(Parameters, NamesThatThereWereBeforeAreUnderstood) {
  RankRequest request;
  apply_settings({{"file model", "2"},
                  {"min-residues", "9"},
                  {"square fluctuations", "yes"},
                  {"input", "/data/archive"},
                  {"search term", "lysozyme"}},
                 request);
  EXPECT_EQ(request.model.read.model, 2);
  EXPECT_EQ(request.model.min_residues, 9);
  EXPECT_TRUE(request.model.square_fluctuations);
  EXPECT_EQ(request.input.source, Source::archive);
  EXPECT_EQ(request.input.archive, "/data/archive");
  EXPECT_EQ(request.input.term, "lysozyme");
  apply_settings({{"input", "list of IDs"}}, request);
  EXPECT_EQ(request.input.source, Source::ids);
}

/// As runs were kept before there was this table: what did not matter was left out.
TEST(Parameters, OlderRunsOfEverySourceAreTheSame) {
  const Settings model = {{"model", "ANM"},
                          {"cutoff", "15"},
                          {"gamma", "1"},
                          {"modes", "20"},
                          {"nodes", "prody"},
                          {"file model", "first"},
                          {"solver", "auto"},
                          {"min-residues", "none"},
                          {"backend", "auto"},
                          {"balance", "static"},
                          {"method version", std::to_string(method_version)}};
  const auto older = [&](const Settings& input) {
    Settings all = model;
    all.insert(all.end(), input.begin(), input.end());
    return all;
  };
  const Settings downloads = {{"file format", "cif"}, {"download URL", "the archives'"}};
  const auto with_downloads = [&](Settings input) {
    input.insert(input.end(), downloads.begin(), downloads.end());
    return input;
  };
  RankRequest request;
  request.input.term = "zinc";
  EXPECT_FALSE(first_difference(
      older(with_downloads({{"input", "ncbi"}, {"search term", "zinc"}, {"retmax", "1000"}})),
      settings_of(request)));
  request.input.source = Source::archive;
  request.input.archive = "/data/archive";
  EXPECT_FALSE(first_difference(older({{"input", "/data/archive"}, {"search term", "zinc"}}),
                                settings_of(request)));
  request.input = {};
  request.input.source = Source::files;
  EXPECT_FALSE(
      first_difference(older({{"input", "files"}, {"search term", ""}}), settings_of(request)));
  request.input.source = Source::ids;
  EXPECT_FALSE(
      first_difference(older(with_downloads({{"input", "list of IDs"}, {"search term", ""}})),
                       settings_of(request)));
  request.access.store.url_templates = {"https://user:word@example.org/<id>.cif"};
  EXPECT_FALSE(
      first_difference(older({{"input", "list of IDs"},
                              {"search term", ""},
                              {"file format", "cif"},
                              {"download URL", "(may hold a password or a key: not kept)"}}),
                       settings_of(request)));
}

TEST(Parameters, TheFirstDifferenceIsNamed) {
  RankRequest asked;
  asked.model.network.cutoff = 12;
  const auto differs = first_difference(settings_of({}), settings_of(asked));
  ASSERT_TRUE(differs);
  EXPECT_EQ(differs->name, "cutoff");
  EXPECT_EQ(differs->kept, "15");
  EXPECT_EQ(differs->asked, "12");
}

}  // namespace
}  // namespace modesweep
