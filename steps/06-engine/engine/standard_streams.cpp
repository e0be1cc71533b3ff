#include "06-engine/engine/standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "common/error.hpp"

namespace slipway {

namespace {

struct Pipe {
    UniqueFd read, write;
};
Pipe make_pipe() {
    int ends[2];
    check(::pipe2(ends, O_CLOEXEC), "make a pipe");
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

}  // namespace

InnerStreams::InnerStreams(bool open_stdin) {
    Pipe in, out = make_pipe(), err = make_pipe();
    if (open_stdin)
        in = make_pipe();
    else
        in.read.reset(
            check(::open("/dev/null", O_RDONLY | O_CLOEXEC), "open /dev/null"));
    const int inner[3] = {in.read.get(), out.write.get(), err.write.get()};
    for (int number = 0; number < 3; ++number)
        // One that was closed from the beginning is closed again.
        saved_[number].reset(::fcntl(number, F_DUPFD_CLOEXEC, 3));
    for (int number = 0; number < 3; ++number)
        check(::dup2(inner[number], number), "dup2");
    ours = {std::move(in.write), std::move(out.read), std::move(err.read), {}};
}

InnerStreams::~InnerStreams() {
    for (int number = 0; number < 3; ++number) {
        if (saved_[number])
            ::dup2(saved_[number].get(), number);
        else
            ::close(number);
    }
}

}  // namespace slipway
