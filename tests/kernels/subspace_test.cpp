// SPDX-License-Identifier: MIT
// Every kernel of solver `chebyshev` against a plain reference, under several orders of threads and
// blocks, and alone against in company.
#include "kernels/device/subspace.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include <modesweep/modes.hpp>

#include "kernels/device/hessian.hpp"
#include "kernels/networks.hpp"
#include "kernels/subspace_data.hpp"
#include "solver/dense/dense.hpp"

namespace kernel_test {
namespace {

using namespace modesweep;
using Values = std::vector<double>;

/// Proteins of one segment and more, one with more contacts a node than a block has columns, and
/// one network in two pieces.
const std::vector<Network>& mixed_networks() {
  static const std::vector<Network> networks = {
      demo_network("cytochrome-c/d1yeb__.pdb.gz", {20.0, 2.5}),
      demo_network("ubiquitin/pdb1ubi.pdb.gz"), network_of(shapes::bodies(2)),
      demo_network("zinc-finger/1ard.pdb")};
  return networks;
}

double worst_difference(const Values& a, const Values& b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(a[i] - b[i]);
    if (!(difference <= worst)) worst = difference;  // NaN counts
  }
  return worst;
}

/// left' right for blocks of `rows` rows, or a matrix product where `rows` are those of `left`'.
Values transposed_product(const Values& left, const Values& right, std::size_t columns) {
  Values product(columns * columns);
  for (std::size_t row = 0; row < left.size() / columns; ++row)
    for (std::size_t i = 0; i < columns; ++i)
      for (std::size_t j = 0; j < columns; ++j)
        product[i * columns + j] += left[row * columns + i] * right[row * columns + j];
  return product;
}

/// block matrix, where the matrix is columns x columns.
Values times(const Values& block, const Values& matrix, std::size_t columns) {
  Values product(block.size());
  for (std::size_t row = 0; row < block.size() / columns; ++row)
    for (std::size_t k = 0; k < columns; ++k)
      for (std::size_t j = 0; j < columns; ++j)
        product[row * columns + j] += block[row * columns + k] * matrix[k * columns + j];
  return product;
}

/// H block.
Values hessian_times_block(const Network& network, const Values& block, std::size_t columns) {
  const Values hessian = dense::unit_hessian(network);
  const std::size_t n = block.size() / columns;
  Values product(block.size());
  for (std::size_t row = 0; row < n; ++row)
    for (std::size_t k = 0; k < n; ++k) {
      const double h = hessian[row * n + k];
      if (h == 0) continue;
      for (std::size_t j = 0; j < columns; ++j)
        product[row * columns + j] += h * block[k * columns + j];
    }
  return product;
}

Values identity(std::size_t n) {
  Values matrix(n * n);
  for (std::size_t i = 0; i < n; ++i) matrix[i * n + i] = 1;
  return matrix;
}

/// The rigid-body modes of a network as columns of their own, padded with zeros to `columns`.
Values rigid_modes(const gpu::Layout& layout, std::size_t columns) {
  const Network& network = layout.network();
  Values modes(3 * network.positions.size() * columns);
  std::size_t mode = 0;
  for (std::size_t body = 0; body < layout.bodies.size(); ++body) {
    const gpu::RigidBody& b = layout.bodies[body];
    for (std::size_t i = 0; i < network.positions.size(); ++i) {
      if (network.component[i] != static_cast<std::int32_t>(body)) continue;
      const Vec3& r = network.positions[i];
      for (std::size_t a = 0; a < 3; ++a) {
        modes[(3 * i + a) * columns + mode + a] = b.translation;
        const std::size_t u = (a + 1) % 3, v = (a + 2) % 3;
        for (std::size_t axis = 0; axis < 3; ++axis)
          modes[(3 * i + a) * columns + mode + 3 + axis] =
              b.scale[axis] *
              (b.axis[axis][u] * (r[v] - b.centre[v]) - b.axis[axis][v] * (r[u] - b.centre[u]));
      }
    }
    mode += 6;
  }
  return modes;
}

class SubspaceKernels : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { standin::start({}); }
  void TearDown() override {
    EXPECT_EQ(standin::complaints(), "");
    EXPECT_EQ(standin::alive(), 0);
  }
};
INSTANTIATE_TEST_SUITE_P(Columns, SubspaceKernels, testing::Values(40, 48),
                         testing::PrintToStringParamName());

/// The driver's launches, by name.
struct Steps {
  SubspaceData& data;
  void start() {
    data.run(
        [&](cudaStream_t t) { return gpu::launch_spectral_bounds(data.s.batch, data.bounds, t); });
    data.run([&](cudaStream_t t) { return gpu::launch_start_vectors(data.s, t); });
  }
  void orthonormalise() {
    data.run([&](cudaStream_t t) { return gpu::launch_deflation(data.s, t); });
    data.run([&](cudaStream_t t) { return gpu::launch_orthonormalisation(data.s, t); });
  }
  void ritz() {
    data.run([&](cudaStream_t t) { return gpu::launch_products(data.s, t); });
    data.run([&](cudaStream_t t) { return gpu::launch_projected_hessians(data.s, t); });
    data.run([&](cudaStream_t t) { return gpu::launch_rayleigh_ritz(data.s, t); });
    data.run([&](cudaStream_t t) { return gpu::launch_ritz_vectors(data.s, t); });
  }
  void to_ritz_vectors() {
    start();
    orthonormalise();
    orthonormalise();
    ritz();
  }
};

TEST_P(SubspaceKernels, StartVectors) {
  SubspaceData data(mixed_networks(), GetParam());
  EXPECT_EQ(
      data.orders_that_differ([&](cudaStream_t t) { return gpu::launch_start_vectors(data.s, t); }),
      0);
  for (std::size_t k = 0; k < data.sorted.size(); ++k) {
    Values expected;
    for (std::uint64_t row = 0; row < data.rows(k); ++row)
      for (std::uint64_t column = 0; column < data.columns(); ++column) {
        // SplitMix64's output for the state (48 row + column), as a number in (-1, 1).
        std::uint64_t z = (row * 48 + column + 1) * 0x9E3779B97F4A7C15u;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        z = z ^ (z >> 31);
        expected.push_back(std::ldexp(static_cast<double>(z >> 11), -52) - 1);
      }
    EXPECT_EQ(data.block(data.s.vectors, k), expected);
  }
}

TEST_P(SubspaceKernels, Products) {
  SubspaceData data(mixed_networks(), GetParam());
  Steps{data}.start();
  EXPECT_EQ(
      data.orders_that_differ([&](cudaStream_t t) { return gpu::launch_products(data.s, t); }), 0);
  for (std::size_t k = 0; k < data.sorted.size(); ++k) {
    SCOPED_TRACE(k);
    const Values expected =
        hessian_times_block(data.sorted[k], data.block(data.s.vectors, k), data.columns());
    EXPECT_LT(worst_difference(data.block(data.s.products, k), expected), 1e-14 * data.bounds[k]);
  }
}

TEST_P(SubspaceKernels, ProjectedHessians) {
  SubspaceData data(mixed_networks(), GetParam());
  Steps{data}.start();
  data.run([&](cudaStream_t t) { return gpu::launch_products(data.s, t); });
  EXPECT_EQ(data.orders_that_differ(
                [&](cudaStream_t t) { return gpu::launch_projected_hessians(data.s, t); }),
            0);
  const std::size_t p = data.columns();
  for (std::size_t k = 0; k < data.sorted.size(); ++k) {
    const Values vectors = data.block(data.s.vectors, k);
    const Values products = data.block(data.s.products, k);
    for (int i = 0; i < data.actives[k].segments; ++i) {
      const auto index = static_cast<std::size_t>(data.actives[k].first_segment + i);
      const gpu::Segment segment = data.all_segments[index];
      const auto part = [&](const Values& block) {
        const auto begin = block.begin() + static_cast<std::ptrdiff_t>(3 * segment.first_node * p);
        return Values(begin, begin + static_cast<std::ptrdiff_t>(3 * segment.nodes * p));
      };
      EXPECT_LT(worst_difference(SubspaceData::of_network(data.s.partial, index, p * p),
                                 transposed_product(part(vectors), part(products), p)),
                1e-13 * data.bounds[k]);
    }
  }
}

TEST_P(SubspaceKernels, RayleighRitz) {
  SubspaceData data(mixed_networks(), GetParam());
  Steps steps{data};
  steps.start();
  steps.orthonormalise();
  steps.orthonormalise();
  data.run([&](cudaStream_t t) { return gpu::launch_products(data.s, t); });
  data.run([&](cudaStream_t t) { return gpu::launch_projected_hessians(data.s, t); });
  EXPECT_EQ(
      data.orders_that_differ([&](cudaStream_t t) { return gpu::launch_rayleigh_ritz(data.s, t); }),
      0);
  const std::size_t p = data.columns();
  for (std::size_t k = 0; k < data.sorted.size(); ++k) {
    SCOPED_TRACE(k);
    const Values projected =
        transposed_product(data.block(data.s.vectors, k), data.block(data.s.products, k), p);
    const Values theta = SubspaceData::of_network(data.s.theta, k, p);
    const Values rotation = SubspaceData::of_network(data.s.rotations, k, p * p);
    EXPECT_TRUE(std::is_sorted(theta.begin(), theta.end()));
    EXPECT_GT(theta.front(), 0);
    EXPECT_LE(theta.back(), data.bounds[k]);
    EXPECT_LT(worst_difference(transposed_product(rotation, rotation, p), identity(p)), 1e-13);
    Values diagonal(p * p);
    for (std::size_t i = 0; i < p; ++i) diagonal[i * p + i] = theta[i];
    EXPECT_LT(
        worst_difference(transposed_product(rotation, times(projected, rotation, p), p), diagonal),
        1e-13 * data.bounds[k]);
  }
}

TEST_P(SubspaceKernels, RitzVectorsAndResiduals) {
  SubspaceData data(mixed_networks(), GetParam());
  Steps steps{data};
  steps.start();
  steps.orthonormalise();
  steps.orthonormalise();
  data.run([&](cudaStream_t t) { return gpu::launch_products(data.s, t); });
  data.run([&](cudaStream_t t) { return gpu::launch_projected_hessians(data.s, t); });
  data.run([&](cudaStream_t t) { return gpu::launch_rayleigh_ritz(data.s, t); });
  std::vector<Values> vectors, products;
  for (std::size_t k = 0; k < data.sorted.size(); ++k) {
    vectors.push_back(data.block(data.s.vectors, k));
    products.push_back(data.block(data.s.products, k));
  }
  EXPECT_EQ(
      data.orders_that_differ([&](cudaStream_t t) { return gpu::launch_ritz_vectors(data.s, t); }),
      0);
  const std::size_t p = data.columns();
  for (std::size_t k = 0; k < data.sorted.size(); ++k) {
    SCOPED_TRACE(k);
    const Values rotation = SubspaceData::of_network(data.s.rotations, k, p * p);
    const Values theta = SubspaceData::of_network(data.s.theta, k, p);
    const Values rotated = times(vectors[k], rotation, p);
    EXPECT_LT(worst_difference(data.block(data.s.vectors, k), rotated), 1e-14);
    Values residual = times(products[k], rotation, p);
    Values norms(p);
    for (std::size_t i = 0; i < residual.size(); ++i) {
      residual[i] -= theta[i % p] * rotated[i];
      norms[i % p] += residual[i] * residual[i];
    }
    for (double& norm : norms) norm = std::sqrt(norm);
    const std::vector<float> single = data.block(data.s.residuals, k);
    EXPECT_LT(worst_difference(Values(single.begin(), single.end()), residual),
              1e-7 * data.bounds[k]);
    EXPECT_LT(worst_difference(SubspaceData::of_network(data.s.norms, k, p), norms),
              1e-13 * data.bounds[k]);
  }
}

/// p(H) X by the textbook's three-term recurrence in double precision, in the scaling of the
/// filter: p(0) = 1 up to rounding, and X's Ritz values play no part.
Values filtered(const Network& network, const Values& x, double low, double bound, int degree,
                std::size_t columns) {
  const double half = (bound - low) / 2, centre = (bound + low) / 2;
  const double first_sigma = half / centre;
  double sigma = first_sigma;
  const auto shifted = [&](const Values& y) {
    Values product = hessian_times_block(network, y, columns);
    for (std::size_t i = 0; i < y.size(); ++i) product[i] -= centre * y[i];
    return product;
  };
  Values before = x, now = shifted(x);
  for (double& value : now) value *= sigma / half;
  for (int step = 1; step < degree; ++step) {
    const double next_sigma = 1 / (2 / first_sigma - sigma);
    Values next = shifted(now);
    for (std::size_t i = 0; i < next.size(); ++i)
      next[i] = 2 * next_sigma / half * next[i] - sigma * next_sigma * before[i];
    before = std::move(now);
    now = std::move(next);
    sigma = next_sigma;
  }
  return now;
}

/// Shared memory for the filter of these networks: grid-wide for all, in blocks for the small ones,
/// in blocks for all.
constexpr std::size_t shared_limits[] = {0, 20 * 1024, 99 * 1024};

TEST_P(SubspaceKernels, FilterInEveryForm) {
  const std::vector<int> degrees = {9, 20, 1, 2};
  std::vector<Values> expected;
  std::vector<std::vector<Values>> found;
  for (const std::size_t limit : shared_limits) {
    SCOPED_TRACE(limit);
    standin::Settings settings;
    settings.device.shared_bytes = static_cast<int>(limit);
    standin::start(settings);
    SubspaceData data(mixed_networks(), GetParam(), degrees);
    Steps{data}.to_ritz_vectors();
    const std::size_t p = data.columns();
    if (expected.empty())
      for (std::size_t k = 0; k < data.sorted.size(); ++k)
        expected.push_back(filtered(data.sorted[k], data.block(data.s.vectors, k),
                                    data.s.theta[k * p + p - 1], data.bounds[k], degrees[k], p));
    EXPECT_EQ(data.orders_that_differ([&](cudaStream_t t) {
      cudaError_t result = gpu::launch_filter_weights(data.s, t);
      for (const gpu::FilterPart& part : data.filter_parts(limit))
        if (result == cudaSuccess) result = gpu::launch_filter(data.s, part, t);
      return result;
    }),
              0);
    std::vector<Values> blocks;
    for (std::size_t k = 0; k < data.sorted.size(); ++k) {
      SCOPED_TRACE(k);
      blocks.push_back(data.block(data.s.vectors, k));
      // The parts along Ritz vectors are combined in double; what single precision touches is
      // the part of the residuals.
      EXPECT_LT(worst_difference(blocks.back(), expected[k]), 2e-6);
    }
    found.push_back(std::move(blocks));
  }
  const auto plan = [&](std::size_t k, std::size_t limit) {
    return gpu::filter_plan(static_cast<std::int32_t>(mixed_networks()[k].nodes()), limit);
  };
  EXPECT_EQ(plan(3, shared_limits[1]).slice, 8);
  EXPECT_EQ(plan(3, shared_limits[2]).slice, 8);
  // How much room a block has does not change a bit.
  EXPECT_EQ(found[1][3], found[2][3]);
  EXPECT_EQ(plan(0, shared_limits[1]).slice, 0);
  EXPECT_EQ(plan(0, shared_limits[2]).slice, 8);
}

TEST(FilterPlan, DependsOnSizeAndLimitAlone) {
  // Of a block: what current devices allow (compute capability 7.5, 8.9, 8.0, 9.0).
  for (const std::size_t limit : {64 * 1024, 99 * 1024, 163 * 1024, 227 * 1024}) {
    gpu::FilterPlan before = gpu::filter_plan(1, limit);
    EXPECT_EQ(before.slice, 8);
    for (int nodes = 2; nodes <= 4000; ++nodes) {
      const gpu::FilterPlan plan = gpu::filter_plan(nodes, limit);
      EXPECT_LE(plan.shared_bytes, limit);
      // Larger ones only ever take more memory, then the grid.
      EXPECT_LE(plan.slice, before.slice);
      EXPECT_TRUE(plan.slice < before.slice || plan.shared_bytes >= before.shared_bytes);
      before = plan;
    }
    EXPECT_EQ(before.slice, 0);
  }
  EXPECT_EQ(gpu::filter_plan(400, 99 * 1024).slice, 8);
  EXPECT_EQ(gpu::filter_plan(700, 99 * 1024).slice, 0);
  EXPECT_EQ(gpu::filter_plan(1000, 227 * 1024).slice, 8);
}

TEST_P(SubspaceKernels, Deflation) {
  SubspaceData data(mixed_networks(), GetParam());
  Steps{data}.start();
  std::vector<Values> before;
  for (std::size_t k = 0; k < data.sorted.size(); ++k)
    before.push_back(data.block(data.s.vectors, k));
  EXPECT_EQ(
      data.orders_that_differ([&](cudaStream_t t) { return gpu::launch_deflation(data.s, t); }), 0);
  const std::size_t p = data.columns();
  for (std::size_t k = 0; k < data.sorted.size(); ++k) {
    SCOPED_TRACE(k);
    const Values modes = rigid_modes(data.layouts[k], p);
    // They are what they are called: orthonormal, and without energy.
    Values ones(p * p);
    for (std::size_t i = 0; i < static_cast<std::size_t>(data.layouts[k].rigid_modes); ++i)
      ones[i * p + i] = 1;
    EXPECT_LT(worst_difference(transposed_product(modes, modes, p), ones), 1e-13);
    EXPECT_LT(worst_difference(hessian_times_block(data.sorted[k], modes, p), Values(modes.size())),
              1e-14 * data.bounds[k]);
    const Values overlaps = transposed_product(modes, before[k], p);
    Values expected = before[k];
    const Values rigid = times(modes, overlaps, p);
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] -= rigid[i];
    EXPECT_LT(worst_difference(data.block(data.s.vectors, k), expected), 1e-13);
  }
}

TEST_P(SubspaceKernels, Orthonormalisation) {
  SubspaceData data(mixed_networks(), GetParam());
  Steps{data}.start();
  std::vector<Values> before;
  for (std::size_t k = 0; k < data.sorted.size(); ++k)
    before.push_back(data.block(data.s.vectors, k));
  EXPECT_EQ(data.orders_that_differ(
                [&](cudaStream_t t) { return gpu::launch_orthonormalisation(data.s, t); }),
            0);
  const std::size_t p = data.columns();
  for (std::size_t k = 0; k < data.sorted.size(); ++k) {
    SCOPED_TRACE(k);
    const Values rotation = SubspaceData::of_network(data.s.rotations, k, p * p);
    for (std::size_t i = 0; i < p; ++i)
      for (std::size_t j = 0; j < i; ++j) EXPECT_EQ(rotation[i * p + j], 0);
    const Values after = data.block(data.s.vectors, k);
    EXPECT_LT(worst_difference(after, times(before[k], rotation, p)), 1e-13);
    EXPECT_LT(worst_difference(transposed_product(after, after, p), identity(p)), 1e-12);
    EXPECT_EQ(data.s.breakdowns[k], 0);
  }
}

TEST_P(SubspaceKernels, DependentColumnsGetOneShiftedRetryAndThenAreNamed) {
  SubspaceData data(mixed_networks(), GetParam());
  Steps{data}.start();
  const std::size_t p = data.columns();
  const auto column = [&](std::size_t k, std::size_t j, const std::function<double(double*)>& f) {
    for (std::size_t row = 0; row < data.rows(k); ++row) {
      double* const values = data.s.vectors + (data.first_row[k] + row) * p;
      values[j] = f(values);
    }
  };
  // Dependent but for rounding: the shifted factorisation exists. A column of zeros, or a value
  // that is none: no factorisation does.
  column(0, 7, [](double* row) { return row[3] - 2 * row[30]; });
  column(1, 7, [](double*) { return 0.0; });
  column(2, 7, [](double*) { return std::numeric_limits<double>::quiet_NaN(); });
  EXPECT_EQ(data.orders_that_differ(
                [&](cudaStream_t t) { return gpu::launch_orthonormalisation(data.s, t); }),
            0);
  const auto gram_error = [&](std::size_t k) {
    const Values block = data.block(data.s.vectors, k);
    return worst_difference(transposed_product(block, block, p), identity(p));
  };
  EXPECT_EQ(Values(data.s.breakdowns, data.s.breakdowns + 4), (Values{0, 1, 1, 0}));
  EXPECT_GT(gram_error(0), 1e-3);   // the shift: not orthonormal yet
  EXPECT_LT(gram_error(3), 1e-12);  // nobody else is touched
  for (int pass = 0; pass < 2; ++pass) Steps{data}.orthonormalise();
  EXPECT_EQ(data.s.breakdowns[0], 0);
  EXPECT_LT(gram_error(0), 1e-12);
}

TEST_P(SubspaceKernels, Judge) {
  SubspaceData data(mixed_networks(), GetParam());
  const std::size_t p = data.columns();
  gpu::Criteria criteria{};
  criteria.modes = 20;
  criteria.guards = 6;
  criteria.zero = 1e-6;
  criteria.residual = 1e-10;
  criteria.value = 1e-11;
  criteria.vector = std::numeric_limits<double>::infinity();
  criteria.least_wanted = 2e-15;
  const DeviceArray<gpu::Judgement> judgements(data.sorted.size());
  struct Case {
    const char* name;
    std::size_t zeros;
    std::function<void(double* theta, double* norms, std::int32_t& breakdowns)> change;
    gpu::Verdict verdict;
  };
  const auto nothing = [](double*, double*, std::int32_t&) {};
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Case> cases = {
      {"converged", 0, nothing, gpu::converged},
      {"zero modes take guards", p - 26, nothing, gpu::converged},
      {"and may take too many", p - 25, nothing, gpu::many_zero_modes},
      {"all are", p, nothing, gpu::many_zero_modes},
      {"a breakdown", 0, [](double*, double*, std::int32_t& b) { b = 2; }, gpu::dependent},
      // Of 100, the bound: 1e-8 is wanted at most.
      {"a residual", 0, [](double*, double* r, std::int32_t&) { r[19] = 1.1e-8; }, gpu::unfinished},
      {"a residual of a guard", 0, [](double*, double* r, std::int32_t&) { r[20] = 1; },
       gpu::converged},
      {"a residual of a zero mode", 3, [](double*, double* r, std::int32_t&) { r[0] = 1; },
       gpu::unfinished},
      // sqrt(1e-11 2e-6 8e-6) = 1.3e-11 is wanted.
      {"a soft mode's", 0,
       [p](double* t, double* r, std::int32_t&) { t[0] = 2e-6, t[p - 1] = 1e-5, r[0] = 1.4e-11; },
       gpu::unfinished},
      {"no number", 0, [&](double*, double* r, std::int32_t&) { r[5] = nan; }, gpu::unfinished},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    for (std::size_t k = 0; k < data.sorted.size(); ++k) {
      data.bounds[k] = 100;
      data.s.breakdowns[k] = 0;
      for (std::size_t j = 0; j < p; ++j) {
        data.s.theta[k * p + j] = j < one.zeros ? 1e-9 : 0.5 + static_cast<double>(j - one.zeros);
        data.s.norms[k * p + j] = j < one.zeros ? 1e-14 : 1e-12;
      }
    }
    one.change(data.s.theta + p, data.s.norms + p, data.s.breakdowns[1]);
    data.run(
        [&](cudaStream_t t) { return gpu::launch_judge(data.s, criteria, judgements.data(), t); });
    EXPECT_EQ(judgements.data()[1].verdict, one.verdict);
    EXPECT_EQ(judgements.data()[1].zeros, static_cast<int>(one.zeros));
    EXPECT_EQ(judgements.data()[0].zeros, static_cast<int>(one.zeros));
  }
  // What rounding leaves of a large bound is enough, whatever is wanted of a soft value.
  data.bounds[1] = 1e5;
  data.s.theta[p] = 1e-6;
  data.s.theta[2 * p - 1] = 1e-5;
  for (std::size_t j = 1; j + 1 < p; ++j) data.s.theta[p + j] = 1e-6;
  std::fill_n(data.s.norms + p, p, 1.9e-10);
  data.run(
      [&](cudaStream_t t) { return gpu::launch_judge(data.s, criteria, judgements.data(), t); });
  EXPECT_EQ(judgements.data()[1].verdict, gpu::converged);
  std::fill_n(data.s.norms + p, p, 2.1e-10);
  data.run(
      [&](cudaStream_t t) { return gpu::launch_judge(data.s, criteria, judgements.data(), t); });
  EXPECT_EQ(judgements.data()[1].verdict, gpu::unfinished);
}

TEST_P(SubspaceKernels, TakeColumns) {
  SubspaceData data(mixed_networks(), GetParam());
  Steps{data}.start();
  constexpr int modes = 20;
  const DeviceArray<gpu::Selection> selections(
      std::vector<gpu::Selection>{{0, 20}, {3, 20}, {20, 20}, {5, 1}});
  std::size_t rows = 0;
  for (std::size_t k = 0; k < data.sorted.size(); ++k) rows += data.rows(k);
  const DeviceArray<double> out(rows * modes);
  Values first;
  for (const std::uint64_t order : {0, 1, 2}) {
    std::fill_n(out.data(), out.size(), -5.0);
    data.run(
        [&](cudaStream_t t) {
          return gpu::launch_take_columns(data.s, selections.data(), modes, out.data(), t);
        },
        order);
    if (order == 0) first = out.values();
    EXPECT_EQ(out.values(), first);
  }
  for (std::size_t k = 0; k < data.sorted.size(); ++k) {
    const gpu::Selection selection = selections.data()[k];
    const Values block = data.block(data.s.vectors, k);
    for (std::size_t j = 0; j < modes; ++j)
      for (std::size_t row = 0; row < data.rows(k); ++row) {
        const double value = first[data.first_row[k] * modes + j * data.rows(k) + row];
        const bool taken = j < static_cast<std::size_t>(selection.count);
        ASSERT_EQ(value,
                  taken
                      ? block[row * data.columns() + static_cast<std::size_t>(selection.first) + j]
                      : -5.0);
      }
  }
}

/// One outer iteration and a second one's Ritz vectors, all kernels in turn.
std::vector<std::vector<Values>> one_iteration(const std::vector<Network>& networks,
                                               std::size_t limit) {
  SubspaceData data(networks, 40, std::vector<int>(networks.size(), 6));
  Steps steps{data};
  steps.to_ritz_vectors();
  data.run([&](cudaStream_t t) { return gpu::launch_filter_weights(data.s, t); });
  for (const gpu::FilterPart& part : data.filter_parts(limit))
    data.run([&](cudaStream_t t) { return gpu::launch_filter(data.s, part, t); });
  steps.orthonormalise();
  steps.orthonormalise();
  steps.ritz();
  std::vector<std::vector<Values>> results;
  for (std::size_t k = 0; k < networks.size(); ++k)
    results.push_back({data.block(data.s.vectors, k), data.block(data.s.products, k),
                       SubspaceData::of_network(data.s.theta, k, 40),
                       SubspaceData::of_network(data.s.norms, k, 40)});
  return results;
}

TEST(SubspaceCompany, ANetworkHasTheSameBitsAloneAndInAnyCompany) {
  const std::vector<Network>& networks = mixed_networks();
  const std::vector<Network> reversed(networks.rbegin(), networks.rend());
  for (const std::size_t limit : {std::size_t{20 * 1024}, std::size_t{99 * 1024}}) {
    standin::Settings settings;
    settings.device.shared_bytes = static_cast<int>(limit);
    standin::start(settings);
    const auto together = one_iteration(networks, limit);
    const auto other_way = one_iteration(reversed, limit);
    for (std::size_t k = 0; k < networks.size(); ++k) {
      EXPECT_EQ(one_iteration({networks[k]}, limit)[0], together[k]);
      EXPECT_EQ(other_way[networks.size() - 1 - k], together[k]);
    }
  }
}

}  // namespace
}  // namespace kernel_test
