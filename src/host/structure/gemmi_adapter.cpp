// SPDX-License-Identifier: MIT
#include "structure/gemmi_adapter.hpp"

#include <algorithm>
#include <cstdint>

// Debian's gemmi comes without stb_sprintf, which nothing here needs.
#define USE_STD_SNPRINTF
#include <gemmi/fail.hpp>
#include <gemmi/resinfo.hpp>
#include <gemmi/select.hpp>
#include <gemmi/seqalign.hpp>

#include "structure/residue_names.hpp"

namespace modesweep {
namespace {

// Since 0.6 gemmi has a compiled part, whose functions bear this mark, kinds of residues are an
// enumeration of their own, and the alignment takes what it costs to open a gap at each place, not
// whether that is free.
#ifdef GEMMI_DLL
constexpr auto d_amino_acid = gemmi::ResidueKind::AAD;

const gemmi::AlignmentScoring& blosum62() { return *gemmi::AlignmentScoring::blosum62(); }

std::vector<int> gap_openings(const std::vector<bool>& free_gaps,
                              const gemmi::AlignmentScoring& scoring) {
  std::vector<int> openings;
  for (const bool is_free : free_gaps) openings.push_back(is_free ? 0 : scoring.gapo);
  return openings;
}
#else
constexpr auto d_amino_acid = gemmi::ResidueInfo::AAD;

const gemmi::AlignmentScoring& blosum62() {
  static const gemmi::AlignmentScoring scoring = gemmi::prepare_blosum62_scoring();
  return scoring;
}

const std::vector<bool>& gap_openings(const std::vector<bool>& free_gaps,
                                      const gemmi::AlignmentScoring&) {
  return free_gaps;
}
#endif

/// The part of a selection that is about numbers and names of residues.
std::string_view residues_of(std::string_view cid) {
  cid = cid.substr(0, cid.find(';'));
  const std::size_t fields_before = cid.starts_with('/')                      ? 3
                                    : cid.find_first_of("0123456789.(-") == 0 ? 0
                                                                              : 1;
  for (std::size_t i = 0; i < fields_before; ++i) {
    const std::size_t end = cid.find('/');
    if (end == std::string_view::npos) return {};
    cid.remove_prefix(end + 1);
  }
  return cid.substr(0, cid.find('/'));
}

gemmi::Selection parsed(const std::string& cid) {
  gemmi::Selection selection(cid);
  // Up to 0.5 one number without a range begins one that has no end.
  if (!selection.from_seqid.empty() && selection.to_seqid.empty() &&
      residues_of(cid).find('-') == std::string_view::npos)
    selection.to_seqid = selection.from_seqid;
  const bool by_occupancy =
      std::any_of(selection.atom_inequalities.begin(), selection.atom_inequalities.end(),
                  [](const auto& inequality) { return inequality.property == 'q'; });
  for (const auto& [asked, what] : {std::pair(!selection.altlocs.all, "alternate locations"),
                                    std::pair(by_occupancy, "occupancies"),
                                    std::pair(!selection.entity_types.all, "types of entities")})
    if (asked) gemmi::fail("nodes are not selected by ", what);
  return selection;
}

/// All letters, and how each pair of them scores. Releases before 0.6 read the matrix wrongly where
/// a sequence has letters that it lacks, so that it is made to lack none.
struct Alphabet {
  std::string letters;
  gemmi::AlignmentScoring scoring = blosum62();

  Alphabet() {
    const gemmi::AlignmentScoring& table = blosum62();
    for (const std::string& residue : table.matrix_encoding) letters += one_letter_code(residue);
    const std::size_t tabulated = letters.size();
    for (char letter = 'A'; letter <= 'Z'; ++letter)
      if (letters.find(letter) == std::string::npos) letters += letter;
    scoring.matrix_encoding.resize(letters.size());
    scoring.score_matrix.clear();
    for (std::size_t i = 0; i < letters.size(); ++i)
      for (std::size_t j = 0; j < letters.size(); ++j) {
        const int other = i == j ? table.match : table.mismatch;
        scoring.score_matrix.push_back(i < tabulated && j < tabulated
                                           ? table.score_matrix[i * tabulated + j]
                                           : static_cast<std::int8_t>(other));
      }
  }

  std::vector<std::uint8_t> encode(const std::string& sequence) const {
    std::vector<std::uint8_t> codes;
    for (const char letter : sequence)
      codes.push_back(static_cast<std::uint8_t>(letters.find(letter)));
    return codes;
  }
};

}  // namespace

TabulatedResidue tabulated_residue(std::string_view name) {
  const gemmi::ResidueInfo info = gemmi::find_tabulated_residue(std::string(name));
  return {info.one_letter_code, info.is_amino_acid(), info.kind == d_amino_acid,
          info.is_nucleic_acid()};
}

struct CidSelection::Parsed {
  gemmi::Selection selection;
};

CidSelection::CidSelection(const std::string& cid)
    : parsed_(std::make_unique<const Parsed>(Parsed{parsed(cid)})) {}
CidSelection::~CidSelection() = default;

int CidSelection::model() const { return parsed_->selection.mdl; }
bool CidSelection::has_chain(const std::string& name) const {
  return parsed_->selection.chain_ids.has(name);
}
bool CidSelection::is_of_other_chains() const { return parsed_->selection.chain_ids.inverted; }

bool CidSelection::matches(const Node& node) const {
  const gemmi::Selection& selection = parsed_->selection;
  const bool by_number = !selection.from_seqid.empty() || !selection.to_seqid.empty();
  const bool by_b_factor = !selection.atom_inequalities.empty();  // occupancies were refused
  if ((by_number && !node.number) || (by_b_factor && !node.b_factor)) return false;
  gemmi::Residue residue;
  residue.name = node.residue;
  residue.seqid = gemmi::SeqId(node.number.value_or(0), node.insertion);
  gemmi::Atom atom;
  atom.name = node.atom;
  atom.element = gemmi::Element(node.atom.substr(0, 1));  // CA, P, C4' and C2
  atom.b_iso = static_cast<float>(node.b_factor.value_or(0));
  return selection.matches(residue) && selection.matches(atom);
}

std::vector<std::pair<std::size_t, std::size_t>> align_sequences(
    const std::string& query, const std::string& target, const std::vector<bool>& free_gaps) {
  static const Alphabet alphabet;
  const gemmi::AlignmentResult result = gemmi::align_sequences(
      alphabet.encode(query), alphabet.encode(target), gap_openings(free_gaps, alphabet.scoring),
      static_cast<std::uint8_t>(alphabet.letters.size()), alphabet.scoring);
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  std::size_t i = 0, j = 0;
  for (const auto& item : result.cigar)
    for (std::uint32_t k = 0; k < item.len(); ++k) {
      if (item.op() == 'M') pairs.emplace_back(i, j);
      i += item.op() != 'D';
      j += item.op() != 'I';
    }
  return pairs;
}

}  // namespace modesweep
