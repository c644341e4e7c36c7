// SPDX-License-Identifier: MIT
// What columns need of the model.
#include <fmt/format.h>

#include <modesweep/rank_job.hpp>

namespace modesweep {
namespace {

/// The wish that is behind a need; of `nothing` none.
bool Model::*wish_of(Need need) {
  switch (need) {
    case Need::all_modes: return &Model::all_fluctuations;
    case Need::hinges: return &Model::hinges;
    case Need::square_fluctuations: return &Model::square_fluctuations;
    case Need::core: return &Model::core;
    case Need::core_stability: return &Model::core_stability;
    case Need::residuals: return &Model::residuals;
    case Need::nothing: break;
  }
  return nullptr;
}

}  // namespace

void ask_for(Need need, Model& model) {
  if (bool Model::*const wish = wish_of(need)) model.*wish = true;
  if (need == Need::core_stability) model.core = true;
}

void ask_for(const RowOrder& order, Model& model) {
  if (order.column) ask_for(order.column->needs, model);
  if (!order.where) return;
  for (const Column& column : order.where->columns()) ask_for(column.needs, model);
}

void check_order(const RowOrder& order, const Model& model) {
  if (!order.where) return;
  for (const Column& column : order.where->columns())
    if (bool Model::*const wish = wish_of(column.needs);
        wish && !(model.*wish) && column.needs != Need::residuals)
      throw RunError(Cause::request,
                     fmt::format("the condition compares {}, which the rows do not have: it is "
                                 "computed where such a column is asked for when a run begins",
                                 column.name));
}

}  // namespace modesweep
