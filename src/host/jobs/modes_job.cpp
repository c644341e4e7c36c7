// SPDX-License-Identifier: MIT
#include <modesweep/modes_job.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <utility>

#include <modesweep/entries.hpp>
#include <modesweep/parameters.hpp>
#include <modesweep/pdb_id.hpp>
#include <modesweep/pipeline.hpp>
#include <modesweep/properties.hpp>
#include <modesweep/solvers.hpp>
#include <modesweep/structure_store.hpp>

#include "jobs/fetching.hpp"

namespace modesweep {
namespace {

/// Hands results over in the order of the inputs, whatever the order that they come in.
class InOrder final : public EntryObserver {
 public:
  InOrder(std::size_t ahead, const ModesJob::Done& done) : ahead_(ahead), done_(done) {}

  void started(std::int64_t, const std::filesystem::path&) override {}
  void parsed(std::int64_t) override {}
  void solved(std::int64_t, const Row&) override {}
  void left_out(std::int64_t number, const LeftOut& entry) override {
    add(number, tl::unexpected(entry.failure));
  }

  void add(std::int64_t number, Outcome<EntryModes> modes) {
    std::unique_lock lock(mutex_);
    waiting_.emplace(number, std::move(modes));
    // Whoever finds the next one hands over all that follow it, one thread at a time.
    if (handing_over_) return;
    handing_over_ = true;
    for (auto next = waiting_.begin(); next != waiting_.end() && next->first == through_;
         next = waiting_.begin()) {
      Outcome<EntryModes> mine = std::move(next->second);
      waiting_.erase(next);
      lock.unlock();
      hand_over(std::move(mine));
      lock.lock();
      ++through_;
      moved_on_.notify_all();
    }
    handing_over_ = false;
  }

  /// Waits until `number` is no further ahead of what is handed over than results may be held.
  void wait_for_turn(std::int64_t number, const CancelToken& cancel) {
    std::unique_lock lock(mutex_);
    while (number >= through_ + static_cast<std::int64_t>(ahead_) && !cancel.is_cancelled() &&
           !error_)
      moved_on_.wait_for(lock, std::chrono::milliseconds(100));
  }

  /// How many were handed over. Rethrows what `done` threw.
  std::size_t finish() {
    if (error_) std::rethrow_exception(error_);
    return static_cast<std::size_t>(through_);
  }
  bool failed() const {
    const std::lock_guard lock(mutex_);
    return error_ != nullptr;
  }

 private:
  /// What `done` throws ends the job, on its own thread.
  void hand_over(Outcome<EntryModes>&& modes) {
    if (failed()) return;
    try {
      done_(static_cast<std::size_t>(through_), std::move(modes));
    } catch (...) {
      const std::lock_guard lock(mutex_);
      error_ = std::current_exception();
    }
  }

  const std::size_t ahead_;
  const ModesJob::Done& done_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable moved_on_;
  std::map<std::int64_t, Outcome<EntryModes>> waiting_;
  std::int64_t through_ = 0;
  bool handing_over_ = false;
  std::exception_ptr error_;
};

struct File {
  std::filesystem::path path;
  std::string sha256;  ///< of what was fetched
};
using Files = std::vector<Outcome<File>>;

/// The file of each input; those of entries are fetched, each once.
Files fetch_files(const ModesRequest& request, Reporter& reporter, const CancelToken& cancel) {
  Files files;
  std::vector<std::string> ids;
  std::map<std::string, std::vector<std::size_t>>
      inputs;  // of each ID: several where chains differ
  for (const StructureInput& input : request.inputs) {
    if (input.id.empty()) {
      files.emplace_back(File{input.file, {}});
      continue;
    }
    if (!inputs.contains(input.id)) ids.push_back(input.id);
    inputs[input.id].push_back(files.size());
    files.emplace_back(fail(Stage::download, "cancelled", "interrupted before it was there"));
  }
  if (ids.empty()) return files;
  make_structure_store(request.access.store, request.access.http, reporter, cancel)
      ->fetch(ids, [&](std::size_t place, Outcome<StoredFile> file) {
        for (const std::size_t input : inputs[ids[place]])
          files[input] = file ? Outcome<File>(File{file->path, file->sha256})
                              : Outcome<File>(tl::unexpected(file.error()));
      });
  return files;
}

}  // namespace

std::string StructureInput::name() const {
  std::string name = id.empty() ? entry_name(structure_stem(file)) : id;
  for (const std::string& chain : chains) name += '_' + (chain == " " ? "_" : chain);
  return name;
}

std::vector<StructureInput> list_structures(const std::vector<StructureInput>& inputs,
                                            Reporter& reporter) {
  std::vector<StructureInput> structures;
  std::set<std::pair<std::filesystem::path, std::vector<std::string>>> seen;
  for (const StructureInput& input : inputs) {
    if (!input.id.empty()) {
      structures.push_back(input);
      continue;
    }
    for (std::filesystem::path& file : structure_files({input.file}, reporter))
      if (seen.emplace(file.lexically_normal(), input.chains).second)
        structures.push_back({{}, std::move(file), input.chains});
  }
  return structures;
}

ModesJob::ModesJob(ModesRequest request, Reporter& reporter, CancelToken cancel)
    : request_(std::move(request)), reporter_(reporter), cancel_(std::move(cancel)) {
  request_.machine = with_defaults(request_.machine);
  request_.access.store.max_memory = request_.machine.max_memory;
  request_.model.by_chain = false;  // an input says which chains
  if (!request_.model.min_residues) request_.model.min_residues = 1;
}

std::size_t ModesJob::run(const Done& done) {
  Solvers solvers =
      make_solvers(request_.machine, request_.model, request_.access.store.cache_dir, reporter_);
  const Files files = fetch_files(request_, reporter_, cancel_);
  RankRequest described;  // by the same parameters as a ranking's rows
  described.model = request_.model;
  described.model.hinges = false;  // they are drawn, and the modes do not depend on them
  described.machine = request_.machine;
  described.access = request_.access;
  described.input.source = Source::files;
  const Settings settings = settings_of(described);

  InOrder results(4 * static_cast<std::size_t>(request_.machine.threads), done);
  PipelineOptions options;
  options.model = request_.model;
  options.threads = request_.machine.threads;
  options.max_memory = request_.machine.max_memory;
  options.expected = files.size();
  options.cancel = cancel_;
  options.observers.push_back(&results);
  options.with_modes = [&](std::int64_t number, const Row& row, SolvedStructure&& solved) {
    const StructureInput& input = request_.inputs[static_cast<std::size_t>(number)];
    EntryModes entry;
    entry.structure = std::move(solved.structure);
    entry.structure.header.id = input.name();
    entry.file_sha256 = row.sha256;
    entry.model = request_.model;
    entry.parameters = settings;
    entry.modes = std::move(solved.modes);
    entry.core = std::move(solved.core);
    entry.core_modes = std::move(solved.core_modes);
    if (request_.model.hinges) entry.hinges = std::move(solved.hinges);
    orient_modes(entry.modes);
    if (entry.core_modes) orient_modes(*entry.core_modes);
    if (!input.chains.empty()) entry.model.read.chains = input.chains;
    results.add(number, std::move(entry));
  };
  options.fetch_again = refetch(request_.access, reporter_, cancel_);
  Pipeline pipeline(options, solvers.cpu(), reporter_, solvers.device_work());
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto number = static_cast<std::int64_t>(i);
    results.wait_for_turn(number, cancel_);
    if (cancel_.is_cancelled() || results.failed()) break;
    const StructureInput& input = request_.inputs[i];
    if (files[i])
      pipeline.submit(input.id, files[i]->path, number, input.chains, files[i]->sha256);
    else
      pipeline.leave_out({input.name(), {}, files[i].error()}, number);
  }
  pipeline.finish();
  return results.finish();
}

}  // namespace modesweep
