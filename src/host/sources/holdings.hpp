// SPDX-License-Identifier: MIT
// What became of entries that no host has: removed, not yet released, or never there.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <modesweep/log.hpp>
#include <modesweep/search.hpp>

#include "sources/web_search.hpp"

namespace modesweep {

inline constexpr const char* rcsb_holdings = "https://data.rcsb.org/rest/v1/holdings/";

/// RCSB's holdings service, asked for many entries at a time and not for long: whoever asks has a
/// failure in hand already, and must not lose more by asking.
class Holdings {
 public:
  /// Throws RunError as `check_url` does.
  Holdings(std::string base_url, HttpOptions http, CancelToken cancel, Reporter& reporter);

  struct Verdict {
    std::string code;    ///< `not_found`, `obsolete`, `unreleased`
    std::string clause;  ///< for people, such as "1HHB was removed from the PDB ..."
  };
  /// Of each of these entries (normal form); missing where the service does not say. Never throws
  /// for what the service does or does not do.
  std::map<std::string, Verdict> explain(const std::vector<std::string>& ids);

 private:
  struct Entry {
    std::string status;       ///< CURRENT, REMOVED, UNRELEASED; UNKNOWN where there is none
    std::string status_code;  ///< such as OBS, HPUB
    std::string removed_on;   ///< YYYY-MM-DD
    std::vector<std::string> successors;
  };

  void ask(const std::vector<std::string>& ids);
  void ask_status(const std::vector<std::string>& ids);
  void ask_successors(const std::string& id);
  std::optional<std::string> get(const std::string& path);
  std::vector<std::string> latest_successors(const std::string& id) const;

  std::string base_url_;
  Reporter& reporter_;
  WebService service_;
  int requests_left_;
  std::map<std::string, Entry> entries_;
};

}  // namespace modesweep
