#include "06-engine/network/udp_proxy.hpp"

#include <algorithm>
#include <utility>

#include "common/error.hpp"

namespace slipway {

namespace {

constexpr std::int64_t longest_silence = 90'000;
constexpr std::size_t most_sessions = 1000;
constexpr std::size_t largest_datagram = 65536;

}  // namespace

UdpProxy::UdpProxy(EventLoop& loop, UniqueFd socket, SocketAddress target)
    : loop_(loop), socket_(std::move(socket)), target_(std::move(target)) {
    loop_.watch(socket_.get(), EPOLLIN, [this] { take_from_clients(); });
}

void UdpProxy::take_from_clients() {
    // Made at the first datagram: most ports never see one here.
    buffer_.resize(largest_datagram);
    while (true) {
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        ssize_t count =
            ::recvfrom(socket_.get(), buffer_.data(), buffer_.size(), 0,
                       reinterpret_cast<sockaddr*>(&from), &size);
        if (count < 0) return;
        std::string client(reinterpret_cast<const char*>(&from), size);
        if (Session* session = session_of(client)) {
            session->last_used = monotonic_milliseconds();
            ::send(session->server.get(), buffer_.data(),
                   static_cast<std::size_t>(count), MSG_NOSIGNAL);
        }
    }
}

UdpProxy::Session* UdpProxy::session_of(const std::string& client) {
    auto found = sessions_.find(client);
    if (found != sessions_.end()) return &found->second;
    if (sessions_.size() >= most_sessions) {
        auto oldest = std::min_element(sessions_.begin(), sessions_.end(),
                                       [](const auto& one, const auto& other) {
                                           return one.second.last_used <
                                                  other.second.last_used;
                                       });
        end(oldest->first);
    }
    UniqueFd server = connect_to("udp", target_);
    if (!server) return nullptr;
    int fd = server.get();
    Session& session = sessions_[client];
    session.server = std::move(server);
    loop_.watch(fd, EPOLLIN, [this, client] { take_from_server(client); });
    return &session;
}

void UdpProxy::take_from_server(const std::string& client) {
    auto found = sessions_.find(client);
    if (found == sessions_.end()) return;
    while (true) {
        ssize_t count = ::recv(found->second.server.get(), buffer_.data(),
                               buffer_.size(), 0);
        // Also when nobody listens in the container: the client hears nothing,
        // as from a port where nobody listens yet.
        if (count < 0) return;
        found->second.last_used = monotonic_milliseconds();
        ::sendto(socket_.get(), buffer_.data(), static_cast<std::size_t>(count),
                 MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(client.data()),
                 static_cast<socklen_t>(client.size()));
    }
}

void UdpProxy::end(const std::string& client) {
    auto found = sessions_.find(client);
    if (found == sessions_.end()) return;
    loop_.forget(found->second.server.get());
    sessions_.erase(found);
}

int UdpProxy::expire() {
    std::int64_t time = monotonic_milliseconds();
    std::vector<std::string> silent;
    for (const auto& [client, session] : sessions_)
        if (time - session.last_used > longest_silence)
            silent.push_back(client);
    for (const std::string& client : silent) end(client);
    return sessions_.empty() ? -1 : static_cast<int>(longest_silence / 3);
}

}  // namespace slipway
