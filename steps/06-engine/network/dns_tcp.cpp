#include "06-engine/network/dns_tcp.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "06-engine/network/sockets.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

constexpr std::size_t most_connections = 64;
constexpr std::int64_t longest_life = 10'000;
constexpr std::uint16_t dns_port = 53;
constexpr std::uint32_t edges = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

std::string framed(const std::string& message) {
    std::string bytes = {static_cast<char>(message.size() >> 8),
                         static_cast<char>(message.size() & 255)};
    return bytes + message;
}

// Takes the first message out of `bytes`; empty while it is not whole.
std::string take_message(std::string& bytes) {
    if (bytes.size() < 2) return "";
    std::size_t size =
        static_cast<std::size_t>(static_cast<unsigned char>(bytes[0])) << 8 |
        static_cast<unsigned char>(bytes[1]);
    if (bytes.size() < size + 2) return "";
    std::string message = bytes.substr(2, size);
    bytes.erase(0, size + 2);
    return message;
}

// False at the end of what the other side sends, or when it is gone.
bool receive_more(int socket, std::string& bytes) {
    constexpr std::size_t largest = (1 << 16) + 2;
    while (bytes.size() < largest) {
        char buffer[4096];
        ssize_t count = ::recv(socket, buffer, sizeof buffer, 0);
        if (count < 0) return errno == EAGAIN || errno == EINTR;
        if (count == 0) return false;
        bytes.append(buffer, static_cast<std::size_t>(count));
    }
    return true;
}

bool send_what_fits(int socket, std::string& bytes) {
    while (!bytes.empty()) {
        ssize_t count =
            ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0) return errno == EAGAIN || errno == EINTR;
        bytes.erase(0, static_cast<std::size_t>(count));
    }
    return true;
}

}  // namespace

DnsTcp::DnsTcp(EventLoop& loop, DnsDirectory& directory, UniqueFd listener)
    : loop_(loop), directory_(directory), listener_(std::move(listener)) {
    loop_.watch(listener_.get(), EPOLLIN, [this] { accept_all(); });
}

void DnsTcp::accept_all() {
    while (true) {
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        UniqueFd client(::accept4(listener_.get(),
                                  reinterpret_cast<sockaddr*>(&from), &size,
                                  SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!client) return;
        if (connections_.size() >= most_connections) end(connections_.begin());
        int fd = client.get();
        connections_.push_back(
            {.client = std::move(client),
             .address = ip_text(from),
             .deadline = monotonic_milliseconds() + longest_life});
        auto connection = std::prev(connections_.end());
        loop_.watch(fd, edges, [this, connection] { serve(connection); });
    }
}

void DnsTcp::serve(ConnectionAt connection) {
    if (!step(connection)) end(connection);
}

// False: the connection is at its end.
bool DnsTcp::step(ConnectionAt connection) {
    bool open = receive_more(connection->client.get(), connection->in);
    if (connection->server && !exchange_with_server(connection))
        ask_next(connection);
    while (!connection->server) {
        std::string query = take_message(connection->in);
        if (query.empty()) break;
        take_query(connection, query);
    }
    return send_what_fits(connection->client.get(), connection->out) &&
           (open || connection->server || !connection->out.empty());
}

void DnsTcp::take_query(ConnectionAt connection, const std::string& query) {
    connection->query = query;
    connection->decision = directory_.decide(query, connection->address);
    if (!connection->decision.answer.empty())
        connection->out += framed(connection->decision.answer);
    else if (!connection->decision.servers.empty())
        ask_next(connection);
}

void DnsTcp::ask_next(ConnectionAt connection) {
    if (connection->server) loop_.forget(connection->server.get());
    connection->server.reset();
    std::vector<std::string>& servers = connection->decision.servers;
    while (!servers.empty() && !connection->server) {
        connection->server = connect_to("tcp", {servers.front(), dns_port});
        servers.erase(servers.begin());
    }
    if (!connection->server) {
        connection->out +=
            framed(dns_failure(connection->query, connection->decision.question,
                               DnsCode::ServerFailure));
        return;
    }
    connection->to_server = framed(connection->query);
    connection->from_server.clear();
    loop_.watch(connection->server.get(), edges,
                [this, connection] { serve(connection); });
}

// False: this server does not answer.
bool DnsTcp::exchange_with_server(ConnectionAt connection) {
    if (!send_what_fits(connection->server.get(), connection->to_server))
        return false;
    bool open = receive_more(connection->server.get(), connection->from_server);
    std::string answer = take_message(connection->from_server);
    if (answer.empty()) return open;
    if (!answers_question(answer, connection->query,
                          connection->decision.question))
        return false;
    connection->out += framed(answer);
    loop_.forget(connection->server.get());
    connection->server.reset();
    return true;
}

void DnsTcp::end(ConnectionAt connection) {
    if (connection->server) loop_.forget(connection->server.get());
    loop_.forget(connection->client.get());
    connections_.erase(connection);
}

int DnsTcp::expire() {
    std::int64_t time = monotonic_milliseconds(), next = -1;
    while (!connections_.empty() && connections_.front().deadline <= time)
        end(connections_.begin());
    if (!connections_.empty()) next = connections_.front().deadline - time;
    return static_cast<int>(next);
}

}  // namespace slipway
