// SPDX-License-Identifier: MIT
// What it costs to put made-up entries together by their sequences, as `--unique-identity` does.
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <modesweep/protein_clusters.hpp>

namespace {

using namespace modesweep;
using Sequences = std::vector<std::string>;

/// Sequences as the PDB has them: proteins that many entries are of and such as one is of, mutants,
/// homologues, ends and loops that were not seen.
class Archive {
 public:
  explicit Archive(std::size_t entries) {
    for (std::size_t i = 0; i < entries / 2; ++i) {
      const bool is_homologue = !proteins_.empty() && below(4) == 0;
      proteins_.push_back(
          is_homologue ? mutated(proteins_[below(proteins_.size())], 0.05 + 0.5 * uniform_(random_))
                       : made_up());
    }
  }

  Sequences entry(std::size_t chains) {
    Sequences sequences;
    while (sequences.size() < chains) {
      // Few of the proteins are in most of the entries.
      const double rank = std::pow(static_cast<double>(proteins_.size()), uniform_(random_));
      const std::string& protein = proteins_[static_cast<std::size_t>(rank) - 1];
      const std::size_t copies = 1 + below(std::min<std::size_t>(4, chains - sequences.size()));
      const std::string mutant = below(3) == 0 ? mutated(protein, 0.01) : protein;
      for (std::size_t i = 0; i < copies; ++i) sequences.push_back(seen(mutant));
    }
    return sequences;
  }

  /// Like antibodies: 220 residues, of which a quarter, in four stretches, is of each its own.
  std::vector<Sequences> family(std::size_t entries) {
    std::string ancestor(220, ' ');
    for (char& letter : ancestor) letter = residue();
    std::vector<Sequences> made;
    for (std::size_t i = 0; i < entries; ++i) {
      std::string sequence = ancestor;
      for (const std::size_t first : {20, 70, 120, 170})
        for (std::size_t place = first; place < first + 13; ++place) sequence[place] = residue();
      sequence.insert(30, std::string(below(5), residue()));
      made.push_back({sequence});
    }
    return made;
  }

 private:
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

  /// By the frequencies in UniProtKB/Swiss-Prot, in percent.
  char residue() {
    static constexpr const char* letters = "ARNDCQEGHILKMFPSTWYV";
    static std::discrete_distribution<std::size_t> frequencies{
        8.25, 5.53, 4.06, 5.46, 1.38, 3.93, 6.72, 7.07, 2.27, 5.91,
        9.65, 5.80, 2.41, 3.86, 4.74, 6.65, 5.36, 1.10, 2.92, 6.86};
    return letters[frequencies(random_)];
  }

  /// Chains of the PDB have 250 residues in the middle, a tenth of them more than 550.
  std::string made_up() {
    std::lognormal_distribution<double> lengths(std::log(250.0), 0.62);
    std::string sequence(static_cast<std::size_t>(std::clamp(lengths(random_), 20.0, 3000.0)), ' ');
    for (char& letter : sequence) letter = residue();
    return sequence;
  }

  std::string mutated(std::string sequence, double part) {
    for (char& letter : sequence)
      if (uniform_(random_) < part) letter = residue();
    return sequence;
  }

  std::string seen(std::string sequence) {
    for (std::size_t loops = below(4); loops > 1; --loops)
      sequence.erase(below(sequence.size()), std::min<std::size_t>(3 + below(12), 10));
    sequence.erase(0, std::min(below(5), sequence.size() / 2));
    sequence.resize(sequence.size() - std::min(below(5), sequence.size() / 2));
    return sequence;
  }

  std::mt19937_64 random_{20261129};
  std::uniform_real_distribution<double> uniform_;
  Sequences proteins_;
};

void measure(const std::vector<Sequences>& entries, const std::vector<double>& percents) {
  std::set<std::string> distinct;
  for (const Sequences& sequences : entries) distinct.insert(sequences.begin(), sequences.end());
  std::size_t residues = 0;
  for (const std::string& sequence : distinct) residues += sequence.size();
  fmt::print("{} entries of {} chains, {} distinct sequences of {} residues on average\n",
             entries.size(), entries.front().size(), distinct.size(), residues / distinct.size());
  for (const double percent : percents) {
    const std::clock_t start = std::clock();
    ProteinClusters clusters(percent);
    for (const Sequences& sequences : entries) clusters.add("", sequences);
    std::vector<std::size_t> numbers = clusters.of_entries();
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    std::sort(numbers.begin(), numbers.end());
    const auto proteins = std::unique(numbers.begin(), numbers.end()) - numbers.begin();
    struct rusage usage {};
    ::getrusage(RUSAGE_SELF, &usage);
    fmt::print("{:5} % {:7} clusters {:8.2f} s of CPU time {:6} MB at most\n", percent, proteins,
               seconds, usage.ru_maxrss / 1000);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || std::stoul(argv[1]) == 0) {
    fmt::print(stderr, "usage: protein_clusters ENTRIES CHAINS|family PERCENT...\n");
    return EXIT_FAILURE;
  }
  const std::size_t count = std::stoul(argv[1]);
  const std::string chains = argv[2];
  Archive archive(count);
  std::vector<Sequences> entries;
  if (chains == "family") entries = archive.family(count);
  while (entries.size() < count) entries.push_back(archive.entry(std::stoul(chains)));
  std::vector<double> percents;
  for (int i = 3; i < argc; ++i) percents.push_back(std::stod(argv[i]));
  measure(entries, percents);
  return EXIT_SUCCESS;
}
