// SPDX-License-Identifier: MIT
#pragma once

namespace test_support {

/// Whether this build is one of AddressSanitizer or ThreadSanitizer, whose runtimes take terabytes
/// of addresses, threads and descriptors of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

}  // namespace test_support
