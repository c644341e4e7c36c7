// SPDX-License-Identifier: MIT
#include "store/result_columns.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "base/text.hpp"

namespace modesweep {
namespace {

// The order of bind_result and read_result. Tables may be older than the program: what is added
// comes last and may be NULL.
constexpr std::array columns = std::to_array<ResultColumn>({
    {"pdb_id", "TEXT NOT NULL"},
    {"id_is_entry", "INTEGER NOT NULL"},
    {"title", "TEXT NOT NULL"},
    {"molecules", "TEXT NOT NULL"},
    {"organisms", "TEXT NOT NULL"},
    {"method", "TEXT NOT NULL"},
    {"resolution", "REAL"},
    {"revision", "TEXT NOT NULL"},
    {"protein", "TEXT NOT NULL"},
    {"gnm", "INTEGER NOT NULL"},
    {"chains", "INTEGER NOT NULL"},
    {"residues", "INTEGER NOT NULL"},
    {"models", "INTEGER NOT NULL"},
    {"components", "INTEGER NOT NULL"},
    {"zero_modes", "INTEGER NOT NULL"},
    {"nucleic_left_out", "INTEGER NOT NULL"},
    {"partial_assembly", "INTEGER NOT NULL"},
    {"more_blocks", "INTEGER NOT NULL"},
    {"uncertain_zero", "INTEGER NOT NULL"},
    {"fallback", "INTEGER NOT NULL"},
    {"few_modes", "INTEGER NOT NULL"},
    {"eigenvalues", "BLOB NOT NULL"},
    {"shares", "BLOB NOT NULL"},
    {"collectivities", "BLOB NOT NULL"},
    {"residuals", "BLOB NOT NULL"},
    {"bfactor_corr", "REAL"},
    {"bfactor_corr_all", "REAL"},
    {"plddt_mean", "REAL"},
    {"trace_all", "REAL"},
    {"sq_flucts", "BLOB NOT NULL"},
    {"hinges", "TEXT"},
    {"solver", "TEXT NOT NULL"},
    {"backend", "TEXT NOT NULL"},
    {"from_cache", "INTEGER NOT NULL"},
    {"seconds_parse", "REAL NOT NULL"},
    {"seconds_network", "REAL NOT NULL"},
    {"seconds_modes", "REAL NOT NULL"},
    {"core_residues", "INTEGER"},
    {"core_linkers", "INTEGER"},
    {"coreless", "INTEGER"},
    {"outside1", "REAL"},
    {"core_eigenvalues", "BLOB"},
    {"core_shares", "BLOB"},
    {"core_collectivities", "BLOB"},
    {"core_zero_modes", "INTEGER"},
    {"core_components", "INTEGER"},
    {"core_uncertain_zero", "INTEGER"},
    {"core_mode", "INTEGER"},
    {"core_overlap", "REAL"},
    {"core_rigid", "REAL"},
    {"core_stability", "REAL"},
    {"assembly", "TEXT"},
    {"no_assembly", "INTEGER"},
    {"sequences", "TEXT"},
    {"pdb_chain", "TEXT"},
});

template <class F>
std::string joined(F&& part) {
  std::string list;
  for (const ResultColumn& column : columns) {
    if (!list.empty()) list += ", ";
    list += part(column);
  }
  return list;
}

void bind(Statement& statement, const std::optional<double>& value) {
  value ? statement.bind(*value) : statement.bind_null();
}

std::optional<double> number_at(const Statement& statement, int column) {
  return statement.is_null(column) ? std::nullopt : std::optional(statement.number(column));
}

constexpr int core_columns = 4, core_mode_columns = 10;

void bind_core(Statement& statement, const std::optional<CoreOfRow>& core) {
  if (core) {
    for (const int value : {core->residues, core->linkers, int{core->coreless}})
      statement.bind(std::int64_t{value});
    bind(statement, core->outside1);
  } else {
    for (int i = 0; i < core_columns; ++i) statement.bind_null();
  }
  if (core && core->modes) {
    const CoreModes& modes = *core->modes;
    for (const std::vector<double>* values :
         {&modes.eigenvalues, &modes.shares, &modes.collectivities})
      statement.bind_numbers(*values);
    for (const int value :
         {modes.zero_modes, modes.components, int{modes.uncertain_zero}, modes.mode})
      statement.bind(std::int64_t{value});
    statement.bind(modes.overlap);
    for (const std::optional<double>& value : {modes.rigid, modes.stability})
      bind(statement, value);
  } else {
    for (int i = 0; i < core_mode_columns; ++i) statement.bind_null();
  }
}

std::optional<CoreOfRow> read_core(const Statement& statement, int column) {
  if (statement.is_null(column)) return std::nullopt;
  CoreOfRow core;
  const auto integer = [&] { return static_cast<int>(statement.integer(column++)); };
  core.residues = integer();
  core.linkers = integer();
  core.coreless = integer() != 0;
  core.outside1 = number_at(statement, column++);
  if (statement.is_null(column)) return core;
  CoreModes& modes = core.modes.emplace();
  for (std::vector<double>* values : {&modes.eigenvalues, &modes.shares, &modes.collectivities})
    *values = statement.numbers(column++);
  modes.zero_modes = integer();
  modes.components = integer();
  modes.uncertain_zero = integer() != 0;
  modes.mode = integer();
  modes.overlap = statement.number(column++);
  for (std::optional<double>* value : {&modes.rigid, &modes.stability})
    *value = number_at(statement, column++);
  return core;
}

}  // namespace

std::span<const ResultColumn> result_columns() { return columns; }

std::string result_definitions() {
  return joined(
      [](const ResultColumn& c) { return std::string(c.name) + ' ' + std::string(c.type); });
}

std::string result_names() {
  return joined([](const ResultColumn& c) { return std::string(c.name); });
}

std::string result_marks(int first) {
  return joined([&](const ResultColumn&) { return fmt::format("?{}", first++); });
}

void bind_result(Statement& statement, const Row& row) {
  const Header& header = row.header;
  const auto integer = [&](std::int64_t value) { statement.bind(value); };
  statement.bind(header.id);
  integer(header.id_is_entry);
  statement.bind(header.title).bind(header.molecules).bind(header.organisms).bind(header.method);
  header.resolution ? statement.bind(*header.resolution) : statement.bind_null();
  statement.bind(header.revision).bind(header.protein);
  integer(row.enm == ElasticModel::gnm);
  for (const int value : {row.chains, row.residues, row.models, row.components, row.zero_modes})
    integer(value);
  for (const bool value : {row.nucleic_left_out, row.partial_assembly, row.more_blocks,
                           row.uncertain_zero, row.fallback, row.few_modes})
    integer(value);
  for (const std::vector<double>* values :
       {&row.eigenvalues, &row.shares, &row.collectivities, &row.residuals})
    statement.bind_numbers(*values);
  for (const std::optional<double>& value :
       {row.bfactor_corr, row.bfactor_corr_all, row.plddt_mean, row.trace_all})
    bind(statement, value);
  statement.bind_numbers(row.sq_flucts);
  row.hinges ? statement.bind_copy(join(*row.hinges, ',')) : statement.bind_null();
  statement.bind(row.solver).bind(row.backend);
  integer(row.from_cache);
  for (const double value : {row.seconds_parse, row.seconds_network, row.seconds_modes})
    statement.bind(value);
  bind_core(statement, row.core);
  row.assembly.empty() ? statement.bind_null() : statement.bind(row.assembly);
  row.no_assembly ? statement.bind(std::int64_t{1}) : statement.bind_null();
  row.sequences.empty() ? statement.bind_null() : statement.bind_copy(join(row.sequences, ','));
  row.chain ? statement.bind(*row.chain) : statement.bind_null();
}

Row read_result(const Statement& statement, int column) {
  Row row;
  Header& header = row.header;
  header.id = statement.bytes(column++);
  header.id_is_entry = statement.integer(column++) != 0;
  for (std::string* text : {&header.title, &header.molecules, &header.organisms, &header.method})
    *text = statement.bytes(column++);
  if (!statement.is_null(column)) header.resolution = statement.number(column);
  ++column;
  header.revision = statement.bytes(column++);
  header.protein = statement.bytes(column++);
  if (statement.integer(column++) != 0) row.enm = ElasticModel::gnm;
  for (int* value : {&row.chains, &row.residues, &row.models, &row.components, &row.zero_modes})
    *value = static_cast<int>(statement.integer(column++));
  for (bool* value : {&row.nucleic_left_out, &row.partial_assembly, &row.more_blocks,
                      &row.uncertain_zero, &row.fallback, &row.few_modes})
    *value = statement.integer(column++) != 0;
  for (std::vector<double>* values :
       {&row.eigenvalues, &row.shares, &row.collectivities, &row.residuals})
    *values = statement.numbers(column++);
  for (std::optional<double>* value :
       {&row.bfactor_corr, &row.bfactor_corr_all, &row.plddt_mean, &row.trace_all})
    *value = number_at(statement, column++);
  row.sq_flucts = statement.numbers(column++);
  if (!statement.is_null(column)) row.hinges = split(statement.bytes(column), ',');
  ++column;
  row.solver = statement.bytes(column++);
  row.backend = statement.bytes(column++);
  row.from_cache = statement.integer(column++) != 0;
  for (double* value : {&row.seconds_parse, &row.seconds_network, &row.seconds_modes})
    *value = statement.number(column++);
  row.core = read_core(statement, column);
  column += core_columns + core_mode_columns;
  row.assembly = statement.bytes(column++);
  row.no_assembly = !statement.is_null(column++);
  if (!statement.is_null(column)) row.sequences = split(statement.bytes(column), ',');
  ++column;
  if (!statement.is_null(column)) row.chain = statement.bytes(column);
  return row;
}

}  // namespace modesweep
