// SPDX-License-Identifier: MIT
// What an algorithm needs of one device, made once and passed in: a stream, memory, handles.
#pragma once

#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <cusolverDn.h>

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace modesweep::gpu {

/// A call of the CUDA libraries failed. The message holds the call, the code and its name.
class DeviceError : public std::runtime_error {
 public:
  enum class Kind { out_of_memory, failed };
  DeviceError(Kind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

void check(cudaError_t result, const char* call);
void check(cusolverStatus_t result, const char* call);
void check(cublasStatus_t result, const char* call);

/// Owns what a C interface made; never copied. Errors of the end are dropped: nothing can be done.
template <class T, auto destroy>
class Owned {
 public:
  Owned() = default;
  explicit Owned(T value) : value_(value) {}
  Owned(Owned&& other) noexcept : value_(std::exchange(other.value_, T{})) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Owned() {
    if (value_) (void)destroy(value_);
  }
  T get() const { return value_; }

 private:
  T value_{};
};

/// One allocation, given out piece by piece and taken back as a whole. It only ever grows, so that
/// nothing is allocated once the largest batch has been seen.
template <auto allocate, auto release>
class Arena {
 public:
  static constexpr std::size_t alignment = 256;
  static constexpr std::size_t padded(std::size_t bytes) {
    return (bytes + alignment - 1) / alignment * alignment;
  }

  /// Takes all pieces back and holds at least `bytes`; where it must grow, twice what it had, but
  /// for that no more than `at_most`. Nothing may be in use on the device.
  void reserve(std::size_t bytes, std::size_t at_most = std::numeric_limits<std::size_t>::max());

  template <class T>
  T* take(std::size_t count) {
    return static_cast<T*>(take_bytes(count * sizeof(T)));
  }

  std::size_t size() const { return size_; }

 private:
  void* take_bytes(std::size_t bytes);

  Owned<void*, release> memory_;
  std::size_t size_ = 0;
  std::size_t taken_ = 0;
};

cudaError_t allocate_on_device(void** pointer, std::size_t bytes);
cudaError_t allocate_pinned(void** pointer, std::size_t bytes);
inline cudaError_t release_on_device(void* pointer) { return cudaFree(pointer); }
inline cudaError_t release_pinned(void* pointer) { return cudaFreeHost(pointer); }

using DeviceArena = Arena<allocate_on_device, release_on_device>;
using PinnedArena = Arena<allocate_pinned, release_pinned>;

/// All of one stream. Made on the thread that uses it.
class DeviceResources {
 public:
  /// Makes `device` the calling thread's. `streams` share its memory. Throws DeviceError.
  explicit DeviceResources(int device, int streams = 1);
  DeviceResources(const DeviceResources&) = delete;
  DeviceResources& operator=(const DeviceResources&) = delete;

  const std::string& name() const { return name_; }  ///< as the rows of a ranking name it
  const std::string& model() const { return model_; }
  std::size_t memory_limit() const { return memory_limit_; }  ///< bytes for `arena`
  /// Bytes of shared memory that a block of the filter may have: what the device allows, or 0 where
  /// $MODESWEEP_CUDA_FILTER is "grid".
  std::size_t shared_limit() const { return shared_limit_; }
  cudaStream_t stream() const { return stream_.get(); }
  cusolverDnHandle_t solver() const { return solver_.get(); }
  syevjInfo_t syevj() const { return syevj_.get(); }
  cublasHandle_t blas() const { return blas_.get(); }

  DeviceArena arena;
  PinnedArena upload;    ///< host memory that copies to the device read
  PinnedArena download;  ///< host memory that copies from the device fill

  /// Values and operations (up to a factor) of dense matrices, needed and with the padding.
  struct Padding {
    double values = 0, padded_values = 0;
    double work = 0, padded_work = 0;
  };
  Padding padding;

  template <class T>
  void copy_to_device(T* to, const T* from, std::size_t count) {
    check(cudaMemcpyAsync(to, from, count * sizeof(T), cudaMemcpyHostToDevice, stream()),
          "cudaMemcpyAsync (to the device)");
  }
  template <class T>
  void copy_to_host(T* to, const T* from, std::size_t count) {
    check(cudaMemcpyAsync(to, from, count * sizeof(T), cudaMemcpyDeviceToHost, stream()),
          "cudaMemcpyAsync (to the host)");
  }

  /// co_await it: what was queued so far is done then. The task stops here; `go_on` resumes it.
  struct Finished {
    DeviceResources& resources;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> task) noexcept { resources.waiting_ = task; }
    void await_resume() {
      check(cudaEventSynchronize(resources.event_.get()), "cudaEventSynchronize");
    }
  };
  Finished finished() {
    check(cudaEventRecord(event_.get(), stream()), "cudaEventRecord");
    return {*this};
  }
  /// Whether `go_on` would not have to wait.
  bool ready();
  /// Resumes the task that stopped.
  void go_on() { std::exchange(waiting_, {}).resume(); }

  /// After a DeviceError: lets go of what is queued. Whether the device can still be used.
  bool recover() noexcept;

 private:
  std::string name_, model_;
  std::size_t memory_limit_ = 0;
  std::size_t shared_limit_ = 0;
  Owned<cudaStream_t, &cudaStreamDestroy> stream_;
  Owned<cudaEvent_t, &cudaEventDestroy> event_;
  std::coroutine_handle<> waiting_;
  Owned<cusolverDnHandle_t, &cusolverDnDestroy> solver_;
  Owned<syevjInfo_t, &cusolverDnDestroySyevjInfo> syevj_;
  Owned<cublasHandle_t, &cublasDestroy> blas_;
};

}  // namespace modesweep::gpu
