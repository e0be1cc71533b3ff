#include "04-images/byte_stream.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/error.hpp"

namespace slipway {

ByteSource file_source(int fd) {
    return [fd](char* buffer, std::size_t capacity) {
        ssize_t got;
        do got = ::read(fd, buffer, capacity);
        while (got < 0 && errno == EINTR);
        return static_cast<std::size_t>(check(got, "read"));
    };
}

BytePipe::BytePipe(std::size_t capacity) : ring_(capacity, '\0') {}

bool BytePipe::write(std::string_view bytes) {
    std::unique_lock lock(mutex_);
    while (!bytes.empty()) {
        changed_.wait(lock, [&] { return size_ < ring_.size() || abandoned_; });
        if (abandoned_) return false;
        std::size_t at = (begin_ + size_) % ring_.size();
        std::size_t run =
            std::min({bytes.size(), ring_.size() - size_, ring_.size() - at});
        std::memcpy(ring_.data() + at, bytes.data(), run);
        bytes.remove_prefix(run);
        // Only who may be waiting is woken: a wake for each piece costs more
        // than the copy.
        if (size_ == 0) changed_.notify_all();
        size_ += run;
    }
    return true;
}

void BytePipe::finish(std::exception_ptr error) {
    std::lock_guard lock(mutex_);
    finished_ = true;
    error_ = std::move(error);
    changed_.notify_all();
}

std::size_t BytePipe::read(char* buffer, std::size_t capacity) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return size_ != 0 || finished_; });
    if (size_ == 0) {
        if (error_) std::rethrow_exception(error_);
        return 0;
    }
    std::size_t run = std::min({capacity, size_, ring_.size() - begin_});
    std::memcpy(buffer, ring_.data() + begin_, run);
    if (size_ == ring_.size()) changed_.notify_all();
    begin_ = (begin_ + run) % ring_.size();
    size_ -= run;
    return run;
}

void BytePipe::abandon() {
    std::lock_guard lock(mutex_);
    abandoned_ = true;
    changed_.notify_all();
}

}  // namespace slipway
