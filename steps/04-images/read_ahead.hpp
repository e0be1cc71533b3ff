// ReadAhead: a stage of the work on a thread of its own.
#pragma once

#include <thread>

#include "04-images/byte_stream.hpp"

namespace slipway {

/// Reads `source` on another thread, up to `capacity` bytes ahead of who reads
/// from here. What `source` throws is thrown there.
class ReadAhead {
  public:
    ReadAhead(ByteSource source, std::size_t capacity);
    ReadAhead(const ReadAhead&) = delete;
    ReadAhead& operator=(const ReadAhead&) = delete;
    /// Waits until `source` returns once more, and drops what it brought.
    ~ReadAhead();

    /// Valid as long as this lives.
    ByteSource source();

  private:
    void run();
    ByteSource source_;
    BytePipe pipe_;
    std::thread thread_;  // last: it uses the others
};

}  // namespace slipway
