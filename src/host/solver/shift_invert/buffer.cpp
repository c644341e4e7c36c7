// SPDX-License-Identifier: MIT
#include "solver/shift_invert/buffer.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <mutex>
#include <new>

#include <modesweep/modes.hpp>

namespace modesweep::shift_invert {
namespace {

constexpr std::size_t cache_line = 64, huge_page = std::size_t{2} << 20;

// Memory of the pool is handed out in multiples of this; what is smaller is the C library's.
constexpr std::size_t grain = std::size_t{64} << 10;

#ifdef __SANITIZE_ADDRESS__
constexpr bool pooled = false;  // AddressSanitizer sees the bounds of heap blocks only
#else
constexpr bool pooled = true;
#endif

constexpr std::size_t round_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

/// Memory mapped from the system, in use or kept for the next that asks.
class PagePool {
 public:
  /// Where nothing that is kept is large enough, as much as is mapped anew is given back first.
  char* take(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    auto best = free_.end();
    for (auto extent = free_.begin(); extent != free_.end(); ++extent)
      if (extent->second >= bytes && (best == free_.end() || extent->second < best->second))
        best = extent;
    if (best == free_.end()) {
      const std::size_t mapped = round_up(bytes, huge_page);
      release(kept_ > mapped ? kept_ - mapped : 0);
      best = insert(map(mapped), mapped);
    }
    const auto [start, length] = *best;
    free_.erase(best);
    kept_ -= length;
    if (length > bytes) insert(start + bytes, length - bytes);
    return start;
  }

  void give(char* start, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    insert(start, bytes);
  }

  void keep(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    release(bytes);
  }

 private:
  using Extents = std::map<char*, std::size_t>;

  static char* map(std::size_t bytes) {
    // Aligned by hand: without huge pages in the right place the wish below comes to nothing.
    const std::size_t enough = bytes + huge_page;
    void* const mapped =
        ::mmap(nullptr, enough, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    char* const begin = static_cast<char*>(mapped);
    const std::size_t before =
        (huge_page - reinterpret_cast<std::uintptr_t>(begin) % huge_page) % huge_page;
    if (before > 0) ::munmap(begin, before);
    if (before < huge_page) ::munmap(begin + before + bytes, huge_page - before);
    static_cast<void>(::madvise(begin + before, bytes, MADV_HUGEPAGE));
    return begin + before;
  }

  /// Adds an extent and joins it with those beside it.
  Extents::iterator insert(char* start, std::size_t bytes) {
    kept_ += bytes;
    auto extent = free_.emplace(start, bytes).first;
    if (const auto next = std::next(extent);
        next != free_.end() && extent->first + extent->second == next->first) {
      extent->second += next->second;
      free_.erase(next);
    }
    if (extent != free_.begin()) {
      const auto previous = std::prev(extent);
      if (previous->first + previous->second == extent->first) {
        previous->second += extent->second;
        free_.erase(extent);
        return previous;
      }
    }
    return extent;
  }

  /// Gives whole huge pages back to the system until at most `keep` bytes are kept.
  void release(std::size_t keep) {
    for (auto extent = free_.begin(); extent != free_.end() && kept_ > keep;) {
      const auto [start, length] = *extent++;
      const auto address = reinterpret_cast<std::uintptr_t>(start);
      const std::size_t before = round_up(address, huge_page) - address;
      if (length < before + huge_page) continue;
      const std::size_t most = (length - before) / huge_page * huge_page;
      const std::size_t bytes = std::min(most, round_up(kept_ - keep, huge_page));
      ::munmap(start + before, bytes);
      free_.erase(start);
      kept_ -= length;
      if (before > 0) insert(start, before);
      if (length > before + bytes) insert(start + before + bytes, length - before - bytes);
    }
  }

  std::mutex mutex_;
  Extents free_;
  std::size_t kept_ = 0;
};

PagePool& pool() {
  // Never destroyed: buffers of other static objects may go later.
  static PagePool& instance = *new PagePool;
  return instance;
}

}  // namespace

Buffer::Buffer(std::int64_t count) {
  const std::size_t wanted = static_cast<std::size_t>(count) * sizeof(double);
  if (pooled && wanted >= grain) {
    const std::size_t bytes = round_up(wanted, grain);
    data_ = {reinterpret_cast<double*>(pool().take(bytes)), Free{bytes}};
    return;
  }
  const std::size_t bytes = round_up(wanted, cache_line);
  data_ = {static_cast<double*>(std::aligned_alloc(cache_line, bytes)), Free{0}};
  if (!data_ && bytes > 0) throw std::bad_alloc();
}

void Buffer::Free::operator()(double* p) const {
  if (pooled_bytes > 0)
    pool().give(reinterpret_cast<char*>(p), pooled_bytes);
  else
    std::free(p);
}

}  // namespace modesweep::shift_invert

namespace modesweep {

void release_buffers(std::uint64_t keep) { shift_invert::pool().keep(keep); }

}  // namespace modesweep
