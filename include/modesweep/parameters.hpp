// SPDX-License-Identifier: MIT
// The parameters that results depend on: the one list that the run store, the result cache, the
// record beside a ranking, NPZ files and the report are written from.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <modesweep/rank_job.hpp>
#include <modesweep/settings.hpp>

namespace modesweep {

/// Nothing, yes or no, a count, a number, text, or a list of names.
using ParameterValue =
    std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::string>>;

/// "none", "yes", "20", "15", "A,B": numbers to the last bit.
std::string to_text(const ParameterValue& value);

struct Parameter {
  std::string_view name;
  std::string_view unit;  ///< empty where it has none
  /// What depends on it: the numbers of a row, or only which entries there are and who solves them.
  enum class Scope { row, run } scope;
  ParameterValue (*read)(const RankRequest&);
  /// Sets it from the text of its value. Throws RunError (`request`) where that is none of its.
  void (*write)(RankRequest&, const std::string& text);

  /// Of a request that says nothing of it.
  ParameterValue default_value() const { return read(RankRequest{}); }
};

/// All, in the order in which they are shown.
std::span<const Parameter> parameters();

/// Their texts, but for an address that may hold a password or a key: see `is_withheld`.
Settings settings_of(const RankRequest& request);

/// Those of scope `row` in one line: where it and the solvers are the same, rows are.
std::string row_parameters(const RankRequest& request);

/// Sets what `settings` name; names that there were before are understood. Which entries a list
/// held, and an address that was withheld, cannot be set.
void apply_settings(const Settings& settings, RankRequest& request);

/// Whether what this parameter was is not among the settings, which say so in its place.
bool is_withheld(const Settings& settings, std::string_view name);

/// A parameter whose values are not the same.
struct Difference {
  std::string name, kept, asked;
};
/// The first one that differs; a parameter that was not kept has the default of a request
/// like that.
std::optional<Difference> first_difference(const Settings& kept, const Settings& asked);

}  // namespace modesweep
