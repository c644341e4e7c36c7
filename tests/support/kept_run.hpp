// SPDX-License-Identifier: MIT
// What a run on disk has of a ranking, all of it in memory.
#pragma once

#include <filesystem>
#include <memory>

#include <modesweep/outcome.hpp>
#include <modesweep/ranking.hpp>
#include <modesweep/run_store.hpp>

namespace test_support {

inline modesweep::Ranking ranking_of(const std::filesystem::path& run) {
  const std::unique_ptr<modesweep::RunView> view = modesweep::RunView::open(run);
  modesweep::Ranking ranking;
  view->ranked_rows({})->for_each([&](const auto& row) { ranking.rows.push_back(row); });
  view->for_each_left_out([&](const auto& entry) { ranking.left_out.push_back(entry); });
  return ranking;
}

/// How many entries of a run are in the ranking so far; none where there is no run yet.
inline std::size_t rows_kept(const std::filesystem::path& run) {
  if (!std::filesystem::exists(run / "run.sqlite")) return 0;
  try {
    return modesweep::RunView::open(run)->ranked_rows({})->ranked();
  } catch (const modesweep::RunError&) {
    return 0;  // it is only just being made
  }
}

}  // namespace test_support
