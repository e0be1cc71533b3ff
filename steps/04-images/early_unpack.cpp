#include "04-images/early_unpack.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "04-images/layer_snapshot.hpp"
#include "04-images/media_type.hpp"
#include "04-images/store_folder.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

constexpr std::size_t most_threads = 4;

// ".../HEX", "HEX.tar"
std::optional<Digest> digest_in(const std::string& name) {
    std::string hex = name.substr(name.rfind('/') + 1);
    if (hex.ends_with(".tar")) hex.resize(hex.size() - 4);
    if (!is_blob_name(hex)) return {};
    return Digest::parse("sha256:" + hex);
}

// The magic of POSIX and of GNU. Source: tar(5), "POSIX ustar Archives".
bool is_tar(std::string_view begin) {
    constexpr std::size_t place = 257;
    return begin.size() > place && begin.substr(place).starts_with("ustar");
}

std::exception_ptr not_a_layer() {
    return std::make_exception_ptr(
        Error(ErrorKind::Cancelled, "the archive has no such layer"));
}

}  // namespace

EarlyUnpack::EarlyUnpack(Snapshots& snapshots, const UnpackOptions& options,
                         ProgressSink progress)
    : snapshots_(snapshots),
      options_(options),
      progress_(std::move(progress)) {}

EarlyUnpack::~EarlyUnpack() {
    wait();
}

void EarlyUnpack::wait() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

bool EarlyUnpack::has_made(const Digest& tar) const {
    return std::find(made_.begin(), made_.end(), tar) != made_.end();
}

void EarlyUnpack::unpack(const Digest& tar, std::uint64_t size,
                         BytePipe& pipe) {
    ImageLayer layer{{std::string(oci_layer_type), tar, size}, tar};
    make_snapshot(
        snapshots_, layer,
        [&](char* buffer, std::size_t capacity) {
            return pipe.read(buffer, capacity);
        },
        options_, progress_);
    std::lock_guard<std::mutex> lock(mutex_);
    made_.push_back(tar);
}

std::shared_ptr<BytePipe> EarlyUnpack::begin(const Digest& tar,
                                             std::uint64_t size) {
    if (snapshots_.has(tar)) return {};
    if (threads_.size() == most_threads) {
        threads_.front().join();
        threads_.pop_front();
    }
    constexpr std::size_t bytes_ahead = 1 << 20;
    auto pipe = std::make_shared<BytePipe>(bytes_ahead);
    threads_.emplace_back([this, tar, size, pipe] {
        try {
            unpack(tar, size, *pipe);
        } catch (const std::exception&) {
            // It was no layer, or unpack_image() will say what is wrong.
        }
        pipe->abandon();
    });
    return pipe;
}

EarlyLayer::EarlyLayer(EarlyUnpack* early, const std::string& name,
                       std::uint64_t size)
    : early_(early), size_(size) {
    if (early) tar_ = digest_in(name);
}

EarlyLayer::~EarlyLayer() {
    if (pipe_) pipe_->finish(not_a_layer());
}

void EarlyLayer::write(std::string_view bytes) {
    if (tar_ && !pipe_) {
        if (is_tar(bytes)) pipe_ = early_->begin(*tar_, size_);
        if (!pipe_) tar_.reset();  // it is no layer, or one that is there
    }
    if (pipe_) pipe_->write(bytes);
}

void EarlyLayer::finish(const Digest& found) {
    if (!pipe_) return;
    pipe_->finish(found == tar_ ? nullptr : not_a_layer());
    pipe_.reset();
}

}  // namespace slipway
