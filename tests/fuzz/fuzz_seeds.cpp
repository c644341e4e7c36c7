// SPDX-License-Identifier: MIT
// Writes the fuzzers' first inputs, a folder a format: real files of this machine, thinned to some
// kilobytes.
//
//   fuzz_seeds DIR
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <modesweep/structure.hpp>

#include "cif_tables.hpp"
#include "structure/plain_text.hpp"
#include "structure/text_format.hpp"
#include "support/data_files.hpp"

namespace {

using namespace modesweep;

constexpr std::size_t most_rows = 12;     // of each table of mmCIF
constexpr std::size_t most_atoms = 40;    // in PDB format
constexpr std::size_t most_remarks = 40;  // and of other records

std::string quoted(const std::string& value, int mask) {
  if (mask != 0) return mask == 1 ? "." : "?";
  if (value.find_first_of("\n'") != std::string::npos) return "\n;" + value + "\n;\n";
  if (value.empty() || value.find_first_of(" \"#$;[_") != std::string::npos)
    return "'" + value + "'";
  return value;
}

/// The calphas and what stands around them.
std::string thinned_mmcif(const std::vector<test_support::CifTable>& tables) {
  std::string text = "data_SEED\n";
  for (const test_support::CifTable& table : tables) {
    const std::size_t rows = std::min(table.values.front().size(), most_rows);
    const bool pairs = table.values.front().size() == 1;
    if (!pairs) text += "loop_\n";
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      text += table.name + "." + table.columns[c];
      text += pairs ? " " + quoted(table.values[c][0], table.masks[c][0]) + "\n" : "\n";
    }
    for (std::size_t row = 0; !pairs && row < rows; ++row) {
      for (std::size_t c = 0; c < table.columns.size(); ++c)
        text += quoted(table.values[c][row], table.masks[c][row]) + " ";
      text.back() = '\n';
    }
    text += "#\n";
  }
  return text;
}

std::string thinned_pdb(const std::string& text) {
  std::istringstream lines(text);
  std::string result, line;
  std::size_t atoms = 0, others = 0;
  while (std::getline(lines, line)) {
    const bool atom = line.starts_with("ATOM") || line.starts_with("HETATM");
    const bool rare = line.starts_with("MODEL") || line.starts_with("END") ||
                      line.starts_with("TER") || line.starts_with("REMARK 350");
    if (rare || (atom ? ++atoms <= most_atoms : ++others <= most_remarks)) result += line + "\n";
  }
  return result;
}

std::vector<test_support::CifTable> first_rows(std::vector<test_support::CifTable> tables) {
  for (test_support::CifTable& table : tables)
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      table.values[c].resize(std::min(table.values[c].size(), most_rows));
      table.masks[c].resize(table.values[c].size());
    }
  return tables;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds DIR\n");
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  int count = 0;
  const auto write = [&](const char* format, const std::string& bytes) {
    std::filesystem::create_directories(folder / format);
    std::ofstream(folder / format / ("seed" + std::to_string(count++)), std::ios::binary) << bytes;
  };
  write("pqr",
        "ATOM 1 N ALA A 1 1.0 2.0 3.0 -0.4 1.8\nATOM 2 CA ALA A 1 2.0 2.0 3.0 0.1 1.9\n"
        "ATOM 3 CA GLY 2 5.8 2.0 3.0 0.1 1.9\n");
  std::size_t pdb_files = 0;
  for (const std::filesystem::path& file : test_support::real_structure_files()) {
    Outcome<std::string> bytes = read_decompressed(file);
    if (!bytes) continue;
    const std::string text = plain_text(*std::move(bytes)).text;
    const auto format = text_format(text);
    if (!format) continue;
    if (*format == TextFormat::pdb) {
      if (pdb_files++ % 8 == 0) write("pdb", thinned_pdb(text));
      continue;
    }
    CifTables tables;
    if (scan_cif(text, tables) != ScanEnd::whole) continue;
    write("mmcif", thinned_mmcif(tables.tables()));
    for (int variant = 0; variant < 3; ++variant)
      write("binary_cif",
            test_support::binary_cif_of("SEED", first_rows(tables.tables()), variant));
  }
  std::printf("%d seeds in %s\n", count, folder.c_str());
}
