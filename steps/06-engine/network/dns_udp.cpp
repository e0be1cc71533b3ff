#include "06-engine/network/dns_udp.hpp"

#include <sys/socket.h>

#include <utility>

#include "06-engine/network/sockets.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

constexpr std::size_t largest_datagram = 4096;  // what EDNS clients announce
constexpr std::size_t most_open = 256;
constexpr std::int64_t longest_wait = 2000;
constexpr std::uint16_t dns_port = 53;

}  // namespace

DnsUdp::DnsUdp(EventLoop& loop, DnsDirectory& directory, UniqueFd socket)
    : loop_(loop), directory_(directory), socket_(std::move(socket)) {
    loop_.watch(socket_.get(), EPOLLIN, [this] { take_queries(); });
}

void DnsUdp::take_queries() {
    while (true) {
        char buffer[largest_datagram];
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        ssize_t count = ::recvfrom(socket_.get(), buffer, sizeof buffer, 0,
                                   reinterpret_cast<sockaddr*>(&from), &size);
        if (count < 0) return;
        std::string client(reinterpret_cast<const char*>(&from), size);
        std::string query(buffer, static_cast<std::size_t>(count));
        DnsDirectory::Decision decision =
            directory_.decide(query, ip_text(from));
        if (!decision.answer.empty()) send_to(client, decision.answer);
        if (decision.servers.empty()) continue;
        // Under a flood the oldest gives way; whoever still wants it asks
        // again.
        if (asked_.size() >= most_open) finish(asked_.begin(), "");
        asked_.push_back(
            {std::move(client), std::move(query), std::move(decision), {}});
        ask_next(std::prev(asked_.end()));
    }
}

void DnsUdp::ask_next(AskedAt asked) {
    if (asked->server) loop_.forget(asked->server.get());
    asked->server.reset();
    std::vector<std::string>& servers = asked->decision.servers;
    while (!servers.empty() && !asked->server) {
        asked->server = connect_to("udp", {servers.front(), dns_port});
        servers.erase(servers.begin());
        if (asked->server && ::send(asked->server.get(), asked->query.data(),
                                    asked->query.size(), MSG_NOSIGNAL) < 0)
            asked->server.reset();
    }
    if (!asked->server)
        return finish(asked, dns_failure(asked->query, asked->decision.question,
                                         DnsCode::ServerFailure));
    asked->deadline = monotonic_milliseconds() + longest_wait;
    loop_.watch(asked->server.get(), EPOLLIN,
                [this, asked] { take_answer(asked); });
}

void DnsUdp::take_answer(AskedAt asked) {
    char buffer[largest_datagram];
    ssize_t count = ::recv(asked->server.get(), buffer, sizeof buffer, 0);
    if (count < 0) {
        // Nobody listens there, or it cannot be reached: no need to wait.
        if (errno != EAGAIN && errno != EINTR) ask_next(asked);
        return;
    }
    std::string answer(buffer, static_cast<std::size_t>(count));
    if (answers_question(answer, asked->query, asked->decision.question))
        finish(asked, answer);
}

void DnsUdp::finish(AskedAt asked, const std::string& answer) {
    if (!answer.empty()) send_to(asked->client, answer);
    if (asked->server) loop_.forget(asked->server.get());
    asked_.erase(asked);
}

void DnsUdp::send_to(const std::string& client, const std::string& answer) {
    ::sendto(socket_.get(), answer.data(), answer.size(), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(client.data()),
             static_cast<socklen_t>(client.size()));
}

int DnsUdp::expire() {
    std::int64_t time = monotonic_milliseconds(), next = -1;
    for (auto asked = asked_.begin(); asked != asked_.end();) {
        auto here = asked++;
        if (here->deadline <= time) ask_next(here);
    }
    for (const Asked& asked : asked_)
        if (next < 0 || asked.deadline - time < next)
            next = std::max<std::int64_t>(asked.deadline - time, 0);
    return static_cast<int>(next);
}

}  // namespace slipway
