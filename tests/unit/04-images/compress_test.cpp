#include "04-images/compress.hpp"

#include <algorithm>

#include "04-images/digest.hpp"
#include "common/error.hpp"
#include "common/text.hpp"
#include "unit/04-images/read_tar_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

std::string pack(std::string_view bytes, Compression compression,
                 std::optional<int> level = {}, std::size_t piece = SIZE_MAX) {
    std::string packed;
    Compressor compressor(
        compression, [&](std::string_view more) { packed += more; }, level);
    while (!bytes.empty()) {
        compressor.write(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
    }
    compressor.finish();
    return packed;
}

// By libarchive, which unpacks gzip with zlib.
std::string unpack(std::string_view packed) {
    test::Reader reader(::archive_read_new(), ::archive_read_free);
    ::archive_read_support_filter_all(reader.get());
    ::archive_read_support_format_raw(reader.get());
    ::archive_read_support_format_empty(reader.get());
    ::archive_read_open_memory(reader.get(), packed.data(), packed.size());
    archive_entry* entry = nullptr;
    int result = ::archive_read_next_header(reader.get(), &entry);
    if (result == ARCHIVE_EOF) return "";
    if (result != ARCHIVE_OK)
        throw Error(ErrorKind::DataLoss, ::archive_error_string(reader.get()));
    return test::read_data(reader.get());
}

// Text that packs, and some that does not.
std::string sample(std::size_t size) {
    std::string text;
    for (int line = 0; text.size() < size; ++line)
        text += cat("a line like others ", Digest::of(cat(line)).hex(), "\n");
    text.resize(size);
    return text;
}

}  // namespace

TEST_CASE("what is packed can be unpacked") {
    for (std::size_t size : {0UL, 1UL, 131072UL, 131073UL, 3000000UL}) {
        std::string text = sample(size);
        CAPTURE(size);
        CHECK(pack(text, Compression::None) == text);
        for (int level : {1, 2, 3, 6})
            CHECK(unpack(pack(text, Compression::Gzip, level)) == text);
        for (int level : {1, 3, 9})
            CHECK(unpack(pack(text, Compression::Zstd, level)) == text);
    }
}

TEST_CASE("the packed bytes do not depend on the pieces") {
    std::string text = sample(700000);
    for (Compression compression : {Compression::Gzip, Compression::Zstd}) {
        for (int level : {1, 2, 3, 9}) {
            CAPTURE(level);
            std::string whole = pack(text, compression, level);
            CHECK(pack(text, compression, level, 4096) == whole);
            CHECK(pack(text, compression, level, 70001) == whole);
            CHECK(pack(text, compression, level) == whole);
        }
        CHECK(pack(text, compression, {}, 7) == pack(text, compression));
    }
}

TEST_CASE("a gzip header says neither name nor time") {
    for (int level : {1, 2, 6}) {
        std::string packed = pack("x", Compression::Gzip, level);
        CHECK(packed.substr(0, 8) ==
              std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00", 8));
    }
}

TEST_CASE("a level that there is not") {
    auto with = [](Compression compression, int level) {
        pack("x", compression, level);
    };
    CHECK_THROWS_WITH(with(Compression::Gzip, 0),
                      "gzip has levels 1 to 9, not 0");
    CHECK_THROWS_WITH(with(Compression::Gzip, 10), ContainsSubstring("not 10"));
    CHECK_THROWS_WITH(with(Compression::Zstd, 20),
                      "zstd has levels 1 to 19, not 20");
    CHECK_THROWS_WITH(with(Compression::None, 1),
                      ContainsSubstring("not to be compressed"));
}

TEST_CASE("what the sink throws comes through; without an end there is none") {
    auto full = [](std::string_view) {
        throw Error(ErrorKind::System, "disk full");
    };
    for (Compression compression :
         {Compression::None, Compression::Gzip, Compression::Zstd}) {
        Compressor compressor(compression, full);
        auto all = [&] {
            compressor.write(sample(1000));
            compressor.finish();
        };
        CHECK_THROWS_WITH(all(), "disk full");
    }
    std::string packed;
    {
        Compressor compressor(Compression::Gzip,
                              [&](std::string_view more) { packed += more; });
        compressor.write(sample(500000));
    }
    CHECK_FALSE(packed.empty());
    CHECK_THROWS_AS(unpack(packed), Error);
}
