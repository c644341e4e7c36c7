// SPDX-License-Identifier: MIT
// The operations, written once with vector types of VECTOR_BYTES bytes. Included by one source file
// for each instruction set inside a namespace of its own, so that nothing compiled for AVX-512 is
// ever linked into what another machine runs; for the same reason it uses no library function.

// NOLINTBEGIN
typedef double Vector __attribute__((vector_size(VECTOR_BYTES), aligned(8), may_alias));
// NOLINTEND

constexpr std::ptrdiff_t lanes = VECTOR_BYTES / 8;
constexpr std::ptrdiff_t tile_rows = 6;             // two nodes
constexpr std::ptrdiff_t tile_columns = 2 * lanes;  // 12 accumulators: what 16 registers hold
constexpr std::ptrdiff_t base_columns = 12;
constexpr std::ptrdiff_t inner_chunk = 256;   // columns of the factor that one packed panel takes
constexpr std::ptrdiff_t row_chunk = 96;      // rows that stay in the second-level cache meanwhile
constexpr std::ptrdiff_t strip_nodes = 16;    // of the rows below a supernode, for one thread
constexpr std::ptrdiff_t column_chunk = 120;  // of a supernode, for one thread
constexpr std::ptrdiff_t block_vectors = block_width / lanes;

inline std::ptrdiff_t smaller(std::ptrdiff_t a, std::ptrdiff_t b) { return a < b ? a : b; }
inline std::ptrdiff_t larger(std::ptrdiff_t a, std::ptrdiff_t b) { return a > b ? a : b; }

inline Vector load(const double* p) { return *reinterpret_cast<const Vector*>(p); }
inline void store(double* p, Vector v) { *reinterpret_cast<Vector*>(p) = v; }

// Work worth sharing, in multiplications of an element: some fifty microseconds of one core in
// products of matrices, and in products with a block of vectors.
constexpr std::ptrdiff_t shared_products = 500000;
constexpr std::ptrdiff_t shared_solve = 60000;

/// Calls f(i) for each i below count, by the crew where there is one and `worthwhile`.
template <class F>
inline void for_each(const Crew* crew, bool worthwhile, std::ptrdiff_t count, const F& f) {
  if (crew && worthwhile && count > 1) {
    crew->for_each(
        count, [](void* context, std::ptrdiff_t i) { (*static_cast<const F*>(context))(i); },
        const_cast<F*>(&f));
    return;
  }
  for (std::ptrdiff_t i = 0; i < count; ++i) f(i);
}

enum class Store { negative, subtract };

/// acc = A B: `Rows` rows of A (row-major), B packed with tile_columns values a row.
template <int Rows>
inline void multiply_tile(const double* a, std::ptrdiff_t lda, const double* b,
                          std::ptrdiff_t inner, Vector (&acc)[Rows][2]) {
  for (int r = 0; r < Rows; ++r) acc[r][0] = acc[r][1] = Vector{};
  for (std::ptrdiff_t k = 0; k < inner; ++k) {
    const Vector b0 = load(b + k * tile_columns);
    const Vector b1 = load(b + k * tile_columns + lanes);
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) {
      const double value = a[r * lda + k];
      acc[r][0] += value * b0;
      acc[r][1] += value * b1;
    }
  }
}

// Out of line: inlined, its row addresses would be spilt in the inner loop.
template <int Rows, Store store_as>
__attribute__((noinline)) void update_tile(const double* a, std::ptrdiff_t lda, const double* b,
                                           std::ptrdiff_t inner, double* c, std::ptrdiff_t ldc,
                                           std::ptrdiff_t columns) {
  Vector acc[Rows][2];
  multiply_tile<Rows>(a, lda, b, inner, acc);
  if (columns >= tile_columns) {
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r)
      for (int v = 0; v < 2; ++v) {
        double* const p = c + r * ldc + v * lanes;
        store(p, store_as == Store::negative ? -acc[r][v] : load(p) - acc[r][v]);
      }
    return;
  }
  double tile[Rows][tile_columns];
  for (int r = 0; r < Rows; ++r)
    for (int v = 0; v < 2; ++v) store(&tile[r][v * lanes], acc[r][v]);
  for (int r = 0; r < Rows; ++r)
    for (std::ptrdiff_t j = 0; j < columns; ++j) {
      double* const p = c + r * ldc + j;
      *p = store_as == Store::negative ? -tile[r][j] : *p - tile[r][j];
    }
}

/// B := the first `columns` rows of A as packed panels of tile_columns, padded with zeros.
inline void pack(const double* a, std::ptrdiff_t lda, std::ptrdiff_t columns, std::ptrdiff_t inner,
                 double* packed) {
  for (std::ptrdiff_t j0 = 0; j0 < columns; j0 += tile_columns) {
    const std::ptrdiff_t width = smaller(tile_columns, columns - j0);
    double* const panel = packed + j0 * inner;
    for (std::ptrdiff_t j = 0; j < width; ++j)
      for (std::ptrdiff_t k = 0; k < inner; ++k)
        panel[k * tile_columns + j] = a[(j0 + j) * lda + k];
    for (std::ptrdiff_t j = width; j < tile_columns; ++j)
      for (std::ptrdiff_t k = 0; k < inner; ++k) panel[k * tile_columns + j] = 0;
  }
}

/// C := (C or 0) - A A1^T in its lower trapezoid, A1 the first `columns` rows of A. What lies above
/// the diagonal is overwritten too. `writable` columns of C may be written, `columns` at least.
template <Store first_store>
inline void rank_update(double* c, std::ptrdiff_t ldc, std::ptrdiff_t rows, std::ptrdiff_t columns,
                        std::ptrdiff_t writable, const double* a, std::ptrdiff_t lda,
                        std::ptrdiff_t inner, double* packed, const Crew* crew) {
  for (std::ptrdiff_t k0 = 0; k0 < inner; k0 += inner_chunk) {
    const std::ptrdiff_t chunk = smaller(inner_chunk, inner - k0);
    pack(a + k0, lda, columns, chunk, packed);
    const bool worthwhile = rows * columns * chunk > shared_products;
    for_each(crew, worthwhile, (rows + row_chunk - 1) / row_chunk, [=](std::ptrdiff_t strip) {
      const std::ptrdiff_t i0 = strip * row_chunk;
      const std::ptrdiff_t i_end = smaller(rows, i0 + row_chunk);
      for (std::ptrdiff_t j0 = 0; j0 < smaller(columns, i_end); j0 += tile_columns) {
        const double* const b = packed + j0 * chunk;
        std::ptrdiff_t i = larger(i0, j0 / tile_rows * tile_rows);
        for (; i + tile_rows <= i_end; i += tile_rows) {
          const double* const ai = a + i * lda + k0;
          double* const cij = c + i * ldc + j0;
          if (k0 == 0)
            update_tile<tile_rows, first_store>(ai, lda, b, chunk, cij, ldc, writable - j0);
          else
            update_tile<tile_rows, Store::subtract>(ai, lda, b, chunk, cij, ldc, writable - j0);
        }
        for (; i < i_end; i += 3) {
          const double* const ai = a + i * lda + k0;
          double* const cij = c + i * ldc + j0;
          if (k0 == 0)
            update_tile<3, first_store>(ai, lda, b, chunk, cij, ldc, writable - j0);
          else
            update_tile<3, Store::subtract>(ai, lda, b, chunk, cij, ldc, writable - j0);
        }
      }
    });
  }
}

/// Cholesky of the diagonal block of at most base_columns columns, and its inverse.
inline void factor_diagonal(double* a, std::ptrdiff_t lda, std::ptrdiff_t columns, double tolerance,
                            double* inverse_diagonal,
                            double (&inverse)[base_columns][base_columns]) {
  for (std::ptrdiff_t j = 0; j < columns; ++j) {
    double* const row = a + j * lda;
    for (std::ptrdiff_t k = 0; k < j; ++k) {
      double sum = row[k];
      for (std::ptrdiff_t t = 0; t < k; ++t) sum -= row[t] * a[k * lda + t];
      row[k] = sum * inverse_diagonal[k];
    }
    double pivot = row[j];
    for (std::ptrdiff_t t = 0; t < j; ++t) pivot -= row[t] * row[t];
    const bool grounded = inverse_diagonal[j] == 0 || !(pivot > tolerance);
    inverse_diagonal[j] = grounded ? 0 : 1 / __builtin_sqrt(pivot);
    row[j] = grounded ? 1 : __builtin_sqrt(pivot);
  }
  for (std::ptrdiff_t j = 0; j < columns; ++j) {
    for (std::ptrdiff_t k = 0; k < j; ++k) {
      double sum = 0;
      for (std::ptrdiff_t t = k; t < j; ++t) sum -= a[j * lda + t] * inverse[t][k];
      inverse[j][k] = sum * inverse_diagonal[j];
    }
    inverse[j][j] = inverse_diagonal[j];
  }
}

/// Rows [first, rows) of the columns := rows L^-T, as a product with the small inverse.
inline void solve_rows(double* a, std::ptrdiff_t lda, std::ptrdiff_t first, std::ptrdiff_t rows,
                       std::ptrdiff_t columns, const double (&inverse)[base_columns][base_columns],
                       double* packed) {
  for (std::ptrdiff_t j0 = 0; j0 < columns; j0 += tile_columns)
    for (std::ptrdiff_t k = 0; k < columns; ++k)
      for (std::ptrdiff_t j = j0; j < j0 + tile_columns; ++j)
        packed[j0 * columns + k * tile_columns + (j - j0)] =
            j < columns && k <= j ? inverse[j][k] : 0;
  double old[3 * base_columns];
  for (std::ptrdiff_t i = first; i < rows; i += 3) {
    double* const ai = a + i * lda;
    for (int r = 0; r < 3; ++r)
      for (std::ptrdiff_t k = 0; k < columns; ++k) old[r * columns + k] = ai[r * lda + k];
    for (std::ptrdiff_t j0 = 0; j0 < columns; j0 += tile_columns) {
      const std::ptrdiff_t width = smaller(tile_columns, columns - j0);
      Vector acc[3][2];
      multiply_tile<3>(old, columns, packed + j0 * columns, smaller(columns, j0 + width), acc);
      if (width == tile_columns) {
        for (int r = 0; r < 3; ++r)
          for (int v = 0; v < 2; ++v) store(ai + r * lda + j0 + v * lanes, acc[r][v]);
      } else {
        double tile[3][tile_columns];
        for (int r = 0; r < 3; ++r)
          for (int v = 0; v < 2; ++v) store(&tile[r][v * lanes], acc[r][v]);
        for (int r = 0; r < 3; ++r)
          for (std::ptrdiff_t j = 0; j < width; ++j) ai[r * lda + j0 + j] = tile[r][j];
      }
    }
  }
}

void factor_columns(double* a, std::ptrdiff_t lda, std::ptrdiff_t rows, std::ptrdiff_t columns,
                    double tolerance, double* inverse_diagonal, double* scratch, const Crew* crew) {
  if (columns <= base_columns) {
    double inverse[base_columns][base_columns];
    factor_diagonal(a, lda, columns, tolerance, inverse_diagonal, inverse);
    // A grounded column of the factor is zero.
    for (std::ptrdiff_t j = 0; j < columns; ++j)
      if (inverse_diagonal[j] == 0)
        for (std::ptrdiff_t i = j + 1; i < columns; ++i) a[i * lda + j] = 0;
    solve_rows(a, lda, columns, rows, columns, inverse, scratch);
    return;
  }
  const std::ptrdiff_t half = (columns / 2 + base_columns - 1) / base_columns * base_columns;
  factor_columns(a, lda, rows, half, tolerance, inverse_diagonal, scratch, crew);
  rank_update<Store::subtract>(a + half * lda + half, lda, rows - half, columns - half,
                               columns - half, a + half * lda, lda, half, scratch, crew);
  factor_columns(a + half * lda + half, lda, rows - half, columns - half, tolerance,
                 inverse_diagonal + half, scratch, crew);
}

void factor_panel(double* panel, PanelShape shape, double tolerance, double* inverse_diagonal,
                  double* scratch, const Crew* crew) {
  factor_columns(panel, shape.columns, shape.rows, shape.columns, tolerance, inverse_diagonal,
                 scratch, crew);
}

void schur_complement(const double* panel, PanelShape shape, double* update, std::ptrdiff_t leading,
                      double* scratch, const Crew* crew) {
  const std::ptrdiff_t below = shape.rows - shape.columns;
  rank_update<Store::negative>(update, leading, below, below, leading,
                               panel + shape.columns * shape.columns, shape.columns, shape.columns,
                               scratch, crew);
}

/// Brings the rows that follow `Rows` rows of a nearer, a cache line of each at a time: the
/// machine's own prefetching starts anew with each row, which is too late for a factor that streams
/// from memory.
template <int Rows>
inline void prefetch_after(const double* a, std::ptrdiff_t lda, std::ptrdiff_t column) {
  if (column % 8 != 0) return;
#pragma GCC unroll 6
  for (int r = 0; r < Rows; ++r) __builtin_prefetch(a + (Rows + r) * lda + column);
}

/// acc[r] = sum_k a[r, k] x[k, :].
template <int Rows>
inline void row_products(const double* a, std::ptrdiff_t lda, std::ptrdiff_t inner, const double* x,
                         Vector (&acc)[Rows][block_vectors]) {
  for (int r = 0; r < Rows; ++r)
    for (int v = 0; v < block_vectors; ++v) acc[r][v] = Vector{};
  for (std::ptrdiff_t k = 0; k < inner; ++k) {
    prefetch_after<Rows>(a, lda, k);
    Vector xk[block_vectors];
    for (int v = 0; v < block_vectors; ++v) xk[v] = load(x + k * block_width + v * lanes);
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) {
      const double value = a[r * lda + k];
      for (int v = 0; v < block_vectors; ++v) acc[r][v] += value * xk[v];
    }
  }
}

inline void subtract_rows(double* x, const Vector (*acc)[block_vectors], int rows) {
  for (int r = 0; r < rows; ++r)
    for (int v = 0; v < block_vectors; ++v) {
      double* const p = x + r * block_width + v * lanes;
      store(p, load(p) - acc[r][v]);
    }
}

/// Pivots j .. j + Rows of x := L^-1 x, after those before them.
template <int Rows>
inline void solve_pivots(const double* panel, std::ptrdiff_t w, std::ptrdiff_t j,
                         const double* inverse_diagonal, double* pivots) {
  Vector acc[Rows][block_vectors];
  row_products<Rows>(panel + j * w, w, j, pivots, acc);
  const double* const triangle = panel + j * w + j;
  for (int v = 0; v < block_vectors; ++v) {
    double* const x = pivots + j * block_width + v * lanes;
    Vector y[Rows];
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) y[r] = load(x + r * block_width) - acc[r][v];
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) {
      y[r] *= inverse_diagonal[j + r];
      store(x + r * block_width, y[r]);
#pragma GCC unroll 6
      for (int s = r + 1; s < Rows; ++s) y[s] -= triangle[s * w + r] * y[r];
    }
  }
}

void solve_forward(const double* panel, PanelShape shape, const double* inverse_diagonal,
                   double* pivots, const std::int32_t* nodes, double* block, const Crew* crew) {
  const std::ptrdiff_t w = shape.columns;
  std::ptrdiff_t j = 0;
  for (; j + 6 <= w; j += 6) solve_pivots<6>(panel, w, j, inverse_diagonal, pivots);
  if (j < w) solve_pivots<3>(panel, w, j, inverse_diagonal, pivots);
  const std::ptrdiff_t count = (shape.rows - w) / 3;
  const std::ptrdiff_t strips = (count + strip_nodes - 1) / strip_nodes;
  for_each(crew, 3 * count * w > shared_solve, strips, [=](std::ptrdiff_t strip) {
    std::ptrdiff_t i = strip * strip_nodes;
    const std::ptrdiff_t end = smaller(count, i + strip_nodes);
    const double* row = panel + (w + 3 * i) * w;
    for (; i + 2 <= end; i += 2, row += 6 * w) {
      Vector acc[6][block_vectors];
      row_products<6>(row, w, w, pivots, acc);
      subtract_rows(block + 3 * block_width * nodes[i], acc, 3);
      subtract_rows(block + 3 * block_width * nodes[i + 1], acc + 3, 3);
    }
    if (i < end) {
      Vector acc[3][block_vectors];
      row_products<3>(row, w, w, pivots, acc);
      subtract_rows(block + 3 * block_width * nodes[i], acc, 3);
    }
  });
}

/// target[j, :] -= sum_i a[i, j] x[i, :] over `Rows` rows of a, which are read in their order while
/// those of x stay in registers.
template <int Rows>
inline void subtract_transposed(const double* a, std::ptrdiff_t lda, std::ptrdiff_t columns,
                                const double* x, double* target) {
  Vector xi[Rows][block_vectors];
  for (int r = 0; r < Rows; ++r)
    for (int v = 0; v < block_vectors; ++v) xi[r][v] = load(x + r * block_width + v * lanes);
  for (std::ptrdiff_t j = 0; j < columns; ++j) {
    prefetch_after<Rows>(a, lda, j);
    Vector sum[block_vectors];
    for (int v = 0; v < block_vectors; ++v) sum[v] = load(target + j * block_width + v * lanes);
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) {
      const double value = a[r * lda + j];
      for (int v = 0; v < block_vectors; ++v) sum[v] -= value * xi[r][v];
    }
    for (int v = 0; v < block_vectors; ++v) store(target + j * block_width + v * lanes, sum[v]);
  }
}

/// target -= a^T x, by column chunks whose part of the target stays in the first-level cache.
inline void subtract_transposed_product(const double* a, std::ptrdiff_t lda, std::ptrdiff_t rows,
                                        std::ptrdiff_t columns, const double* x, double* target,
                                        const Crew* crew) {
  const std::ptrdiff_t chunks = (columns + column_chunk - 1) / column_chunk;
  for_each(crew, rows * columns > shared_solve, chunks, [=](std::ptrdiff_t part) {
    const std::ptrdiff_t j0 = part * column_chunk;
    const std::ptrdiff_t width = smaller(column_chunk, columns - j0);
    const double* const aj = a + j0;
    double* const target_j = target + j0 * block_width;
    std::ptrdiff_t i = 0;
    for (; i + 6 <= rows; i += 6)
      subtract_transposed<6>(aj + i * lda, lda, width, x + i * block_width, target_j);
    if (i < rows) subtract_transposed<3>(aj + i * lda, lda, width, x + i * block_width, target_j);
  });
}

/// Pivots j .. j + Rows of x := L^-T x, and what they take from those before them.
template <int Rows>
inline void solve_transposed_pivots(const double* panel, std::ptrdiff_t w, std::ptrdiff_t j,
                                    const double* inverse_diagonal, double* pivots) {
  const double* const triangle = panel + j * w + j;
  for (int v = 0; v < block_vectors; ++v) {
    double* const x = pivots + j * block_width + v * lanes;
    Vector y[Rows];
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) y[r] = load(x + r * block_width);
#pragma GCC unroll 6
    for (int r = Rows - 1; r >= 0; --r) {
      y[r] *= inverse_diagonal[j + r];
      store(x + r * block_width, y[r]);
#pragma GCC unroll 6
      for (int s = 0; s < r; ++s) y[s] -= triangle[r * w + s] * y[r];
    }
  }
  subtract_transposed_product(panel + j * w, w, Rows, j, pivots + j * block_width, pivots, nullptr);
}

void solve_backward(const double* panel, PanelShape shape, const double* inverse_diagonal,
                    double* pivots, const std::int32_t* nodes, const double* block, double* scratch,
                    const Crew* crew) {
  const std::ptrdiff_t w = shape.columns;
  const std::ptrdiff_t count = (shape.rows - w) / 3;
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const double* const source = block + 3 * block_width * nodes[i];
    double* const target = scratch + 3 * block_width * i;
    for (std::ptrdiff_t t = 0; t < 3 * block_width; t += lanes) store(target + t, load(source + t));
  }
  subtract_transposed_product(panel + w * w, w, 3 * count, w, scratch, pivots, crew);
  std::ptrdiff_t j = w;
  if (w % 6 != 0) solve_transposed_pivots<3>(panel, w, j -= 3, inverse_diagonal, pivots);
  while (j > 0) solve_transposed_pivots<6>(panel, w, j -= 6, inverse_diagonal, pivots);
}

void extend_add(const double* update, std::ptrdiff_t leading, const std::int32_t* places,
                std::ptrdiff_t first, std::ptrdiff_t count, const ColumnRun* runs,
                std::ptrdiff_t run_count, double* target, std::ptrdiff_t target_leading) {
  for (std::ptrdiff_t i = first; i < count; ++i) {
    const std::ptrdiff_t width = 3 * (i + 1);
    for (std::ptrdiff_t a = 0; a < 3; ++a) {
      const double* const source = update + (3 * i + a) * leading;
      double* const row =
          target + (3 * static_cast<std::ptrdiff_t>(places[i]) + a) * target_leading;
      for (std::ptrdiff_t r = 0; r < run_count && runs[r].from < width; ++r) {
        const std::ptrdiff_t length = smaller(runs[r].length, width - runs[r].from);
        const double* const from = source + runs[r].from;
        double* const to = row + runs[r].to;
        std::ptrdiff_t t = 0;
        for (; t + lanes <= length; t += lanes) store(to + t, load(to + t) + load(from + t));
        for (; t < length; ++t) to[t] += from[t];
      }
    }
  }
}

constexpr std::ptrdiff_t vector_chunk = 240;  // rows of w that stay in the first-level cache

void inner_products(const double* const* blocks, std::ptrdiff_t count, const double* w,
                    std::ptrdiff_t rows, double* products) {
  for (std::ptrdiff_t i = 0; i < count * block_width * block_width; ++i) products[i] = 0;
  for (std::ptrdiff_t r0 = 0; r0 < rows; r0 += vector_chunk) {
    const std::ptrdiff_t height = smaller(vector_chunk, rows - r0);
    const double* const wr = w + r0 * block_width;
    for (std::ptrdiff_t k = 0; k < count; ++k)
      for (std::ptrdiff_t a = 0; a < block_width; a += 4) {
        const double* const q = blocks[k] + r0 * block_width + a;
        double* const target = products + (k * block_width + a) * block_width;
        Vector acc[4][block_vectors];
        for (int j = 0; j < 4; ++j)
          for (int v = 0; v < block_vectors; ++v)
            acc[j][v] = load(target + j * block_width + v * lanes);
        for (std::ptrdiff_t r = 0; r < height; ++r) {
          Vector x[block_vectors];
          for (int v = 0; v < block_vectors; ++v) x[v] = load(wr + r * block_width + v * lanes);
          for (int j = 0; j < 4; ++j) {
            const double value = q[r * block_width + j];
            for (int v = 0; v < block_vectors; ++v) acc[j][v] += value * x[v];
          }
        }
        for (int j = 0; j < 4; ++j)
          for (int v = 0; v < block_vectors; ++v)
            store(target + j * block_width + v * lanes, acc[j][v]);
      }
  }
}

/// `Rows` rows of w += sign * q c, for a square c.
template <int Rows>
inline void add_rows(const double* q, const double* c, double sign, double* w) {
  Vector acc[Rows][block_vectors];
  row_products<Rows>(q, block_width, block_width, c, acc);
  for (int r = 0; r < Rows; ++r)
    for (int v = 0; v < block_vectors; ++v) {
      double* const p = w + r * block_width + v * lanes;
      store(p, load(p) + sign * acc[r][v]);
    }
}

void add_combinations(const double* const* blocks, std::ptrdiff_t count, const double* coefficients,
                      double sign, double* w, std::ptrdiff_t rows) {
  for (std::ptrdiff_t r0 = 0; r0 < rows; r0 += vector_chunk) {
    const std::ptrdiff_t end = smaller(rows, r0 + vector_chunk);
    for (std::ptrdiff_t k = 0; k < count; ++k) {
      const double* const c = coefficients + k * block_width * block_width;
      std::ptrdiff_t r = r0;
      for (; r + 6 <= end; r += 6)
        add_rows<6>(blocks[k] + r * block_width, c, sign, w + r * block_width);
      if (r < end) add_rows<3>(blocks[k] + r * block_width, c, sign, w + r * block_width);
    }
  }
}

void multiply_right(double* w, const double* s, std::ptrdiff_t rows) {
  for (std::ptrdiff_t r = 0; r < rows; r += 3) {
    double* const p = w + r * block_width;
    Vector acc[3][block_vectors];
    row_products<3>(p, block_width, block_width, s, acc);
    for (int i = 0; i < 3; ++i)
      for (int v = 0; v < block_vectors; ++v) store(p + i * block_width + v * lanes, acc[i][v]);
  }
}

void apply_hessian(const ContactView& contacts, const double* x, double* y) {
  for (std::ptrdiff_t i = 0; i < contacts.nodes; ++i) {
    const double* const here = contacts.positions + 3 * i;
    Vector xi[3][block_vectors], sum[3][block_vectors];
    for (int c = 0; c < 3; ++c)
      for (int v = 0; v < block_vectors; ++v) {
        xi[c][v] = load(x + (3 * i + c) * block_width + v * lanes);
        sum[c][v] = Vector{};
      }
    for (std::int64_t k = contacts.offsets[i]; k < contacts.offsets[i + 1]; ++k) {
      const std::int64_t j = contacts.neighbours[k];
      const double* const there = contacts.positions + 3 * j;
      const double d0 = there[0] - here[0], d1 = there[1] - here[1], d2 = there[2] - here[2];
      const double weight = 1 / (d0 * d0 + d1 * d1 + d2 * d2);
      const double* const xj = x + 3 * j * block_width;
      for (int v = 0; v < block_vectors; ++v) {
        const Vector along = (d0 * (xi[0][v] - load(xj + v * lanes)) +
                              d1 * (xi[1][v] - load(xj + block_width + v * lanes)) +
                              d2 * (xi[2][v] - load(xj + 2 * block_width + v * lanes))) *
                             weight;
        sum[0][v] += d0 * along;
        sum[1][v] += d1 * along;
        sum[2][v] += d2 * along;
      }
    }
    for (int c = 0; c < 3; ++c)
      for (int v = 0; v < block_vectors; ++v)
        store(y + (3 * i + c) * block_width + v * lanes, sum[c][v]);
  }
}

inline double sum_of(Vector v) {
  double sum = 0;
  for (std::ptrdiff_t i = 0; i < lanes; ++i) sum += v[i];
  return sum;
}

/// `Rows` rows of the lower triangle of A -= u w^T + w u^T, and what they and their mirror image
/// add to y = A x.
template <int Rows>
inline void update_and_multiply(double* a, std::ptrdiff_t lda, std::ptrdiff_t row, const double* u,
                                const double* w, const double* x, double* y) {
  double* const first = a + row * lda;
  const std::ptrdiff_t split = row / lanes * lanes;
  Vector acc[Rows];
  double ur[Rows], wr[Rows], xr[Rows];
  for (int r = 0; r < Rows; ++r) {
    acc[r] = Vector{};
    ur[r] = u[row + r];
    wr[r] = w[row + r];
    xr[r] = x[row + r];
  }
  for (std::ptrdiff_t j = 0; j < split; j += lanes) {
    const Vector uj = load(u + j), wj = load(w + j), xj = load(x + j);
    Vector yj = load(y + j);
    for (int r = 0; r < Rows; ++r) {
      double* const p = first + r * lda + j;
      const Vector updated = load(p) - ur[r] * wj - wr[r] * uj;
      store(p, updated);
      acc[r] += updated * xj;
      yj += updated * xr[r];
    }
    store(y + j, yj);
  }
  for (int r = 0; r < Rows; ++r) {
    double sum = sum_of(acc[r]);
    for (std::ptrdiff_t j = split; j <= row + r; ++j) {
      double& element = first[r * lda + j];
      element -= ur[r] * w[j] + wr[r] * u[j];
      sum += element * x[j];
      if (j < row + r) y[j] += element * xr[r];
    }
    y[row + r] += sum;
  }
}

/// x^T y; `columns` is a multiple of lanes.
inline double inner_product(const double* x, const double* y, std::ptrdiff_t columns) {
  Vector acc[4] = {};
  std::ptrdiff_t j = 0;
  for (; j + 4 * lanes <= columns; j += 4 * lanes)
    for (int v = 0; v < 4; ++v) acc[v] += load(x + j + v * lanes) * load(y + j + v * lanes);
  for (; j < columns; j += lanes) acc[0] += load(x + j) * load(y + j);
  return sum_of((acc[0] + acc[1]) + (acc[2] + acc[3]));
}

void tridiagonalise(double* a, std::ptrdiff_t order, std::ptrdiff_t leading, double* diagonal,
                    double* off_diagonal, double* scales, double* scratch) {
  // The update that a reflection asks for waits until the next one multiplies the matrix.
  for (std::ptrdiff_t j = 0; j < 3 * leading; ++j) scratch[j] = 0;
  const double* u = scratch;
  double* w = scratch + leading;
  double* product = scratch + 2 * leading;
  for (std::ptrdiff_t k = order - 1; k > 0; --k) {
    double* const x = a + k * leading;
    const double uk = u[k], wk = w[k];
    for (std::ptrdiff_t j = 0; j <= k; ++j) x[j] -= uk * w[j] + wk * u[j];
    diagonal[k] = x[k];

    const std::ptrdiff_t columns = (k + lanes - 1) / lanes * lanes;
    const double head = x[k - 1];
    for (std::ptrdiff_t j = k - 1; j < leading; ++j) x[j] = 0;
    const double tail = inner_product(x, x, columns);
    const double root = __builtin_sqrt(head * head + tail);
    const double length = head > 0 ? -root : root;
    const bool reflects = tail > 0;
    off_diagonal[k - 1] = reflects ? length : head;
    scales[k] = reflects ? (length - head) / length : 0;
    const double factor = reflects ? 1 / (head - length) : 0;
    for (std::ptrdiff_t j = 0; j < columns; j += lanes) store(x + j, load(x + j) * factor);
    x[k - 1] = 1;

    for (std::ptrdiff_t j = 0; j < leading; ++j) product[j] = 0;
    std::ptrdiff_t i = 0;
    for (; i + 2 <= k; i += 2) update_and_multiply<2>(a, leading, i, u, w, x, product);
    if (i < k) update_and_multiply<1>(a, leading, i, u, w, x, product);
    const double half = scales[k] * inner_product(product, x, columns) / 2;
    for (i = 0; i < columns; i += lanes)
      store(product + i, scales[k] * (load(product + i) - half * load(x + i)));
    double* const old = w;
    w = product;
    product = old;
    u = x;
  }
  diagonal[0] = a[0] - 2 * u[0] * w[0];
}

void reflect(const double* a, std::ptrdiff_t order, std::ptrdiff_t leading, const double* scales,
             double* block) {
  constexpr std::ptrdiff_t unrolled = 4;
  for (std::ptrdiff_t k = 1; k < order; ++k) {
    if (scales[k] == 0) continue;
    const double* const x = a + k * leading;
    Vector acc[unrolled][block_vectors];
    for (std::ptrdiff_t r = 0; r < unrolled; ++r)
      for (int v = 0; v < block_vectors; ++v) acc[r][v] = Vector{};
    std::ptrdiff_t i = 0;
    for (; i + unrolled <= k; i += unrolled)
#pragma GCC unroll 4
      for (std::ptrdiff_t r = 0; r < unrolled; ++r)
        for (int v = 0; v < block_vectors; ++v)
          acc[r][v] += x[i + r] * load(block + (i + r) * block_width + v * lanes);
    for (; i < k; ++i)
      for (int v = 0; v < block_vectors; ++v)
        acc[0][v] += x[i] * load(block + i * block_width + v * lanes);
    Vector sum[block_vectors];
    for (int v = 0; v < block_vectors; ++v)
      sum[v] = scales[k] * ((acc[0][v] + acc[1][v]) + (acc[2][v] + acc[3][v]));
    for (i = 0; i < k; ++i)
      for (int v = 0; v < block_vectors; ++v) {
        double* const p = block + i * block_width + v * lanes;
        store(p, load(p) - x[i] * sum[v]);
      }
  }
}

// NOLINTBEGIN
typedef long long Mask __attribute__((vector_size(VECTOR_BYTES)));
// NOLINTEND

void bisect(const double* diagonal, const double* squares, std::ptrdiff_t order,
            std::ptrdiff_t largest, double below, double above, double* values) {
  constexpr int halvings = 54;
  constexpr std::ptrdiff_t rescaled = 16;  // rows without overflow or underflow
  Vector low[block_vectors], high[block_vectors];
  Mask index[block_vectors];
  for (std::ptrdiff_t i = 0; i < block_width; ++i) {
    low[i / lanes][i % lanes] = below;
    high[i / lanes][i % lanes] = above;
    index[i / lanes][i % lanes] = order - 1 - largest - i;
  }
  for (int halving = 0; halving < halvings; ++halving) {
    Vector middle[block_vectors], before[block_vectors], minor[block_vectors];
    Mask count[block_vectors];
    for (int v = 0; v < block_vectors; ++v) {
      middle[v] = (low[v] + high[v]) * 0.5;
      before[v] = Vector{} + 1;
      minor[v] = diagonal[0] - middle[v];
      count[v] = -(minor[v] < 0);
    }
    // Signs of the leading principal minors change once for each eigenvalue below the middle.
    for (std::ptrdiff_t i0 = 1; i0 < order; i0 += rescaled) {
      const std::ptrdiff_t end = smaller(order, i0 + rescaled);
      for (std::ptrdiff_t i = i0; i < end; ++i)
        for (int v = 0; v < block_vectors; ++v) {
          const Vector next = (diagonal[i] - middle[v]) * minor[v] - squares[i - 1] * before[v];
          count[v] -= ((Mask)next ^ (Mask)minor[v]) < 0;
          before[v] = minor[v];
          minor[v] = next;
        }
      for (int v = 0; v < block_vectors; ++v) {
        constexpr long long magnitude = 0x7fffffffffffffff, exponent = 0x7ff0000000000000;
        const Vector size =
            (Vector)((Mask)before[v] & magnitude) + (Vector)((Mask)minor[v] & magnitude);
        const Vector scale = (Vector)(0x7fe0000000000000 - ((Mask)size & exponent));
        before[v] *= scale;
        minor[v] *= scale;
      }
    }
    for (int v = 0; v < block_vectors; ++v) {
      const Mask is_lower = count[v] <= index[v];
      low[v] = is_lower ? middle[v] : low[v];
      high[v] = is_lower ? high[v] : middle[v];
    }
  }
  for (int v = 0; v < block_vectors; ++v) store(values + v * lanes, (low[v] + high[v]) * 0.5);
}

/// One more pivot of T - shift, `square` being that of the off-diagonal element on the way to it.
inline Vector next_pivot(double diagonal, Vector shift, double square, Vector pivot) {
  constexpr double tiny = 1e-150;
  const Vector next = (diagonal - shift) - square / pivot;
  const Mask vanishes = (next < tiny) & (next > -tiny);
  return vanishes ? Vector{} - tiny : next;
}

void twisted_pivots(const double* diagonal, const double* squares, std::ptrdiff_t order,
                    const double* shifts, double* forward, double* backward) {
  for (int v = 0; v < block_vectors; ++v) {
    const Vector shift = load(shifts + v * lanes);
    Vector down = Vector{} + 1, up = down;
    for (std::ptrdiff_t i = 0, j = order - 1; i < order; ++i, --j) {
      down = next_pivot(diagonal[i], shift, i > 0 ? squares[i - 1] : 0, down);
      up = next_pivot(diagonal[j], shift, i > 0 ? squares[j] : 0, up);
      store(forward + i * block_width + v * lanes, down);
      store(backward + j * block_width + v * lanes, up);
    }
  }
}
