// SPDX-License-Identifier: MIT
// A kept run of as many made-up rows as are wanted, and what it costs to read its ranking.
#include <sys/resource.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <random>
#include <string>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <modesweep/run_store.hpp>
#include <modesweep/writers.hpp>

namespace {

using namespace modesweep;

constexpr int modes = 20;
constexpr int rows_of_a_protein = 8;  // as often as the PDB has one, on average

double seconds_of(const auto& action) {
  const auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double peak_megabytes() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

std::filesystem::path file_of(std::int64_t number) {
  return fmt::format("/structures/{:02x}/{:08X}.cif.gz", number & 0xff, number);
}

Row made_up_row(std::int64_t number, std::int64_t rows, std::mt19937_64& random) {
  std::uniform_real_distribution<double> uniform;
  Row row;
  row.header.id = fmt::format("{:08X}", number);
  row.header.id_is_entry = true;
  row.header.title =
      fmt::format("CRYSTAL STRUCTURE OF MADE-UP PROTEIN {} IN ONE OF ITS FORMS", number);
  row.header.organisms = "HOMO SAPIENS";
  row.header.method = "X-RAY DIFFRACTION";
  row.header.resolution = 1 + 2 * uniform(random);
  row.header.revision = "2026-11-27";
  row.header.protein =
      fmt::format("P{:07}", static_cast<std::int64_t>(uniform(random) * static_cast<double>(rows)) /
                                rows_of_a_protein);
  row.file = file_of(number);
  row.sha256 = fmt::format("{:016x}{:016x}{:016x}{:016x}", random(), random(), random(), random());
  row.chains = 1 + static_cast<int>(4 * uniform(random));
  row.residues = static_cast<int>(60 * std::exp(3 * uniform(random)));
  row.models = row.components = 1;
  row.zero_modes = 6;
  double sum = 0, eigenvalue = 0;
  for (int mode = 0; mode < modes; ++mode) {
    eigenvalue += 0.01 + uniform(random);
    row.eigenvalues.push_back(eigenvalue);
    row.residuals.push_back(1e-13 * uniform(random));
    sum += 1 / eigenvalue;
  }
  for (const double value : row.eigenvalues) row.shares.push_back(1 / (value * sum));
  row.collectivities = {uniform(random), uniform(random), uniform(random)};
  row.bfactor_corr = uniform(random);
  row.solver = "shift-invert";
  row.backend = "cpu";
  row.seconds_parse = row.seconds_network = row.seconds_modes = uniform(random);
  return row;
}

struct Like {
  Settings parameters;
  std::map<std::string, std::string> query;
};

Like read_like(const std::filesystem::path& run) {
  const auto view = RunView::open(run);
  return {view->parameters(), view->query()};
}

/// Through the run store, as a run writes it: the rows from `first` on, of `all`.
void make(const std::filesystem::path& folder, std::int64_t first, std::int64_t rows,
          std::int64_t all, std::mt19937_64& random, const Like& like) {
  SilentReporter reporter;
  const auto store = RunStore::open(folder, reporter);
  if (!store->is_new())
    throw RunError(Cause::request, fmt::format("there is a run in {} already", folder.string()));
  std::vector<RunEntry> entries;
  for (std::int64_t number = 0; number < rows; ++number)
    entries.push_back({number, "", file_of(first + number)});
  store->begin(like.parameters, like.query, entries);
  for (std::int64_t number = 0; number < rows; ++number) {
    const Row row = made_up_row(first + number, all, random);
    store->started(number, row.file);
    store->solved(number, row);
  }
  if (!store->failure().empty()) throw RunError(Cause::output, store->failure());
}

/// Runs `FOLDER/0` and on, each a shard of one list.
void make_shards(const std::filesystem::path& folder, std::int64_t shards, std::int64_t rows,
                 std::mt19937_64& random, Like like) {
  like.query["list entries"] = std::to_string(shards * rows);
  like.query["list sha256"] = "made up";
  for (std::int64_t shard = 0; shard < shards; ++shard) {
    for (auto& [name, value] : like.parameters)
      if (name == "shard") value = fmt::format("{}/{}", shard, shards);
    make(folder / std::to_string(shard), shard * rows, rows, shards * rows, random, like);
  }
}

RowOrder order_of(int count, char** words) {
  RowOrder order;
  for (int i = 0; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "unique")
      order.unique = true;
    else if (word.find(' ') != std::string_view::npos)
      order.where = parse_condition(word).value();
    else if (std::from_chars(word.data(), word.data() + word.size(), order.top).ec != std::errc())
      order.column = find_column(word);
  }
  return order;
}

void read(const std::filesystem::path& folder, const RowOrder& order) {
  std::size_t shown = 0;
  const double seconds = seconds_of([&] {
    const auto run = RunView::open(folder);
    const RunTotals totals = run->totals();
    const auto rows = run->ranked_rows(order);
    write_tsv(std::cout, *rows, default_columns());
    rows->dominant_protein();
    shown = rows->shown();
  });
  fmt::print(std::cerr, "{} rows written in {:.2f} s, {:.1f} MB at most\n", shown, seconds,
             peak_megabytes());
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  try {
    if (argc == 6 && std::strcmp(argv[1], "make") == 0) {
      std::mt19937_64 random(std::stoull(argv[4]));
      const std::int64_t rows = std::stoll(argv[3]);
      const double seconds =
          seconds_of([&] { make(argv[2], 0, rows, rows, random, read_like(argv[5])); });
      fmt::print(std::cerr, "made in {:.0f} s, {:.0f} MB at most\n", seconds, peak_megabytes());
      return 0;
    }
    if (argc == 7 && std::strcmp(argv[1], "shards") == 0) {
      std::mt19937_64 random(std::stoull(argv[5]));
      make_shards(argv[2], std::stoll(argv[3]), std::stoll(argv[4]), random, read_like(argv[6]));
      return 0;
    }
    if (argc >= 3 && std::strcmp(argv[1], "read") == 0) {
      read(argv[2], order_of(argc - 3, argv + 3));
      return 0;
    }
  } catch (const std::exception& error) {
    std::cerr << "large_run: " << error.what() << '\n';
    return 1;
  }
  std::cerr
      << "Usage: large_run make FOLDER ROWS SEED RUN (a run whose parameters it takes)\n"
         "       large_run shards FOLDER SHARDS ROWS SEED RUN (that many runs of so many rows)\n"
         "       large_run read FOLDER [TOP] [COLUMN] [unique] [CONDITION]\n";
  return 2;
}
