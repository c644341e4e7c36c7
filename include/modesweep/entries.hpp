// SPDX-License-Identifier: MIT
// Which entries an input stands for: IDs from a search or a list, or files at hand.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <modesweep/cancel.hpp>
#include <modesweep/log.hpp>
#include <modesweep/requests.hpp>
#include <modesweep/run_store.hpp>
#include <modesweep/search.hpp>

namespace modesweep {

/// A list that is dealt into shards.
struct SharedList {
  std::size_t entries = 0;  ///< of all shards together
  std::string sha256;       ///< of their names
};

/// What an input came to.
struct Entries {
  std::string source;  ///< for people: a service, a folder, a list
  std::string term;
  std::optional<SearchResult> search;  ///< of a service; its IDs are in `list`
  std::vector<RunEntry> list;          ///< IDs for the structure store, or files at hand
  std::size_t found = 0;               ///< how many there are, also once the list is on its way
  double seconds = 0;                  ///< of searching
  std::optional<SharedList> shared;    ///< of a shard: the list that it is dealt from
  bool explained = false;              ///< whether it has been said why there are none
};

/// Searches, or takes the list, of a shard its part. Throws RunError as searches and archives do,
/// and Cancelled.
Entries find_entries(const Input& input, const Access& access, Reporter& reporter,
                     const CancelToken& cancel = {});

/// Places of a list's entries, ascending, of each of so many shards, which get one after the other
/// in turn: files the largest first, then by name; IDs as they stand.
std::vector<std::vector<std::size_t>> deal(const std::vector<RunEntry>& list, std::int64_t shards);

/// Asks the service that the input names, and says what it left out.
SearchResult search_service(const Input& input, const Access& access, Reporter& reporter,
                            const CancelToken& cancel = {});

/// Structure files: those named, and those in the folders named, each once and in order. What lies
/// there and is none is counted and said, and of a folder without any what it holds instead.
std::vector<std::filesystem::path> structure_files(const std::vector<std::filesystem::path>& paths,
                                                   Reporter& reporter);

}  // namespace modesweep
