#include "04-images/compress.hpp"

#include <isa-l/igzip_lib.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

class Compressor::Packer {
  public:
    explicit Packer(ByteSink out) : out_(std::move(out)) {}
    Packer(const Packer&) = delete;
    Packer& operator=(const Packer&) = delete;
    virtual ~Packer() = default;
    /// `last`: nothing comes after these bytes, which may be none.
    virtual void pack(std::string_view bytes, bool last) = 0;

  protected:
    void give(std::string_view bytes) {
        if (!bytes.empty()) out_(bytes);
    }

  private:
    ByteSink out_;
};

namespace {

constexpr std::size_t block_size = 128UL * 1024;

class Plain : public Compressor::Packer {
  public:
    using Packer::Packer;
    void pack(std::string_view bytes, bool) override { give(bytes); }
};

// What ISA-L makes of bytes depends on where its input is cut, so it is always
// cut at the same places.
class InBlocks : public Compressor::Packer {
  public:
    using Packer::Packer;

    void pack(std::string_view bytes, bool last) override {
        while (!bytes.empty()) {
            if (block_.size() == block_size) pack_block(false);
            std::size_t room = block_size - block_.size();
            block_.append(bytes.substr(0, room));
            bytes.remove_prefix(std::min(room, bytes.size()));
        }
        if (last) pack_block(true);
    }

  protected:
    /// Takes all of `in`. Neither library writes to it.
    virtual void pack_whole(std::string& in, bool last) = 0;
    std::string packed_ = std::string(block_size, '\0');

  private:
    void pack_block(bool last) {
        pack_whole(block_, last);
        block_.clear();
    }
    std::string block_;
};

unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

class FastGzip : public InBlocks {
  public:
    FastGzip(ByteSink out, int level)
        : InBlocks(std::move(out)),
          scratch_(level == 1 ? ISAL_DEF_LVL1_DEFAULT : ISAL_DEF_LVL2_DEFAULT,
                   '\0') {
        ::isal_deflate_init(&stream_);
        stream_.level = static_cast<std::uint32_t>(level);
        stream_.level_buf = bytes_of(scratch_);
        stream_.level_buf_size = static_cast<std::uint32_t>(scratch_.size());
        stream_.gzip_flag = IGZIP_GZIP;
    }

  protected:
    void pack_whole(std::string& in, bool last) override {
        stream_.next_in = bytes_of(in);
        stream_.avail_in = static_cast<std::uint32_t>(in.size());
        stream_.end_of_stream = last;
        do {
            stream_.next_out = bytes_of(packed_);
            stream_.avail_out = static_cast<std::uint32_t>(packed_.size());
            if (int result = ::isal_deflate(&stream_); result != COMP_OK)
                throw Error(ErrorKind::System, cat("gzip: error ", result));
            give({packed_.data(), packed_.size() - stream_.avail_out});
        } while (stream_.avail_out == 0);
    }

  private:
    std::string scratch_;
    isal_zstream stream_{};
};

class SmallGzip : public InBlocks {
  public:
    SmallGzip(ByteSink out, int level) : InBlocks(std::move(out)) {
        constexpr int gzip_wrapper = 15 + 16;
        if (::deflateInit2(&stream_, level, Z_DEFLATED, gzip_wrapper, 8,
                           Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::bad_alloc();
    }
    SmallGzip(const SmallGzip&) = delete;
    SmallGzip& operator=(const SmallGzip&) = delete;
    ~SmallGzip() override { ::deflateEnd(&stream_); }

  protected:
    void pack_whole(std::string& in, bool last) override {
        stream_.next_in = bytes_of(in);
        stream_.avail_in = static_cast<uInt>(in.size());
        do {
            stream_.next_out = bytes_of(packed_);
            stream_.avail_out = static_cast<uInt>(packed_.size());
            ::deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
            give({packed_.data(), packed_.size() - stream_.avail_out});
        } while (stream_.avail_out == 0);
    }

  private:
    z_stream stream_{};
};

class Zstd : public InBlocks {
  public:
    Zstd(ByteSink out, int level)
        : InBlocks(std::move(out)), stream_(::ZSTD_createCCtx()) {
        if (!stream_) throw std::bad_alloc();
        set(ZSTD_c_compressionLevel, level);
        set(ZSTD_c_checksumFlag, 1);
    }
    Zstd(const Zstd&) = delete;
    Zstd& operator=(const Zstd&) = delete;
    ~Zstd() override { ::ZSTD_freeCCtx(stream_); }

  protected:
    void pack_whole(std::string& in, bool last) override {
        ZSTD_inBuffer from{in.data(), in.size(), 0};
        std::size_t left = 0;
        do {
            ZSTD_outBuffer to{packed_.data(), packed_.size(), 0};
            left = checked(::ZSTD_compressStream2(
                stream_, &to, &from, last ? ZSTD_e_end : ZSTD_e_continue));
            give({packed_.data(), to.pos});
        } while (last ? left != 0 : from.pos < from.size);
    }

  private:
    static std::size_t checked(std::size_t result) {
        if (::ZSTD_isError(result))
            throw Error(ErrorKind::System,
                        cat("zstd: ", ::ZSTD_getErrorName(result)));
        return result;
    }
    void set(ZSTD_cParameter parameter, int value) {
        checked(::ZSTD_CCtx_setParameter(stream_, parameter, value));
    }
    ZSTD_CCtx* stream_;
};

int level_within(std::optional<int> level, int otherwise, int highest,
                 std::string_view what) {
    int chosen = level.value_or(otherwise);
    if (chosen < 1 || chosen > highest)
        throw Error(ErrorKind::InvalidArgument,
                    cat(what, " has levels 1 to ", highest, ", not ", chosen));
    return chosen;
}

std::unique_ptr<Compressor::Packer> make_packer(Compression compression,
                                                ByteSink out,
                                                std::optional<int> level) {
    if (compression == Compression::Gzip) {
        int chosen = level_within(level, 2, 9, "gzip");
        if (chosen <= 2)
            return std::make_unique<FastGzip>(std::move(out), chosen);
        return std::make_unique<SmallGzip>(std::move(out), chosen);
    }
    if (compression == Compression::Zstd)
        return std::make_unique<Zstd>(std::move(out),
                                      level_within(level, 3, 19, "zstd"));
    if (level)
        throw Error(ErrorKind::InvalidArgument,
                    "a level, but the layer is not to be compressed");
    return std::make_unique<Plain>(std::move(out));
}

}  // namespace

Compressor::Compressor(Compression compression, ByteSink out,
                       std::optional<int> level)
    : packer_(make_packer(compression, std::move(out), level)) {}
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor::~Compressor() = default;

void Compressor::write(std::string_view bytes) {
    packer_->pack(bytes, false);
}

void Compressor::finish() {
    packer_->pack({}, true);
}

}  // namespace slipway
