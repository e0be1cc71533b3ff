#include "05-build/unpack_stream.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <utility>

#include "04-images/decompress.hpp"
#include "04-images/peek.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t piece = 128 << 10;

// bzip2 and xz, by libarchive: "raw" is one entry, whatever is in it.
class LibarchiveStream {
  public:
    explicit LibarchiveStream(ByteSource packed)
        : packed_(std::move(packed)), reader_(::archive_read_new()) {
        if (!reader_) throw std::bad_alloc();
        ::archive_read_support_filter_bzip2(reader_.get());
        ::archive_read_support_filter_xz(reader_.get());
        ::archive_read_support_format_raw(reader_.get());
    }

    std::size_t read(char* buffer, std::size_t capacity) {
        if (!is_open_) open();
        if (at_end_) return 0;
        ssize_t got = ::archive_read_data(reader_.get(), buffer, capacity);
        if (got < 0) fail();
        return static_cast<std::size_t>(got);
    }

  private:
    struct Free {
        void operator()(archive* reader) const { ::archive_read_free(reader); }
    };

    void open() {
        is_open_ = true;
        ::archive_read_open(reader_.get(), this, nullptr, read_from, nullptr);
        archive_entry* entry = nullptr;
        int result = ::archive_read_next_header(reader_.get(), &entry);
        if (result == ARCHIVE_EOF)
            at_end_ = true;
        else if (result != ARCHIVE_OK)
            fail();
    }

    [[noreturn]] void fail() {
        if (failure_) std::rethrow_exception(failure_);
        const char* why = ::archive_error_string(reader_.get());
        throw Error(ErrorKind::DataLoss, cat("unpack: ", why ? why : "broken"));
    }

    static la_ssize_t read_from(archive* reader, void* self,
                                const void** bytes) {
        auto* stream = static_cast<LibarchiveStream*>(self);
        *bytes = stream->input_.data();
        try {
            return static_cast<la_ssize_t>(
                stream->packed_(stream->input_.data(), stream->input_.size()));
        } catch (...) {
            stream->failure_ = std::current_exception();
            ::archive_set_error(reader, EIO, "source failed");
            return -1;
        }
    }

    ByteSource packed_;
    std::string input_ = std::string(piece, '\0');
    std::exception_ptr failure_;  // of the source: not to cross C code
    std::unique_ptr<archive, Free> reader_;
    bool is_open_ = false, at_end_ = false;
};

// The number in a field of a tar's header.
std::uint64_t octal(std::string_view field) {
    std::uint64_t value = 0;
    for (char digit : field) {
        if (digit == ' ') continue;
        if (digit < '0' || digit > '7') break;
        value = value * 8 + static_cast<std::uint64_t>(digit - '0');
    }
    return value;
}

}  // namespace

ByteSource unpacked(ByteSource packed) {
    Peeked begin = peek(std::move(packed));
    using namespace std::string_view_literals;
    if (begin.first.starts_with("BZh") || begin.first.starts_with("\xfd"
                                                                  "7zXZ\0"sv)) {
        auto stream =
            std::make_shared<LibarchiveStream>(std::move(begin.source));
        return [stream](char* buffer, std::size_t capacity) {
            return stream->read(buffer, capacity);
        };
    }
    return decompress(std::move(begin.source), compression_of(begin.first));
}

bool looks_like_tar(std::string_view first_bytes) {
    constexpr std::size_t header = 512, sum_at = 148, sum_size = 8;
    if (first_bytes.size() < header) return false;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < header; ++i)
        sum += i >= sum_at && i < sum_at + sum_size
                   ? ' '
                   : static_cast<unsigned char>(first_bytes[i]);
    // All zeros are the end of a tar without entries, or of no tar at all.
    return first_bytes[0] != '\0' &&
           octal(first_bytes.substr(sum_at, sum_size)) == sum;
}

}  // namespace slipway
