// SPDX-License-Identifier: MIT
// The operations, written once with vector types of VECTOR_BYTES bytes, 32 at most: a row of a
// block. Included by one source file for each instruction set inside a namespace of its own, so
// that nothing compiled for AVX-512 is ever linked into what another machine runs; for the same
// reason it uses no library function.

// NOLINTBEGIN
typedef float Vector __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));
// NOLINTEND

constexpr std::ptrdiff_t lanes = VECTOR_BYTES / 4;
constexpr std::ptrdiff_t row_vectors = block_width / lanes;

inline Vector load(const float* p) { return *reinterpret_cast<const Vector*>(p); }
inline void store(float* p, Vector v) { *reinterpret_cast<Vector*>(p) = v; }

/// Three rows of a block, or sums for them.
struct NodeRows {
  Vector row[3][row_vectors];
};

inline NodeRows load_rows(const float* p) {
  NodeRows rows;
  for (int a = 0; a < 3; ++a)
    for (int v = 0; v < row_vectors; ++v) rows.row[a][v] = load(p + a * block_width + v * lanes);
  return rows;
}

/// sum += e (e . z) of the spring's other node.
inline void pull(const Spring& spring, const float* z, NodeRows& sum) {
  const NodeRows there = load_rows(z + spring.row * block_width);
  for (int v = 0; v < row_vectors; ++v) {
    const Vector along =
        spring.x * there.row[0][v] + spring.y * there.row[1][v] + spring.z * there.row[2][v];
    sum.row[0][v] += spring.x * along;
    sum.row[1][v] += spring.y * along;
    sum.row[2][v] += spring.z * along;
  }
}

template <bool keeps, bool has_residual>
void step_as(const HessianView& hessian, const FilterStep& step, std::ptrdiff_t first,
             std::ptrdiff_t last) {
  Vector factor[row_vectors] = {};
  if (has_residual)
    for (int v = 0; v < row_vectors; ++v) factor[v] = load(step.factor + v * lanes);
  for (std::ptrdiff_t i = first; i < last; ++i) {
    // Two sets of sums: one alone waits for its own additions.
    NodeRows even = {}, odd = {};
    const Spring* spring = hessian.springs + hessian.offsets[i];
    const Spring* const end = hessian.springs + hessian.offsets[i + 1];
    for (; spring + 1 < end; spring += 2) {
      pull(spring[0], step.z, even);
      pull(spring[1], step.z, odd);
    }
    if (spring < end) pull(*spring, step.z, even);
    const std::ptrdiff_t at = 3 * i * block_width;
    const NodeRows here = load_rows(step.z + at);
    const float* const d = hessian.diagonal + 6 * i;
    const float diagonal[3][3] = {{d[0], d[1], d[2]}, {d[1], d[3], d[4]}, {d[2], d[4], d[5]}};
    for (int a = 0; a < 3; ++a)
      for (int v = 0; v < row_vectors; ++v) {
        Vector sum = diagonal[a][0] * here.row[0][v] + diagonal[a][1] * here.row[1][v] +
                     diagonal[a][2] * here.row[2][v] - (even.row[a][v] + odd.row[a][v]) -
                     step.shift * here.row[a][v];
        const std::ptrdiff_t place = at + a * block_width + v * lanes;
        if (has_residual) sum += load(step.residual + place) * factor[v];
        sum *= step.scale;
        if (keeps) sum -= step.keep * load(step.out + place);
        store(step.out + place, sum);
      }
  }
}

void step(const HessianView& hessian, const FilterStep& step, std::ptrdiff_t first,
          std::ptrdiff_t last) {
  if (step.residual)
    step_as<true, true>(hessian, step, first, last);
  else if (step.keep != 0)
    step_as<true, false>(hessian, step, first, last);
  else
    step_as<false, false>(hessian, step, first, last);
}

/// `Blocks` products at once share the values of w.
template <int Blocks>
void add_products(const float* const* blocks, const float* w, std::ptrdiff_t first,
                  std::ptrdiff_t last, double* products) {
  // In two halves of the columns, so that the sums fit the registers.
  constexpr std::ptrdiff_t half = block_width / 2;
  for (std::ptrdiff_t c0 = 0; c0 < block_width; c0 += half) {
    Vector sums[Blocks][half][row_vectors] = {};
    for (std::ptrdiff_t r = first; r < last; ++r) {
      const float* const values = w + r * block_width + c0;
      for (int k = 0; k < Blocks; ++k)
        for (int v = 0; v < row_vectors; ++v) {
          const Vector row = load(blocks[k] + r * block_width + v * lanes);
#pragma GCC unroll 4
          for (std::ptrdiff_t c = 0; c < half; ++c) sums[k][c][v] += row * values[c];
        }
    }
    for (int k = 0; k < Blocks; ++k)
      for (std::ptrdiff_t c = 0; c < half; ++c)
        for (int v = 0; v < row_vectors; ++v)
          for (std::ptrdiff_t l = 0; l < lanes; ++l)
            products[(k * block_width + v * lanes + l) * block_width + c0 + c] +=
                static_cast<double>(sums[k][c][v][l]);
  }
}

void inner_products(const float* const* blocks, std::ptrdiff_t count, const float* w,
                    std::ptrdiff_t first, std::ptrdiff_t last, double* products) {
  constexpr std::ptrdiff_t square = block_width * block_width;
  std::ptrdiff_t k = 0;
  for (; k + 2 <= count; k += 2) add_products<2>(blocks + k, w, first, last, products + k * square);
  if (k < count) add_products<1>(blocks + k, w, first, last, products + k * square);
}

template <int Blocks>
void add_blocks(const float* const* blocks, const float* coefficients, float* w,
                std::ptrdiff_t first, std::ptrdiff_t last) {
  for (std::ptrdiff_t r = first; r < last; ++r)
    for (int v = 0; v < row_vectors; ++v) {
      float* const p = w + r * block_width + v * lanes;
      Vector even = load(p), odd = {};
      for (int k = 0; k < Blocks; ++k) {
        const float* const row = blocks[k] + r * block_width;
        const float* const c = coefficients + k * block_width * block_width + v * lanes;
#pragma GCC unroll 4
        for (std::ptrdiff_t j = 0; j < block_width; j += 2) {
          even += row[j] * load(c + j * block_width);
          odd += row[j + 1] * load(c + (j + 1) * block_width);
        }
      }
      store(p, even + odd);
    }
}

void add_combinations(const float* const* blocks, std::ptrdiff_t count, const float* coefficients,
                      float* w, std::ptrdiff_t first, std::ptrdiff_t last) {
  constexpr std::ptrdiff_t square = block_width * block_width;
  std::ptrdiff_t k = 0;
  for (; k + 2 <= count; k += 2)
    add_blocks<2>(blocks + k, coefficients + k * square, w, first, last);
  if (k < count) add_blocks<1>(blocks + k, coefficients + k * square, w, first, last);
}

void multiply_right(float* w, const float* s, std::ptrdiff_t first, std::ptrdiff_t last) {
  for (std::ptrdiff_t r = first; r < last; ++r) {
    float* const p = w + r * block_width;
    Vector sums[row_vectors];
    for (int v = 0; v < row_vectors; ++v) {
      sums[v] = Vector{};
      for (std::ptrdiff_t j = 0; j < block_width; ++j)
        sums[v] += p[j] * load(s + j * block_width + v * lanes);
    }
    for (int v = 0; v < row_vectors; ++v) store(p + v * lanes, sums[v]);
  }
}
