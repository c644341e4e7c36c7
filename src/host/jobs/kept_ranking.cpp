// SPDX-License-Identifier: MIT
// What is left of a job: the ranking of a run on disk, and the record beside a ranking's file.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <type_traits>
#include <variant>

#include <modesweep/device.hpp>
#include <modesweep/parameters.hpp>
#include <modesweep/rank_job.hpp>
#include <modesweep/version.hpp>

#include "base/clock.hpp"
#include "jobs/kept_query.hpp"

namespace modesweep {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const ParameterValue& value) {
  return std::visit(
      [](const auto& known) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(known)>, std::monostate>)
          return nullptr;
        else
          return known;
      },
      value);
}

Json parameters_json(const RankRequest& request) {
  Json json;
  for (const Parameter& parameter : parameters())
    json[std::string(parameter.name)] = to_json(parameter.read(request));
  return json;
}

Json query_json(const Entries& entries) {
  Json json;
  if (!entries.term.empty()) json["term"] = entries.term;
  if (!entries.search) return json;
  json["sent"] = entries.search->query;
  json["understood"] = entries.search->understood;
  json["records_found"] = entries.search->records_found;
  json["records_read"] = entries.search->records_read;
  json["date"] = entries.search->date;
  return json;
}

Json machine_json(const RankRequest& request, const RankResult& result) {
  Json json = {{"cpu", cpu_name()}, {"threads", request.machine.threads}};
  for (const DeviceUse& use : result.devices) json["devices"].push_back(use.device);
  if (result.device_share) json["device_share"] = *result.device_share;
  return json;
}

}  // namespace

KeptRanking read_kept_ranking(const std::filesystem::path& run) {
  RunRecord record = read_run(run);
  KeptRanking kept;
  kept.request.run = run;
  apply_settings(record.parameters, kept.request);
  kept.states = std::move(record.states);
  RankResult& result = kept.result;
  std::size_t found = 0;
  for (const auto& [state, count] : kept.states) found += count;
  result.entries = entries_of_query(record.query, found);
  kept.query = std::move(record.query);
  result.ranking = std::move(record.ranking);
  for (const Row& row : result.ranking.rows) result.from_cache += row.from_cache;
  result.solvers = counts_of_solvers(result.ranking.rows);
  result.partial = result.ranking.rows.size() + result.ranking.left_out.size() < found;
  return kept;
}

std::string ranking_record(const RankRequest& request, const RankResult& result,
                           const RecordDetails& details) {
  Json record;
  record["program"] = "modesweep";
  record["version"] = version;
  record["command"] = details.command;
  record["date"] = utc_now();
  record["parameters"] = parameters_json(request);
  record["order"] = {{"sort", details.sort}, {"unique", details.unique}, {"top", details.top}};
  record["source"] = result.entries.source;
  if (Json query = query_json(result.entries); !query.is_null()) record["query"] = query;
  record["counts"] = {
      {"found", result.entries.found},      {"ranked", details.ranked},
      {"rows", result.ranking.rows.size()}, {"from_cache", result.from_cache},
      {"written", details.written},         {"left_out", result.ranking.left_out.size()}};
  record["left_out"] = counts_of_reasons(result.ranking.left_out);
  record["partial"] = result.partial;
  if (result.seconds > 0) {
    record["seconds"] = result.seconds;
    record["machine"] = machine_json(request, result);
  }
  return record.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace modesweep
