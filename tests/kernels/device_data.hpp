// SPDX-License-Identifier: MIT
// Data on the stand-in's device, and networks to put there.
#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <vector>

#include <modesweep/network.hpp>

#include "kernels/device/batch.hpp"
#include "standin/standin.hpp"

namespace kernel_test {

inline void require(cudaError_t error) {
  if (error != cudaSuccess) throw std::runtime_error(cudaGetErrorName(error));
}

class TestStream {
 public:
  TestStream() { require(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking)); }
  ~TestStream() { cudaStreamDestroy(stream_); }
  TestStream(const TestStream&) = delete;
  TestStream& operator=(const TestStream&) = delete;
  operator cudaStream_t() const { return stream_; }
  void wait() const { require(cudaStreamSynchronize(stream_)); }

 private:
  cudaStream_t stream_ = nullptr;
};

/// An array of its own on the device, so that an overrun hits its guards. The stand-in's memory is
/// the host's.
template <class T>
class DeviceArray {
 public:
  explicit DeviceArray(std::size_t size) : size_(size) {
    void* pointer = nullptr;
    require(cudaMalloc(&pointer, std::max<std::size_t>(1, size) * sizeof(T)));
    data_ = static_cast<T*>(pointer);
  }
  explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) {
    if (!values.empty()) std::memcpy(data_, values.data(), values.size() * sizeof(T));
  }
  ~DeviceArray() { cudaFree(data_); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  T* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::vector<T> values() const { return {data_, data_ + size_}; }

 private:
  std::size_t size_;
  T* data_ = nullptr;
};

/// Networks as a DeviceBatch.
class BatchOnDevice {
 public:
  explicit BatchOnDevice(const std::vector<modesweep::Network>& networks) {
    std::vector<modesweep::gpu::BatchEntry> entries;
    std::vector<double> positions;
    std::vector<std::int32_t> offsets, neighbours;
    for (const modesweep::Network& n : networks) {
      entries.push_back({static_cast<std::int32_t>(n.nodes()), n.components,
                         static_cast<std::int64_t>(positions.size() / 3),
                         static_cast<std::int64_t>(offsets.size()),
                         static_cast<std::int64_t>(neighbours.size())});
      for (const modesweep::Vec3& p : n.positions)
        positions.insert(positions.end(), {p[0], p[1], p[2]});
      for (const std::int64_t o : n.offsets) offsets.push_back(static_cast<std::int32_t>(o));
      neighbours.insert(neighbours.end(), n.neighbours.begin(), n.neighbours.end());
      largest_ = std::max(largest_, static_cast<int>(n.nodes()));
    }
    entries_.emplace(entries);
    positions_.emplace(positions);
    offsets_.emplace(offsets);
    neighbours_.emplace(neighbours);
  }

  modesweep::gpu::DeviceBatch view() const {
    return {entries_->data(),
            positions_->data(),
            offsets_->data(),
            neighbours_->data(),
            static_cast<int>(entries_->size()),
            largest_};
  }

 private:
  int largest_ = 0;
  std::optional<DeviceArray<modesweep::gpu::BatchEntry>> entries_;
  std::optional<DeviceArray<double>> positions_;
  std::optional<DeviceArray<std::int32_t>> offsets_, neighbours_;
};

}  // namespace kernel_test
