// SPDX-License-Identifier: MIT
#include "solver/buffer.hpp"

#include <sys/mman.h>

#include <new>

namespace modesweep::shift_invert {

Buffer::Buffer(std::int64_t count) {
  constexpr std::size_t cache_line = 64, huge_page = std::size_t{2} << 20;
  const std::size_t wanted = static_cast<std::size_t>(count) * sizeof(double);
  const std::size_t alignment = wanted >= 2 * huge_page ? huge_page : cache_line;
  const std::size_t bytes = (wanted + alignment - 1) / alignment * alignment;
  data_.reset(static_cast<double*>(std::aligned_alloc(alignment, bytes)));
  if (!data_ && bytes > 0) throw std::bad_alloc();
  // A wish that the system may refuse: the first touch of small pages costs as much as a solve.
  if (alignment == huge_page) static_cast<void>(::madvise(data_.get(), bytes, MADV_HUGEPAGE));
}

}  // namespace modesweep::shift_invert
