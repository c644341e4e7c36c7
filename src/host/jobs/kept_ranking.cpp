// SPDX-License-Identifier: MIT
// What is left of a job: the ranking of a run on disk, and the record beside a ranking's file.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <variant>

#include <modesweep/machine.hpp>
#include <modesweep/parameters.hpp>
#include <modesweep/rank_job.hpp>
#include <modesweep/version.hpp>

#include "base/clock.hpp"
#include "jobs/kept_query.hpp"
#include "results/text_fields.hpp"

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

Json to_json(const std::optional<double>& number) { return number ? Json(*number) : Json(); }

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

Json machine_json(const RankResult& result) {
  Json json = {{"cpu", cpu_name()}, {"threads", result.threads}};
  for (const DeviceUse& use : result.devices) json["devices"].push_back(use.device);
  if (result.device_share) json["device_share"] = *result.device_share;
  return json;
}

/// Rows of a run, with the view that they are read through.
class RowsOfView final : public RankedRows {
 public:
  RowsOfView(std::shared_ptr<RunView> view, const RowOrder& order)
      : view_(std::move(view)), rows_(view_->ranked_rows(order)) {}

  std::size_t ranked() const override { return rows_->ranked(); }
  std::size_t matching() const override { return rows_->matching(); }
  std::size_t rows() const override { return rows_->rows(); }
  std::size_t shown() const override { return rows_->shown(); }
  std::size_t without_sequence() const override { return rows_->without_sequence(); }
  void for_each(const std::function<void(const Row&)>& visit) const override {
    rows_->for_each(visit);
  }
  std::optional<ProteinCount> dominant_protein() const override {
    return rows_->dominant_protein();
  }

 private:
  const std::shared_ptr<RunView> view_;
  const std::unique_ptr<RankedRows> rows_;
};

}  // namespace

KeptRanking read_kept_ranking(const std::filesystem::path& run, const RowOrder& order) {
  const std::shared_ptr<RunView> view = RunView::open(run);
  KeptRanking kept;
  kept.request.run = run;
  apply_kept(run, view->parameters(), kept.request);
  check_order(order, kept.request.model);
  kept.request.order = order;
  kept.query = view->query();
  RunTotals totals = view->totals();
  kept.states = std::move(totals.states);
  std::size_t entries = 0;
  for (const auto& [state, count] : kept.states) entries += count;

  RankResult& result = kept.result;
  result.entries = entries_of_query(kept.query, entries - totals.further_chains);
  if (kept.request.model.by_chain) result.chains = totals.chains;
  result.rows = std::make_unique<RowsOfView>(view, order);
  result.left_out = [view](const auto& visit) { view->for_each_left_out(visit); };
  result.reasons = std::move(totals.reasons);
  result.counts = {std::move(totals.solvers), totals.from_cache};
  result.gaps = kept_notes(kept.query).text();
  result.partial = result.rows->ranked() + result.left_out_count() < entries;
  return kept;
}

std::string ranking_record(const RankRequest& request, const RankResult& result,
                           const std::string& command) {
  Json record;
  record["program"] = "modesweep";
  record["version"] = version;
  record["command"] = command;
  record["date"] = utc_now();
  record["parameters"] = parameters_json(request);
  const RowOrder& order = request.order;
  record["order"] = {{"sort", order.column ? order.column->name : "fv1"},
                     {"where", order.where ? Json(order.where->text()) : Json()},
                     {"unique", order.unique},
                     {"unique_identity", to_json(order.unique_identity)},
                     {"top", order.top}};
  record["source"] = result.entries.source;
  if (Json query = query_json(result.entries); !query.is_null()) record["query"] = query;
  record["counts"] = {{"found", result.entries.found},          {"ranked", result.rows->ranked()},
                      {"matching", result.rows->matching()},    {"rows", result.rows->rows()},
                      {"from_cache", result.counts.from_cache}, {"written", result.rows->shown()},
                      {"left_out", result.left_out_count()}};
  if (result.chains) record["counts"]["chains"] = *result.chains;
  record["left_out"] = result.reasons;
  record["partial"] = result.partial;
  if (!result.gaps.empty()) record["gaps"] = result.gaps;
  if (result.seconds > 0) {
    record["seconds"] = result.seconds;
    record["machine"] = machine_json(result);
  }
  return json_text(record, 2);
}

}  // namespace modesweep
