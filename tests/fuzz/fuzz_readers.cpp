// SPDX-License-Identifier: MIT
// libFuzzer target: whatever the bytes, the reader of one format (FUZZED_FORMAT) crashes nothing,
// no coordinate is made up of what is none, and reading again gives the same.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <modesweep/structure.hpp>

#include "reader_comparison.hpp"
#include "structure/binary_cif.hpp"
#include "structure/mmcif_reader.hpp"
#include "structure/pdb_reader.hpp"
#include "structure/plain_text.hpp"
#include "structure/polymer_nodes.hpp"

namespace {

using namespace modesweep;

enum class Format { pdb, pqr, mmcif, binary_cif };

[[noreturn]] void report(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void check(const std::vector<Node>& nodes) {
  for (const Node& node : nodes) {
    for (const double x : node.position)
      if (!std::isfinite(x)) report("a coordinate is not finite");
    if (node.b_factor && !std::isfinite(*node.b_factor)) report("a B factor is not finite");
  }
}

template <class Read>
void try_rules(Read&& read) {
  for (const NodeRule rule : {NodeRule::prody, NodeRule::prody_app, NodeRule::polymer})
    for (const NodeCollector::Purpose purpose :
         {NodeCollector::Purpose::nodes, NodeCollector::Purpose::census}) {
      NodeCollector collector(AtomChoice{rule}, purpose);
      const tl::expected<FileContents, ReadProblem> contents = read(collector);
      if (!contents) continue;
      check(collector.nodes);
      check(polymer_nodes(collector.backbone, contents->entities).nodes);
      for (const std::string& name : contents->assemblies.names)
        if (const auto copies =
                contents->assemblies.assemble(name, collector.nodes, collector.parts, "fuzz",
                                              [](std::size_t) { return Outcome<void>(); }))
          check(*copies);
    }
}

void try_format(const std::string& bytes) {
  if constexpr (Format::FUZZED_FORMAT == Format::binary_cif) {
    if (auto file = BinaryCif::parse(bytes))
      try_rules([&](NodeCollector& collector) { return file->read({}, collector); });
    return;
  }
  const std::string text = plain_text(bytes).text;
  try_rules([&](NodeCollector& collector) {
    if constexpr (Format::FUZZED_FORMAT == Format::mmcif) return read_mmcif(text, {}, collector);
    return read_pdb(text,
                    Format::FUZZED_FORMAT == Format::pqr ? PdbDialect::pqr : PdbDialect::columns,
                    {}, collector);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  try_format(bytes);
  // The way of all files, from compression to identity.
  const Outcome<Structure> once = read_structure(bytes, "fuzz", {});
  const Outcome<Structure> again = read_structure(bytes, "fuzz", {});
  if (once.has_value() != again.has_value()) report("read once and refused once");
  if (once && !reader_comparison::difference(*once, *again).empty()) report("read differently");
  return 0;
}
