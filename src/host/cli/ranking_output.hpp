// SPDX-License-Identifier: MIT
// A ranking as the options of `rank`, `resume` and `show` want it: which rows, how, and where to.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include <modesweep/log.hpp>
#include <modesweep/rank_job.hpp>
#include <modesweep/ranked_rows.hpp>

#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "cli/output_set.hpp"

namespace modesweep::cli {

/// Throws RunError (`request`) where a run is to show cores and has none.
void check_core(bool core, const RowOrder& order, const std::vector<Column>& columns,
                const Model& model);

/// One line where one protein holds more than half of the rows shown.
void note_dominant_protein(const RankedRows& rows, const Output& output, Reporter& reporter);

/// Whether what the row is ranked by moves a small part alone: its note `tail`, or of the core
/// `local`.
bool is_tail(const Row& row, bool core);

/// One line where more than a third of the rows shown are such.
void note_tails(std::size_t tails, std::size_t shown, bool core, Reporter& reporter);

/// A ranking that counts its tails as its rows go by, so that those of a large run are not read
/// once more for it.
class TailCounter final : public RankedRows {
 public:
  TailCounter(const RankedRows& rows, bool core) : rows_(rows), core_(core) {}

  std::size_t ranked() const override { return rows_.ranked(); }
  std::size_t matching() const override { return rows_.matching(); }
  std::size_t rows() const override { return rows_.rows(); }
  std::size_t shown() const override { return rows_.shown(); }
  std::size_t without_sequence() const override { return rows_.without_sequence(); }
  void for_each(const std::function<void(const Row&)>& visit) const override;
  std::optional<ProteinCount> dominant_protein() const override { return rows_.dominant_protein(); }

  std::size_t tails() const { return tails_; }  ///< of the rows that went by last

 private:
  const RankedRows& rows_;
  const bool core_;
  mutable std::size_t tails_ = 0;
};

/// To standard output. `partial`: not all entries are in it.
void print_ranking(const RankedRows& rows, const Output& output, const Model& model, bool partial);

/// What the options name. Hours of work must not end at a name that could never be written, nor at
/// one that is two of the outputs: throws RunError (`output`, `request`).
OutputSet check_outputs(const Output& output, Reporter& reporter);

/// Writes --failures, -o and its record beside it, or prints the rows where there is no -o. Where
/// the disk is full the rows go to standard output before RunError (`output`) is thrown. What is no
/// file has no record beside it.
void write_outputs(const RankedRows& rows, const LeftOutSource& left_out, const std::string& record,
                   const Output& output, const Model& model, bool partial);

/// What a run ends with that was neither interrupted nor cut off.
ExitCode exit_code_of(const RankResult& result, bool strict, bool allow_empty = false);

}  // namespace modesweep::cli
