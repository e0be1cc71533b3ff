#include "06-engine/network/tcp_proxy.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "common/error.hpp"

namespace slipway {

namespace {

constexpr std::size_t pipe_size = 64 << 10;
constexpr unsigned splice_flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;

ProxyStream make_stream(int from, int to) {
    int ends[2];
    check(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), "pipe");
    return {from, to, UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Tries once in each half. Says whether anything moved; throws when the
// connection is broken.
//@ begin move-bytes
bool move_bytes(ProxyStream& stream) {
    bool moved = false;
    if (!stream.ended && stream.held < pipe_size) {
        ssize_t count = ::splice(stream.from, nullptr, stream.pipe_write.get(),
                                 nullptr, pipe_size, splice_flags);
        if (count < 0 && errno != EAGAIN) check(count, "splice");
        if (count == 0) stream.ended = true;
        if (count > 0) stream.held += static_cast<std::size_t>(count);
        moved = count >= 0;
    }
    if (stream.held > 0) {
        ssize_t count = ::splice(stream.pipe_read.get(), nullptr, stream.to,
                                 nullptr, stream.held, splice_flags);
        if (count < 0 && errno != EAGAIN) check(count, "splice");
        if (count > 0) stream.held -= static_cast<std::size_t>(count);
        moved = moved || count > 0;
    }
    if (stream.ended && stream.held == 0 && !stream.closed) {
        // One side has said all it has to say; the other may go on.
        ::shutdown(stream.to, SHUT_WR);
        stream.closed = true;
    }
    return moved;
}
//@ end move-bytes

}  // namespace

TcpProxy::TcpProxy(EventLoop& loop, UniqueFd listener, SocketAddress target)
    : loop_(loop), listener_(std::move(listener)), target_(std::move(target)) {
    listen_again();
}

void TcpProxy::listen_again() {
    if (std::exchange(listening_, true)) return;
    loop_.watch(listener_.get(), EPOLLIN, [this] { accept_all(); });
}

void TcpProxy::accept_all() {
    while (true) {
        UniqueFd client(::accept4(listener_.get(), nullptr, nullptr,
                                  SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (client) {
            start(std::move(client));
            continue;
        }
        if (errno == ECONNABORTED || errno == EINTR) continue;
        // No descriptors left: whoever waits there waits for one to end.
        if ((errno == EMFILE || errno == ENFILE) && !connections_.empty()) {
            loop_.forget(listener_.get());
            listening_ = false;
        }
        return;
    }
}

void TcpProxy::start(UniqueFd client) {
    UniqueFd server = connect_to("tcp", target_);
    if (!server) return;
    int ours = client.get(), theirs = server.get();
    try {
        connections_.push_back({std::move(client), std::move(server),
                                make_stream(ours, theirs),
                                make_stream(theirs, ours)});
    } catch (const Error&) {
        return;  // no descriptors left
    }
    auto connection = std::prev(connections_.end());
    // Edges only: each is followed by work until nothing moves.
    constexpr std::uint32_t events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    for (int fd : {ours, theirs})
        loop_.watch(fd, events, [this, connection] { carry(connection); });
}

void TcpProxy::carry(std::list<ProxyConnection>::iterator connection) {
    bool broken = false;
    try {
        bool moved = true;
        while (moved) {
            moved = move_bytes(connection->there);
            moved = move_bytes(connection->back) || moved;
        }
    } catch (const Error&) {
        broken = true;
    }
    if (!broken && !(connection->there.closed && connection->back.closed))
        return;
    loop_.forget(connection->client.get());
    loop_.forget(connection->server.get());
    connections_.erase(connection);
    listen_again();
}

}  // namespace slipway
