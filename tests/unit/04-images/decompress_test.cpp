#include "04-images/decompress.hpp"

#include <zlib.h>

#include <random>
#include <string>

#include "common/error.hpp"
#include "unit/04-images/packed_fixture.hpp"
#include "unit/04-images/stream_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

std::string unpacked(const std::string& packed, Compression compression,
                     std::size_t in = 1 << 20, std::size_t out = 1 << 16) {
    return all_of(decompress(source_from(packed, in), compression), out);
}

std::string gunzipped(const std::string& packed) {
    return unpacked(packed, Compression::Gzip);
}

std::string unzstd(const std::string& packed) {
    return unpacked(packed, Compression::Zstd);
}

ErrorKind kind_of(const std::string& packed, Compression compression) {
    try {
        (void)unpacked(packed, compression);
    } catch (const Error& error) {
        return error.kind();
    }
    FAIL("unpacked");
    return ErrorKind::System;
}

// Some of it repeats, some does not.
std::string mixed(std::size_t size, unsigned seed = 1) {
    std::mt19937 random(seed);
    std::string bytes;
    while (bytes.size() < size)
        if (random() % 4 != 0 && bytes.size() > 300)
            bytes += bytes.substr(random() % (bytes.size() - 300), 300);
        else
            bytes += static_cast<char>(random());
    bytes.resize(size);
    return bytes;
}

}  // namespace

TEST_CASE("gzip and zstd are unpacked, in pieces of any size") {
    std::string small = mixed(5000), large = mixed(700'000);
    for (int level : {0, 1, 9})
        CHECK(gunzipped(gzipped(large, level)) == large);
    CHECK(unzstd(zstd_packed(large)) == large);
    CHECK(gunzipped(gzipped("")) == "");
    CHECK(unzstd(zstd_packed("")) == "");
    for (std::size_t in : {1, 7, 511})
        for (std::size_t out : {1, 13, 4096}) {
            CHECK(unpacked(gzipped(small), Compression::Gzip, in, out) ==
                  small);
            CHECK(unpacked(zstd_packed(small), Compression::Zstd, in, out) ==
                  small);
        }
}

TEST_CASE("without compression the bytes pass") {
    CHECK(unpacked("plain", Compression::None) == "plain");
    CHECK(unpacked("", Compression::None) == "");
}

TEST_CASE("case 41: several members or frames are one stream") {
    std::string large = mixed(200'000);
    std::string gzip = gzipped("one") + gzipped("") + gzipped(large);
    std::string zstd =
        zstd_packed("one") + zstd_packed("") + zstd_packed(large);
    for (std::size_t in : {1, 3, 1 << 20}) {
        CHECK(unpacked(gzip, Compression::Gzip, in) == "one" + large);
        CHECK(unpacked(zstd, Compression::Zstd, in) == "one" + large);
    }
    // zstd:chunked and eStargz put tables behind the bytes in this way.
    std::string skipped = std::string("\x50\x2a\x4d\x18\3\0\0\0abc", 11);
    CHECK(unzstd(skipped + zstd_packed("one") + skipped) == "one");
    CHECK(compression_of(skipped) == Compression::Zstd);
}

TEST_CASE("a gzip header with all its fields is passed over") {
    std::string plain = gzipped("text"), extra(40'000, 'x');
    std::string header("\x1f\x8b\x08\x1e\0\0\0\0\0\3", 10);
    header += static_cast<char>(extra.size() % 256);
    header += static_cast<char>(extra.size() / 256);
    header += extra + std::string("a name\0a comment\0", 17);
    auto sum = ::crc32(0, reinterpret_cast<const Bytef*>(header.data()),
                       static_cast<uInt>(header.size()));
    std::string checked =
        header + static_cast<char>(sum) + static_cast<char>(sum >> 8);
    std::string packed = checked + plain.substr(10);
    for (std::size_t in : {1, 100, 1 << 20})
        CHECK(unpacked(packed + packed, Compression::Gzip, in) == "texttext");
    // And its own checksum is one.
    CHECK_THROWS_WITH(gunzipped(header + "xx" + plain.substr(10)),
                      "gzip: wrong checksum");
}

TEST_CASE("case 42: what ends early is refused, wherever it ends") {
    std::string bytes = mixed(3000);
    std::string gzip = gzipped(bytes), zstd = zstd_packed(bytes);
    for (std::size_t size = 0; size < gzip.size(); ++size)
        REQUIRE(kind_of(gzip.substr(0, size), Compression::Gzip) ==
                ErrorKind::DataLoss);
    for (std::size_t size = 0; size < zstd.size(); ++size)
        REQUIRE(kind_of(zstd.substr(0, size), Compression::Zstd) ==
                ErrorKind::DataLoss);
    CHECK_THROWS_WITH(gunzipped(gzip.substr(0, 100)), "gzip: ends early");
    CHECK_THROWS_WITH(unzstd(zstd.substr(0, 100)), "zstd: ends early");
    CHECK_THROWS_WITH(gunzipped(gzip + gzip.substr(0, 5)), "gzip: ends early");
}

TEST_CASE("case 42: a wrong checksum is refused") {
    std::string bytes = mixed(3000);
    std::string gzip = gzipped(bytes), zstd = zstd_packed(bytes);
    for (std::size_t from_end : {1, 5}) {  // the size, and the checksum
        std::string wrong = gzip;
        wrong[wrong.size() - from_end] ^= 1;
        CHECK_THROWS_WITH(gunzipped(wrong), "gzip: wrong checksum");
    }
    zstd.back() ^= 1;
    CHECK_THROWS_WITH(unzstd(zstd), ContainsSubstring("checksum"));
}

TEST_CASE("case 42: other bytes behind the end are refused, zeros too") {
    for (std::string tail : {std::string(1, '\0'), std::string(512, '\0'),
                             std::string("PK\3\4 and more of it")}) {
        CHECK(kind_of(gzipped("text") + tail, Compression::Gzip) ==
              ErrorKind::DataLoss);
        CHECK(kind_of(zstd_packed("text") + tail, Compression::Zstd) ==
              ErrorKind::DataLoss);
    }
    CHECK_THROWS_WITH(gunzipped(gzipped("text") + "PK\3\4 and more of it"),
                      "gzip: other bytes behind its end");
    CHECK_THROWS_WITH(gunzipped("PK\3\4 and more of it"), "not a gzip stream");
}

TEST_CASE("no bit of a packed stream can be changed without notice") {
    std::string bytes = mixed(400);
    auto same_or_refused = [&](const std::string& packed, Compression how) {
        try {
            return unpacked(packed, how) == bytes;
        } catch (const Error& error) {
            return error.kind() == ErrorKind::DataLoss ||
                   error.kind() == ErrorKind::Unsupported;
        }
    };
    std::string gzip = gzipped(bytes), zstd = zstd_packed(bytes);
    for (std::size_t bit = 0; bit < gzip.size() * 8; ++bit) {
        std::string wrong = gzip;
        wrong[bit / 8] ^= static_cast<char>(1 << bit % 8);
        REQUIRE(same_or_refused(wrong, Compression::Gzip));
    }
    for (std::size_t bit = 0; bit < zstd.size() * 8; ++bit) {
        std::string wrong = zstd;
        wrong[bit / 8] ^= static_cast<char>(1 << bit % 8);
        REQUIRE(same_or_refused(wrong, Compression::Zstd));
    }
}

TEST_CASE("case 41: a bomb comes out piece by piece") {
    std::string bomb = gzipped(std::string(100'000'000, '\0'));
    REQUIRE(bomb.size() < 200'000);
    ByteSource source = decompress(source_from(bomb), Compression::Gzip);
    std::string buffer(4096, '\0');
    for (int i = 0; i < 1000; ++i)
        REQUIRE(source(buffer.data(), buffer.size()) <= buffer.size());
}

TEST_CASE("case 41: a zstd window of more than 128 MiB is refused") {
    CHECK(unzstd(zstd_packed("text", 27)) == "text");
    CHECK(kind_of(zstd_packed("text", 28), Compression::Zstd) ==
          ErrorKind::Unsupported);
    // By hand: a window of 2 GiB, one last block without bytes.
    std::string two_gigabytes("\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00", 9);
    CHECK(kind_of(two_gigabytes, Compression::Zstd) == ErrorKind::Unsupported);
}

TEST_CASE("an error further up comes through") {
    for (Compression how : {Compression::Gzip, Compression::Zstd}) {
        ByteSource broken = [](char*, std::size_t) -> std::size_t {
            throw Error(ErrorKind::Unavailable, "gone");
        };
        CHECK_THROWS_WITH(all_of(decompress(broken, how)), "gone");
    }
}

TEST_CASE("a stream ends, and has ended when asked again") {
    for (Compression how : {Compression::Gzip, Compression::Zstd}) {
        std::string packed =
            how == Compression::Gzip ? gzipped("a") : zstd_packed("a");
        ByteSource source = decompress(source_from(packed), how);
        CHECK(all_of(source) == "a");
        CHECK(all_of(source) == "");
    }
}

TEST_CASE("the first bytes tell the compression") {
    CHECK(compression_of(gzipped("a")) == Compression::Gzip);
    CHECK(compression_of(zstd_packed("a")) == Compression::Zstd);
    CHECK(compression_of("etc/passwd") == Compression::None);
    CHECK(compression_of("") == Compression::None);
    CHECK(compression_of("\x28\xb5\x2f") == Compression::None);
}
