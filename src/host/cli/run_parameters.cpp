// SPDX-License-Identifier: MIT
#include "cli/run_parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <stdexcept>

#include <modesweep/modes.hpp>

namespace modesweep::cli {
namespace {

constexpr std::array<std::pair<Backend, std::string_view>, 3> backends = {
    {{Backend::automatic, "auto"}, {Backend::cpu, "cpu"}, {Backend::cuda, "cuda"}}};
constexpr const char* method_name = "method version";
constexpr std::array<std::pair<const char*, bool RankOptions::*>, 3> extras = {
    {{"all modes", &RankOptions::all_fluctuations},
     {"hinges", &RankOptions::hinges},
     {"square fluctuations", &RankOptions::square_fluctuations}}};
constexpr const char* chains_name = "chains";
constexpr const char* assembly_name = "assembly";
constexpr const char* selection_name = "selection";
constexpr const char* format_name = "file format";
constexpr const char* url_name = "download URL";
constexpr const char* of_the_archives = "the archives'";
constexpr const char* not_kept = "(may hold a password or a key: not kept)";
constexpr std::array node_rules = {NodeRule::prody, NodeRule::polymer, NodeRule::prody_app};

/// Text that gives the same bits back.
std::string exact(double value) { return fmt::format("{}", value); }

template <class Number>
Number number(const std::string& text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) throw std::runtime_error("not a number: " + text);
  return value;
}

std::string text_or(const std::optional<int>& value, const char* otherwise) {
  return value ? std::to_string(*value) : otherwise;
}

std::optional<int> number_or_none(const std::string& text, const char* none) {
  return text == none ? std::nullopt : std::optional(number<int>(text));
}

/// An address that may hold a password or a key is not written down.
std::string kept_urls(const std::vector<std::string>& templates) {
  if (templates.empty()) return of_the_archives;
  const std::string urls = fmt::format("{}", fmt::join(templates, " "));
  return urls.find_first_of("@?") == std::string::npos ? urls : not_kept;
}

}  // namespace

Settings model_parameters(const RankOptions& rank) {
  Settings settings = {{"model", std::string(to_string(rank.network.model))},
                       {"cutoff", exact(rank.network.cutoff)},
                       {"gamma", exact(rank.network.gamma)},
                       {"modes", std::to_string(rank.modes)},
                       {"nodes", std::string(to_string(rank.read.nodes))},
                       {"file model", text_or(rank.read.model, "first")}};
  // Only where there is one, so that what was kept before there were any stays valid.
  if (!rank.read.chains.empty())
    settings.emplace_back(chains_name, fmt::format("{}", fmt::join(rank.read.chains, ",")));
  if (!rank.read.assembly.empty()) settings.emplace_back(assembly_name, rank.read.assembly);
  if (!rank.read.selection.empty()) settings.emplace_back(selection_name, rank.read.selection);
  // Rows without what all modes give, and so on, are of no use to who asks for it.
  for (const auto& [name, member] : extras)
    if (rank.*member) settings.emplace_back(name, "yes");
  return settings;
}

Settings run_parameters(const Arguments& arguments) {
  const RankOptions& rank = arguments.rank;
  Settings parameters = model_parameters(rank);
  parameters.emplace_back("min-residues", text_or(rank.min_residues, "none"));
  parameters.emplace_back("solver", rank.solver);
  parameters.emplace_back("backend",
                          std::find_if(backends.begin(), backends.end(), [&](const auto& backend) {
                            return backend.first == rank.backend;
                          })->second);
  parameters.emplace_back("balance", rank.dynamic_balance ? "dynamic" : "static");
  parameters.emplace_back(method_name, std::to_string(method_version));
  const bool downloads = rank.files.empty() && rank.archive.empty();
  const bool searched = downloads && !rank.has_ids;
  parameters.emplace_back("input", rank.has_ids            ? "list of IDs"
                                   : !rank.files.empty()   ? "files"
                                   : !rank.archive.empty() ? rank.archive.string()
                                                           : arguments.access.source);
  parameters.emplace_back("search term", rank.term);
  if (downloads) {
    parameters.emplace_back(format_name, to_string(arguments.access.store.format));
    parameters.emplace_back(url_name, kept_urls(arguments.access.store.url_templates));
  }
  if (searched)
    parameters.emplace_back(
        "retmax", arguments.access.retmax ? std::to_string(*arguments.access.retmax) : "all");
  return parameters;
}

Settings resumed_parameters(Settings kept, const AccessOptions& typed) {
  for (auto& [name, value] : kept) {
    if (name == method_name) value = std::to_string(method_version);
    if (name == format_name && typed.has_format) value = to_string(typed.store.format);
    if (name != url_name) continue;
    if (!typed.store.url_templates.empty())
      value = kept_urls(typed.store.url_templates);
    else if (value == not_kept)
      throw RunError(Cause::request,
                     "the run's --download-url may hold a password or a key and "
                     "was not kept: give it again");
  }
  return kept;
}

void apply_parameters(const Settings& parameters, Arguments& arguments) {
  RankOptions& rank = arguments.rank;
  StoreOptions& store = arguments.access.store;
  for (const auto& [name, value] : parameters) {
    if (name == format_name)
      for (const FileFormat format : file_formats)
        if (value == to_string(format)) store.format = format;
    if (name == url_name && store.url_templates.empty() && value != of_the_archives &&
        value != not_kept) {
      std::istringstream urls(value);
      for (std::string url; urls >> url;) store.url_templates.push_back(url);
    }
    if (name == "model" && value == to_string(ElasticModel::gnm))
      rank.network.model = ElasticModel::gnm;
    if (name == chains_name) {
      std::istringstream chains(value);
      for (std::string chain; std::getline(chains, chain, ',');) rank.read.chains.push_back(chain);
    }
    if (name == assembly_name) rank.read.assembly = value;
    if (name == selection_name) rank.read.selection = value;
    for (const auto& [extra, member] : extras)
      if (name == extra) rank.*member = value == "yes";
    if (name == "cutoff") rank.network.cutoff = number<double>(value);
    if (name == "gamma") rank.network.gamma = number<double>(value);
    if (name == "modes") rank.modes = number<int>(value);
    if (name == "file model") rank.read.model = number_or_none(value, "first");
    if (name == "min-residues") rank.min_residues = number_or_none(value, "none");
    if (name == "solver") rank.solver = value;
    if (name == "balance") rank.dynamic_balance = value == "dynamic";
    if (name == "nodes")
      for (const NodeRule rule : node_rules)
        if (value == to_string(rule)) rank.read.nodes = rule;
    if (name == "backend")
      for (const auto& [backend, text] : backends)
        if (value == text) rank.backend = backend;
  }
}

std::optional<std::string> difference(const std::filesystem::path& run, const Settings& kept,
                                      const Settings& asked) {
  const auto value_in = [](const Settings& settings, const std::string& name) {
    const auto found = std::find_if(settings.begin(), settings.end(),
                                    [&](const auto& setting) { return setting.first == name; });
    return found == settings.end() ? std::string() : found->second;
  };
  Settings all = asked;
  all.insert(all.end(), kept.begin(), kept.end());
  for (const auto& [name, value] : all) {
    const std::string before = value_in(kept, name), now = value_in(asked, name);
    if (before != now)
      return fmt::format(
          "the run in {} has {} \"{}\", and now \"{}\" is asked for: results of both cannot be "
          "mixed; name another folder for a new run",
          run.string(), name, before, now);
  }
  return std::nullopt;
}

}  // namespace modesweep::cli
