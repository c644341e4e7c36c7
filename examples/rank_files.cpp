// SPDX-License-Identifier: MIT
// Ranks structure files by the fractional variance of their first mode: rank_files FILE...
#include <iostream>

#include <modesweep/rank_job.hpp>
#include <modesweep/writers.hpp>

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

int main(int argc, char** argv) try {
  modesweep::RankRequest request;
  request.input.source = modesweep::Source::files;
  request.input.files.assign(argv + 1, argv + argc);
  request.machine.result_cache = false;

  Progress progress;
  modesweep::SilentReporter reporter;
  modesweep::RankJob job(request, reporter);
  job.observe(progress);
  const modesweep::RankResult result = job.run();
  write_tsv(std::cout, *result.rows, modesweep::default_columns());
  return result.rows->ranked() == 0 ? 1 : 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
