// SPDX-License-Identifier: MIT
// The alignment is gemmi's, whose releases differ in it: here is what they are asked alike.
#include "comparison/sequence_alignment.hpp"

#include <cstdint>
#include <gemmi/fail.hpp>
#include <gemmi/seqalign.hpp>

#include "structure/residue_names.hpp"

namespace modesweep {
namespace {

const gemmi::AlignmentScoring& blosum62() {
#ifdef GEMMI_DLL  // release 0.6 and later
  return *gemmi::AlignmentScoring::blosum62();
#else
  static const gemmi::AlignmentScoring scoring = gemmi::prepare_blosum62_scoring();
  return scoring;
#endif
}

/// What it costs to open a gap at each place of the target, or, before release 0.6, whether that is
/// free.
#ifdef GEMMI_DLL
std::vector<int> gap_openings(const std::vector<bool>& free_gaps,
                              const gemmi::AlignmentScoring& scoring) {
  std::vector<int> openings;
  for (const bool is_free : free_gaps) openings.push_back(is_free ? 0 : scoring.gapo);
  return openings;
}
#else
const std::vector<bool>& gap_openings(const std::vector<bool>& free_gaps,
                                      const gemmi::AlignmentScoring&) {
  return free_gaps;
}
#endif

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
