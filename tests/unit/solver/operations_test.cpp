// SPDX-License-Identifier: MIT
// The operations of small dense eigenproblems on each instruction set: what they compute, by its
// definition or against Eigen, and what happens where eigenvalues are too close for them.
#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "solver/shift_invert/simd/operations.hpp"
#include "solver/shift_invert/small_dense.hpp"
#include "unit/solver/shift_invert_shapes.hpp"

namespace {

using namespace modesweep::shift_invert;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using shift_invert_shapes::Random;

constexpr Index b = block_width;
constexpr double epsilon = std::numeric_limits<double>::epsilon();

MatrixXd random_matrix(Index rows, Index columns, Random& random) {
  MatrixXd matrix(rows, columns);
  for (Index j = 0; j < columns; ++j)
    for (Index i = 0; i < rows; ++i) matrix(i, j) = 2 * random() - 1;
  return matrix;
}

/// Symmetric, with these eigenvalues and random eigenvectors.
MatrixXd with_eigenvalues(const VectorXd& values, Random& random) {
  const Index n = values.size();
  const MatrixXd q = Eigen::HouseholderQR<MatrixXd>(random_matrix(n, n, random)).householderQ();
  const MatrixXd matrix = q * values.asDiagonal() * q.transpose();
  return (matrix + matrix.transpose()) / 2;
}

struct Family {
  std::string name;
  MatrixXd (*make)(Index order, Random& random);
};

const std::vector<Family>& families() {
  static const std::vector<Family> all = {
      {"random",
       [](Index n, Random& random) -> MatrixXd {
         const MatrixXd m = random_matrix(n, n, random);
         return m + m.transpose();
       }},
      {"clustered",
       [](Index n, Random& random) {
         VectorXd values(n);
         for (Index i = 0; i < n; ++i)
           values[i] = 1 + static_cast<double>(i % 5) + 1e-9 * static_cast<double>(i);
         return with_eigenvalues(values, random);
       }},
      {"graded",
       [](Index n, Random& random) {
         VectorXd values(n);
         for (Index i = 0; i < n; ++i)
           values[i] = std::pow(10, -14 * static_cast<double>(i) / static_cast<double>(n));
         return with_eigenvalues(values, random);
       }},
      // Elements that fall by many orders of magnitude towards one corner, and towards the other.
      {"graded_rows",
       [](Index n, Random& random) -> MatrixXd {
         MatrixXd m = random_matrix(n, n, random);
         m = (m + m.transpose()).eval();
         for (Index i = 0; i < n; ++i)
           for (Index j = 0; j < n; ++j) m(i, j) *= std::pow(0.6, static_cast<double>(i + j));
         return m;
       }},
      {"graded_rows_upwards",
       [](Index n, Random& random) -> MatrixXd {
         MatrixXd m = random_matrix(n, n, random);
         m = (m + m.transpose()).eval();
         for (Index i = 0; i < n; ++i)
           for (Index j = 0; j < n; ++j)
             m(i, j) *= std::pow(0.6, static_cast<double>(2 * n - i - j));
         return m;
       }},
      {"diagonal",
       [](Index n, Random& random) -> MatrixXd {
         return random_matrix(n, 1, random).col(0).asDiagonal();
       }},
      {"zero", [](Index n, Random&) -> MatrixXd { return MatrixXd::Zero(n, n); }},
  };
  return all;
}

// Every remainder of the vector lengths, with and without padding, and a size of real use.
constexpr Index orders[] = {1, 2, 3, 7, 8, 9, 13, 16, 21, 40, 101};

class SmallEigenproblem : public testing::TestWithParam<modesweep::Isa> {
 protected:
  void SetUp() override {
    if (!modesweep::is_supported(GetParam())) GTEST_SKIP() << "this machine does not run it";
  }
  const simd::Operations& k() const { return simd::operations(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(Isa, SmallEigenproblem,
                         testing::Values(modesweep::Isa::portable, modesweep::Isa::avx2,
                                         modesweep::Isa::avx512),
                         [](const auto& isa) { return std::string(to_string(isa.param)); });

struct Reduced {
  std::vector<double> reflectors;  ///< row-major
  Index leading;
  VectorXd diagonal, off_diagonal, scales;

  MatrixXd tridiagonal() const {
    const Index n = diagonal.size();
    MatrixXd t = diagonal.asDiagonal();
    for (Index i = 0; i + 1 < n; ++i) t(i, i + 1) = t(i + 1, i) = off_diagonal[i];
    return t;
  }
};

Reduced reduce(const simd::Operations& operations, const MatrixXd& a) {
  const Index n = a.rows(), leading = (n + 7) / 8 * 8;
  Reduced reduced{std::vector<double>(static_cast<std::size_t>(n * leading), NAN), leading,
                  VectorXd::Zero(n), VectorXd::Zero(n), VectorXd::Zero(n)};
  // Not a number where nothing may be read: above the diagonal.
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j <= i; ++j)
      reduced.reflectors[static_cast<std::size_t>(i * leading + j)] = a(i, j);
  std::vector<double> scratch(static_cast<std::size_t>(3 * leading), NAN);
  operations.tridiagonalise(reduced.reflectors.data(), n, leading, reduced.diagonal.data(),
                            reduced.off_diagonal.data(), reduced.scales.data(), scratch.data());
  return reduced;
}

TEST_P(SmallEigenproblem, TridiagonaliseIsASimilarity) {
  Random random(61);
  for (const Family& family : families())
    for (const Index n : orders) {
      SCOPED_TRACE(family.name + " " + std::to_string(n));
      const MatrixXd a = family.make(n, random);
      const Reduced reduced = reduce(k(), a);
      // Q = H_{n-1} ... H_1 by its definition.
      MatrixXd q = MatrixXd::Identity(n, n);
      for (Index row = 1; row < n; ++row) {
        const Eigen::Map<const VectorXd> v(&reduced.reflectors[row * reduced.leading], row);
        q.topRows(row) -= reduced.scales[row] * v * (v.transpose() * q.topRows(row));
      }
      const double tolerance = 10 * epsilon * static_cast<double>(n);
      EXPECT_LE((q.transpose() * q - MatrixXd::Identity(n, n)).norm(), tolerance);
      EXPECT_LE((q * reduced.tridiagonal() * q.transpose() - a).norm(), tolerance * a.norm());
    }
}

TEST_P(SmallEigenproblem, ReflectMultipliesByQ) {
  Random random(62);
  for (const Family& family : families())
    for (const Index n : orders) {
      SCOPED_TRACE(family.name + " " + std::to_string(n));
      const Reduced reduced = reduce(k(), family.make(n, random));
      const MatrixXd before = random_matrix(b, n, random);  // its columns: rows of the block
      MatrixXd block = before, expected = before.transpose();
      k().reflect(reduced.reflectors.data(), n, reduced.leading, reduced.scales.data(),
                  block.data());
      for (Index row = 1; row < n; ++row) {
        const Eigen::Map<const VectorXd> v(&reduced.reflectors[row * reduced.leading], row);
        expected.topRows(row) -= reduced.scales[row] * v * (v.transpose() * expected.topRows(row));
      }
      EXPECT_LE((block.transpose() - expected).norm(),
                10 * epsilon * static_cast<double>(n) * before.norm());
    }
}

/// Tridiagonal matrices of norm one at most: of every family, and one that falls apart.
std::vector<MatrixXd> tridiagonal_matrices(const simd::Operations& operations, Index n) {
  Random random(63);
  std::vector<MatrixXd> all;
  for (const Family& family : families()) {
    const MatrixXd t = reduce(operations, family.make(n, random)).tridiagonal();
    const double norm = t.cwiseAbs().rowwise().sum().maxCoeff();
    all.push_back(norm > 0 ? MatrixXd(t / norm) : t);
  }
  MatrixXd apart = all.front();
  apart(n / 2, n / 2 - 1) = apart(n / 2 - 1, n / 2) = 0;
  all.push_back(apart);
  // Many rows without a change of sign or size: products of minors overflow or vanish.
  MatrixXd even = MatrixXd::Identity(n, n) / 3;
  for (Index i = 0; i + 1 < n; ++i) even(i, i + 1) = even(i + 1, i) = 1.0 / 3;
  all.push_back(even);
  return all;
}

TEST_P(SmallEigenproblem, BisectFindsTheEigenvaluesAskedFor) {
  for (const Index n : {Index{8}, Index{9}, Index{21}, Index{40}, Index{101}, Index{700}}) {
    const std::vector<MatrixXd> matrices = tridiagonal_matrices(k(), n > 101 ? 101 : n);
    for (std::size_t m = 0; m < matrices.size(); ++m) {
      SCOPED_TRACE(std::to_string(n) + ", matrix " + std::to_string(m));
      // The long one: copies of a short one that do not touch.
      VectorXd diagonal(n), squares = VectorXd::Zero(n);
      const Index order = matrices[m].rows();
      std::vector<double> expected;
      // What rounding in Eigen's iteration leaves, above all.
      const double tolerance = (8 + static_cast<double>(order) / 4) * epsilon;
      for (Index i = 0; i < n; ++i) {
        diagonal[i] = matrices[m](i % order, i % order);
        if (i % order + 1 < order) squares[i] = std::pow(matrices[m](i % order, i % order + 1), 2);
      }
      for (Index start = 0; start < n; start += order) {
        const Index length = std::min(order, n - start);
        const Eigen::SelfAdjointEigenSolver<MatrixXd> part(
            MatrixXd(matrices[m].topLeftCorner(length, length)), Eigen::EigenvaluesOnly);
        expected.insert(expected.end(), part.eigenvalues().begin(), part.eigenvalues().end());
      }
      std::sort(expected.rbegin(), expected.rend());
      squares = squares.cwiseMax(1e-40);
      for (const Index largest : {Index{0}, (n - b) / 2, n - b}) {
        double values[b];
        k().bisect(diagonal.data(), squares.data(), n, largest, -1.01, 1.01, values);
        for (Index j = 0; j < b; ++j)
          EXPECT_NEAR(values[j], expected[static_cast<std::size_t>(largest + j)], tolerance)
              << largest << " + " << j;
      }
    }
  }
}

TEST_P(SmallEigenproblem, TwistedPivotsAreThoseOfBothEliminations) {
  for (const Index n : {Index{1}, Index{2}, Index{9}, Index{101}})
    for (const MatrixXd& t : n < 8 ? std::vector<MatrixXd>{MatrixXd::Constant(n, n, 0.5)}
                                   : tridiagonal_matrices(k(), n)) {
      VectorXd diagonal = t.diagonal(), squares = VectorXd::Zero(n);
      for (Index i = 0; i + 1 < n; ++i) squares[i] = t(i, i + 1) * t(i, i + 1);
      double shifts[b];
      for (Index j = 0; j < b; ++j) shifts[j] = -0.9 + 0.23 * static_cast<double>(j);
      shifts[2] = diagonal[0];  // a first pivot of zero
      shifts[5] = diagonal[n - 1];
      std::vector<double> forward(static_cast<std::size_t>(n * b)), backward(forward.size());
      k().twisted_pivots(diagonal.data(), squares.data(), n, shifts, forward.data(),
                         backward.data());
      // Each pivot follows from the one before, up to its own rounding. Zero is replaced.
      const auto expect_pivot = [&](double pivot, double shifted, double square, double before) {
        ASSERT_TRUE(std::isfinite(pivot));
        ASSERT_NE(pivot, 0);
        const double subtracted = square / before;
        EXPECT_LE(std::abs(pivot - (shifted - subtracted)),
                  4 * epsilon * (std::abs(shifted) + std::abs(subtracted)) + 1.01e-150);
      };
      for (Index j = 0; j < b; ++j)
        for (Index i = 0; i < n; ++i) {
          expect_pivot(forward[i * b + j], diagonal[i] - shifts[j], i > 0 ? squares[i - 1] : 0,
                       i > 0 ? forward[(i - 1) * b + j] : 1);
          expect_pivot(backward[i * b + j], diagonal[i] - shifts[j], i + 1 < n ? squares[i] : 0,
                       i + 1 < n ? backward[(i + 1) * b + j] : 1);
        }
    }
}

/// Values, residuals and independence of the largest eigenpairs.
void expect_largest(const simd::Operations& operations, const MatrixXd& a, Index count,
                    double cosine) {
  const Index n = a.rows();
  const std::vector<double> matrix(a.data(), a.data() + n * n);
  const LargestEigenpairs pairs =
      largest_eigenpairs(operations, matrix, static_cast<int>(n), static_cast<int>(count));
  ASSERT_EQ(pairs.values.size(), static_cast<std::size_t>(count));
  const Eigen::SelfAdjointEigenSolver<MatrixXd> oracle(a);
  MatrixXd x(n, count);
  for (Index c = 0; c < count; ++c)
    for (Index i = 0; i < n; ++i)
      x(i, c) = pairs.vectors[static_cast<std::size_t>((c / b * n + i) * b + c % b)];
  const double tolerance = 1e-12 * a.norm();
  for (Index c = 0; c < count; ++c) {
    EXPECT_NEAR(pairs.values[static_cast<std::size_t>(c)], oracle.eigenvalues()[n - 1 - c],
                tolerance);
    EXPECT_LE((a * x.col(c) - pairs.values[static_cast<std::size_t>(c)] * x.col(c)).norm(),
              tolerance);
  }
  EXPECT_LE((x.transpose() * x - MatrixXd::Identity(count, count)).cwiseAbs().maxCoeff(), cosine);
}

std::optional<modesweep::dense::Eigenpairs> lowest(const simd::Operations& operations,
                                                   const MatrixXd& a, int count) {
  const auto leading = static_cast<Index>(padded_order(static_cast<std::size_t>(a.rows())));
  MatrixXd negative = MatrixXd::Zero(leading, a.rows());  // column-major: rows of the other order
  negative.topRows(a.rows()) = -a;
  return lowest_eigenpairs(operations, negative.data(), static_cast<int>(a.rows()), count);
}

VectorXd separate_values(Index n) { return VectorXd::LinSpaced(n, 2.5, 8); }

/// Four of the lowest and four of the largest are equal to the last digit.
VectorXd equal_values(Index n) {
  VectorXd values = separate_values(n);
  values.head(4).setConstant(values[0]);
  values.tail(4).setConstant(values[n - 1]);
  return values;
}

TEST_P(SmallEigenproblem, LargestEigenpairsOfSeparateValues) {
  Random random(64);
  for (const Index n : {Index{16}, Index{72}, Index{160}})
    expect_largest(k(), with_eigenvalues(separate_values(n), random), 16, 1e-9);
}

TEST_P(SmallEigenproblem, EqualEigenvaluesGoToDivideAndConquer) {
  Random random(65);
  for (const Index n : {Index{16}, Index{72}, Index{160}}) {
    const MatrixXd a = with_eigenvalues(equal_values(n), random);
    // Bisection alone gives them up, ...
    EXPECT_FALSE(lowest(k(), a, 8)) << n;
    // ... and there is another way.
    expect_largest(k(), a, 16, 1e-12);
  }
  expect_largest(k(), MatrixXd::Identity(24, 24), 16, 1e-12);
}

TEST_P(SmallEigenproblem, LowestEigenpairsCountZeros) {
  Random random(66);
  for (const Index n : {Index{24}, Index{75}, Index{159}}) {
    VectorXd values = separate_values(n);
    values.head(6).setZero();
    const MatrixXd a = with_eigenvalues(values, random);
    const auto pairs = lowest(k(), a, 14);
    ASSERT_TRUE(pairs) << n;
    ASSERT_GE(pairs->values.size(), 14u);
    const auto found = static_cast<Index>(pairs->values.size());
    const Eigen::Map<const MatrixXd> x(pairs->vectors.data(), n, found);
    for (Index c = 0; c < found; ++c) {
      EXPECT_NEAR(pairs->values[static_cast<std::size_t>(c)], values[c], 1e-12 * a.norm());
      if (c < 6) {
        EXPECT_EQ(x.col(c).norm(), 0);
        continue;
      }
      EXPECT_LE((a * x.col(c) - values[c] * x.col(c)).norm(), 1e-12 * a.norm());
    }
    const MatrixXd gram = x.rightCols(found - 6).transpose() * x.rightCols(found - 6);
    EXPECT_LE((gram - MatrixXd::Identity(found - 6, found - 6)).cwiseAbs().maxCoeff(), 1e-12);
  }
}

}  // namespace
