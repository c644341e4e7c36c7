// SPDX-License-Identifier: MIT
#include "net/fake_eutils.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace test_support {
namespace {

const std::string prolog = "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n";
const std::string esearch_doctype =
    "<!DOCTYPE eSearchResult PUBLIC \"-//NLM//DTD esearch 20060628//EN\" "
    "\"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd\">\n";
const std::string filter = ") AND pdb[filter]";

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) switch (c) {
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '&': result += "&amp;"; break;
      default: result += c;
    }
  return result;
}

ServerReply xml(std::string body, int status = 200) {
  return {status, prolog + std::move(body), "text/xml; charset=UTF-8"};
}

ServerReply esearch_error(const std::string& text, int status = 200) {
  return xml(esearch_doctype + "<eSearchResult>\n\t<ERROR>" + text + "</ERROR>\n</eSearchResult>\n",
             status);
}

}  // namespace

std::vector<FakeRecord> fake_chains(const std::vector<std::string>& entries, int chains,
                                    const std::string& title) {
  std::vector<FakeRecord> records;
  unsigned long long gi = 9'200'000'001ULL;
  for (const std::string& entry : entries)
    for (int chain = 0; chain < chains; ++chain)
      records.push_back({std::to_string(gi++),
                         entry + "_" + std::string(1, static_cast<char>('A' + chain)),
                         "Chain " + std::string(1, static_cast<char>('A' + chain)) + ", " + title});
  return records;
}

FakeEutils::FakeEutils(std::vector<FakeRecord> records)
    : records_(std::move(records)),
      server_([this](const LoggedRequest& request) { return answer(request); }) {}

void FakeEutils::add_fault(const std::string& script, Fault fault) {
  const std::lock_guard lock(mutex_);
  faults_[script].push_back(std::move(fault));
}
void FakeEutils::before_esearch(std::function<void(int)> hook) {
  const std::lock_guard lock(mutex_);
  before_esearch_ = std::move(hook);
}
void FakeEutils::give_gis(bool on) {
  const std::lock_guard lock(mutex_);
  gis_ = on;
}
void FakeEutils::set_defline(Defline style) {
  const std::lock_guard lock(mutex_);
  defline_ = style;
}
void FakeEutils::withhold(const std::string& rettype, std::set<std::string> accessions) {
  const std::lock_guard lock(mutex_);
  withheld_[rettype] = std::move(accessions);
}
void FakeEutils::set_error_list(std::string lists) {
  const std::lock_guard lock(mutex_);
  error_list_ = std::move(lists);
}
void FakeEutils::limit_url(std::size_t length) {
  const std::lock_guard lock(mutex_);
  longest_url_ = length;
}
void FakeEutils::add_record(FakeRecord record) {
  const std::lock_guard lock(mutex_);
  records_.push_back(std::move(record));
}
void FakeEutils::forget_history() {
  const std::lock_guard lock(mutex_);
  history_.clear();
}
void FakeEutils::lift_rate_limit() {
  const std::lock_guard lock(mutex_);
  is_limited_ = false;
}
void FakeEutils::set_other(LoopbackServer::Handler handler) {
  const std::lock_guard lock(mutex_);
  other_ = std::move(handler);
}
int FakeEutils::rate_limit_hits() const {
  const std::lock_guard lock(mutex_);
  return rate_limit_hits_;
}

ServerReply FakeEutils::answer(const LoggedRequest& request) {
  std::function<void(int)> hook;
  int number = 0;
  std::string script;
  for (const char* name : {"esearch", "efetch"})
    if (request.path == std::string("/entrez/eutils/") + name + ".fcgi") script = name;
  if (script.empty()) {
    LoopbackServer::Handler other;
    {
      const std::lock_guard lock(mutex_);
      other = other_;
    }
    return other ? other(request) : ServerReply{404, "not found", "text/plain"};
  }
  if (script == "esearch") {
    {
      const std::lock_guard lock(mutex_);
      number = ++esearches_;
      hook = before_esearch_;
    }
    if (hook) hook(number);
  }
  const std::lock_guard lock(mutex_);
  // On a loaded machine a request comes late and the next one soon after it, but no more than
  // these since the start.
  const std::chrono::duration<double> seconds = request.time - start_;
  if (is_limited_ && ++asked_ > (request.has("api_key") ? 10 : 3) * (1 + seconds.count())) {
    ++rate_limit_hits_;
    return fault::rate_limited(request, {});
  }
  std::size_t url_length = request.path.size();
  if (request.method == "GET")
    for (const auto& [name, value] : request.query) url_length += name.size() + value.size() + 2;
  ServerReply reply =
      url_length > longest_url_
          ? ServerReply{414, "<html><head><title>414</title></head></html>", "text/html"}
      : script == "esearch" ? esearch(request)
                            : efetch(request);
  std::deque<Fault>& faults = faults_[script];
  if (!faults.empty()) {
    const Fault fault = std::move(faults.front());
    faults.pop_front();
    reply = fault(request, std::move(reply));
  }
  return reply;
}

ServerReply FakeEutils::esearch(const LoggedRequest& request) {
  const std::string query = request.parameter("term");
  if (request.parameter("db") != "protein")
    return esearch_error("Invalid db name specified: " + escaped(request.parameter("db")));
  if (query.empty()) return esearch_error("Empty term and query_key - nothing todo");
  if (!query.starts_with('(') || !query.ends_with(filter))
    return esearch_error("Database is not supported without the PDB filter in this test");
  const std::string term = lower(query.substr(1, query.size() - 1 - filter.size()));

  std::vector<std::size_t> among;
  if (request.has("query_key")) {
    const std::size_t key = std::stoul(request.parameter("query_key"));
    if (request.parameter("usehistory") != "y" || key == 0 || key > history_.size())
      return esearch_error("Unable to obtain query #" + request.parameter("query_key"));
    among = history_[key - 1];
  } else {
    for (std::size_t i = 0; i < records_.size(); ++i) among.push_back(i);
  }
  std::vector<std::size_t> found;
  for (const std::size_t i : among)
    if (lower(records_[i].title).find(term) != std::string::npos) found.push_back(i);

  const std::size_t start = request.has("retstart") ? std::stoul(request.parameter("retstart")) : 0;
  const std::size_t most = std::min<std::size_t>(
      request.has("retmax") ? std::stoul(request.parameter("retmax")) : 20, 10'000);
  const std::size_t end = std::min(found.size(), start + most);
  std::ostringstream body;
  body << esearch_doctype << "<eSearchResult><Count>" << found.size() << "</Count><RetMax>"
       << (end > start ? end - start : 0) << "</RetMax><RetStart>" << start << "</RetStart>";
  if (request.parameter("usehistory") == "y") {
    history_.push_back(found);
    body << "<QueryKey>" << history_.size() << "</QueryKey>"
         << "<WebEnv>MCID_69220000aaaabbbbccccdddd</WebEnv>";
  }
  if (start >= end) {
    body << "<IdList/>";
  } else {
    body << "<IdList>\n";
    const bool accessions = request.parameter("idtype") == "acc" && !gis_;
    for (std::size_t i = start; i < end; ++i)
      body << "<Id>" << (accessions ? records_[found[i]].accession : records_[found[i]].gi)
           << "</Id>\n";
    body << "</IdList>";
  }
  // Count stands in each TermSet as well, where nobody should read it.
  body << "<TranslationSet/><TranslationStack>   <TermSet>    <Term>" << escaped(term)
       << "[All Fields]</Term>    <Field>All Fields</Field>    <Count>987654</Count>    "
          "<Explode>N</Explode>   </TermSet>   <OP>GROUP</OP>  </TranslationStack>"
       << "<QueryTranslation>" << escaped(term) << "[All Fields] AND pdb[filter]</QueryTranslation>"
       << error_list_;
  if (found.empty())
    body << "<WarningList><OutputMessage>No items found.</OutputMessage></WarningList>";
  body << "</eSearchResult>\n";
  return xml(body.str());
}

ServerReply FakeEutils::efetch(const LoggedRequest& request) const {
  const std::string rettype = request.parameter("rettype");
  std::stringstream ids(request.parameter("id"));
  std::string body;
  const auto withheld = withheld_.find(rettype);
  for (std::string id; std::getline(ids, id, ',');) {
    const auto record = std::find_if(records_.begin(), records_.end(), [&](const FakeRecord& r) {
      return r.gi == id || r.accession == id;
    });
    if (record == records_.end()) continue;
    if (withheld != withheld_.end() && withheld->second.count(record->accession)) continue;
    if (rettype == "acc") {
      body += record->accession + "\n";
      continue;
    }
    const std::size_t split = record->accession.rfind('_');
    const std::string piped =
        "pdb|" + record->accession.substr(0, split) + "|" + record->accession.substr(split + 1);
    body += defline_ == Defline::pdb      ? ">" + piped
            : defline_ == Defline::gi_pdb ? ">gi|" + record->gi + "|" + piped
                                          : ">" + record->accession;
    body += " " + record->title + "\nMKVLAAGIVGLLLAQPAWADDEKRSTNPWYH\nGGSA\n\n";
  }
  if (body.empty())
    return {400,
            "ID list is empty! In it there are neither IDs nor accessions.\n Error: "
            "CEFetchPApplication::proxy_stream(): HTTP/1.1 400 Bad Request\n\n",
            "text/plain"};
  return {200, body, "text/plain"};
}

namespace fault {

ServerReply rate_limited(const LoggedRequest& request, ServerReply) {
  const std::string key = request.parameter("api_key");
  return {429,
          "{\"error\":\"API rate limit exceeded\",\"api-key\":\"" +
              (key.empty() ? "127.0.0.1" : key) + "\",\"count\":\"4\",\"limit\":\"3\"}\n",
          "application/json",
          {{"X-RateLimit-Limit", "3"}}};
}
ServerReply backend_failed(const LoggedRequest&, ServerReply) {
  return esearch_error(
      "Search Backend failed: Couldn't resolve #PMQuerySrv_7?dbaf=protein, the address table is "
      "empty.");
}
ServerReply backend_failed_400(const LoggedRequest&, ServerReply) {
  return esearch_error("Search Backend failed: read timed out", 400);
}
ServerReply web_page(const LoggedRequest&, ServerReply) {
  return {200,
          "<!DOCTYPE html>\n<html lang=\"en\"><head><title>NCBI - WWW Error</title></head>"
          "<body><p>Something is wrong<br></body></html>\n",
          "text/html"};
}
ServerReply diagnostic(const LoggedRequest&, ServerReply) {
  return {500, "<html><head><title>NCBI/eutils4 - WWW Error 500 Diagnostic</title></head></html>\n",
          "text/html"};
}
ServerReply unavailable(const LoggedRequest&, ServerReply) {
  return {503, "The service is temporarily unavailable\n", "text/plain"};
}
ServerReply history_lost(const LoggedRequest&, ServerReply) {
  return esearch_error("Unable to obtain query #1");
}
ServerReply only_a_prolog(const LoggedRequest&, ServerReply) { return xml(esearch_doctype); }
ServerReply half_body(const LoggedRequest&, ServerReply reply) {
  reply.body.resize(reply.body.size() / 2);
  return reply;
}
ServerReply cut(const LoggedRequest&, ServerReply reply) {
  reply.ending = ServerReply::Ending::cut;
  return reply;
}
ServerReply dropped(const LoggedRequest&, ServerReply reply) {
  reply.ending = ServerReply::Ending::drop;
  return reply;
}
ServerReply proxy_stream(const LoggedRequest&, ServerReply) {
  return xml(
      "<eFetchResult>\n\t<ERROR>CEFetchPApplication::proxy_stream(): Failed to connect to the "
      "record service</ERROR>\n</eFetchResult>\n",
      400);
}
ServerReply breaks_off(const LoggedRequest&, ServerReply reply) {
  reply.body.resize(reply.body.size() / 2);
  reply.body += "\nError+reading+from+remote+server\n";
  return reply;
}
FakeEutils::Fault retry_after(int status, std::string value) {
  return [status, value = std::move(value)](const LoggedRequest& request, ServerReply reply) {
    reply = rate_limited(request, std::move(reply));
    reply.status = status;
    reply.headers["Retry-After"] = value;
    return reply;
  };
}

}  // namespace fault

}  // namespace test_support
