// SPDX-License-Identifier: MIT
// Rows made up for what keeps them: numbers whose last bits count, text that quotes.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <modesweep/row.hpp>

namespace modesweep {

inline Row made_up_row(const std::string& id, double share) {
  Row row;
  row.header.id = id;
  row.header.id_is_entry = true;
  row.header.title = "'); DROP TABLE results; -- \"$(rm)\" \xc3\xa9 \x1b[31m";
  row.header.organisms = std::string("nul\0inside", 10);
  row.header.resolution = 1.8;
  row.header.revision = "2011-07-13";
  row.sha256 = std::string(64, 'a');
  row.chains = 2;
  row.residues = 345;
  row.models = 3;
  row.components = 4;
  row.zero_modes = 25;
  row.partial_assembly = row.few_modes = row.more_blocks = true;
  row.bfactor_corr_all = -1.0 / 7;
  row.plddt_mean = 200.0 / 3;
  row.eigenvalues = {1e-6, 0.1, 1.0 / 3, std::numeric_limits<double>::denorm_min(),
                     std::numeric_limits<double>::max()};
  row.shares = {share, 1 - share, -0.0, 0, 0};
  row.collectivities = {std::nextafter(0.25, 1)};
  row.residuals = {};
  row.sq_flucts = {1.0 / 3, -0.0};
  row.hinges = std::vector<std::string>{"A45", "_97A"};
  row.assembly = "PAU";
  row.no_assembly = true;
  CoreOfRow& core = row.core.emplace();
  core.residues = 300;
  core.linkers = 7;
  core.outside1 = 1.0 / 7;
  CoreModes& modes = core.modes.emplace();
  modes.eigenvalues = {0.1, 1.0 / 3};
  modes.shares = {share, 1 - share};
  modes.collectivities = {std::nextafter(0.5, 1)};
  modes.zero_modes = 12;
  modes.components = 2;
  modes.uncertain_zero = true;
  modes.mode = 4;
  modes.overlap = 1.0 / 9;
  modes.rigid = 1.0 / 11;
  row.sequences = {"MCHX", "GA"};
  row.solver = "shift-invert";
  row.backend = "cpu";
  row.seconds_parse = 0.1;
  row.seconds_network = 0.2;
  row.seconds_modes = 0.3;
  return row;
}

/// Rows that agree in much of what they can be ordered by; some have no value.
inline Row random_row(std::mt19937& random) {
  const auto below = [&](int count) {
    return std::uniform_int_distribution<int>(0, count - 1)(random);
  };
  Row row = made_up_row("R" + std::to_string(below(40)), 0.1 * below(6) + 1e-12 * below(3));
  row.header.title = below(4) == 0 ? "" : "title " + std::to_string(below(8));
  row.header.method = below(2) == 0 ? "" : "X-RAY";
  row.header.protein = below(3) == 0 ? "" : "P" + std::to_string(below(9));
  row.header.resolution = below(3) == 0 ? std::nullopt : std::optional(0.5 * below(7));
  row.enm = below(2) == 0 ? ElasticModel::anm : ElasticModel::gnm;
  row.residues = 100 + below(5);
  if (below(2) == 0) row.chain = below(2) == 0 ? "" : "A";
  row.components = 1 + below(2);
  row.few_modes = below(2) == 0;
  row.eigenvalues.resize(static_cast<std::size_t>(below(6)));
  for (double& value : row.eigenvalues) value = 0.25 * (1 + below(3));
  if (below(5) == 0) row.shares.clear();
  row.collectivities = {0.05 * below(4), 0.5};
  row.residuals = {1e-12 * below(3)};
  if (below(2) == 0) row.trace_all = 3.0 + below(2);
  if (below(2) == 0) row.bfactor_corr = 0.1 * (below(9) - 4);
  if (below(3) > 0) row.sq_flucts = {0.5 * below(2), -1.0 * below(3)};
  if (below(3) > 0) {
    row.hinges = {"A4", "A97"};
    row.hinges->resize(static_cast<std::size_t>(below(3)));
  }
  row.core->residues = 80 + below(40);
  row.core->modes->shares = {0.05 * below(9)};
  row.core->modes->stability = 0.25 * below(4);
  if (below(4) == 0) row.core->modes.reset();
  if (below(6) == 0) row.core.reset();
  row.sequences.clear();
  for (int chain = below(3); chain > 0; --chain)
    row.sequences.push_back(std::string("ACDEFGHIKLMNPQRSTVWY").substr(below(3), 10 + below(9)));
  row.from_cache = below(4) == 0;
  row.backend = below(3) == 0 ? "NVIDIA H100" : "cpu";
  row.sha256 = std::to_string(below(1000));
  // A folder's name ends before any other character, in the order of paths.
  row.file = std::string(below(2) == 0 ? "/in/a/" : "/in/a.b/") + std::to_string(below(1 << 30));
  return row;
}

/// All that a row keeps, but for its file; numbers to the last bit.
inline void expect_same(const Row& a, const Row& b) {
  const auto fields = [](const Row& row) {
    const Header& h = row.header;
    return std::tuple(
        std::tuple(h.id, h.id_is_entry, h.title, h.molecules, h.organisms, h.method, h.resolution,
                   h.revision),
        std::tuple(row.sha256, row.chain, row.chains, row.residues, row.models, row.components,
                   row.zero_modes, row.nucleic_left_out, row.partial_assembly, row.more_blocks,
                   row.uncertain_zero, row.fallback, row.few_modes, row.solver, row.backend),
        std::tuple(row.bfactor_corr, row.bfactor_corr_all, row.plddt_mean, row.trace_all,
                   row.sq_flucts, row.hinges, row.sequences),
        std::tuple(row.eigenvalues, row.shares, row.collectivities, row.residuals,
                   row.seconds_parse, row.seconds_network, row.seconds_modes));
  };
  const auto core_fields = [](const Row& row) {
    const CoreOfRow core = row.core.value_or(CoreOfRow{});
    const CoreModes m = core.modes.value_or(CoreModes{});
    return std::tuple(row.core.has_value(), row.assembly, row.no_assembly, core.residues,
                      core.linkers, core.coreless, core.outside1, core.modes.has_value(),
                      m.eigenvalues, m.shares, m.collectivities, m.zero_modes, m.components,
                      m.uncertain_zero, m.mode, m.overlap, m.rigid, m.stability);
  };
  EXPECT_EQ(core_fields(a), core_fields(b));
  EXPECT_EQ(fields(a), fields(b));
  ASSERT_EQ(a.shares.size(), b.shares.size());
  for (std::size_t i = 0; i < a.shares.size(); ++i)
    EXPECT_EQ(std::signbit(a.shares[i]), std::signbit(b.shares[i]));
}

}  // namespace modesweep
