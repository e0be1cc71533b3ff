#include "04-images/decompress.hpp"

#include <isa-l/igzip_lib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t input_size = std::size_t{128} * 1024;
constexpr int largest_window_log = 27;  // 128 MiB

[[noreturn]] void throw_broken(std::string_view what) {
    throw Error(ErrorKind::DataLoss, what);
}

class Gunzip {
  public:
    explicit Gunzip(ByteSource packed) : packed_(std::move(packed)) {
        ::isal_inflate_init(state_.get());
    }

    std::size_t read(char* buffer, std::size_t capacity) {
        state_->next_out = reinterpret_cast<std::uint8_t*>(buffer);
        state_->avail_out = static_cast<std::uint32_t>(std::min<std::size_t>(
            capacity, std::numeric_limits<std::uint32_t>::max()));
        std::uint32_t room = state_->avail_out;
        while (state_->avail_out == room) {
            bool more = state_->avail_in != 0 || refill();
            if (!in_member_ && !more && members_ != 0) return 0;
            if (!in_member_) begin_member();
            inflate();
            // Without input there may still be output that waits inside.
            if (in_member_ && !more && state_->avail_out == room)
                throw_broken("gzip: ends early");
        }
        return room - state_->avail_out;
    }

  private:
    bool refill() {
        std::size_t got = packed_(input_.data(), input_.size());
        state_->next_in = reinterpret_cast<std::uint8_t*>(input_.data());
        state_->avail_in = static_cast<std::uint32_t>(got);
        return got != 0;
    }

    void begin_member() {
        ::isal_inflate_reset(state_.get());
        state_->crc_flag = ISAL_GZIP_NO_HDR_VER;  // check the trailer
        ::isal_gzip_header_init(&header_);
        in_member_ = in_header_ = true;
        ++members_;
    }

    // isal_inflate() would read the header, too, but forgets between two calls
    // what the header has: https://www.rfc-editor.org/rfc/rfc1952 2.3.1.
    int go_on() {
        if (!in_header_) return ::isal_inflate(state_.get());
        int result = ::isal_read_gzip_header(state_.get(), &header_);
        if (result == ISAL_END_INPUT) return ISAL_DECOMP_OK;
        in_header_ = false;
        return result;
    }

    void inflate() {
        int result = go_on();
        if (result == ISAL_INCORRECT_CHECKSUM)
            throw_broken("gzip: wrong checksum");
        if (result == ISAL_INVALID_WRAPPER || result == ISAL_UNSUPPORTED_METHOD)
            throw_broken(members_ == 1 ? "not a gzip stream"
                                       : "gzip: other bytes behind its end");
        if (result != ISAL_DECOMP_OK) throw_broken("gzip: broken");
        if (state_->block_state == ISAL_BLOCK_FINISH) in_member_ = false;
    }

    ByteSource packed_;
    std::string input_ = std::string(input_size, '\0');
    std::unique_ptr<inflate_state> state_ = std::make_unique<inflate_state>();
    isal_gzip_header header_{};
    bool in_member_ = false, in_header_ = false;
    std::uint64_t members_ = 0;
};

class Unzstd {
  public:
    explicit Unzstd(ByteSource packed)
        : packed_(std::move(packed)), context_(::ZSTD_createDCtx()) {
        if (!context_) throw_errno(ENOMEM, "zstd");
        check_zstd(::ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax,
                                            largest_window_log));
    }

    std::size_t read(char* buffer, std::size_t capacity) {
        ZSTD_outBuffer output{buffer, capacity, 0};
        while (output.pos == 0) {
            if (input_.pos == input_.size && !output_waits_ && !refill()) {
                if (in_frame_) throw_broken("zstd: ends early");
                return 0;
            }
            std::size_t wanted = check_zstd(
                ::ZSTD_decompressStream(context_.get(), &output, &input_));
            in_frame_ = wanted != 0;
            output_waits_ = in_frame_ && output.pos == output.size;
        }
        return output.pos;
    }

  private:
    struct FreeContext {
        void operator()(ZSTD_DCtx* context) const { ::ZSTD_freeDCtx(context); }
    };

    bool refill() {
        input_ = {bytes_.data(), packed_(bytes_.data(), bytes_.size()), 0};
        return input_.size != 0;
    }

    static std::size_t check_zstd(std::size_t result) {
        if (!::ZSTD_isError(result)) return result;
        if (::ZSTD_getErrorCode(result) ==
            ZSTD_error_frameParameter_windowTooLarge)
            throw Error(ErrorKind::Unsupported,
                        "zstd: needs a window of more than 128 MiB")
                .advise("pack it anew, without --ultra and --long");
        throw_broken(cat("zstd: ", ::ZSTD_getErrorName(result)));
    }

    ByteSource packed_;
    std::string bytes_ = std::string(input_size, '\0');
    ZSTD_inBuffer input_{nullptr, 0, 0};
    std::unique_ptr<ZSTD_DCtx, FreeContext> context_;
    bool in_frame_ = true;  // no frame at all is one that ends early
    bool output_waits_ = false;
};

// std::function wants what can be copied.
template <class Stage>
ByteSource source_of(std::shared_ptr<Stage> stage) {
    return [stage](char* buffer, std::size_t capacity) {
        return stage->read(buffer, capacity);
    };
}

}  // namespace

ByteSource decompress(ByteSource packed, Compression compression) {
    switch (compression) {
        case Compression::Gzip:
            return source_of(std::make_shared<Gunzip>(std::move(packed)));
        case Compression::Zstd:
            return source_of(std::make_shared<Unzstd>(std::move(packed)));
        case Compression::None:
            break;
    }
    return packed;
}

Compression compression_of(std::string_view first_bytes) {
    if (first_bytes.starts_with("\x1f\x8b")) return Compression::Gzip;
    if (first_bytes.starts_with("\x28\xb5\x2f\xfd")) return Compression::Zstd;
    // A zstd frame to be skipped, 184D2A50 to 5F, in front of the others.
    if (first_bytes.size() >= 4 && (first_bytes[0] & 0xf0) == 0x50 &&
        first_bytes.substr(1, 3) == "\x2a\x4d\x18")
        return Compression::Zstd;
    return Compression::None;
}

}  // namespace slipway
