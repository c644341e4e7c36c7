// SPDX-License-Identifier: MIT
// BinaryCIF (github.com/molstar/BinaryCIF), read from its columns.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "structure/file_contents.hpp"
#include "structure/node_collector.hpp"

namespace modesweep {

/// Whether the bytes begin as a BinaryCIF file does: a MessagePack map with its keys.
bool is_binary_cif(std::string_view bytes);

/// Whether the bytes are one whole MessagePack value, nested no deeper than BinaryCIF is, and
/// nothing after it. Nothing of it is kept.
bool is_whole_message_pack(std::string_view bytes);

/// A file in memory, its sizes checked before anything of them is allocated.
class BinaryCif {
 public:
  static tl::expected<BinaryCif, ReadProblem> parse(std::string bytes);
  BinaryCif(BinaryCif&&) noexcept;
  BinaryCif& operator=(BinaryCif&&) noexcept;
  ~BinaryCif();

  /// What `read` takes at most besides the file itself, by the sizes that the file states.
  std::uint64_t decoded_bytes() const;

  /// As `read_mmcif`, of the first data block with atoms. Numbers stay numbers; of those that were
  /// stored as float32 the decimal is taken that was written. What the collector is given lives as
  /// long as this.
  tl::expected<FileContents, ReadProblem> read(std::optional<int> model, NodeCollector& collector);

 private:
  struct Content;
  explicit BinaryCif(std::unique_ptr<Content> content);
  std::unique_ptr<Content> content_;
};

}  // namespace modesweep
