// SPDX-License-Identifier: MIT
#include "sources/ncbi_replies.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include <modesweep/pdb_id.hpp>

#include "base/text.hpp"
#include "sources/curl_setup.hpp"

namespace modesweep {
namespace {

using Kind = NcbiVerdict::Kind;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

template <std::size_t N>
bool contains_any(std::string_view text, const std::array<std::string_view, N>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [text](std::string_view part) { return contains(text, part); });
}

/// The body without blanks at its ends and without a byte order mark.
std::string_view trimmed_body(std::string_view body) {
  if (body.starts_with("\xef\xbb\xbf")) body.remove_prefix(3);
  return trimmed(body);
}

// Messages that NCBI inserts where a text reply broke off (list of K. Blin,
// ncbi-entrez-error-messages), without blanks: it also writes them with '+' between the words.
constexpr std::array<std::string_view, 12> inserted_messages = {
    "Errorreadingfromremoteserver",
    "Badgateway",
    "BadGateway",
    "CannotprocessIDlist",
    "serveristemporarilyunabletoserviceyourrequest",
    "Serviceunavailable",
    "ServerError",
    "IDlistisempty",
    "Suppliedidparameterisempty",
    "Resourcetemporarilyunavailable",
    "Failedtoretrievesequence",
    "Failedtounderstandid",
};

bool ends_in_message(std::string_view text) {
  std::string tail(text.substr(text.size() - std::min<std::size_t>(text.size(), 200)));
  std::erase_if(tail, [](char c) { return is_blank(c) || c == '+'; });
  return contains_any(tail, inserted_messages);
}

NcbiVerdict by_status(long status, std::string_view what) {
  if (status == 429) return {Kind::retry, "too many requests in one second (status 429)"};
  // 400 is also how a failure of the backend arrives.
  const bool passing =
      status < 300 || status == 400 || status == 408 || status == 425 || status >= 500;
  return {passing ? Kind::retry : Kind::refused, fmt::format("{} (status {})", what, status)};
}

NcbiVerdict by_error_text(long status, std::string_view text) {
  const std::string folded = ascii_lower(text);
  const std::string said = quotable(text);
  static constexpr std::array<std::string_view, 2> unknown_ids = {"id list is empty",
                                                                  "has no correct ids"};
  static constexpr std::array<std::string_view, 1> lost = {"unable to obtain query"};
  static constexpr std::array<std::string_view, 6> fault = {
      "cannot be larger than", "out of range", "empty term",
      "nothing todo",          "wildcard",     "invalid db name"};
  static constexpr std::array<std::string_view, 2> backend = {"proxy_stream", "backend failed"};
  if (contains_any(folded, unknown_ids)) return {Kind::empty, "the records do not exist"};
  if (contains_any(folded, lost))
    return {Kind::history_lost, fmt::format("the stored result set is gone ({})", said)};
  if (contains_any(folded, fault)) return {Kind::bad_request, said};
  if (contains_any(folded, backend) || ends_in_message(text)) return {Kind::retry, said};
  if (contains(folded, "api key") && !contains(folded, "rate limit"))
    return {Kind::bad_request, "the API key is not accepted"};
  if (status == 400) return {Kind::bad_request, said};
  return {by_status(status, "").kind, said};
}

// Never quoted as it is: the reply to too many requests holds the API key.
NcbiVerdict classify_json(long status, std::string_view text) {
  constexpr std::size_t longest = std::size_t{64} << 10;  // an error is a line or two
  const nlohmann::json json =
      text.size() > longest ? nlohmann::json() : nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return by_status(status, "broken JSON in place of the data");
  std::string error;
  if (const auto found = json.find("error"); found != json.end() && found->is_string())
    error = *found;
  else if (const auto result = json.find("esearchresult");
           result != json.end() && result->is_object())
    error = result->value("ERROR", "");
  if (contains(ascii_lower(error), "rate limit")) return by_status(429, "");
  if (error.empty()) return by_status(status, "JSON in place of the data");
  return by_error_text(status, error);
}

/// False also where it is XML that takes more memory than any reply of NCBI, of 10,000 records at
/// most: an element of four bytes takes some seventy once it is parsed, and an attribute forty.
bool load_xml(pugi::xml_document& document, std::string_view text) {
  constexpr std::ptrdiff_t most_marks = 500'000;
  const auto marks =
      std::count_if(text.begin(), text.end(), [](char c) { return c == '<' || c == '='; });
  return marks <= most_marks && document.load_buffer(text.data(), text.size());
}

bool is_html(std::string_view text) {
  const std::string head = ascii_lower(text.substr(0, 1000));
  return contains(head, "<!doctype html") || contains(head, "<html");
}

NcbiVerdict classify_xml(long status, std::string_view text) {
  pugi::xml_document document;
  if (!load_xml(document, text)) {
    // Some errors come as plain text; a cut reply is never looked into.
    if (!text.starts_with('<') && !text.empty() && status >= 400)
      return by_error_text(status, text);
    return by_status(status, "a reply that is cut short or is not XML");
  }
  std::string errors;
  for (const pugi::xml_node error : document.document_element().children("ERROR")) {
    if (!errors.empty()) errors += "; ";
    errors += trimmed(error.text().get());
  }
  if (!errors.empty()) return by_error_text(status, errors);
  if (status != 200) return by_status(status, "an error without an explanation");
  return {Kind::data, {}};
}

NcbiVerdict classify_text(long status, std::string_view text, NcbiFormat format) {
  if (status != 200)
    return text.empty() ? by_status(status, "an error without an explanation")
                        : by_error_text(status, text);
  if (text.empty()) return {Kind::empty, "an empty reply"};
  if (text.starts_with("ID list is empty")) return by_error_text(status, text);
  if (text.starts_with("Error") || ends_in_message(text) || contains(ascii_lower(text), "<html"))
    return {Kind::retry, "a reply that breaks off with an error message"};
  const bool expected =
      format == NcbiFormat::fasta
          ? text.starts_with('>')
          : std::none_of(text.begin(), text.end(), [](char c) { return c == ' ' || c == '<'; });
  if (!expected) return {Kind::retry, "a reply that is not what was asked for"};
  return {Kind::data, {}};
}

std::optional<std::int64_t> number(const char* text) {
  const std::string_view digits = trimmed(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || value < 0)
    return std::nullopt;
  return value;
}

template <class F>
void for_each_line(std::string_view text, F f) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    f(trimmed(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

bool is_chain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_alnum);
}

}  // namespace

NcbiVerdict classify_ncbi_reply(long status, std::string_view body, NcbiFormat format) {
  const std::string_view text = trimmed_body(body);
  if (status == 414) return {Kind::use_post, "the request is too long for GET"};
  if (text.starts_with('{')) return classify_json(status, text);
  if (text.starts_with('<') && is_html(text))
    return by_status(status, "a web page in place of the data");
  if (format == NcbiFormat::xml || text.starts_with('<')) {
    NcbiVerdict verdict = classify_xml(status, text);
    if (verdict.kind == Kind::data && format != NcbiFormat::xml)
      return {Kind::retry, "XML in place of the data"};
    return verdict;
  }
  return classify_text(status, text, format);
}

std::optional<EsearchReply> parse_esearch(std::string_view body) {
  const std::string_view text = trimmed_body(body);
  pugi::xml_document document;
  if (!load_xml(document, text)) return std::nullopt;
  // Direct children only: Count also occurs deep inside, once for each term of the query.
  const pugi::xml_node root = document.child("eSearchResult");
  const auto count = number(root.child_value("Count"));
  const auto ret_start = number(root.child_value("RetStart"));
  const pugi::xml_node id_list = root.child("IdList");
  if (!count || !ret_start || !id_list) return std::nullopt;
  EsearchReply reply;
  reply.count = *count;
  reply.ret_start = *ret_start;
  for (const pugi::xml_node id : id_list.children("Id"))
    reply.ids.emplace_back(trimmed(id.child_value()));
  reply.query_key = trimmed(root.child_value("QueryKey"));
  reply.web_env = trimmed(root.child_value("WebEnv"));
  reply.query_translation = trimmed(root.child_value("QueryTranslation"));

  for (const pugi::xml_node list : {root.child("ErrorList"), root.child("WarningList")})
    for (const pugi::xml_node item : list.children()) {
      const std::string_view kind = item.name();
      const std::string words(trimmed(item.child_value()));
      const std::string shown = quotable(words);
      if (kind == "PhraseNotFound" || kind == "QuotedPhraseNotFound") {
        reply.not_found.push_back(words);
        reply.warnings.push_back(
            fmt::format("NCBI does not know the phrase {} and left it out of the search", shown));
      } else if (kind == "FieldNotFound") {
        reply.not_found.push_back(words);
        reply.warnings.push_back(fmt::format("NCBI does not know the search field {}", shown));
      } else if (kind == "PhraseIgnored") {
        reply.warnings.push_back(fmt::format("NCBI ignored the phrase {}", shown));
      } else if (kind == "OutputMessage" && !words.starts_with("No items found")) {
        reply.warnings.push_back("NCBI says: " + shown);
      }
    }
  return reply;
}

std::optional<std::string> entry_of_accession(std::string_view accession) {
  // The last one: pdb_00003vqm_W has an underscore of its own.
  const std::size_t split = accession.rfind('_');
  if (split == std::string_view::npos || !is_chain(accession.substr(split + 1)))
    return std::nullopt;
  return normalise_pdb_id(accession.substr(0, split));
}

std::optional<std::string> entry_of_defline(std::string_view line) {
  if (!line.starts_with('>')) return std::nullopt;
  std::string_view name = line.substr(1, line.find_first_of(" \t\r\n\x01") - 1);
  if (name.starts_with("gi|")) {
    const std::size_t end = name.find('|', 3);
    if (end == std::string_view::npos || end == 3 ||
        !std::all_of(name.begin() + 3, name.begin() + static_cast<std::ptrdiff_t>(end), is_digit))
      return std::nullopt;
    name.remove_prefix(end + 1);
  }
  if (!name.starts_with("pdb|")) return entry_of_accession(name);
  name.remove_prefix(4);
  const std::size_t split = name.find('|');
  if (split == std::string_view::npos) return std::nullopt;
  const std::string_view chain = name.substr(split + 1);
  if (!chain.empty() && !is_chain(chain)) return std::nullopt;
  return normalise_pdb_id(name.substr(0, split));
}

std::vector<std::optional<std::string>> entries_of_records(std::string_view body,
                                                           NcbiFormat format) {
  std::vector<std::optional<std::string>> entries;
  for_each_line(body, [&](std::string_view line) {
    if (format == NcbiFormat::fasta ? line.starts_with('>') : !line.empty())
      entries.push_back(format == NcbiFormat::fasta ? entry_of_defline(line)
                                                    : entry_of_accession(line));
  });
  return entries;
}

}  // namespace modesweep
