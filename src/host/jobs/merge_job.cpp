// SPDX-License-Identifier: MIT
#include <modesweep/merge_job.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include <modesweep/outcome.hpp>
#include <modesweep/parameters.hpp>
#include <modesweep/rank_job.hpp>
#include <modesweep/run_store.hpp>

#include "base/text.hpp"
#include "jobs/kept_query.hpp"
#include "store/run_merge.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

constexpr const char* shard_name = "shard";
constexpr const char* isa_name = "isa";

[[noreturn]] void refuse(const std::string& message) { throw RunError(Cause::request, message); }

/// Null where there is none of this name.
std::string* find(Settings& settings, std::string_view name) {
  for (auto& [known, value] : settings)
    if (known == name) return &value;
  return nullptr;
}

/// What a part says of itself.
struct Part {
  fs::path folder;
  Settings settings;  ///< without the shard
  std::map<std::string, std::string> query;
  std::string isa;
  std::optional<Shard> shard;
  std::optional<SharedList> shared;
  std::size_t entries = 0, through = 0;
};

Part read_part(const fs::path& folder) {
  const std::unique_ptr<RunView> view = RunView::open(folder);
  Part part;
  part.folder = folder;
  part.settings = view->parameters();
  part.query = view->query();
  RankRequest request;
  apply_kept(folder, part.settings, request);
  part.shard = request.input.shard;
  if (const std::string* const isa = find(part.settings, isa_name)) part.isa = *isa;
  part.shared = entries_of_query(part.query, 0).shared;
  if (part.shard && !part.shared)
    refuse(fmt::format("the run in {} does not say which list it is a shard of", folder.string()));
  if (std::string* const shard = find(part.settings, shard_name)) *shard = to_text({});
  const RunTotals totals = view->totals();
  for (const auto& [state, count] : totals.states) {
    part.entries += count;
    if (state == "solved" || state == "failed" || state == "left_out") part.through += count;
  }
  return part;
}

/// A folder is one of them once.
void check_folders(const MergeRequest& request) {
  if (holds_run(request.run))
    refuse(fmt::format("there is a run in {} already: name another folder for the merged one",
                       request.run.string()));
  if (request.parts.empty()) refuse("there is no run to merge");
  std::set<fs::path> folders;
  std::error_code error;
  for (const fs::path& part : request.parts)
    if (!folders.insert(fs::weakly_canonical(part, error)).second)
      refuse(fmt::format("the run in {} is named twice", part.string()));
}

void check_settings(const Part& first, const Part& other, bool mixed_isa) {
  Settings settings = other.settings;
  std::string* const isa = find(settings, isa_name);
  if (mixed_isa && isa) *isa = first.isa;
  const std::optional<Difference> differs = first_difference(first.settings, settings);
  if (!differs) return;
  std::string name = differs->name;
  std::replace(name.begin(), name.end(), '_', ' ');
  refuse(fmt::format(
      "the run in {} has {} \"{}\" and that in {} \"{}\": their rows are not of one "
      "ranking{}",
      first.folder.string(), name, differs->kept, other.folder.string(), differs->asked,
      differs->name == isa_name ? "; a merge of several instruction sets takes both, whose last digits may differ" : ""));
}

void check_list(const Part& first, const Part& other) {
  if (first.shard.has_value() != other.shard.has_value())
    refuse(fmt::format("the run in {} is a shard and that in {} is none",
                       (first.shard ? first : other).folder.string(),
                       (first.shard ? other : first).folder.string()));
  if (!first.shard) return;
  if (first.shard->count != other.shard->count)
    refuse(fmt::format("the run in {} is shard {} and that in {} shard {}", first.folder.string(),
                       to_string(*first.shard), other.folder.string(), to_string(*other.shard)));
  if (first.shared->sha256 != other.shared->sha256 ||
      first.shared->entries != other.shared->entries)
    refuse(fmt::format("the runs in {} and {} are shards of different lists, of {} and {}",
                       first.folder.string(), other.folder.string(),
                       counted(std::int64_t(first.shared->entries), "entry", "entries"),
                       counted(std::int64_t(other.shared->entries), "entry", "entries")));
}

/// "3, 5-7".
std::string ranges(const std::vector<std::int64_t>& ascending) {
  std::vector<std::string> texts;
  for (std::size_t i = 0, j; i < ascending.size(); i = j) {
    for (j = i + 1; j < ascending.size() && ascending[j] == ascending[j - 1] + 1;) ++j;
    texts.push_back(j - i == 1 ? fmt::format("{}", ascending[i])
                               : fmt::format("{}-{}", ascending[i], ascending[j - 1]));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

/// Of shards, which ones are missing.
std::string missing_shards(const std::vector<Part>& parts) {
  const std::optional<Shard>& shard = parts.front().shard;
  if (!shard) return {};
  std::set<std::int64_t> there;
  for (const Part& part : parts) there.insert(part.shard->number);
  std::vector<std::int64_t> missing;
  for (std::int64_t number = 0; number < shard->count; ++number)
    if (!there.contains(number)) missing.push_back(number);
  if (missing.empty()) return {};
  return fmt::format("of {} shards {} missing: {}", shard->count,
                     counted(std::ssize(missing), "is", "are"), ranges(missing));
}

/// Which ones are there several times.
std::vector<std::string> repeated_shards(const std::vector<Part>& parts) {
  std::map<std::string, std::vector<std::string>> folders;
  for (const Part& part : parts)
    if (part.shard) folders[to_string(*part.shard)].push_back(part.folder.string());
  std::vector<std::string> texts;
  for (const auto& [shard, of] : folders)
    if (of.size() > 1)
      texts.push_back(
          fmt::format("shard {} is there {} times: {}", shard, of.size(), fmt::join(of, ", ")));
  return texts;
}

/// Which runs have work left.
std::vector<std::string> unfinished_parts(const std::vector<Part>& parts) {
  std::vector<std::string> texts;
  for (const Part& part : parts)
    if (part.through < part.entries)
      texts.push_back(
          fmt::format("the run in {}{} is unfinished: {} of {} not through", part.folder.string(),
                      part.shard ? fmt::format(" (shard {})", to_string(*part.shard)) : "",
                      part.entries - part.through,
                      counted(std::int64_t(part.entries), "entry is", "entries are")));
  return texts;
}

std::string mixed_isas(const std::vector<Part>& parts) {
  std::set<std::string> isas;
  for (const Part& part : parts) isas.insert(part.isa);
  if (isas.size() < 2) return {};
  return fmt::format("rows of the instruction sets {} are mixed", fmt::join(isas, ", "));
}

class Merging {
 public:
  Merging(const MergeRequest& request, const CancelToken& cancel)
      : request_(request), cancel_(cancel) {}

  void read_parts() {
    for (const fs::path& folder : request_.parts) {
      throw_if_cancelled();
      parts_.push_back(read_part(folder));
      check_settings(parts_.front(), parts_.back(), request_.mixed_isa);
      check_list(parts_.front(), parts_.back());
    }
    missing_ = missing_shards(parts_);
    add_gap(missing_);
    for (const std::string& text : repeated_shards(parts_)) add_gap(text);
    for (const std::string& text : unfinished_parts(parts_)) add_gap(text);
    check_gaps();
  }

  MergeResult merge(Reporter& reporter) {
    MergedRun whole(request_.run, parts_.front().settings);
    reporter.begin_stage("merge", parts_.size());
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      throw_if_cancelled();
      const MergedPart part = whole.add(parts_[i].folder);
      result_.entries += part.entries;
      overlapping_ += part.overlapping;
      if (first_overlapping_.empty()) first_overlapping_ = part.first_overlapping;
      reporter.advance(i + 1);
    }
    reporter.end_stage();
    check_whole();
    std::map<std::string, std::string> query = parts_.front().query;
    const std::string isas = mixed_isas(parts_);
    keep_gaps(missing_ + (missing_.empty() || isas.empty() ? "" : "; ") + isas, query);
    whole.commit(query);
    return std::move(result_);
  }

 private:
  void throw_if_cancelled() const {
    if (cancel_.is_cancelled()) throw Cancelled();
  }

  void add_gap(const std::string& text) {
    if (!text.empty()) result_.gaps.push_back(text);
  }

  void check_gaps() const {
    if (!result_.gaps.empty() && !request_.partial)
      refuse(fmt::format("{}; a partial merge takes what there is", fmt::join(result_.gaps, "; ")));
  }

  /// Shards that were begun when files had other sizes were dealt otherwise.
  void check_whole() {
    if (overlapping_ > 0)
      add_gap(fmt::format("{} in several runs, the first: {}",
                          counted(std::int64_t(overlapping_), "entry is", "entries are"),
                          first_overlapping_));
    const std::optional<SharedList>& shared = parts_.front().shared;
    if (shared && missing_.empty() && result_.entries < shared->entries) {
      missing_ = fmt::format("of the list's {} {} in no shard",
                             counted(std::int64_t(shared->entries), "entry", "entries"),
                             counted(std::int64_t(shared->entries - result_.entries), "is", "are"));
      add_gap(missing_ + ": files had other sizes when other shards were begun");
    }
    check_gaps();
  }

  const MergeRequest& request_;
  const CancelToken& cancel_;
  std::vector<Part> parts_;
  std::string missing_;  ///< what stays missing however long the run is gone on with
  std::size_t overlapping_ = 0;
  std::string first_overlapping_;
  MergeResult result_;
};

}  // namespace

MergeResult merge_runs(const MergeRequest& request, Reporter& reporter, const CancelToken& cancel) {
  check_folders(request);
  Merging merging(request, cancel);
  merging.read_parts();
  return merging.merge(reporter);
}

}  // namespace modesweep
