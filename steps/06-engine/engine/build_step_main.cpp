// slipway-build-step: one RUN of `slipway build`, which has threads and must
// not clone into namespaces itself. It is told what to do in file 3.
#include "05-build/exec_request.hpp"
#include "06-engine/engine/build_step.hpp"
#include "common/files.hpp"
#include "common/program.hpp"

using namespace slipway;

int main(int argc, char** argv) {
    constexpr int request_file = 3;
    constexpr std::size_t largest_request = 64 << 20;
    CommandLine line("slipway", "", "The part of slipway build for RUN.");
    return run_program(line, argc, argv, [](auto&) {
        // Where slipway keeps things, its environment says: the build has set
        // it.
        return run_build_step(
            open_engine("", ""),
            parse_exec_request(read_all(request_file, largest_request)));
    });
}
