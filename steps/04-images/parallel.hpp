// Several jobs at once, on a few threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

namespace slipway {

struct Job {
    std::size_t index;              ///< which one
    unsigned worker;                ///< on which thread: 0, 1, …
    const std::atomic<bool>& stop;  ///< another failed: no use in going on
};

/// Runs the jobs 0 … count-1, begun in this order, on up to `threads` threads,
/// and returns when all have ended. When one throws, those that run are asked
/// to stop, no other is begun, and the first exception is thrown here.
void run_parallel(std::size_t count, unsigned threads,
                  const std::function<void(const Job& job)>& run);

}  // namespace slipway
