// SPDX-License-Identifier: MIT
// The functions of cuSOLVER and cuBLAS that the engine calls, on LAPACK and OpenBLAS.
#include <cblas.h>
#include <cublas_v2.h>
#include <cusolverDn.h>

#include <cstring>
#include <vector>

#include "device/grid.hpp"
#include "standin/machine.hpp"

using standin::machine;

extern "C" void dsyevd_(const char* jobz, const char* uplo, const int* n, double* a, const int* lda,
                        double* w, double* work, const int* lwork, int* iwork, const int* liwork,
                        int* info);

struct cusolverDnContext {
  cudaStream_t stream = nullptr;
};
struct syevjInfo {
  double tolerance = 2.220446049250313e-16;
  int sweeps = 100;
  int sort = 1;
};
struct cublasContext {
  cudaStream_t stream = nullptr;
};

namespace {

bool ready() { return machine().state() == cudaSuccess; }

/// Eigenpairs of the lower triangle, ascending; info as LAPACK has it.
int eigenpairs(int n, double* a, int lda, double* w) {
  int info = 0;
  const int lwork = 1 + 6 * n + 2 * n * n;
  const int liwork = 3 + 5 * n;
  std::vector<double> work(static_cast<std::size_t>(lwork));
  std::vector<int> iwork(static_cast<std::size_t>(liwork));
  dsyevd_("V", "L", &n, a, &lda, w, work.data(), &lwork, iwork.data(), &liwork, &info);
  return info;
}

cublasStatus_t strided_gemm(cublasHandle_t handle, cublasOperation_t ta, cublasOperation_t tb,
                            int m, int n, int k, const double* alpha, const double* a, int lda,
                            long long stride_a, const double* b, int ldb, long long stride_b,
                            const double* beta, double* c, int ldc, long long stride_c, int batch) {
  const device_host::AtWork at_work;
  if (!ready() || !handle) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (m < 0 || n < 0 || k < 0 || batch < 0) return CUBLAS_STATUS_INVALID_VALUE;
  const auto last = [batch](long long stride, int ld, int columns) {
    return sizeof(double) *
           static_cast<std::size_t>(stride * (batch - 1) + static_cast<long long>(ld) * columns);
  };
  if (!machine().holds(a, last(stride_a, lda, ta == CUBLAS_OP_N ? k : m), true, "dgemm A") ||
      !machine().holds(b, last(stride_b, ldb, tb == CUBLAS_OP_N ? n : k), true, "dgemm B") ||
      !machine().holds(c, last(stride_c, ldc, n), true, "dgemm C"))
    return CUBLAS_STATUS_EXECUTION_FAILED;
  const double scale = *alpha;  // host pointers are read at the call
  const double keep = *beta;
  machine().queue(handle->stream, [=] {
    for (int i = 0; i < batch; ++i)
      cblas_dgemm(CblasColMajor, ta == CUBLAS_OP_N ? CblasNoTrans : CblasTrans,
                  tb == CUBLAS_OP_N ? CblasNoTrans : CblasTrans, m, n, k, scale, a + i * stride_a,
                  lda, b + i * stride_b, ldb, keep, c + i * stride_c, ldc);
  });
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace

extern "C" {

cusolverStatus_t cusolverDnCreate(cusolverDnHandle_t* handle) {
  openblas_set_num_threads(1);  // its own threads are nothing that a test should depend on
  if (!ready()) return CUSOLVER_STATUS_NOT_INITIALIZED;
  *handle = new cusolverDnContext;
  machine().made(1);
  return CUSOLVER_STATUS_SUCCESS;
}

cusolverStatus_t cusolverDnDestroy(cusolverDnHandle_t handle) {
  delete handle;
  machine().made(-1);
  return CUSOLVER_STATUS_SUCCESS;
}

cusolverStatus_t cusolverDnSetStream(cusolverDnHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return CUSOLVER_STATUS_SUCCESS;
}

cusolverStatus_t cusolverDnCreateSyevjInfo(syevjInfo_t* info) {
  *info = new syevjInfo;
  machine().made(1);
  return CUSOLVER_STATUS_SUCCESS;
}

cusolverStatus_t cusolverDnDestroySyevjInfo(syevjInfo_t info) {
  delete info;
  machine().made(-1);
  return CUSOLVER_STATUS_SUCCESS;
}

cusolverStatus_t cusolverDnXsyevjSetSortEig(syevjInfo_t info, int sort) {
  info->sort = sort;
  return CUSOLVER_STATUS_SUCCESS;
}

cusolverStatus_t cusolverDnDsyevjBatched_bufferSize(cusolverDnHandle_t handle, cusolverEigMode_t,
                                                    cublasFillMode_t, int n, const double*, int lda,
                                                    const double*, int* lwork, syevjInfo_t,
                                                    int batch) {
  if (!handle) return CUSOLVER_STATUS_NOT_INITIALIZED;
  if (n < 0 || lda < n || batch < 0) return CUSOLVER_STATUS_INVALID_VALUE;
  // As the library's: a 32-bit count of doubles.
  const std::int64_t size = std::int64_t{n} * n * batch;
  if (size > 0x7FFFFFFF) return CUSOLVER_STATUS_INVALID_VALUE;
  *lwork = static_cast<int>(size);
  return CUSOLVER_STATUS_SUCCESS;
}

cusolverStatus_t cusolverDnDsyevjBatched(cusolverDnHandle_t handle, cusolverEigMode_t jobz,
                                         cublasFillMode_t uplo, int n, double* a, int lda,
                                         double* w, double* work, int lwork, int* info,
                                         syevjInfo_t params, int batch) {
  const device_host::AtWork at_work;
  if (!ready() || !handle || !params) return CUSOLVER_STATUS_NOT_INITIALIZED;
  if (machine().strikes(&standin::Faults::solver_call)) return CUSOLVER_STATUS_EXECUTION_FAILED;
  const std::int64_t elements = std::int64_t{n} * n * batch;
  if (jobz != CUSOLVER_EIG_MODE_VECTOR || uplo != CUBLAS_FILL_MODE_LOWER || lda != n ||
      lwork < elements || params->sort != 1)
    return CUSOLVER_STATUS_INVALID_VALUE;
  const auto bytes = [](std::int64_t count, std::size_t size) {
    return static_cast<std::size_t>(count) * size;
  };
  if (!machine().holds(a, bytes(elements, 8), true, "syevjBatched A") ||
      !machine().holds(w, bytes(std::int64_t{n} * batch, 8), true, "syevjBatched W") ||
      !machine().holds(work, bytes(lwork, 8), true, "syevjBatched work") ||
      !machine().holds(info, bytes(batch, sizeof(int)), true, "syevjBatched info"))
    return CUSOLVER_STATUS_INVALID_VALUE;
  machine().queue(handle->stream, [=] {
    std::memset(work, 0xFF, static_cast<std::size_t>(lwork) * 8);
    for (int i = 0; i < batch; ++i) {
      machine().count(&standin::Counts::matrices);
      double* const matrix = a + static_cast<std::size_t>(i) * n * n;
      const bool struck = machine().strikes(&standin::Faults::matrix);
      info[i] = eigenpairs(n, matrix, lda, w + static_cast<std::size_t>(i) * n) != 0 || struck
                    ? n + 1
                    : 0;
      if (info[i] != 0) std::memset(matrix, 0xFF, static_cast<std::size_t>(n) * n * 8);
    }
  });
  return CUSOLVER_STATUS_SUCCESS;
}

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
  if (!ready()) return CUBLAS_STATUS_NOT_INITIALIZED;
  *handle = new cublasContext;
  machine().made(1);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
  delete handle;
  machine().made(-1);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return CUBLAS_STATUS_SUCCESS;
}

const char* cublasGetStatusName(cublasStatus_t status) {
  return status == CUBLAS_STATUS_SUCCESS ? "CUBLAS_STATUS_SUCCESS" : "CUBLAS_STATUS (an error)";
}

cublasStatus_t cublasDgemmStridedBatched(cublasHandle_t handle, cublasOperation_t ta,
                                         cublasOperation_t tb, int m, int n, int k,
                                         const double* alpha, const double* a, int lda,
                                         long long int stride_a, const double* b, int ldb,
                                         long long int stride_b, const double* beta, double* c,
                                         int ldc, long long int stride_c, int batch) {
  return strided_gemm(handle, ta, tb, m, n, k, alpha, a, lda, stride_a, b, ldb, stride_b, beta, c,
                      ldc, stride_c, batch);
}

}  // extern "C"
