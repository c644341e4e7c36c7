// SPDX-License-Identifier: MIT
#include <modesweep/parameters.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <type_traits>
#include <utility>

#include <modesweep/outcome.hpp>

#include "base/text.hpp"

namespace modesweep {
namespace {

constexpr std::string_view none = "none";
constexpr const char* of_the_archives = "the archives'";
constexpr const char* withheld = "(may hold a password or a key: not kept)";

[[noreturn]] void refuse(std::string_view what, std::string_view text) {
  throw RunError(Cause::request, fmt::format("\"{}\" is no {}", text, what));
}

template <class Number>
Number number(std::string_view text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) refuse("number", text);
  return value;
}

bool yes(std::string_view text) {
  if (text != "yes" && text != "no") refuse("yes or no", text);
  return text == "yes";
}

/// The value among `values` whose name is `text`.
template <class Enum, std::size_t Size>
Enum named(const std::array<Enum, Size>& values, std::string_view what, std::string_view text) {
  for (const Enum value : values)
    if (text == to_string(value)) return value;
  refuse(what, text);
}

template <class Number>
std::optional<Number> number_unless(std::string_view absent, std::string_view text) {
  return text == absent ? std::nullopt : std::optional(number<Number>(text));
}

ParameterValue value_or(const std::optional<int>& value, ParameterValue absent) {
  return value ? ParameterValue(std::int64_t{*value}) : std::move(absent);
}

ParameterValue text(std::string_view text) { return std::string(text); }

/// An address that may hold a password or a key is not written down.
std::string kept_urls(const std::vector<std::string>& templates) {
  if (templates.empty()) return of_the_archives;
  std::string urls = fmt::format("{}", fmt::join(templates, " "));
  return urls.find_first_of("@?#") == std::string::npos ? urls : withheld;
}

using Request = RankRequest;
using Text = const std::string&;
using Scope = Parameter::Scope;

constexpr std::array all_models = {ElasticModel::anm, ElasticModel::gnm};
constexpr std::array node_rules = {NodeRule::prody, NodeRule::polymer, NodeRule::prody_app};
constexpr std::array all_solvers = {Solver::automatic, Solver::shift_invert, Solver::filtered,
                                    Solver::lapack,    Solver::eigen,        Solver::chebyshev,
                                    Solver::jacobi};
constexpr std::array backends = {Backend::automatic, Backend::cpu, Backend::cuda};
constexpr std::array sources = {Source::ncbi, Source::rcsb, Source::archive, Source::files,
                                Source::ids};
constexpr std::array file_formats = {FileFormat::cif, FileFormat::bcif, FileFormat::pdb};

// clang-format off
const std::array table = std::to_array<Parameter>({
    {"model", "", Scope::row,
     [](const Request& r) { return text(to_string(r.model.network.model)); },
     [](Request& r, Text t) { r.model.network.model = named(all_models, "model", t); }},
    {"cutoff", "angstrom", Scope::row,
     [](const Request& r) { return ParameterValue(r.model.network.cutoff); },
     [](Request& r, Text t) { r.model.network.cutoff = number<double>(t); }},
    {"gamma", "", Scope::row,
     [](const Request& r) { return ParameterValue(r.model.network.gamma); },
     [](Request& r, Text t) { r.model.network.gamma = number<double>(t); }},
    {"modes", "", Scope::row,
     [](const Request& r) { return ParameterValue(std::int64_t{r.model.modes}); },
     [](Request& r, Text t) { r.model.modes = number<int>(t); }},
    {"nodes", "", Scope::row,
     [](const Request& r) { return text(to_string(r.model.read.nodes)); },
     [](Request& r, Text t) { r.model.read.nodes = named(node_rules, "rule of nodes", t); }},
    {"file_model", "", Scope::row,
     [](const Request& r) { return value_or(r.model.read.model, "first"); },
     [](Request& r, Text t) { r.model.read.model = number_unless<int>("first", t); }},
    {"chains", "", Scope::row,
     [](const Request& r) { return ParameterValue(r.model.read.chains); },
     [](Request& r, Text t) { r.model.read.chains = split(t, ','); }},
    {"by", "", Scope::row,
     [](const Request& r) { return text(r.model.by_chain ? "chain" : "entry"); },
     [](Request& r, Text t) { r.model.by_chain = t == "chain"; }},
    {"assembly", "", Scope::row,
     [](const Request& r) { return text(r.model.read.assembly); },
     [](Request& r, Text t) { r.model.read.assembly = t; }},
    {"selection", "", Scope::row,
     [](const Request& r) { return text(r.model.read.selection); },
     [](Request& r, Text t) { r.model.read.selection = t; }},
    {"all_modes", "", Scope::row,
     [](const Request& r) { return ParameterValue(r.model.all_fluctuations); },
     [](Request& r, Text t) { r.model.all_fluctuations = yes(t); }},
    {"hinges", "", Scope::row,
     [](const Request& r) { return ParameterValue(r.model.hinges); },
     [](Request& r, Text t) { r.model.hinges = yes(t); }},
    {"square_fluctuations", "", Scope::row,
     [](const Request& r) { return ParameterValue(r.model.square_fluctuations); },
     [](Request& r, Text t) { r.model.square_fluctuations = yes(t); }},
    {"residuals", "", Scope::row,
     [](const Request& r) { return ParameterValue(r.model.residuals); },
     [](Request& r, Text t) { r.model.residuals = yes(t); }},
    {"core", "", Scope::row,
     [](const Request& r) { return ParameterValue(r.model.core); },
     [](Request& r, Text t) { r.model.core = yes(t); }},
    {"core_stability", "", Scope::row,
     [](const Request& r) { return ParameterValue(r.model.core_stability); },
     [](Request& r, Text t) { r.model.core_stability = yes(t); }},
    {"method_version", "", Scope::row,
     [](const Request& r) { return ParameterValue(std::int64_t{r.model.method}); },
     [](Request& r, Text t) { r.model.method = number<int>(t); }},
    {"min_residues", "", Scope::run,
     [](const Request& r) { return value_or(r.model.min_residues, std::monostate()); },
     [](Request& r, Text t) { r.model.min_residues = number_unless<int>(none, t); }},
    {"solver", "", Scope::run,
     [](const Request& r) { return text(to_string(r.machine.solver)); },
     [](Request& r, Text t) { r.machine.solver = named(all_solvers, "solver", t); }},
    {"isa", "", Scope::run,
     [](const Request& r) { return text(to_string(r.machine.isa.value_or(best_isa()))); },
     [](Request& r, Text t) { r.machine.isa = isa_named(t); }},
    {"backend", "", Scope::run,
     [](const Request& r) { return text(to_string(r.machine.backend)); },
     [](Request& r, Text t) { r.machine.backend = named(backends, "backend", t); }},
    {"balance", "", Scope::run,
     [](const Request& r) { return text(r.machine.dynamic_balance ? "dynamic" : "static"); },
     [](Request& r, Text t) { r.machine.dynamic_balance = t == "dynamic"; }},
    {"source", "", Scope::run,
     [](const Request& r) { return text(to_string(r.input.source)); },
     [](Request& r, Text t) { r.input.source = named(sources, "source of entries", t); }},
    {"shard", "", Scope::run,
     [](const Request& r) {
       return r.input.shard ? text(to_string(*r.input.shard)) : ParameterValue();
     },
     [](Request& r, Text t) {
       r.input.shard = shard_named(t);
       if (!r.input.shard && t != none) refuse("shard", t);
     }},
    {"archive", "", Scope::run,
     [](const Request& r) { return text(r.input.archive.native()); },
     [](Request& r, Text t) { r.input.archive = t; }},
    {"search_term", "", Scope::run,
     [](const Request& r) { return text(r.input.term); },
     [](Request& r, Text t) { r.input.term = t; }},
    {"retmax", "records", Scope::run,
     [](const Request& r) {
       if (!is_service(r.input.source)) return ParameterValue();
       return r.input.retmax ? ParameterValue(*r.input.retmax) : text("all");
     },
     [](Request& r, Text t) {
       if (t != none) r.input.retmax = number_unless<std::int64_t>("all", t);
     }},
    {"file_format", "", Scope::run,
     [](const Request& r) {
       if (!has_entry_ids(r.input.source)) return ParameterValue();
       return text(to_string(r.access.store.format));
     },
     [](Request& r, Text t) {
       if (t != none) r.access.store.format = named(file_formats, "file format", t);
     }},
    {"download_url", "", Scope::run,
     [](const Request& r) {
       if (!has_entry_ids(r.input.source)) return ParameterValue();
       return text(kept_urls(r.access.store.url_templates));
     },
     [](Request& r, Text t) {
       if (t == none || t == withheld) return;
       r.access.store.url_templates =
           t == of_the_archives ? std::vector<std::string>() : split(t, ' ');
     }},
});
// clang-format on

const Parameter* find_parameter(std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const Parameter& known) { return known.name == name; });
  return found == table.end() ? nullptr : &*found;
}

/// Names with blanks, hyphens and capitals, and one `input`, were kept before there was this table.
Settings with_present_names(const Settings& settings) {
  Settings present;
  for (const auto& [kept_name, value] : settings) {
    std::string name = ascii_lower(kept_name);
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == ' ' || c == '-'; }, '_');
    if (name != "input") {
      present.emplace_back(std::move(name), value);
    } else if (value == "ncbi" || value == "rcsb" || value == "files") {
      present.emplace_back("source", value);
    } else if (value == "list of IDs") {
      present.emplace_back("source", to_string(Source::ids));
    } else {
      present.emplace_back("source", to_string(Source::archive));
      present.emplace_back("archive", value);
    }
  }
  return present;
}

}  // namespace

std::string to_text(const ParameterValue& value) {
  return std::visit(
      [](const auto& known) -> std::string {
        using T = std::decay_t<decltype(known)>;
        if constexpr (std::is_same_v<T, std::monostate>)
          return std::string(none);
        else if constexpr (std::is_same_v<T, bool>)
          return known ? "yes" : "no";
        else if constexpr (std::is_same_v<T, std::vector<std::string>>)
          return fmt::format("{}", fmt::join(known, ","));
        else
          return fmt::format("{}", known);
      },
      value);
}

std::span<const Parameter> parameters() { return table; }

Settings settings_of(const RankRequest& request) {
  Settings settings;
  for (const Parameter& parameter : table)
    settings.emplace_back(parameter.name, to_text(parameter.read(request)));
  return settings;
}

std::string row_parameters(const RankRequest& request) {
  std::string text;
  for (const Parameter& parameter : table)
    if (parameter.scope == Scope::row)
      text += fmt::format("{} {}; ", parameter.name, to_text(parameter.read(request)));
  return text;
}

void apply_settings(const Settings& settings, RankRequest& request) {
  for (const auto& [name, value] : with_present_names(settings))
    if (const Parameter* const parameter = find_parameter(name)) parameter->write(request, value);
}

bool is_withheld(const Settings& settings, std::string_view name) {
  const Settings present = with_present_names(settings);
  return std::any_of(present.begin(), present.end(), [&](const auto& setting) {
    return setting.first == name && setting.second == withheld;
  });
}

std::optional<Difference> first_difference(const Settings& kept, const Settings& asked) {
  // What was not kept had its default, which depends on what was: only a search has a limit.
  const auto complete = [](const Settings& settings) {
    RankRequest request;
    apply_settings(settings, request);
    Settings all = settings_of(request);
    const Settings present = with_present_names(settings);
    for (auto& [name, value] : all)
      for (const auto& [kept_name, kept_value] : present)
        if (name == kept_name) value = kept_value;  // also what cannot be set
    return all;
  };
  const Settings before = complete(kept), now = complete(asked);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Parameter& parameter = table[i];
    const std::string &one = before[i].second, &other = now[i].second;
    if (one != other) return Difference{std::string(parameter.name), one, other};
  }
  return std::nullopt;
}

}  // namespace modesweep
