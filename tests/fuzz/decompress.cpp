// Packed bytes. What ISA-L makes of gzip must be what zlib makes of it.
#include "04-images/decompress.hpp"

#include <zlib.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/error.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/unit/04-images/packed_fixture.hpp"
#include "tests/unit/04-images/stream_fixture.hpp"

using namespace slipway;

namespace {

constexpr std::size_t most = 64 * 1024;

std::optional<std::string> ours(const std::string& packed, Compression how,
                                std::size_t piece) {
    ByteSource source = decompress(source_from(packed, piece), how);
    std::string bytes, buffer(4096, '\0');
    try {
        while (std::size_t got = source(buffer.data(), buffer.size())) {
            bytes.append(buffer, 0, got);
            if (bytes.size() > most) break;
        }
    } catch (const Error& error) {
        must(error.kind() == ErrorKind::DataLoss ||
             error.kind() == ErrorKind::Unsupported);
        return std::nullopt;
    }
    return bytes;
}

// One member, and nothing behind it.
std::optional<std::string> zlibs(std::string packed) {
    z_stream stream{};
    must(::inflateInit2(&stream, 15 + 16) == Z_OK);
    static std::string bytes(most, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
    stream.avail_out = static_cast<uInt>(bytes.size());
    bool good =
        ::inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0;
    ::inflateEnd(&stream);
    if (!good) return std::nullopt;
    return bytes.substr(0, stream.total_out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    std::string bytes(reinterpret_cast<const char*>(data), size);
    std::size_t piece = size == 0 ? 1 : 1 + data[0] % 64;
    for (const std::string& packed : {bytes, "\x1f\x8b\x08" + bytes}) {
        auto whole = ours(packed, Compression::Gzip, size + 3);
        must(ours(packed, Compression::Gzip, piece) == whole);
        if (auto other = zlibs(packed)) must(whole == other);
    }
    must(ours(gzipped(bytes, size % 10), Compression::Gzip, piece) == bytes);
    must(ours(zstd_packed(bytes, 10), Compression::Zstd, piece) == bytes);
    for (const std::string& packed : {bytes, "\x28\xb5\x2f\xfd" + bytes})
        must(ours(packed, Compression::Zstd, size + 4) ==
             ours(packed, Compression::Zstd, piece));
    return 0;
}
