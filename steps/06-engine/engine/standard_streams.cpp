#include "06-engine/engine/standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "common/error.hpp"
#include "common/files.hpp"

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

// Ours and theirs.
std::pair<ContainerStreams, ContainerStreams> make_streams(bool open_stdin) {
    Pipe in, out = make_pipe(), err = make_pipe();
    if (open_stdin)
        in = make_pipe();
    else
        in.read = open_null();
    ContainerStreams ours, theirs;
    ours.in = std::move(in.write);
    theirs.in = std::move(in.read);
    ours.out = std::move(out.read);
    theirs.out = std::move(out.write);
    ours.err = std::move(err.read);
    theirs.err = std::move(err.write);
    return {std::move(ours), std::move(theirs)};
}

}  // namespace

ReplacedStreams::ReplacedStreams(int in, int out, int err) {
    const int inner[3] = {in, out, err};
    for (int number = 0; number < 3; ++number)
        // One that was closed from the beginning is closed again.
        saved_[number].reset(::fcntl(number, F_DUPFD_CLOEXEC, 3));
    for (int number = 0; number < 3; ++number)
        check(::dup2(inner[number], number), "dup2");
}

ReplacedStreams::~ReplacedStreams() {
    for (int number = 0; number < 3; ++number) {
        if (saved_[number])
            ::dup2(saved_[number].get(), number);
        else
            ::close(number);
    }
}

InnerStreams::InnerStreams(bool open_stdin)
    : InnerStreams(make_streams(open_stdin)) {}

InnerStreams::InnerStreams(std::pair<ContainerStreams, ContainerStreams> ends)
    : ours(std::move(ends.first)),
      theirs_(std::move(ends.second)),
      replaced_(theirs_.in.get(), theirs_.out.get(), theirs_.err.get()) {}

}  // namespace slipway
