// SPDX-License-Identifier: MIT
#include "sources/holdings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>
#include <utility>

#include <modesweep/outcome.hpp>
#include <modesweep/pdb_id.hpp>

#include "base/text.hpp"

namespace modesweep {
namespace {

using Json = nlohmann::json;

constexpr std::size_t ids_a_request = 100;
constexpr int most_requests = 100;
constexpr int tries = 2;
constexpr Milliseconds spacing{370};  // as of RCSB's search

std::string text_at(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? quotable(found->get<std::string>(), 40)
                                                     : std::string();
}

/// The entries that a member names, each in normal form: one ID, several in one string, or a list.
std::vector<std::string> ids_at(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (found == object.end()) return {};
  std::vector<std::string> ids;
  for (const Json& item : found->is_array() ? *found : Json::array({*found})) {
    if (!item.is_string()) continue;
    for (const std::string_view word : words(item.get_ref<const std::string&>(), ", \t\r\n"))
      if (auto id = normalise_pdb_id(word)) ids.push_back(*std::move(id));
  }
  return ids;
}

Json member(const Json& object, const char* key) {
  return object.is_object() && object.contains(key) ? object[key] : Json();
}

/// In RCSB's form, or under the entry's ID as in the archive's own holdings files.
Json removed_record(const Json& reply, const std::string& id) {
  for (const auto& [key, value] : reply.items())
    if (key == "rcsb_repository_holdings_removed" || normalise_pdb_id(key) == id) return value;
  return {};
}

std::string retry_reason(const WebReply& reply) {
  if (reply.status == 200 || reply.status == 404) return {};
  return fmt::format("status {}", reply.status);
}

}  // namespace

Holdings::Holdings(std::string base_url, HttpOptions http, CancelToken cancel, Reporter& reporter)
    : base_url_(std::move(base_url)),
      reporter_(reporter),
      service_("the holdings service", spacing, std::move(http), std::move(cancel), reporter,
               Pace::process(), tries),
      requests_left_(most_requests) {
  check_url(base_url_);
  if (!base_url_.ends_with('/')) base_url_ += '/';
}

/// The body of the answer; nothing for 404, where the service knows of nothing there.
std::optional<std::string> Holdings::get(const std::string& path) {
  if (requests_left_-- <= 0) throw RunError(Cause::unavailable, "it was asked often enough");
  WebReply reply = service_.send({base_url_ + path, {}, {}}, &retry_reason);
  if (reply.status == 404) return std::nullopt;
  return std::move(reply.body);
}

void Holdings::ask_status(const std::vector<std::string>& ids) {
  const std::optional<std::string> body = get(fmt::format("status?ids={}", fmt::join(ids, ",")));
  if (!body && ids.size() > 1) {
    // One that it does not know may be why it knows of none of them.
    const auto middle = ids.begin() + std::ssize(ids) / 2;
    ask_status({ids.begin(), middle});
    ask_status({middle, ids.end()});
    return;
  }
  Json reply = body ? Json::parse(*body, nullptr, false) : Json::array();
  if (reply.is_object()) reply = Json::array({std::move(reply)});
  if (!reply.is_array()) throw RunError(Cause::unavailable, "its reply is no list of entries");
  for (const Json& item : reply) {
    const std::optional<std::string> id = normalise_pdb_id(text_at(item, "rcsb_id"));
    const Json combined = member(item, "rcsb_repository_holdings_combined");
    const std::string status = text_at(combined, "status");
    if (!id || status.empty()) continue;
    Entry& entry = entries_[*id];
    entry = {status,
             text_at(combined, "status_code"),
             {},
             ids_at(combined, "id_code_replaced_by_latest")};
  }
  for (const std::string& id : ids) entries_.try_emplace(id, Entry{"UNKNOWN", {}, {}, {}});
}

void Holdings::ask_successors(const std::string& id) {
  const std::optional<std::string> body = get("removed/" + id);
  if (!body) return;
  const Json removed = removed_record(Json::parse(*body, nullptr, false), id);
  Entry& entry = entries_[id];
  for (const char* key : {"obsolete_date", "remove_date"})
    if (std::string date = text_at(removed, key); !date.empty())
      entry.removed_on = date.substr(0, 10);
  // The status alone names the latest one only.
  for (const char* key : {"id_codes_replaced_by", "superseded_by"})
    if (std::vector<std::string> successors = ids_at(removed, key); !successors.empty()) {
      entry.successors = std::move(successors);
      return;
    }
}

/// Of the entries, of what replaced those that were removed, and so on to the end of each chain.
void Holdings::ask(const std::vector<std::string>& ids) {
  for (std::vector<std::string> wave = ids; !wave.empty();) {
    for (std::size_t begin = 0; begin < wave.size(); begin += ids_a_request) {
      const std::size_t end = std::min(wave.size(), begin + ids_a_request);
      ask_status({wave.begin() + std::ptrdiff_t(begin), wave.begin() + std::ptrdiff_t(end)});
    }
    std::set<std::string> next;
    for (const std::string& id : wave) {
      if (entries_.at(id).status != "REMOVED") continue;
      ask_successors(id);
      for (const std::string& successor : entries_.at(id).successors)
        if (!entries_.contains(successor)) next.insert(successor);
    }
    wave.assign(next.begin(), next.end());
  }
}

std::vector<std::string> Holdings::latest_successors(const std::string& id) const {
  std::vector<std::string> latest;
  std::set<std::string> visited = {id};
  const std::vector<std::string>& first = entries_.at(id).successors;
  for (std::deque<std::string> queue(first.begin(), first.end()); !queue.empty();) {
    const std::string successor = std::move(queue.front());
    queue.pop_front();
    if (!visited.insert(successor).second) continue;
    const auto known = entries_.find(successor);
    if (known != entries_.end() && known->second.status == "REMOVED" &&
        !known->second.successors.empty())
      queue.insert(queue.end(), known->second.successors.begin(), known->second.successors.end());
    else if (known == entries_.end() || known->second.status != "REMOVED")
      latest.push_back(successor);
  }
  return latest;
}

std::map<std::string, Holdings::Verdict> Holdings::explain(const std::vector<std::string>& ids) {
  try {
    ask(ids);
  } catch (const RunError& error) {
    reporter_.debug(fmt::format("what became of missing entries is not known: {}", error.what()));
  } catch (const Cancelled&) {
    // What is known by now is given.
  }
  std::map<std::string, Verdict> verdicts;
  for (const std::string& id : ids) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) continue;
    const Entry& entry = found->second;
    if (entry.status == "REMOVED") {
      const std::string when = entry.removed_on.empty() ? std::string() : " on " + entry.removed_on;
      const std::vector<std::string> successors = latest_successors(id);
      verdicts[id] = {
          "obsolete",
          successors.empty()
              ? fmt::format("{} was removed from the PDB{}, without a successor", id, when)
              : fmt::format("{} was removed from the PDB{}; what replaced it is {}, "
                            "another entry and not taken in its place",
                            id, when, fmt::join(successors, ", "))};
    } else if (entry.status == "UNRELEASED") {
      const std::string code =
          entry.status_code.empty() ? std::string() : fmt::format(" ({})", entry.status_code);
      verdicts[id] = {"unreleased", fmt::format("{} is not released yet{}", id, code)};
    } else if (entry.status == "CURRENT") {
      verdicts[id] = {"not_found", fmt::format("the PDB has {}, but not this file of it", id)};
    } else {
      verdicts[id] = {"not_found", fmt::format("the PDB does not know {}", id)};
    }
  }
  return verdicts;
}

}  // namespace modesweep
