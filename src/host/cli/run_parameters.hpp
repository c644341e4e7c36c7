// SPDX-License-Identifier: MIT
// The options as a run keeps them, and back.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <modesweep/run_store.hpp>

#include "cli/options.hpp"

namespace modesweep::cli {

/// What the numbers of a row depend on, besides the file and who solves it.
Settings model_parameters(const RankOptions& rank);

/// What the results of a run depend on: model, solver, input. Numbers are kept to the last bit.
Settings run_parameters(const Arguments& arguments);

/// What `resume` asks for: what was kept, but for the method of this program and for what was typed
/// on how files are reached. Throws RunError (`request`) where an address was not kept and is not
/// given.
Settings resumed_parameters(Settings kept, const AccessOptions& typed);

/// Sets what `run_parameters` kept, but for the input.
void apply_parameters(const Settings& parameters, Arguments& arguments);

/// A sentence on the first parameter that differs; nothing where none does.
std::optional<std::string> difference(const std::filesystem::path& run, const Settings& kept,
                                      const Settings& asked);

}  // namespace modesweep::cli
