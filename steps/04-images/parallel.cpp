#include "04-images/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace slipway {

void run_parallel(std::size_t count, unsigned threads,
                  const std::function<void(const Job& job)>& run) {
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> stop = false;
    std::mutex mutex;
    std::exception_ptr failure;
    auto work = [&](unsigned worker) {
        try {
            for (std::size_t index; !stop && (index = next++) < count;)
                run({index, worker, stop});
        } catch (...) {
            std::lock_guard lock(mutex);
            if (!failure) failure = std::current_exception();
            stop = true;
        }
    };
    {
        std::vector<std::jthread> others;
        unsigned used = static_cast<unsigned>(
            std::min<std::size_t>(std::max(threads, 1U), count));
        for (unsigned worker = 1; worker < used; ++worker)
            others.emplace_back([&work, worker] { work(worker); });
        work(0);
    }  // all have ended
    if (failure) std::rethrow_exception(failure);
}

}  // namespace slipway
