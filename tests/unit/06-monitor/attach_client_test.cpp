#include "06-engine/monitor/attach_client.hpp"

#include <poll.h>

#include <thread>

#include "06-engine/monitor/attach_protocol.hpp"
#include "common/unix_socket.hpp"
#include "unit/catch.hpp"

using namespace slipway;

// A monitor may end without having read all that we sent.

TEST_CASE("attach: the exit code of a monitor that did not hear us") {
    for (int round = 0; round < 100; ++round) {
        SocketPair pair = make_socket_pair();
        std::thread monitor([&pair] {
            pollfd greeting{pair.theirs.get(), POLLIN, 0};
            ::poll(&greeting, 1, -1);
            send_attach(pair.theirs.get(), attach_exit, "7");
            pair.theirs.reset();  // now, or when the client reads: a race
        });
        AttachEnd end = attach(pair.ours.get(), {});
        monitor.join();
        REQUIRE(end.how == AttachEnd::How::Ended);
        REQUIRE(end.exit_code == 7);
    }
}

TEST_CASE("wait_for_exit: the exit code of a monitor that did not hear us") {
    auto [ours, theirs] = make_socket_pair();
    send_attach(ours.get(), attach_in_end);
    send_attach(theirs.get(), attach_exit, "7");
    theirs.reset();
    CHECK(wait_for_exit(ours.get()) == 7);
}

TEST_CASE("wait_for_exit: a monitor that was killed gives no code") {
    auto [ours, theirs] = make_socket_pair();
    theirs.reset();
    CHECK_FALSE(wait_for_exit(ours.get()));
}
