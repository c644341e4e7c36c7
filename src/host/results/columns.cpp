// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <utility>

#include <modesweep/columns.hpp>

#include "base/closest.hpp"

namespace modesweep {
namespace {

Value text(const std::string& value) { return value.empty() ? Value{} : Value{value}; }
Value count(std::int64_t value) { return value; }
Value mode_value(const std::vector<double>& values, int index) {
  return static_cast<std::size_t>(index) <= values.size() ? Value{values[index - 1]} : Value{};
}

Value get_fv(const Row& row, std::int64_t, int i) { return mode_value(row.shares, i); }
Value get_ev(const Row& row, std::int64_t, int i) { return mode_value(row.eigenvalues, i); }
Value get_coll(const Row& row, std::int64_t, int i) { return mode_value(row.collectivities, i); }

Value number(const std::optional<double>& value) { return value ? Value{*value} : Value{}; }

Value get_fv_all(const Row& row, std::int64_t, int i) {
  if (!row.trace_all || static_cast<std::size_t>(i) > row.eigenvalues.size()) return {};
  return 1 / (row.eigenvalues[i - 1] * *row.trace_all);
}

Value get_cum(const Row& row, std::int64_t, int count) {
  if (static_cast<std::size_t>(count) > row.shares.size()) return {};
  return std::accumulate(row.shares.begin(), row.shares.begin() + count, 0.0);
}

const CoreModes* modes_of_core(const Row& row) {
  return row.core && row.core->modes ? &*row.core->modes : nullptr;
}

/// `get(modes of the core)`, where there are any.
template <class Get>
Value of_core(const Row& row, Get&& get) {
  const CoreModes* const modes = modes_of_core(row);
  return modes ? Value{get(*modes)} : Value{};
}

Value get_fv_core(const Row& row, std::int64_t, int i) {
  return of_core(row, [&](const CoreModes& modes) { return mode_value(modes.shares, i); });
}
Value get_ev_core(const Row& row, std::int64_t, int i) {
  return of_core(row, [&](const CoreModes& modes) { return mode_value(modes.eigenvalues, i); });
}
Value get_coll_core(const Row& row, std::int64_t, int i) {
  return of_core(row, [&](const CoreModes& modes) { return mode_value(modes.collectivities, i); });
}

Value get_notes(const Row& row, std::int64_t, int judged) {
  return text(fmt::format("{}", fmt::join(notes(row, static_cast<Judged>(judged)), ",")));
}

Value get_hinges(const Row& row, std::int64_t, int) {
  return row.hinges ? Value{*row.hinges} : Value{};
}

Column text_column(std::string name, std::string help,
                   Value (*get)(const Row& row, std::int64_t rank, int index)) {
  return {std::move(name), std::move(help), get, 0, Need::nothing, ValueType::text};
}

std::string note_codes() {
  std::string codes;
  for (const Note& note : known_notes) codes += fmt::format(" {}", note.code);
  return codes;
}

std::vector<Column> make_columns() {
  using R = const Row&;
  using I = std::int64_t;
  return {
      {"rank", "place in the ranking", [](R, I rank, int) { return count(rank); }},
      text_column("pdb_id",
                  "entry ID; of a local file its own where valid, else by the file's name",
                  [](R row, I, int) { return text(row.header.id); }),
      text_column("enm", "elastic network model: anm or gnm",
                  [](R row, I, int) { return text(row.enm == ElasticModel::gnm ? "gnm" : "anm"); }),
      {"chains", "chains that own a node", [](R row, I, int) { return count(row.chains); }},
      {"residues", "nodes of the network", [](R row, I, int) { return count(row.residues); }},
      {"fv1",
       "fractional variance of mode 1 (fv2, fv3 ... of the others): its share in the variance of "
       "the modes computed",
       get_fv, 1},
      {"fv2", "the same of mode 2", get_fv, 2},
      {"fv3", "the same of mode 3", get_fv, 3},
      {"cum3",
       "fv1 + fv2 + fv3 (cum2, cum5 ... of so many modes): their cumulative share (Bakan 2011)",
       get_cum, 3},
      {"fv1_all",
       "share of mode 1 in the variance of all modes, 1 / (ev1 tr H+) (fv2_all ... of the others); "
       "tr H+, of the pseudo-inverse, is exact, by selected inversion (Takahashi 1973). It and all "
       "..._all cost about a second solution, on the CPU, and are there where such a column is "
       "asked for",
       get_fv_all, 1, Need::all_modes},
      {"trace_all", "tr H+, the sum of 1 / eigenvalue over all modes, in units of 1 / gamma",
       [](R row, I, int) { return number(row.trace_all); }, 0, Need::all_modes},
      {"bfactor_corr",
       "Pearson's r of B factors and square fluctuations, from -1 to 1. Fluctuations are the sum "
       "of "
       "|v|^2 / eigenvalue over the modes computed (calcSqFlucts); residues count whose B factor "
       "the file states. None where fewer than three are stated or they do not vary, and of "
       "predicted models",
       [](R row, I, int) { return number(row.bfactor_corr); }},
      {"bfactor_corr_all", "the same over all modes, by the diagonal blocks of H+",
       [](R row, I, int) { return number(row.bfactor_corr_all); }, 0, Need::all_modes},
      {"plddt_mean",
       "mean pLDDT of a predicted model's residues, from 0 to 100: what its B factors hold; none "
       "of "
       "others",
       [](R row, I, int) { return number(row.plddt_mean); }},
      {"hinges",
       "hinge residues, such as A45: where neighbours in the chain begin to move against each "
       "other "
       "in the slowest GNM mode (calcHinges; cutoff 10, of the model gnm its own). There where the "
       "column is asked for",
       get_hinges, 0, Need::hinges, ValueType::list},
      {"sq_flucts",
       "square fluctuations of all residues over the modes computed (calcSqFlucts), in k_B T / "
       "gamma; likewise",
       [](R row, I, int) { return row.sq_flucts.empty() ? Value{} : Value{row.sq_flucts}; }, 0,
       Need::square_fluctuations, ValueType::list},
      {"fv1_core",
       "fractional variance of mode 1 of the core (fv2_core ... of the others): the same ANM, "
       "built "
       "of the 20-core of the contact graph alone, which is the largest set of residues of which "
       "each has 20 contacts within 15 angstrom in the set. It and all ..._core that follow cost a "
       "second solution, and are there where such a column is asked for; none where notes say "
       "coreless",
       get_fv_core, 1, Need::core},
      {"coll1_core",
       "collectivity of mode 1 of the core, over its own residues (coll2_core, coll3_core)",
       get_coll_core, 1, Need::core},
      {"coll2_core", "the same of mode 2", get_coll_core, 2, Need::core},
      {"coll3_core", "the same of mode 3", get_coll_core, 3, Need::core},
      {"ev1_core",
       "eigenvalue of mode 1 of the core (ev2_core ... of the others), in units of gamma = 1",
       get_ev_core, 1, Need::core},
      {"mode_core", "the mode of the whole network that overlaps most with mode 1 of the core",
       [](R row, I, int) {
         return of_core(row, [](const CoreModes& modes) { return count(modes.mode); });
       },
       0, Need::core},
      {"overlap_core", "|overlap| of these two, from 0 to 1",
       [](R row, I, int) {
         return of_core(row, [](const CoreModes& modes) { return Value{modes.overlap}; });
       },
       0, Need::core},
      {"rigid1_core",
       "part of mode 1 of the core that is chains moving as rigid bodies, from 0 to 1; none of one "
       "chain",
       [](R row, I, int) {
         return of_core(row, [](const CoreModes& modes) { return number(modes.rigid); });
       },
       0, Need::core},
      {"zero_modes_core", "eigenvalues below 1e-6 gamma of the core",
       [](R row, I, int) {
         return of_core(row, [](const CoreModes& modes) { return count(modes.zero_modes); });
       },
       0, Need::core},
      {"components_core", "connected components of the core's network",
       [](R row, I, int) {
         return of_core(row, [](const CoreModes& modes) { return count(modes.components); });
       },
       0, Need::core},
      {"pct_core",
       "percent of the entries ranked, of 3/4 to 4/3 as many residues in their cores, that have a "
       "smaller fv1_core: shares grow with size; none with fewer than 20 such entries",
       [](R row, I, int) { return row.core ? number(row.core->percentile) : Value{}; }, 0,
       Need::core},
      {"stability_core",
       "the smaller of the best |overlap| of mode 1 of the core with the modes of the same "
       "residues "
       "at cutoffs of 12 and 18 angstrom, from 0 to 1; costs two more solutions, and is there "
       "where "
       "it is asked for",
       [](R row, I, int) {
         return of_core(row, [](const CoreModes& modes) { return number(modes.stability); });
       },
       0, Need::core_stability},
      {"residues_core", "nodes of the core's network; of a coreless one those of its core",
       [](R row, I, int) { return row.core ? count(row.core->residues) : Value{}; }},
      {"linkers_core",
       "nodes among them that are not of the core, and join parts of it within a chain",
       [](R row, I, int) { return row.core ? count(row.core->linkers) : Value{}; }},
      {"outside1",
       "part of mode 1 that moves what is not of the core, from 0 to 1: loose ends; more than 0.5 "
       "is the note tail",
       [](R row, I, int) { return row.core ? number(row.core->outside1) : Value{}; }},
      {"coll1", "collectivity of mode 1, from 1/N (one residue moves) to 1 (all do)", get_coll, 1},
      {"coll2", "the same of mode 2", get_coll, 2},
      {"coll3", "the same of mode 3", get_coll, 3},
      {"ev1", "eigenvalue of mode 1 (ev2, ev3 ... of the others), in units of gamma = 1", get_ev,
       1},
      {"zero_modes", "eigenvalues below 1e-6 gamma",
       [](R row, I, int) { return count(row.zero_modes); }},
      {"components", "connected components of the network",
       [](R row, I, int) { return count(row.components); }},
      notes_column(Judged::whole),
      text_column(
          "assembly",
          "biological assembly that the network is of; none where it is the asymmetric unit",
          [](R row, I, int) { return text(row.assembly); }),
      text_column("chain",
                  "author's name of the one chain that the network is of, in a ranking by chain",
                  [](R row, I, int) { return row.chain ? text(*row.chain) : Value{}; }),
      text_column("title", "title of the entry",
                  [](R row, I, int) { return text(row.header.title); }),
      text_column(
          "protein",
          "UniProt accessions of the file's reference records, else a digest of its sequences",
          [](R row, I, int) { return text(row.header.protein); }),
      {"sequences",
       "one-letter codes of the network's residues, of each protein chain that differs from the "
       "others, the longest first; modified residues by their parents, X where there is none",
       [](R row, I, int) { return row.sequences.empty() ? Value{} : Value{row.sequences}; }, 0,
       Need::nothing, ValueType::list},
      {"entries", "entries of the protein that one row stands for, with this one",
       [](R row, I, int) { return count(row.entries); }},
      {"eigenvalues", "all of the modes computed, in units of gamma = 1",
       [](R row, I, int) { return Value{row.eigenvalues}; }, 0, Need::nothing, ValueType::list},
      {"shares", "fractional variances of all modes computed",
       [](R row, I, int) { return Value{row.shares}; }, 0, Need::nothing, ValueType::list},
      {"modes", "non-zero modes computed",
       [](R row, I, int) { return count(static_cast<I>(row.eigenvalues.size())); }},
      {"residual",
       "the largest |H x - lambda x| of the modes, over the largest eigenvalue; below 1e-10 where "
       "it is asked for by name",
       [](R row, I, int) {
         return row.residuals.empty()
                    ? Value{}
                    : Value{*std::max_element(row.residuals.begin(), row.residuals.end())};
       },
       0, Need::residuals},
      text_column("method", "experimental method",
                  [](R row, I, int) { return text(row.header.method); }),
      {"resolution", "angstrom",
       [](R row, I, int) {
         return row.header.resolution ? Value{*row.header.resolution} : Value{};
       }},
      {"models", "models in the file", [](R row, I, int) { return count(row.models); }},
      text_column("revision", "date of the last revision",
                  [](R row, I, int) { return text(row.header.revision); }),
      text_column("molecules", "names of the molecules",
                  [](R row, I, int) { return text(row.header.molecules); }),
      text_column("organisms", "source organisms",
                  [](R row, I, int) { return text(row.header.organisms); }),
      text_column("file", "path of the structure file",
                  [](R row, I, int) { return text(row.file.string()); }),
      text_column("sha256", "of the file as it lies on disk",
                  [](R row, I, int) { return text(row.sha256); }),
      text_column("solver", "what computed the modes",
                  [](R row, I, int) { return text(row.solver); }),
      text_column("backend", "cpu, or the GPU", [](R row, I, int) { return text(row.backend); }),
      text_column("origin", "solved (by this run), or cache (by an earlier one)",
                  [](R row, I, int) { return text(row.from_cache ? "cache" : "solved"); }),
      {"seconds", "contacts, Hessian and modes of this entry, in s",
       [](R row, I, int) { return Value{row.seconds_network + row.seconds_modes}; }},
      {"seconds_parse", "reading the file and choosing nodes, in s",
       [](R row, I, int) { return Value{row.seconds_parse}; }},
      {"seconds_network", "contacts and components, in s",
       [](R row, I, int) { return Value{row.seconds_network}; }},
      {"seconds_modes", "Hessian and modes, in s",
       [](R row, I, int) { return Value{row.seconds_modes}; }},
  };
}

std::vector<Column> columns_named(std::initializer_list<const char*> names) {
  std::vector<Column> columns;
  for (const char* name : names) columns.push_back(find_column(name));
  return columns;
}

void judge_core(std::vector<Column>& columns) {
  for (Column& column : columns)
    if (column.name == "notes") column = notes_column(Judged::core);
}

}  // namespace

std::vector<std::string_view> notes(const Row& row, Judged judged) {
  std::vector<std::string_view> codes;
  const CoreOfRow core = row.core.value_or(CoreOfRow{});
  const CoreModes* const core_modes = modes_of_core(row);
  const bool of_core = judged == Judged::core && core_modes;
  const bool is_tail = !of_core && core.outside1.value_or(0) > tail_outside;
  const std::vector<double>& collectivities =
      of_core ? core_modes->collectivities : row.collectivities;
  const int components = of_core ? core_modes->components : row.components;
  const int zero_modes = of_core ? core_modes->zero_modes : row.zero_modes;
  if (is_tail) codes.push_back("tail");
  if (!is_tail && !collectivities.empty() && collectivities[0] < local_collectivity)
    codes.push_back("local");
  if (core.coreless) codes.push_back("coreless");
  if (!core.coreless && core.linkers > 0) codes.push_back("linked");
  if (core_modes && core_modes->rigid.value_or(0) >= chains_rigid) codes.push_back("chains");
  if (components > 1) codes.push_back("pieces");
  if (zero_modes > rigid_motions(row.enm) * components) codes.push_back("loose");
  if (row.nucleic_left_out) codes.push_back("nucleic");
  if (row.no_assembly) codes.push_back("asym");
  if (row.partial_assembly) codes.push_back("part");
  if (row.more_blocks) codes.push_back("blocks");
  if (of_core ? core_modes->uncertain_zero : row.uncertain_zero) codes.push_back("unsure");
  if (row.few_modes) codes.push_back("few");
  if (row.fallback) codes.push_back("fallback");
  return codes;
}

Column notes_column(Judged judged) {
  return {"notes",       "codes:" + note_codes(), get_notes, static_cast<int>(judged),
          Need::nothing, ValueType::text};
}

const std::vector<Column>& known_columns() {
  static const std::vector<Column> columns = make_columns();
  return columns;
}

Column find_column(std::string_view name) {
  const std::vector<Column>& columns = known_columns();
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const Column& column) { return column.name == name; });
  if (found != columns.end()) return *found;
  struct Numbered {
    std::string_view prefix, ending;
    Value (*get)(const Row&, std::int64_t, int);
    Need needs = Need::nothing;
  };
  for (const auto& [prefix, ending, get, needs] :
       {Numbered{"fv", "", get_fv}, Numbered{"ev", "", get_ev},
        Numbered{"fv", "_all", get_fv_all, Need::all_modes},
        Numbered{"fv", "_core", get_fv_core, Need::core},
        Numbered{"ev", "_core", get_ev_core, Need::core}, Numbered{"cum", "", get_cum}}) {
    if (!name.starts_with(prefix) || !name.ends_with(ending)) continue;
    int index = 0;
    const char* const end = name.data() + name.size() - ending.size();
    const auto [stop, error] = std::from_chars(name.data() + prefix.size(), end, index);
    if (error == std::errc() && stop == end && index >= 1)
      return {std::string(name), "", get, index, needs};
  }
  std::vector<std::string> names;
  for (const Column& column : columns) names.push_back(column.name);
  const std::string meant = did_you_mean(name, names);
  if (!meant.empty())
    throw RunError(Cause::request, fmt::format("there is no column \"{}\"{}", name, meant));
  throw RunError(Cause::request, fmt::format("there is no column \"{}\"; there are {} (and fv4, "
                                             "ev2 ... up to the number of modes)",
                                             name, fmt::join(names, " ")));
}

std::vector<Column> default_columns() {
  return columns_named({"rank", "pdb_id", "chains", "residues", "fv1", "fv2", "fv3", "coll1", "ev1",
                        "zero_modes", "components", "notes", "title"});
}

std::vector<Column> default_core_columns() {
  std::vector<Column> columns = columns_named(
      {"rank",        "pdb_id",     "chains",     "residues", "fv1",           "fv2",
       "fv3",         "coll1",      "ev1",        "outside1", "residues_core", "fv1_core",
       "fv2_core",    "fv3_core",   "coll1_core", "ev1_core", "mode_core",     "overlap_core",
       "rigid1_core", "zero_modes", "components", "notes",    "title"});
  judge_core(columns);
  return columns;
}

std::vector<Column> table_core_columns() {
  std::vector<Column> columns =
      columns_named({"rank", "pdb_id", "residues", "fv1", "coll1", "residues_core", "fv1_core",
                     "coll1_core", "mode_core", "notes", "title"});
  judge_core(columns);
  return columns;
}

std::vector<Column> table_columns() {
  return columns_named(
      {"rank", "pdb_id", "chains", "residues", "fv1", "fv2", "fv3", "coll1", "notes", "title"});
}

}  // namespace modesweep
