// SPDX-License-Identifier: MIT
#include <modesweep/solvers.hpp>

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

class SolversTest : public testing::Test {
 protected:
  Solvers make(const Machine& machine, const Model& model = {}) {
    return make_solvers(machine, model, cache_.path(), reporter_);
  }
  /// The sentence of a request that must be refused.
  std::string refusal(const Machine& machine, const Model& model = {}) {
    try {
      make(machine, model);
    } catch (const RunError& error) {
      EXPECT_EQ(error.cause(), Cause::request);
      return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
  }

  test_support::TempDir cache_;
  SilentReporter reporter_;
};

TEST_F(SolversTest, EachSolverOfTheCpuByItsName) {
  for (const Solver solver : {Solver::shift_invert, Solver::lapack, Solver::eigen}) {
    const Solvers solvers = make({.solver = solver, .backend = Backend::cpu});
    EXPECT_EQ(solvers.cpu().name(), to_string(solver));
    EXPECT_FALSE(solvers.has_devices());
    EXPECT_FALSE(solvers.device_share());
    EXPECT_EQ(solver_named(to_string(solver)), solver);
  }
  EXPECT_EQ(make({.backend = Backend::cpu}).cpu().name(), "auto");
  EXPECT_THROW(solver_named("arpack"), RunError);
}

TEST_F(SolversTest, RowsOfDifferentSolversAreNotTakenForEachOther) {
  EXPECT_NE(make({.solver = Solver::lapack, .backend = Backend::cpu}).signature(),
            make({.solver = Solver::eigen, .backend = Backend::cpu}).signature());
}

TEST_F(SolversTest, WhatDoesNotGoTogetherIsRefused) {
  Model gnm, all;
  gnm.network.model = ElasticModel::gnm;
  all.all_fluctuations = true;
  EXPECT_EQ(refusal({.solver = Solver::lapack, .backend = Backend::cuda}),
            "backend cuda has the solvers chebyshev, filtered and jacobi, not lapack");
  EXPECT_EQ(refusal({.solver = Solver::jacobi, .backend = Backend::cpu}),
            "solver jacobi is one of backend cuda, not cpu");
  EXPECT_EQ(refusal({.backend = Backend::cuda}, gnm),
            "a GNM is solved on the CPU alone, not by backend cuda");
  EXPECT_EQ(refusal({.solver = Solver::chebyshev}, all),
            "columns of all modes are computed on the CPU alone, not by solver chebyshev");
  EXPECT_EQ(refusal({.backend = Backend::cpu, .devices = {0}}),
            "devices asked for are of no use with backend cpu");
  EXPECT_EQ(refusal({.solver = Solver::eigen, .devices = {0}}),
            "devices asked for are of no use with solver eigen");
}

}  // namespace
}  // namespace modesweep
