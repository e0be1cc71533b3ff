#include "04-images/read_ahead.hpp"

#include <utility>
#include <vector>

namespace slipway {

ReadAhead::ReadAhead(ByteSource source, std::size_t capacity)
    : source_(std::move(source)), pipe_(capacity), thread_([this] { run(); }) {}

ReadAhead::~ReadAhead() {
    pipe_.abandon();
    thread_.join();
}

ByteSource ReadAhead::source() {
    return [this](char* buffer, std::size_t capacity) {
        return pipe_.read(buffer, capacity);
    };
}

void ReadAhead::run() {
    constexpr std::size_t piece = 128 << 10;
    try {
        std::vector<char> buffer(piece);
        while (std::size_t got = source_(buffer.data(), buffer.size()))
            if (!pipe_.write({buffer.data(), got})) return;
        pipe_.finish();
    } catch (...) {
        pipe_.finish(std::current_exception());
    }
}

}  // namespace slipway
