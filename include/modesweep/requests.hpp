// SPDX-License-Identifier: MIT
// What is asked for, each concern by itself: jobs take those that they use.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <modesweep/model.hpp>
#include <modesweep/search.hpp>
#include <modesweep/structure_store.hpp>

namespace modesweep {

/// Automatic: CPU and devices side by side, where there is a device and work enough for it. CUDA:
/// all on devices, but for what they cannot finish.
enum class Backend { automatic, cpu, cuda };

/// "auto", "cpu", "cuda".
std::string_view to_string(Backend backend);

/// Who computes.
struct Machine {
  Solver solver = Solver::automatic;
  Backend backend = Backend::automatic;
  std::vector<int> devices{};    ///< by number; empty: all
  std::optional<Isa> isa{};      ///< unset: the fastest one that there is
  bool dynamic_balance = false;  ///< whoever has nothing to do takes from the other side
  int threads = 0;               ///< 0: as many as CPUs may be used
  std::uint64_t max_memory = 0;  ///< bytes, over all solvers together; 0: 80 % of what may be used
  bool result_cache = true;      ///< rows of earlier runs are taken from the cache, and kept there
};

/// The same with the figures of this machine in place of zeros.
Machine with_defaults(Machine machine);

/// Where entries come from: a search of a service or of a folder, or a list.
enum class Source { ncbi, rcsb, archive, files, ids };

/// "ncbi", "rcsb", "archive", "files", "ids".
std::string_view to_string(Source source);
constexpr bool is_service(Source source) {
  return source == Source::ncbi || source == Source::rcsb;
}
/// Whether entries are IDs, whose files are fetched.
constexpr bool has_entry_ids(Source source) { return is_service(source) || source == Source::ids; }

/// One of the parts that a list of entries is dealt into: the same ones for everyone who sees the
/// same list, files of the same sizes.
struct Shard {
  std::int64_t number = 0;  ///< from 0 on
  std::int64_t count = 1;   ///< how many there are
};
constexpr std::int64_t most_shards = 1'000'000;
/// "3/8".
std::string to_string(const Shard& shard);
/// None where `text` is none of "0/8" to "7/8".
std::optional<Shard> shard_named(std::string_view text);

/// Which entries.
struct Input {
  Source source = Source::ncbi;
  std::string term;                           ///< of ncbi, rcsb and archive
  std::optional<std::int64_t> retmax = 1000;  ///< records of a service to read at most
  std::filesystem::path archive;              ///< folder of structure files
  std::vector<std::string> ids;               ///< normal form
  std::vector<std::filesystem::path> files;   ///< and folders of them
  std::optional<Shard> shard{};               ///< of a list of IDs or files, that part alone
};

/// How services and files are reached.
struct Access {
  NcbiOptions ncbi;
  RcsbOptions rcsb;
  HttpOptions http;
  StoreOptions store;
};

}  // namespace modesweep
