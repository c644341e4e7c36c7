// SPDX-License-Identifier: MIT
#include "base/compression.hpp"

#include <bzlib.h>
#include <fmt/format.h>
#include <lzma.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "base/cancel_scope.hpp"
#include "base/gzip.hpp"

namespace modesweep {
namespace {

using Inflated = tl::expected<std::string, std::string>;

// What xz -9 needs is 65 MB; a header may ask for gigabytes.
constexpr std::uint64_t most_xz_memory = std::uint64_t{512} << 20;
// zstd --ultra -22 and --long=27 write windows of 128 MB.
constexpr int largest_zstd_window = 27;

Inflated problem(Compression compression, std::string_view what) {
  return tl::unexpected(fmt::format("{} data are {}", to_string(compression), what));
}

Inflated cut(Compression compression) { return problem(compression, "cut"); }
Inflated damaged(Compression compression) { return problem(compression, "damaged"); }
Inflated followed(Compression compression) {
  return problem(compression, "followed by something else");
}

Inflated too_much(std::size_t limit) {
  return tl::unexpected(fmt::format("{} {} MB", inflates_beyond, limit >> 20));
}

bool is_padding(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

/// Room for output that doubles up to the limit. The decoders write to `next()`.
class Output {
 public:
  explicit Output(std::size_t limit) : limit_(limit) {}

  char* next() {
    if (size_ == text_.size()) text_.resize(std::min(std::max(2 * size_, first_room), limit_));
    return text_.data() + size_;
  }
  std::size_t room() const { return text_.size() - size_; }
  void wrote(std::size_t bytes) {
    size_ += bytes;
    cancelled_.after(bytes);
  }
  /// Whether there is no room for more, ever.
  bool full() const { return size_ == limit_; }
  std::string take() {
    text_.resize(size_);
    return std::move(text_);
  }

 private:
  static constexpr std::size_t first_room = std::size_t{1} << 16;
  std::size_t limit_, size_ = 0;
  std::string text_;
  CancelCheck cancelled_;
};

Inflated from_zstd(std::string_view bytes, std::size_t limit) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     ZSTD_freeDCtx);
  if (!context) throw std::bad_alloc();
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, largest_zstd_window);
  Output output(limit);
  ZSTD_inBuffer in = {bytes.data(), bytes.size(), 0};
  for (bool frame_ended = false;;) {
    if (frame_ended) {
      const std::string_view rest = bytes.substr(in.pos);
      if (is_padding(rest)) return output.take();
      if (compression_of(rest) != Compression::zstd) return followed(Compression::zstd);
    }
    if (output.full()) return too_much(limit);
    char* const next = output.next();
    ZSTD_outBuffer out = {next, output.room(), 0};
    const std::size_t before = in.pos, left = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(left)) return damaged(Compression::zstd);
    output.wrote(out.pos);
    frame_ended = left == 0;
    if (!frame_ended && in.pos == bytes.size() && in.pos == before && out.pos == 0)
      return cut(Compression::zstd);
  }
}

Inflated from_xz(std::string_view bytes, std::size_t limit) {
  Output output(limit);
  while (!is_padding(bytes)) {
    if (compression_of(bytes) != Compression::xz) return followed(Compression::xz);
    lzma_stream stream = LZMA_STREAM_INIT;
    const std::unique_ptr<lzma_stream, decltype(&lzma_end)> ends(&stream, lzma_end);
    if (lzma_stream_decoder(&stream, most_xz_memory, 0) != LZMA_OK) throw std::bad_alloc();
    stream.next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    stream.avail_in = bytes.size();
    for (lzma_ret result = LZMA_OK; result != LZMA_STREAM_END;) {
      if (output.full()) return too_much(limit);
      char* const next = output.next();
      const std::size_t room = output.room();
      stream.next_out = reinterpret_cast<std::uint8_t*>(next);
      stream.avail_out = room;
      result = lzma_code(&stream, LZMA_FINISH);
      output.wrote(room - stream.avail_out);
      switch (result) {
        case LZMA_OK:
        case LZMA_STREAM_END: break;
        case LZMA_BUF_ERROR: return cut(Compression::xz);
        case LZMA_MEMLIMIT_ERROR: return problem(Compression::xz, "in need of too much memory");
        case LZMA_MEM_ERROR: throw std::bad_alloc();
        default: return damaged(Compression::xz);
      }
    }
    bytes.remove_prefix(bytes.size() - stream.avail_in);
    // Streams are padded with zeros.
    bytes.remove_prefix(std::min(bytes.find_first_not_of('\0'), bytes.size()));
  }
  return output.take();
}

Inflated from_bzip2(std::string_view bytes, std::size_t limit) {
  Output output(limit);
  while (!is_padding(bytes)) {
    if (compression_of(bytes) != Compression::bzip2) return followed(Compression::bzip2);
    bz_stream stream{};
    if (BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK) throw std::bad_alloc();
    const std::unique_ptr<bz_stream, decltype(&BZ2_bzDecompressEnd)> ends(&stream,
                                                                          BZ2_bzDecompressEnd);
    for (int result = BZ_OK; result != BZ_STREAM_END;) {
      if (output.full()) return too_much(limit);
      constexpr std::size_t most = std::numeric_limits<unsigned>::max();
      stream.next_in = const_cast<char*>(bytes.data());  // the library does not write there
      stream.avail_in = static_cast<unsigned>(std::min(bytes.size(), most));
      stream.next_out = output.next();
      const auto room = static_cast<unsigned>(std::min(output.room(), most));
      const unsigned given = stream.avail_in;
      stream.avail_out = room;
      result = BZ2_bzDecompress(&stream);
      output.wrote(room - stream.avail_out);
      bytes.remove_prefix(given - stream.avail_in);
      if (result != BZ_OK && result != BZ_STREAM_END) return damaged(Compression::bzip2);
      if (result == BZ_OK && bytes.empty() && stream.avail_out == room)
        return cut(Compression::bzip2);
    }
  }
  return output.take();
}

}  // namespace

Compression compression_of(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (is_gzip(bytes)) return Compression::gzip;
  if (bytes.starts_with("\x28\xb5\x2f\xfd"sv)) return Compression::zstd;
  // A frame that zstd skips; pzstd begins files with one.
  if (bytes.size() >= 4 && (static_cast<unsigned char>(bytes[0]) & 0xf0) == 0x50 &&
      bytes.substr(1, 3) == "\x2a\x4d\x18"sv)
    return Compression::zstd;
  if (bytes.starts_with("\xfd"
                        "7zXZ\0"sv))
    return Compression::xz;
  if (bytes.size() >= 10 && bytes.starts_with("BZh") && bytes[3] >= '1' && bytes[3] <= '9' &&
      (bytes.substr(4, 6) == "1AY&SY"sv || bytes.substr(4, 6) == "\x17\x72\x45\x38\x50\x90"sv))
    return Compression::bzip2;
  return Compression::none;
}

std::string_view to_string(Compression compression) {
  switch (compression) {
    case Compression::none: break;
    case Compression::gzip: return "gzip";
    case Compression::zstd: return "Zstandard";
    case Compression::xz: return "xz";
    case Compression::bzip2: return "bzip2";
  }
  return "no compression";
}

tl::expected<std::string, std::string> decompress(Compression compression, std::string_view bytes,
                                                  std::size_t limit) {
  switch (compression) {
    case Compression::none: break;
    case Compression::gzip: return gunzip(bytes, limit);
    case Compression::zstd: return from_zstd(bytes, limit);
    case Compression::xz: return from_xz(bytes, limit);
    case Compression::bzip2: return from_bzip2(bytes, limit);
  }
  return std::string(bytes);
}

}  // namespace modesweep
