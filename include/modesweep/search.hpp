// SPDX-License-Identifier: MIT
// From a search term to PDB entry IDs: NCBI E-utilities and the RCSB Search API.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <modesweep/cancel.hpp>
#include <modesweep/log.hpp>
#include <modesweep/outcome.hpp>

namespace modesweep {

/// What every connection shares. Proxies are libcurl's own (HTTPS_PROXY, NO_PROXY ...).
struct HttpOptions {
  std::string
      ca_file;  ///< of authorities; empty: SSL_CERT_FILE / CURL_CA_BUNDLE, else the system's
  bool offline = false;                 ///< never open a socket
  std::chrono::seconds stall_time{30};  ///< a transfer this long below 1,000 bytes/s has failed
};

struct SearchResult {
  std::vector<std::string> ids;    ///< normal form, de-duplicated in first-seen order
  std::int64_t records_found = 0;  ///< as the service counts them (NCBI: chains; RCSB: entries)
  std::int64_t records_read = 0;
  std::string service;                ///< "NCBI protein", "RCSB Search API"
  std::string query;                  ///< as sent
  std::string understood;             ///< as the service translated it, where it says so
  std::string date;                   ///< UTC, ISO 8601
  std::vector<std::string> warnings;  ///< phrases the service dropped, and the like
};

/// `search` throws Cancelled, and RunError: `request` for a term the service cannot take,
/// `unavailable` for a service that did not answer in the end. A search that stopped half-way never
/// returns.
class SearchService {
 public:
  virtual ~SearchService() = default;
  virtual SearchResult search(const std::string& term, std::optional<std::int64_t> limit) = 0;
};

struct NcbiOptions {
  std::string base_url = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/";
  std::string email;    ///< empty: not sent
  std::string api_key;  ///< empty: not sent; never logged
};

std::unique_ptr<SearchService> make_ncbi_search(NcbiOptions options, HttpOptions http,
                                                Reporter& reporter, CancelToken cancel = {});

struct RcsbOptions {
  std::string url = "https://search.rcsb.org/rcsbsearch/v2/query";
};

std::unique_ptr<SearchService> make_rcsb_search(RcsbOptions options, HttpOptions http,
                                                Reporter& reporter, CancelToken cancel = {});

}  // namespace modesweep
