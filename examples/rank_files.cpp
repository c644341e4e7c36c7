// SPDX-License-Identifier: MIT
// Ranks structure files by the fractional variance of their first mode: rank_files FILE...
#include <iostream>
#include <memory>
#include <string>

#include <modesweep/modes.hpp>
#include <modesweep/pipeline.hpp>
#include <modesweep/ranking.hpp>

/// Is told of each entry as it is solved, on the thread that solved it.
struct Progress : modesweep::EntryObserver {
  void started(std::int64_t, const std::filesystem::path&) override {}
  void parsed(std::int64_t) override {}
  void solved(std::int64_t, const modesweep::Row& row) override {
    std::clog << "solved " + row.header.id + '\n';
  }
  void left_out(std::int64_t, const modesweep::LeftOut& entry) override {
    std::clog << entry.id + ": " + entry.failure.message + '\n';
  }
};

int main(int argc, char** argv) {
  Progress progress;
  modesweep::PipelineOptions options;
  options.threads = modesweep::usable_cpus();
  options.max_memory = modesweep::usable_memory() / 2;
  options.observers = {&progress};

  const std::unique_ptr<modesweep::ModeSolver> solver = modesweep::make_shift_invert_solver();
  modesweep::SilentReporter reporter;
  modesweep::Pipeline pipeline(options, *solver, reporter);
  for (int i = 1; i < argc; ++i) pipeline.submit("", argv[i]);
  const modesweep::Ranking ranking = pipeline.finish();
  modesweep::write_tsv(std::cout, ranking.rows, modesweep::default_columns());
  return ranking.rows.empty() ? 1 : 0;
}
