// SPDX-License-Identifier: MIT
// OpenBLAS within the memory that there is: it never returns from the search for a buffer that the
// system does not give.
#pragma once

#include <modesweep/outcome.hpp>

namespace modesweep::blas {

/// Holds OpenBLAS to one thread a caller and has it take a buffer for each CPU, as far as there is
/// address space: what others take from then on cannot keep a call waiting. To be called before the
/// threads that call BLAS.
void take_buffers();

/// Of the calling thread, as long as it calls BLAS or LAPACK: waits for one of the buffers that
/// were taken. Calls may be nested. Throws Cancelled where the wait is called off.
class Call {
 public:
  Call();
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// False where not even one buffer could be taken: then nothing of BLAS may be called.
  explicit operator bool() const { return granted_; }

  /// Whether the calling thread is within one.
  static bool is_held();

 private:
  bool granted_;
};

/// Why there is no call: stage solve, `out_of_memory`.
tl::unexpected<Failure> no_buffer();

}  // namespace modesweep::blas
