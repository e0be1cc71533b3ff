// Packing, by others than those who unpack where there are others.
#pragma once

#include <zlib.h>
#include <zstd.h>

#include <string>
#include <string_view>

namespace slipway {

inline std::string gzipped(std::string_view bytes, int level = 6) {
    z_stream stream{};
    ::deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string packed(::deflateBound(&stream, bytes.size()) + 32, '\0');
    std::string copy(bytes);  // zlib takes no const
    stream.next_in = reinterpret_cast<Bytef*>(copy.data());
    stream.avail_in = static_cast<uInt>(copy.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    ::deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    ::deflateEnd(&stream);
    return packed;
}

/// With a checksum, as zstd's tool writes it.
inline std::string zstd_packed(std::string_view bytes, int window_log = 0) {
    ZSTD_CCtx* context = ::ZSTD_createCCtx();
    ::ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    ::ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
    // The size unknown, as in a stream: otherwise the window shrinks to it.
    std::string packed(::ZSTD_compressBound(bytes.size()) + 64, '\0');
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    ZSTD_outBuffer output{packed.data(), packed.size(), 0};
    ::ZSTD_compressStream2(context, &output, &input, ZSTD_e_flush);
    ::ZSTD_compressStream2(context, &output, &input, ZSTD_e_end);
    packed.resize(output.pos);
    ::ZSTD_freeCCtx(context);
    return packed;
}

}  // namespace slipway
