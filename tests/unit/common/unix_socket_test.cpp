#include "common/unix_socket.hpp"

#include <cerrno>

#include "common/error.hpp"
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
