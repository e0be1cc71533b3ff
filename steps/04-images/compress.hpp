// Compression of the layers that we make.
//
//   gzip, levels 1 and 2   ISA-L: 38.6 % of the size, 460 MB/s   (2: default)
//   gzip, levels 3 to 9    zlib: 34.3 % at 32 MB/s (6), 38.2 % at 82 MB/s (1)
//   zstd, levels 1 to 19   libzstd: 32.8 % at 250 MB/s           (3: default)
//
// Measured on 300 MB of a Debian's /usr, one core. ISA-L has a third level,
// half as fast for 1.5 % less, whose bytes differ between processors. With
// these two they are the same on every x86-64 since 2008, so that an image that
// is made twice has one digest. (A newer version of a library may pack
// otherwise: the layer's DiffID stays, its digest does not.)
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "04-images/byte_stream.hpp"
#include "04-images/media_type.hpp"

namespace slipway {

/// Packs a stream. The packed bytes depend on the bytes and the level, not on
/// the pieces in which they come; no name and no time is written.
class Compressor {
  public:
    /// Throws InvalidArgument for a level that there is not.
    Compressor(Compression compression, ByteSink out,
               std::optional<int> level = std::nullopt);
    Compressor(Compressor&&) noexcept;
    Compressor& operator=(Compressor&&) = delete;
    Compressor(const Compressor&) = delete;
    Compressor& operator=(const Compressor&) = delete;
    /// Without finish() the packed stream has no end: nobody takes it for
    /// whole.
    ~Compressor();

    /// Both throw what `out` throws; after that the stream is lost.
    void write(std::string_view bytes);
    void finish();

    /// One way to pack.
    class Packer;

  private:
    std::unique_ptr<Packer> packer_;
};

}  // namespace slipway
