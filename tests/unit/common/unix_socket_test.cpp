#include "common/unix_socket.hpp"

#include <sys/resource.h>

#include <cerrno>

#include "common/error.hpp"
#include "common/files.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("messages arrive whole, one by one, then the end") {
    auto [ours, theirs] = make_socket_pair();
    send_message(theirs.get(), "one");
    send_message(theirs.get(), std::string(70'000, 'x'));
    theirs.reset();
    CHECK(receive_message(ours.get()).bytes == "one");
    CHECK(receive_message(ours.get()).bytes.size() == 70'000);
    CHECK(receive_message(ours.get()).bytes.empty());
}

TEST_CASE("a last word is received, though our own was not read") {
    auto [ours, theirs] = make_socket_pair();
    send_message(theirs.get(), "why I failed");
    send_message(ours.get(), "go on");
    theirs.reset();  // with "go on" in it: ECONNRESET for us
    CHECK(receive_message(ours.get()).bytes == "why I failed");
    CHECK(receive_message(ours.get()).bytes.empty());
}

TEST_CASE("to one that has gone: an error, no signal") {
    auto [ours, theirs] = make_socket_pair();
    theirs.reset();
    int failure = 0;
    try {
        send_message(ours.get(), "hello");
    } catch (const Error& error) {
        failure = error.system_errno();
    }
    CHECK(failure == EPIPE);
}

TEST_CASE("files for which there is no room are an error, not missing") {
    auto [ours, theirs] = make_socket_pair();
    std::vector<UniqueFd> files;
    files.push_back(open_null());
    send_message(theirs.get(), "take this", files);
    // The first time, a sanitizer opens a pipe to look at a type.
    CHECK(Error(ErrorKind::System, "receive", EMFILE).system_errno() == EMFILE);
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    rlimit full = before;
    full.rlim_cur = 0;  // for new ones; the open ones stay
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &full) == 0);
    int failure = 0;
    try {
        receive_message(ours.get());
    } catch (const Error& error) {
        failure = error.system_errno();
    }
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK(failure == EMFILE);
}
