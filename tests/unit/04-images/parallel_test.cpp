#include "04-images/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("each job is run once, on no more threads than were given") {
    for (unsigned threads : {0U, 1U, 3U, 100U}) {
        std::atomic<int> runs[20] = {};
        std::atomic<unsigned> highest = 0;
        run_parallel(20, threads, [&](const Job& job) {
            ++runs[job.index];
            unsigned seen = highest;
            while (job.worker > seen &&
                   !highest.compare_exchange_weak(seen, job.worker)) {
            }
        });
        for (auto& count : runs) CHECK(count == 1);
        CHECK(highest < std::max(threads, 1U));
    }
    run_parallel(0, 4, [](const Job&) { FAIL("there is none"); });
}

TEST_CASE("one that throws stops the others") {
    std::atomic<int> ended_early = 0, begun = 0;
    auto job = [&](const Job& each) {
        ++begun;
        if (each.index == 0) throw Error(ErrorKind::NotFound, "first");
        while (!each.stop) std::this_thread::yield();
        ++ended_early;
    };
    CHECK_THROWS_WITH(run_parallel(1000, 3, job), "first");
    CHECK(begun <= 3);
    CHECK(ended_early == begun - 1);
}
