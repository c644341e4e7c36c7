// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <numeric>

#include <modesweep/columns.hpp>

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

Value get_hinges(const Row& row, std::int64_t, int) {
  return row.hinges ? Value{*row.hinges} : Value{};
}

std::vector<Column> make_columns() {
  using R = const Row&;
  using I = std::int64_t;
  return {
      {"rank", "place in the ranking", [](R, I rank, int) { return count(rank); }},
      {"pdb_id", "entry ID; of a local file its own where valid, else by the file's name",
       [](R row, I, int) { return text(row.header.id); }},
      {"enm", "elastic network model: anm or gnm",
       [](R row, I, int) { return text(row.enm == ElasticModel::gnm ? "gnm" : "anm"); }},
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
       "Pearson's r of B factors and square fluctuations, sum of |v|^2 / eigenvalue over the modes "
       "computed (calcSqFlucts), over the residues whose B factor the file states, from -1 to 1; "
       "none "
       "where fewer than three are stated or they do not vary, and of predicted models",
       [](R row, I, int) { return number(row.bfactor_corr); }},
      {"bfactor_corr_all", "the same over all modes, by the diagonal blocks of H+",
       [](R row, I, int) { return number(row.bfactor_corr_all); }, 0, Need::all_modes},
      {"plddt_mean",
       "mean pLDDT of a predicted model's residues, from 0 to 100: what its B factors hold; none "
       "of "
       "others",
       [](R row, I, int) { return number(row.plddt_mean); }},
      {"hinges",
       "hinge residues of the slowest GNM mode (calcHinges; cutoff 10, of the model gnm its own): "
       "where "
       "neighbours in the chain begin to move against each other, such as A45; there where "
       "the column is asked for",
       get_hinges, 0, Need::hinges},
      {"sq_flucts",
       "square fluctuations of all residues over the modes computed (calcSqFlucts), in k_B T / "
       "gamma; likewise",
       [](R row, I, int) { return row.sq_flucts.empty() ? Value{} : Value{row.sq_flucts}; }, 0,
       Need::square_fluctuations},
      {"coll1", "collectivity of mode 1, from 1/N (one residue moves) to 1 (all do)", get_coll, 1},
      {"coll2", "the same of mode 2", get_coll, 2},
      {"coll3", "the same of mode 3", get_coll, 3},
      {"ev1", "eigenvalue of mode 1 (ev2, ev3 ... of the others), in units of gamma = 1", get_ev,
       1},
      {"zero_modes", "eigenvalues below 1e-6 gamma",
       [](R row, I, int) { return count(row.zero_modes); }},
      {"components", "connected components of the network",
       [](R row, I, int) { return count(row.components); }},
      {"notes", "codes: tail pieces loose nucleic part blocks unsure few fallback",
       [](R row, I, int) { return text(fmt::format("{}", fmt::join(notes(row), ","))); }},
      {"title", "title of the entry", [](R row, I, int) { return text(row.header.title); }},
      {"protein",
       "UniProt accessions of the file's reference records, else a digest of its sequences",
       [](R row, I, int) { return text(row.header.protein); }},
      {"sequences",
       "one-letter codes of the network's residues, of each protein chain that differs from the "
       "others, the longest first; modified residues by their parents, X where there is none",
       [](R row, I, int) { return row.sequences.empty() ? Value{} : Value{row.sequences}; }},
      {"entries", "entries of the protein that one row stands for, with this one",
       [](R row, I, int) { return count(row.entries); }},
      {"eigenvalues", "all of the modes computed, in units of gamma = 1",
       [](R row, I, int) { return Value{row.eigenvalues}; }},
      {"shares", "fractional variances of all modes computed",
       [](R row, I, int) { return Value{row.shares}; }},
      {"modes", "non-zero modes computed",
       [](R row, I, int) { return count(static_cast<I>(row.eigenvalues.size())); }},
      {"residual", "the largest |H x - lambda x| of the modes, over the largest eigenvalue",
       [](R row, I, int) {
         return row.residuals.empty()
                    ? Value{}
                    : Value{*std::max_element(row.residuals.begin(), row.residuals.end())};
       }},
      {"method", "experimental method", [](R row, I, int) { return text(row.header.method); }},
      {"resolution", "angstrom",
       [](R row, I, int) {
         return row.header.resolution ? Value{*row.header.resolution} : Value{};
       }},
      {"models", "models in the file", [](R row, I, int) { return count(row.models); }},
      {"revision", "date of the last revision",
       [](R row, I, int) { return text(row.header.revision); }},
      {"molecules", "names of the molecules",
       [](R row, I, int) { return text(row.header.molecules); }},
      {"organisms", "source organisms", [](R row, I, int) { return text(row.header.organisms); }},
      {"file", "path of the structure file", [](R row, I, int) { return text(row.file.string()); }},
      {"sha256", "of the file as it lies on disk", [](R row, I, int) { return text(row.sha256); }},
      {"solver", "what computed the modes", [](R row, I, int) { return text(row.solver); }},
      {"backend", "cpu, or the device", [](R row, I, int) { return text(row.backend); }},
      {"origin", "solved (by this run), or cache (by an earlier one)",
       [](R row, I, int) { return text(row.from_cache ? "cache" : "solved"); }},
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

}  // namespace

std::vector<std::string_view> notes(const Row& row) {
  std::vector<std::string_view> codes;
  if (!row.collectivities.empty() && row.collectivities[0] < tail_collectivity)
    codes.push_back("tail");
  if (row.components > 1) codes.push_back("pieces");
  if (row.zero_modes > rigid_motions(row.enm) * row.components) codes.push_back("loose");
  if (row.nucleic_left_out) codes.push_back("nucleic");
  if (row.partial_assembly) codes.push_back("part");
  if (row.more_blocks) codes.push_back("blocks");
  if (row.uncertain_zero) codes.push_back("unsure");
  if (row.few_modes) codes.push_back("few");
  if (row.fallback) codes.push_back("fallback");
  return codes;
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
        Numbered{"fv", "_all", get_fv_all, Need::all_modes}, Numbered{"cum", "", get_cum}}) {
    if (!name.starts_with(prefix) || !name.ends_with(ending)) continue;
    int index = 0;
    const char* const end = name.data() + name.size() - ending.size();
    const auto [stop, error] = std::from_chars(name.data() + prefix.size(), end, index);
    if (error == std::errc() && stop == end && index >= 1)
      return {std::string(name), "", get, index, needs};
  }
  std::vector<std::string_view> names;
  for (const Column& column : columns) names.push_back(column.name);
  throw RunError(Cause::request, fmt::format("there is no column \"{}\"; there are {} (and fv4, "
                                             "ev2 ... up to the number of modes)",
                                             name, fmt::join(names, " ")));
}

std::vector<Column> default_columns() {
  return columns_named({"rank", "pdb_id", "chains", "residues", "fv1", "fv2", "fv3", "coll1", "ev1",
                        "zero_modes", "components", "notes", "title"});
}

std::vector<Column> table_columns() {
  return columns_named(
      {"rank", "pdb_id", "chains", "residues", "fv1", "fv2", "fv3", "coll1", "notes", "title"});
}

}  // namespace modesweep
