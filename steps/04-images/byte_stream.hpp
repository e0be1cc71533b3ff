// Byte streams: how bytes go from one stage of the work to the next, so that
// nothing is ever whole in memory or written twice.
//
//   download ──▶ ingest ──pipe──▶ decompress ──▶ hash ──▶ unpack
//     (pushes, on one thread)       (pulls, on another)
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace slipway {

/// Up to `capacity` (not 0) bytes into `buffer`, and how many; 0 at the end,
/// and again when asked again. Throws what went wrong further up.
using ByteSource =
    std::function<std::size_t(char* buffer, std::size_t capacity)>;

/// Takes bytes; throws to end the stream.
using ByteSink = std::function<void(std::string_view bytes)>;

/// Reads an open file, which is borrowed, from where it stands.
ByteSource file_source(int fd);

/// A pipe between two threads of one process: bounded, so that a fast writer
/// waits for a slow reader. Each end tells the other one how it ended.
class BytePipe {
  public:
    /// How many bytes may wait in it.
    explicit BytePipe(std::size_t capacity);
    BytePipe(const BytePipe&) = delete;
    BytePipe& operator=(const BytePipe&) = delete;
    ~BytePipe() = default;

    // The writer's end.
    /// Waits for room. False when the reader is gone: nobody wants the bytes.
    bool write(std::string_view bytes);
    /// The end of the stream; with an error, the reader gets it thrown.
    void finish(std::exception_ptr error = nullptr);

    // The reader's end: a ByteSource.
    /// Waits for bytes.
    std::size_t read(char* buffer, std::size_t capacity);
    /// The reader goes: a writer that waits is let go.
    void abandon();

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string ring_;
    std::size_t begin_ = 0, size_ = 0;
    bool finished_ = false, abandoned_ = false;
    std::exception_ptr error_;
};

}  // namespace slipway
