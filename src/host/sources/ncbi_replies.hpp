// SPDX-License-Identifier: MIT
// What NCBI's E-utilities say, told from the bytes of a reply alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace modesweep {

/// What was asked for.
enum class NcbiFormat { xml, accessions, fasta };

struct NcbiVerdict {
  enum class Kind {
    data,          ///< as asked for
    retry,         ///< a passing failure
    empty,         ///< the records asked for do not exist
    history_lost,  ///< the stored result set is gone: the search must be repeated
    bad_request,   ///< the request itself is at fault; a repetition cannot help
    refused,       ///< the service will not serve us (401, 403, 404 ...)
    use_post,      ///< the request is too long for GET
  };
  Kind kind;
  std::string message;  ///< one clause, without a full stop; empty for data
};

/// Looks at the body first and at the status second: errors arrive with status 200, and failures of
/// NCBI's own backend as 400.
NcbiVerdict classify_ncbi_reply(long status, std::string_view body, NcbiFormat format);

struct EsearchReply {
  std::int64_t count = 0;
  std::int64_t ret_start = 0;
  std::vector<std::string> ids;  ///< never as numbers: GIs exceed 32 bits
  std::string query_key;
  std::string web_env;
  std::string query_translation;
  std::vector<std::string> not_found;  ///< phrases that NCBI dropped from the query
  std::vector<std::string> warnings;   ///< one clause each, for every phrase dropped and more
};

/// Nothing where the reply is not a whole, well-formed eSearchResult.
std::optional<EsearchReply> parse_esearch(std::string_view body);

/// The PDB entry of a chain's accession such as 3VQM_W or pdb_00003vqm_W.
std::optional<std::string> entry_of_accession(std::string_view accession);

/// The PDB entry of a FASTA header in any of NCBI's styles: `>pdb|3VQM|W ...`,
/// `>gi|123|pdb|3VQM|W ...` and `>3VQM_W ...`. Only the identifier is looked at.
std::optional<std::string> entry_of_defline(std::string_view line);

/// The entries of a reply with one record a line (accessions) or a header (FASTA), in its order;
/// nothing for a record that is not of the PDB.
std::vector<std::optional<std::string>> entries_of_records(std::string_view body,
                                                           NcbiFormat format);

}  // namespace modesweep
