// SPDX-License-Identifier: MIT
// The main job: entries in, a ranking out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <modesweep/cancel.hpp>
#include <modesweep/entries.hpp>
#include <modesweep/entry_observer.hpp>
#include <modesweep/log.hpp>
#include <modesweep/pipeline.hpp>
#include <modesweep/ranked_rows.hpp>
#include <modesweep/ranking.hpp>
#include <modesweep/requests.hpp>
#include <modesweep/run_store.hpp>
#include <modesweep/structure_store.hpp>

namespace modesweep {

/// Has the model compute what a column needs.
void ask_for(Need need, Model& model);
/// What the columns that an order goes by need.
void ask_for(const RowOrder& order, Model& model);

/// Throws RunError (`request`) where the condition compares a column that rows of the model lack.
void check_order(const RowOrder& order, const Model& model);

struct RankRequest {
  Input input;
  Access access;
  Model model;
  Machine machine;
  RowOrder order;             ///< of the result; no parameter of its rows; see `check_order`
  std::filesystem::path run;  ///< folder that keeps the run; empty: none does
  JournalOptions journal{};   ///< of the run
  bool retry_failed = false;  ///< of a run that is gone on with: also what failed for good
};

/// What fetching came to.
struct FetchCounts {
  std::map<StoredFile::Origin, std::size_t> files;
  std::uint64_t bytes_downloaded = 0;
  std::size_t asked = 0;
  std::size_t failed = 0;
  double seconds = 0;
  double waited = 0;  ///< for the network and the disk, not for the pipeline
};

struct RankResult {
  Entries entries;                    ///< without their list
  std::optional<std::size_t> chains;  ///< which they were divided into, in a ranking by chain
  FetchCounts fetched;
  std::unique_ptr<RankedRows> rows;  ///< in the order asked for; of a kept run they stay on disk
  LeftOutSource left_out;            ///< entries that are not in the ranking, by ID, then by path
  std::map<std::string, std::size_t> reasons;  ///< how many, for each "stage: code"
  RowCounts counts;                            ///< of the rows solved now
  std::size_t earlier = 0;                     ///< entries that an earlier process finished
  std::size_t damaged_in_cache = 0;            ///< rows of the result cache, solved again
  int threads = 0;                             ///< that worked on them; 0 of a run on disk
  StageSeconds stages;                         ///< over all threads
  StageWaits waits;
  std::vector<DeviceUse> devices;
  std::optional<double> device_share;  ///< of typical structures, where CPU and devices share
  double seconds = 0;                  ///< of the job; 0 of a run on disk
  bool partial = false;                ///< not all entries are through
  std::string gaps{};                  ///< of a merged run, what of the whole it lacks
  std::string run_failure;             ///< why a run could not be kept to its end; empty: it was

  /// How many entries were left out.
  std::size_t left_out_count() const;
};

/// What is taken from a request, not from the run, where a run is gone on with.
struct ResumeChoices {
  bool file_format = false;
  bool hosts = false;
};

/// Searches, fetches, solves and ranks. Nothing that happens to one entry ends it.
class RankJob {
 public:
  /// Where the folder of `request.run` holds a run already, it is gone on with. Throws RunError:
  /// `request` where that run has other parameters or entries, and as `check_order` and RunStore
  /// do; and where the model is by chain and of an assembly.
  RankJob(RankRequest request, Reporter& reporter, CancelToken cancel = {});

  /// Goes on with the run in `request.run` with the parameters that it was begun with; machine and
  /// access are the request's. Throws RunError: `request` where there is no run, or an address of
  /// downloads was not kept and is not given.
  static RankJob resume(RankRequest request, const ResumeChoices& choices, Reporter& reporter,
                        CancelToken cancel = {});

  /// Given the file of each entry that is at hand, finished or not, before any work begins or a new
  /// run is written down; what it throws ends the job.
  void check_files(std::function<void(const std::filesystem::path& file)> check);
  /// `observer`, which must outlive the job, is told what becomes of each entry.
  void observe(EntryObserver& observer);
  /// Given the modes of each entry that is solved; rows of the result cache have none.
  void with_modes(ModesObserver observer);

  /// To be called once. Throws RunError for what ends the whole job, and Cancelled where there is
  /// nothing to rank yet.
  RankResult run();

  /// What is asked for; of a run that is gone on with, with the parameters that it has.
  const RankRequest& request() const;

  RankJob(RankJob&&) noexcept;
  RankJob& operator=(RankJob&&) noexcept;
  ~RankJob();

 private:
  class Implementation;
  explicit RankJob(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

/// A run as it lies on disk, also while a process works on it.
struct KeptRanking {
  RankRequest request;                        ///< its parameters, and the order asked for
  RankResult result;                          ///< its counts are of all rows
  std::map<std::string, std::string> query;   ///< what was searched for and answered
  std::map<std::string, std::size_t> states;  ///< how many entries are in each
};
/// Throws RunError as RunView and `check_order` do.
KeptRanking read_kept_ranking(const std::filesystem::path& run, const RowOrder& order);

/// The record of a ranking, JSON: parameters, order, query, counts, reasons, and of a job seconds
/// and machine. `command` is what was typed.
std::string ranking_record(const RankRequest& request, const RankResult& result,
                           const std::string& command);

}  // namespace modesweep
