// SPDX-License-Identifier: MIT
#include "net/certificate.hpp"

#include <stdexcept>

#include "support/process.hpp"

namespace test_support {

bool can_make_certificates() { return run({"openssl", "version"}).exit_code == 0; }

Certificate make_certificate(const TempDir& folder) {
  const Certificate files{(folder.path() / "server.pem").string(),
                          (folder.path() / "server.key").string()};
  const RunResult result =
      run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj",
           "/CN=modesweep test", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
           files.key, "-out", files.certificate});
  if (result.exit_code != 0) throw std::runtime_error(result.err);
  return files;
}

}  // namespace test_support
