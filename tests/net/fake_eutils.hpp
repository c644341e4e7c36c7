// SPDX-License-Identifier: MIT
// NCBI's E-utilities as the tests need them: esearch and efetch over a list of invented records,
// with NCBI's forms of reply, its rate limit, and failures on demand.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "net/loopback_server.hpp"

namespace test_support {

/// One protein record: a chain of an entry.
struct FakeRecord {
  std::string gi;
  std::string accession;  ///< 7QZX_A
  std::string title;      ///< what a term is looked for in
};

/// The chains `<entry>_A, _B ...` with made-up GIs beyond 32 bits.
std::vector<FakeRecord> fake_chains(const std::vector<std::string>& entries, int chains,
                                    const std::string& title);

class FakeEutils {
 public:
  /// Replaces or spoils the reply that would have been sent.
  using Fault = std::function<ServerReply(const LoggedRequest&, ServerReply)>;
  enum class Defline { pdb, gi_pdb, accession };

  explicit FakeEutils(std::vector<FakeRecord> records);

  /// For --ncbi-url.
  std::string url() const { return server_.url("/entrez/eutils/"); }
  LoopbackServer& server() { return server_; }

  /// The next request to `script` (esearch, efetch) meets this fault; later ones the faults that
  /// were added later, then none.
  void add_fault(const std::string& script, Fault fault);
  /// Called before every esearch is answered, with its number from 1 on.
  void before_esearch(std::function<void(int)> hook);

  void give_gis(bool on);           ///< as if idtype=acc were not known
  void set_defline(Defline style);  ///< of efetch's FASTA
  /// efetch leaves these accessions out of its replies for `rettype` (acc, fasta).
  void withhold(const std::string& rettype, std::set<std::string> accessions);
  void set_error_list(std::string xml);  ///< ErrorList and WarningList of esearch
  void limit_url(std::size_t length);    ///< longer ones get status 414
  void add_record(FakeRecord record);
  void forget_history();
  void lift_rate_limit();  ///< for clients whose clock is not this server's
  /// Requests other than E-utilities, for instance downloads; 404 where none is set.
  void set_other(LoopbackServer::Handler handler);

  /// How many requests came faster than NCBI allows (each was answered by 429).
  int rate_limit_hits() const;

 private:
  ServerReply answer(const LoggedRequest& request);
  ServerReply esearch(const LoggedRequest& request);
  ServerReply efetch(const LoggedRequest& request) const;

  mutable std::mutex mutex_;
  std::vector<FakeRecord> records_;
  std::map<std::string, std::deque<Fault>> faults_;
  std::function<void(int)> before_esearch_;
  LoopbackServer::Handler other_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double asked_ = 0;  // requests since then
  std::vector<std::vector<std::size_t>> history_;
  std::map<std::string, std::set<std::string>> withheld_;
  std::string error_list_;
  std::size_t longest_url_ = 8000;
  Defline defline_ = Defline::pdb;
  bool gis_ = false;
  bool is_limited_ = true;
  int esearches_ = 0;
  int rate_limit_hits_ = 0;
  LoopbackServer server_;  // last: it calls back as soon as it exists
};

/// The failures of E-utilities by name.
namespace fault {
ServerReply rate_limited(const LoggedRequest&, ServerReply);  ///< 429, JSON that quotes the key
ServerReply backend_failed(const LoggedRequest&,
                           ServerReply);  ///< status 200, <ERROR>Search Backend failed
ServerReply backend_failed_400(const LoggedRequest&, ServerReply);
ServerReply web_page(const LoggedRequest&, ServerReply);     ///< HTML with status 200
ServerReply diagnostic(const LoggedRequest&, ServerReply);   ///< HTML with status 500
ServerReply unavailable(const LoggedRequest&, ServerReply);  ///< 503
ServerReply history_lost(const LoggedRequest&,
                         ServerReply);  ///< status 200, <ERROR>Unable to obtain query #1
ServerReply only_a_prolog(const LoggedRequest&, ServerReply);  ///< XML without a document
ServerReply half_body(const LoggedRequest&, ServerReply);  ///< half of it, a well-ended transfer
ServerReply cut(const LoggedRequest&,
                ServerReply);  ///< the connection ends in the middle of the body
ServerReply dropped(const LoggedRequest&,
                    ServerReply);  ///< the connection ends before the first byte
ServerReply proxy_stream(const LoggedRequest&, ServerReply);  ///< a backend failure with status 400
ServerReply breaks_off(const LoggedRequest&,
                       ServerReply);  ///< text that ends in "Error+reading+from+..."
FakeEutils::Fault retry_after(int status, std::string value);
}  // namespace fault

}  // namespace test_support
