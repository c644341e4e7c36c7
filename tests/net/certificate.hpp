// SPDX-License-Identifier: MIT
// A self-signed certificate for servers on loopback, which nobody trusts unless told to.
#pragma once

#include <string>

#include "support/temp_dir.hpp"

namespace test_support {

/// Paths of PEM files; empty for plain http.
struct Certificate {
  std::string certificate;  ///< its own authority as well: what `--cacert` may name
  std::string key;
};

/// Whether `openssl` is installed.
bool can_make_certificates();

/// For the names localhost and 127.0.0.1, for one day.
Certificate make_certificate(const TempDir& folder);

}  // namespace test_support
