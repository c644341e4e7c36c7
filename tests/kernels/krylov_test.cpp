// SPDX-License-Identifier: MIT
// The kernels of the Krylov space against plain sums in double precision, under several orders of
// threads and blocks.
#include "kernels/device/krylov.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/device/tiles.hpp"
#include "kernels/networks.hpp"
#include "kernels/subspace_data.hpp"
#include "solver/dense/dense.hpp"

namespace kernel_test {
namespace {

using namespace modesweep;
using Values = std::vector<double>;

constexpr std::size_t b = gpu::krylov_block;
constexpr std::size_t most = gpu::most_krylov_vectors;
constexpr int kept = 32, wanted = 20;

const std::vector<Network>& networks() {
  static const std::vector<Network> all = {demo_network("ubiquitin/pdb1ubi.pdb.gz"),
                                           demo_network("zinc-finger/1ard.pdb"),
                                           demo_network("trypsin/1TAB_E.pdb.gz")};
  return all;
}

/// A batch with all that a Krylov space of H takes.
class Space {
 public:
  Space() : data(networks(), gpu::krylov_block) {
    const std::size_t rows = data.first_row.back() + data.rows(networks().size() - 1);
    const std::size_t count = networks().size(), squares = gpu::krylov_slots * gpu::krylov_square;
    std::size_t contacts = 0;
    for (const Network& network : data.sorted) contacts += network.neighbours.size();
    tiles = {2, data.make<gpu::Spring<float>>(2 * contacts), data.make<std::int32_t>(rows / 3),
             data.make<float>(2 * rows)};
    k.slot_values = rows * b;
    k.blocks = data.make<float>(gpu::krylov_slots * k.slot_values);
    k.partial = data.make<double>(data.all_segments.size() * squares);
    k.along = data.make<double>(count * squares);
    k.inverse = data.make<float>(count * gpu::krylov_square);
    k.last = data.make<float>(count * gpu::krylov_square);
    k.projected = data.make<float>(count * most * most);
    k.ritz = data.make<float>(count * most * kept);
    k.looks = data.make<gpu::KrylovLook>(count);
    k.breakdowns = data.make<std::int32_t>(count);
    std::fill_n(k.breakdowns, count, 0);
    k.kept = kept;
    k.wanted = wanted;
    run([&](cudaStream_t t) { return gpu::launch_spring_tiles(data.s, tiles, t); });
    run([&](cudaStream_t t) { return gpu::launch_rigid_block(data.s, k, t); });
  }

  void run(const std::function<cudaError_t(cudaStream_t)>& step) {
    EXPECT_EQ(data.orders_that_differ(step), 0);
  }
  void begin(gpu::KrylovStart start) {
    run([&](cudaStream_t t) { return gpu::launch_krylov_start(data.s, k, start, t); });
    run([&](cudaStream_t t) { return gpu::launch_krylov_block(data.s, k, 1, t); });
  }
  /// H of the block in this slot, made orthonormal, in the next.
  void grow(int slot) {
    run([&](cudaStream_t t) {
      return gpu::launch_tile_step(data.s, tiles,
                                   {k.slot(slot), nullptr, k.slot(slot + 1), nullptr, -1}, t);
    });
    run([&](cudaStream_t t) { return gpu::launch_krylov_block(data.s, k, slot + 1, t); });
  }
  void look(int vectors) {
    run([&](cudaStream_t t) { return gpu::launch_krylov_look(data.s, k, vectors, t); });
  }

  /// Slots `first` to `last` of network i: row after row.
  Values basis(std::size_t i, int first, int last) const {
    const std::size_t rows = data.rows(i), width = b * static_cast<std::size_t>(last - first + 1);
    Values values(rows * width);
    for (int slot = first; slot <= last; ++slot) {
      const std::vector<float> block = data.block(k.slot(slot), i);
      for (std::size_t j = 0; j < block.size(); ++j)
        values[j / b * width + b * static_cast<std::size_t>(slot - first) + j % b] =
            double{block[j]};
    }
    return values;
  }

  SubspaceData data;
  gpu::SpringTiles tiles{};
  gpu::Krylov k{};
};

/// left' right, of blocks of `rows` rows.
Values inner_products(const Values& left, const Values& right, std::size_t rows) {
  const std::size_t m = left.size() / rows, n = right.size() / rows;
  Values out(m * n);
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t i = 0; i < m; ++i)
      for (std::size_t j = 0; j < n; ++j) out[i * n + j] += left[row * m + i] * right[row * n + j];
  return out;
}

Values hessian_times(const Network& network, const Values& x) {
  const Values hessian = dense::unit_hessian(network);
  const std::size_t rows = 3 * network.positions.size(), n = x.size() / rows;
  Values out(x.size());
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; hessian[row * rows + i] != 0 && j < n; ++j)
        out[row * n + j] += hessian[row * rows + i] * x[i * n + j];
  return out;
}

double departure_from_identity(Values gram, std::size_t n) {
  double worst = 0;
  for (std::size_t i = 0; i < n; ++i) gram[i * n + i] -= 1;
  for (const double value : gram)
    if (!(std::abs(value) <= worst)) worst = std::abs(value);
  return worst;
}

class KrylovKernels : public testing::Test {
 protected:
  void SetUp() override { standin::start({}); }
  void TearDown() override {
    EXPECT_EQ(standin::complaints(), "");
    EXPECT_EQ(standin::alive(), 0);
  }
};

TEST_F(KrylovKernels, TheRigidBlockIsOrthonormalAndOfNoEnergy) {
  const Space space;
  for (std::size_t i = 0; i < networks().size(); ++i) {
    const Values rigid = space.basis(i, 0, 0);
    Values gram = inner_products(rigid, rigid, space.data.rows(i));
    for (std::size_t j : {6, 7}) {
      EXPECT_EQ(gram[j * b + j], 0);
      gram[j * b + j] = 1;
    }
    EXPECT_LT(departure_from_identity(gram, b), 1e-6);
    for (const double value : hessian_times(space.data.sorted[i], rigid))
      EXPECT_LT(std::abs(value), 1e-5);
  }
}

TEST_F(KrylovKernels, SmoothDisplacementsAreSofterThanRandomOnes) {
  Space space;
  std::vector<Values> energy(networks().size());
  for (const auto start : {gpu::KrylovStart::random, gpu::KrylovStart::smooth}) {
    space.begin(start);
    for (std::size_t i = 0; i < networks().size(); ++i) {
      const Values x = space.basis(i, 1, 1);
      const Values h =
          inner_products(x, hessian_times(space.data.sorted[i], x), space.data.rows(i));
      double trace = 0;
      for (std::size_t j = 0; j < b; ++j) trace += h[j * b + j];
      energy[i].push_back(trace);
    }
  }
  for (const Values& of_both : energy) EXPECT_LT(of_both[1], of_both[0]);
}

TEST_F(KrylovKernels, TheBasisIsOrthonormalAndItsProjectionIsTheOperators) {
  Space space;
  constexpr int slots = 4;
  space.begin(gpu::KrylovStart::smooth);
  for (int slot = 1; slot <= slots; ++slot) space.grow(slot);
  for (std::size_t i = 0; i < networks().size(); ++i) {
    SCOPED_TRACE(i);
    const std::size_t rows = space.data.rows(i), n = b * slots;
    Values all = space.basis(i, 0, slots + 1);
    Values gram = inner_products(all, all, rows);
    const std::size_t width = all.size() / rows;
    for (std::size_t j : {6, 7}) gram[j * width + j] = 1;
    EXPECT_LT(departure_from_identity(gram, width), 3e-6);
    const Values x = space.basis(i, 1, slots);
    const Values expected = inner_products(x, hessian_times(space.data.sorted[i], x), rows);
    const float* const found = space.k.projected + i * most * most;
    for (std::size_t row = 0; row < n; ++row)
      for (std::size_t column = row; column < n; ++column)
        EXPECT_NEAR(double{found[row * most + column]}, expected[row * n + column], 2e-4)
            << row << ' ' << column;
    EXPECT_EQ(space.k.breakdowns[i], 0);
  }
}

TEST_F(KrylovKernels, ALookGivesTheEigenpairsOfTheProjection) {
  Space space;
  space.begin(gpu::KrylovStart::random);
  for (int slot = 1; slot <= 6; ++slot) {
    space.grow(slot);
    const int vectors = slot * gpu::krylov_block;
    if (slot != 1 && slot != 6) continue;
    space.look(vectors);
    for (std::size_t i = 0; i < networks().size(); ++i) {
      SCOPED_TRACE(i);
      const auto n = static_cast<std::size_t>(vectors);
      const std::size_t count = std::min<std::size_t>(n, kept);
      const float* const t = space.k.projected + i * most * most;
      const auto element = [&](std::size_t r, std::size_t c) {
        if (r / b == c / b) return (double{t[r * most + c]} + double{t[c * most + r]}) / 2;
        return double{r < c ? t[r * most + c] : t[c * most + r]};
      };
      Values v(n * count);
      for (std::size_t r = 0; r < n; ++r)
        for (std::size_t c = 0; c < count; ++c)
          v[r * count + c] = double{space.k.ritz[(i * most + r) * kept + c]};
      EXPECT_LT(departure_from_identity(inner_products(v, v, n), count), 1e-5);
      double last = std::numeric_limits<double>::infinity(), error = 0, first_residual = 0;
      const double scale = double{space.k.looks[i].largest};
      for (std::size_t c = 0; c < count; ++c) {
        double value = 0, off = 0, outside = 0;
        Values product(n);
        for (std::size_t r = 0; r < n; ++r) {
          for (std::size_t l = 0; l < n; ++l) product[r] += element(r, l) * v[l * count + c];
          value += product[r] * v[r * count + c];
        }
        for (std::size_t r = 0; r < n; ++r)
          off = std::max(off, std::abs(product[r] - value * v[r * count + c]));
        EXPECT_LT(off, 1e-5 * scale);
        EXPECT_LE(value, last + 1e-5 * scale);
        last = value;
        for (std::size_t r = 0; r < b; ++r) {
          double sum = 0;
          for (std::size_t l = r; l < b; ++l)
            sum += double{space.k.last[i * b * b + r * b + l]} * v[(n - b + l) * count + c];
          outside += sum * sum;
        }
        if (c < wanted) error = std::max(error, std::sqrt(outside));
        if (c == 0) {
          EXPECT_NEAR(value, scale, 1e-5 * scale);
          first_residual = std::sqrt(outside);
        }
      }
      EXPECT_NEAR(double{space.k.looks[i].error}, error, 1e-5 * scale);
      EXPECT_NEAR(double{space.k.looks[i].largest_residual}, first_residual, 1e-5 * scale);
      EXPECT_EQ(space.k.looks[i].vectors, vectors);
    }
  }
}

TEST_F(KrylovKernels, RitzVectorsAreCombinationsOfTheBasis) {
  Space space;
  space.begin(gpu::KrylovStart::smooth);
  constexpr int slots = 5;
  for (int slot = 1; slot <= slots; ++slot) space.grow(slot);
  space.look(slots * gpu::krylov_block);
  gpu::Subspaces wide = space.data.s;
  wide.columns = kept;
  const std::size_t rows = space.data.first_row.back() + space.data.rows(networks().size() - 1);
  wide.vectors = space.data.make<double>(rows * kept);
  space.run([&](cudaStream_t t) { return gpu::launch_krylov_vectors(wide, space.k, t); });
  for (std::size_t i = 0; i < networks().size(); ++i) {
    const Values basis = space.basis(i, 1, slots);
    constexpr std::size_t n = b * slots;
    double worst = 0;
    for (std::size_t row = 0; row < space.data.rows(i); ++row)
      for (std::size_t c = 0; c < kept; ++c) {
        double sum = 0;
        for (std::size_t l = 0; l < n; ++l)
          sum += basis[row * n + l] * double{space.k.ritz[(i * most + l) * kept + c]};
        const double found = wide.vectors[(space.data.first_row[i] + row) * kept + c];
        if (!(std::abs(found - sum) <= worst)) worst = std::abs(found - sum);
      }
    EXPECT_LT(worst, 1e-6);
  }
}

TEST_F(KrylovKernels, ABlockThatIsDependentIsABreakdown) {
  Space space;
  space.begin(gpu::KrylovStart::smooth);
  space.grow(1);
  // Two equal columns, of the second network.
  float* const block = space.k.slot(2) + space.data.first_row[1] * b;
  for (std::size_t row = 0; row < space.data.rows(1); ++row) block[row * b + 1] = block[row * b];
  space.run([&](cudaStream_t t) { return gpu::launch_krylov_block(space.data.s, space.k, 2, t); });
  space.look(gpu::krylov_block);
  EXPECT_EQ(space.k.breakdowns[1], 1);
  EXPECT_TRUE(std::isnan(space.k.looks[1].error));
  for (const std::size_t i : {0, 2}) {
    EXPECT_EQ(space.k.breakdowns[i], 0);
    EXPECT_FALSE(std::isnan(space.k.looks[i].error));
  }
}

}  // namespace
}  // namespace kernel_test
