// SPDX-License-Identifier: MIT
// libFuzzer target: whatever the bytes, no reader crashes, and what the quick readers take is what
// gemmi reads, to the bit.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/gzip.hpp"
#include "reader_comparison.hpp"
#include "structure/binary_cif.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace modesweep;
  constexpr std::size_t most_bytes = std::size_t{1} << 20;
  std::string text(reinterpret_cast<const char*>(data), size);
  if (is_gzip(text)) {
    auto inflated = gunzip(text, most_bytes);
    if (!inflated) return 0;
    text = std::move(*inflated);
  }
  if (is_binary_cif(text)) {
    auto mmcif = binary_cif_as_mmcif(text);
    if (!mmcif || mmcif->size() > most_bytes) return 0;
    text = std::move(*mmcif);
  }
  if (not_a_structure(text)) return 0;
  for (const NodeRule rule : {NodeRule::prody, NodeRule::prody_app, NodeRule::polymer}) {
    const auto verdict = reader_comparison::compare(text, "fuzz", {rule, {}});
    if (verdict.problem.empty()) continue;
    std::fprintf(stderr, "by rule %s: %s\n", std::string(to_string(rule)).c_str(),
                 verdict.problem.c_str());
    std::abort();
  }
  return 0;
}
