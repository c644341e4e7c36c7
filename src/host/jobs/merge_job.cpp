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
#include "store/run_database.hpp"
#include "store/run_merge.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

constexpr const char* shard_name = "shard";
constexpr const char* isa_name = "isa";
constexpr const char* backend_name = "backend";

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
  std::set<std::string> isas;
  std::set<std::int64_t> shards;  ///< that it has, where it is a part of a list
  std::int64_t shard_count = 0;   ///< 0: it is none
  std::optional<SharedList> shared;
  std::string lost;
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
  MergeNotes notes = kept_notes(part.query);
  part.shards = std::move(notes.shards);
  part.shard_count = notes.shard_count;
  part.lost = std::move(notes.lost);
  part.isas = std::move(notes.isas);
  if (const std::optional<Shard>& shard = request.input.shard) {
    part.shards = {shard->number};
    part.shard_count = shard->count;
  }
  if (const std::string* const isa = find(part.settings, isa_name)) part.isas.insert(*isa);
  part.shared = entries_of_query(part.query, 0).shared;
  if (part.shard_count > 0 && !part.shared)
    refuse(fmt::format("the run in {} does not say which list it is a shard of", folder.string()));
  if (std::string* const shard = find(part.settings, shard_name)) *shard = to_text({});
  const RunTotals totals = view->totals();
  for (const auto& [state, count] : totals.states) {
    part.entries += count;
    if (state == "solved" || state == "failed" || state == "left_out") part.through += count;
  }
  return part;
}

/// "shard 3/8", or several of them.
std::string shards_text(const Part& part) {
  return fmt::format("{} {}/{}", part.shards.size() == 1 ? "shard" : "shards",
                     fmt::join(part.shards, ","), part.shard_count);
}

/// A folder is one of them once.
void check_folders(const MergeRequest& request) {
  if (holds_run(request.run)) throw_run_there(request.run);
  if (request.parts.empty()) refuse("there is no run to merge");
  std::set<fs::path> folders;
  std::error_code error;
  for (const fs::path& part : request.parts)
    if (!folders.insert(fs::weakly_canonical(part, error)).second)
      refuse(fmt::format("the run in {} is named twice", part.string()));
}

void check_settings(const Part& first, const Part& other, bool mixed_isa) {
  Settings before = first.settings, settings = other.settings;
  // What decides the last digits, and no more.
  if (mixed_isa)
    for (const char* const name : {isa_name, backend_name})
      if (std::string* const one = find(before, name), * const two = find(settings, name);
          one && two)
        *two = *one;
  const std::optional<Difference> differs = first_difference(before, settings);
  if (!differs) return;
  std::string name = differs->name;
  std::replace(name.begin(), name.end(), '_', ' ');
  refuse(fmt::format(
      "the run in {} has {} \"{}\" and that in {} \"{}\": their rows are not of one ranking{}",
      first.folder.string(), name, differs->kept, other.folder.string(), differs->asked,
      differs->name == isa_name || differs->name == backend_name
          ? "; a merge of several instruction sets takes both, whose last digits may differ"
          : ""));
}

void check_list(const Part& first, const Part& other) {
  if ((first.shard_count > 0) != (other.shard_count > 0))
    refuse(fmt::format("the run in {} is a shard and that in {} is none",
                       (first.shard_count > 0 ? first : other).folder.string(),
                       (first.shard_count > 0 ? other : first).folder.string()));
  if (first.shard_count == 0) return;
  if (first.shard_count != other.shard_count)
    refuse(fmt::format("the run in {} is {} and that in {} {}", first.folder.string(),
                       shards_text(first), other.folder.string(), shards_text(other)));
  if (first.shared->sha256 != other.shared->sha256 ||
      first.shared->entries != other.shared->entries)
    refuse(fmt::format("the runs in {} and {} are shards of different lists, of {} and {}",
                       first.folder.string(), other.folder.string(),
                       counted(std::int64_t(first.shared->entries), "entry", "entries"),
                       counted(std::int64_t(other.shared->entries), "entry", "entries")));
}

/// Which shards are there several times.
std::vector<std::string> repeated_shards(const std::vector<Part>& parts) {
  std::map<std::int64_t, std::vector<std::string>> folders;
  for (const Part& part : parts)
    for (const std::int64_t shard : part.shards) folders[shard].push_back(part.folder.string());
  std::vector<std::string> texts;
  for (const auto& [shard, of] : folders)
    if (of.size() > 1)
      texts.push_back(fmt::format("shard {}/{} is there {} times: {}", shard,
                                  parts.front().shard_count, of.size(), fmt::join(of, ", ")));
  return texts;
}

/// Which runs have work left.
std::vector<std::string> unfinished_parts(const std::vector<Part>& parts) {
  std::vector<std::string> texts;
  for (const Part& part : parts)
    if (part.through < part.entries)
      texts.push_back(
          fmt::format("the run in {}{} is unfinished: {} of {} not through", part.folder.string(),
                      part.shard_count > 0 ? fmt::format(" ({})", shards_text(part)) : "",
                      part.entries - part.through,
                      counted(std::int64_t(part.entries), "entry is", "entries are")));
  return texts;
}

/// What the whole is, as far as its parts say.
MergeNotes notes_of(const std::vector<Part>& parts) {
  MergeNotes notes;
  std::set<std::string> lost;
  for (const Part& part : parts) {
    notes.shards.insert(part.shards.begin(), part.shards.end());
    notes.isas.insert(part.isas.begin(), part.isas.end());
    if (!part.lost.empty()) lost.insert(part.lost);
  }
  const std::int64_t count = parts.front().shard_count;
  if (std::ssize(notes.shards) < count) notes.shard_count = count;
  if (notes.isas.size() < 2) notes.isas.clear();
  notes.lost = fmt::format("{}", fmt::join(lost, "; "));
  return notes;
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
    notes_ = notes_of(parts_);
    if (!notes_.isas.empty() && !request_.mixed_isa)
      refuse(
          fmt::format("the runs are of the instruction sets {}; a merge of several instruction "
                      "sets takes them, whose last digits may differ",
                      fmt::join(notes_.isas, ", ")));
    MergeNotes gaps = notes_;
    gaps.isas.clear();  // which were asked for
    add_gap(gaps.text());
    for (const std::string& text : repeated_shards(parts_)) add_gap(text);
    for (const std::string& text : unfinished_parts(parts_)) add_gap(text);
    check_gaps();
  }

  MergeResult merge(Reporter& reporter) {
    MergedRun whole(request_.run, parts_.front().settings, cancel_);
    reporter.begin_stage("merge", parts_.size());
    for (const Part& read : parts_) {
      const MergedPart part = whole.add(read.folder);
      result_.entries += part.entries;
      overlapping_ += part.overlapping;
      if (first_overlapping_.empty()) first_overlapping_ = part.first_overlapping;
      reporter.advance(1);
    }
    reporter.end_stage();
    check_whole();
    std::map<std::string, std::string> query = parts_.front().query;
    keep_notes(notes_, query);
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
    if (shared && notes_.shard_count == 0 && result_.entries < shared->entries) {
      const std::string lost =
          fmt::format("of the list's {} {} in no shard",
                      counted(std::int64_t(shared->entries), "entry", "entries"),
                      counted(std::int64_t(shared->entries - result_.entries), "is", "are"));
      add_gap(lost + ": files had other sizes when other shards were begun");
      notes_.lost += (notes_.lost.empty() ? "" : "; ") + lost;
    }
    check_gaps();
  }

  const MergeRequest& request_;
  const CancelToken& cancel_;
  std::vector<Part> parts_;
  MergeNotes notes_;  ///< what stays so however long the run is gone on with
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
