// SPDX-License-Identifier: MIT
#include <modesweep/protein_clusters.hpp>

#include <algorithm>
#include <utility>

#include "results/sequence_alignment.hpp"

namespace modesweep {
namespace {

/// Percent of the longer sequence's residues that the shorter one has at least: MMseqs2's default.
constexpr std::size_t least_coverage = 80;

template <class Number>
void keep_each_once(std::vector<Number>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

/// A k-mer as a number, and how often a sequence has it.
struct Kmer {
  std::uint32_t code;
  std::uint32_t count;
};

constexpr std::uint32_t letters = 26;
constexpr std::uint32_t kmer_codes = letters * letters * letters;
static_assert(kmer_length == 3);

std::vector<Kmer> kmers_of(std::string_view sequence) {
  std::vector<std::uint32_t> codes;
  std::uint32_t code = 0;
  std::size_t known = 0;  // residues on end
  for (const char residue : sequence) {
    known = is_known_residue(residue) ? known + 1 : 0;
    code =
        (code * letters + (known > 0 ? static_cast<std::uint32_t>(residue - 'A') : 0)) % kmer_codes;
    if (known >= kmer_length) codes.push_back(code);
  }
  std::sort(codes.begin(), codes.end());
  std::vector<Kmer> kmers;
  for (const std::uint32_t next : codes) {
    if (kmers.empty() || kmers.back().code != next) kmers.push_back({next, 0});
    ++kmers.back().count;
  }
  return kmers;
}

/// The sequences that stand for their clusters, the longest first.
class Representatives {
 public:
  explicit Representatives(double percent) : percent_(percent), postings_(kmer_codes) {}

  /// Of the first that the sequence is like; else it becomes one itself. None may be longer than
  /// one before it.
  std::size_t cluster_of(std::string_view sequence) {
    const std::vector<Kmer> kmers = kmers_of(sequence);
    shared_.assign(sequences_.size(), 0);
    for (const auto& [code, count] : kmers)
      for (const Posting& posting : postings_[code])
        shared_[posting.cluster] += std::min(count, posting.count);
    const std::size_t needed = identical_needed(sequence.size(), percent_);
    const std::size_t fewest = fewest_shared_kmers(sequence.size(), needed);
    CommonSubsequence common(sequence);
    for (std::size_t cluster = first_covered_by(sequence); cluster < sequences_.size(); ++cluster) {
      const std::string_view other = sequences_[cluster];
      if (shared_[cluster] >= fewest && common.length_with(other) >= needed &&
          (is_identical_without_gap(sequence, other, needed) ||
           identical_residues(sequence, other) >= needed))
        return cluster;
    }
    return add(sequence, kmers);
  }

 private:
  struct Posting {
    std::uint32_t cluster;
    std::uint32_t count;
  };

  std::size_t first_covered_by(std::string_view sequence) const {
    const auto first =
        std::partition_point(sequences_.begin(), sequences_.end(), [&](std::string_view other) {
          return 100 * sequence.size() < least_coverage * other.size();
        });
    return static_cast<std::size_t>(first - sequences_.begin());
  }

  std::size_t add(std::string_view sequence, const std::vector<Kmer>& kmers) {
    const std::size_t cluster = sequences_.size();
    for (const auto& [code, count] : kmers)
      postings_[code].push_back({static_cast<std::uint32_t>(cluster), count});
    sequences_.push_back(sequence);
    return cluster;
  }

  const double percent_;
  std::vector<std::string_view> sequences_;
  std::vector<std::vector<Posting>> postings_;  // of each k-mer
  std::vector<std::size_t> shared_;             // k-mers, with each of `sequences_`
};

}  // namespace

void ProteinClusters::add(const std::string& protein, const std::vector<std::string>& sequences) {
  if (percent_ && !sequences.empty()) {
    std::vector<Sequence> set;
    for (const std::string& sequence : sequences)
      set.push_back(
          sequences_.emplace(sequence, static_cast<Sequence>(sequences_.size())).first->second);
    keep_each_once(set);
    const std::size_t number = sets_.emplace(std::move(set), sets_.size()).first->second;
    entries_.push_back({Entry::By::sequences, number});
    return;
  }
  if (percent_) ++without_sequence_;
  if (protein.empty())
    entries_.push_back({Entry::By::itself, 0});
  else
    entries_.push_back(
        {Entry::By::protein, proteins_.emplace(protein, proteins_.size()).first->second});
}

std::vector<std::size_t> ProteinClusters::of_entries() const {
  const std::vector<std::size_t> cluster_of_sequence = cluster_sequences();
  std::map<std::vector<std::size_t>, std::size_t> numbers;  // of sets of clusters
  std::vector<std::size_t> number_of_set(sets_.size());
  for (const auto& [sequences, set] : sets_) {
    std::vector<std::size_t> clusters;
    for (const Sequence sequence : sequences) clusters.push_back(cluster_of_sequence[sequence]);
    keep_each_once(clusters);
    number_of_set[set] = numbers.emplace(std::move(clusters), numbers.size()).first->second;
  }
  const std::size_t first_protein = numbers.size();
  std::size_t alone = first_protein + proteins_.size();
  std::vector<std::size_t> clusters;
  clusters.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    switch (entry.by) {
      case Entry::By::sequences: clusters.push_back(number_of_set[entry.number]); break;
      case Entry::By::protein: clusters.push_back(first_protein + entry.number); break;
      case Entry::By::itself: clusters.push_back(alone++); break;
    }
  }
  return clusters;
}

std::vector<std::size_t> ProteinClusters::cluster_sequences() const {
  std::vector<std::pair<std::string_view, Sequence>> ordered(sequences_.begin(), sequences_.end());
  // By their contents alone, so that nothing depends on the order in which entries came.
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
    return a.first.size() != b.first.size() ? a.first.size() > b.first.size() : a.first < b.first;
  });
  std::vector<std::size_t> clusters(ordered.size());
  if (ordered.empty()) return clusters;
  Representatives representatives(*percent_);
  for (const auto& [sequence, number] : ordered)
    clusters[number] = representatives.cluster_of(sequence);
  return clusters;
}

}  // namespace modesweep
