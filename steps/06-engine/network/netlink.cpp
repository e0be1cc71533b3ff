#include "06-engine/network/netlink.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "common/error.hpp"

namespace slipway {

namespace {

// Copied: a Struct wants to be aligned, and a text is not.
template <class Struct>
Struct read_struct(std::string_view bytes) {
    Struct value{};
    std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
    return value;
}

int send_all(int socket, const std::string& bytes) {
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    return ::sendto(socket, bytes.data(), bytes.size(), 0,
                    reinterpret_cast<sockaddr*>(&kernel), sizeof kernel) < 0
               ? -1
               : 0;
}

// Messages until there is nothing to read or `take` wants no more.
int receive(
    int socket,
    const std::function<bool(const nlmsghdr&, std::string_view)>& take) {
    // The kernel packs its answers into pieces of what we offer.
    char buffer[16 << 10];
    while (true) {
        ssize_t size = ::recv(socket, buffer, sizeof buffer, MSG_DONTWAIT);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return errno == EAGAIN ? 0 : -1;
        std::string_view rest(buffer, static_cast<std::size_t>(size));
        while (rest.size() >= sizeof(nlmsghdr)) {
            auto header = read_struct<nlmsghdr>(rest);
            if (header.nlmsg_len < sizeof header ||
                header.nlmsg_len > rest.size())
                break;
            if (!take(header, rest.substr(NLMSG_HDRLEN,
                                          header.nlmsg_len - NLMSG_HDRLEN)))
                return 0;
            rest.remove_prefix(std::min<std::size_t>(
                rest.size(), NLMSG_ALIGN(header.nlmsg_len)));
        }
    }
}

}  // namespace

void NetlinkMessage::begin_header(int type, int flags) {
    start_ = bytes_.size();
    nlmsghdr header{};
    header.nlmsg_type = static_cast<std::uint16_t>(type);
    header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    append(&header, sizeof header);
}

//@ begin netlink-message
NetlinkMessage& NetlinkMessage::add(int attribute, const void* bytes,
                                    std::size_t size) {
    nlattr header{static_cast<std::uint16_t>(NLA_HDRLEN + size),
                  static_cast<std::uint16_t>(attribute)};
    append(&header, sizeof header);
    append(bytes, size);
    return *this;
}

NetlinkMessage& NetlinkMessage::nest(int attribute,
                                     const std::function<void()>& fill) {
    std::size_t at = bytes_.size();
    add(attribute | NLA_F_NESTED, nullptr, 0);
    fill();
    // Its length is known only now.
    auto size = static_cast<std::uint16_t>(bytes_.size() - at);
    std::memcpy(bytes_.data() + at, &size, sizeof size);
    return *this;
}

void NetlinkMessage::append(const void* bytes, std::size_t size) {
    bytes_.append(static_cast<const char*>(bytes), size);
    bytes_.resize(NLMSG_ALIGN(bytes_.size()));
    auto length = static_cast<std::uint32_t>(bytes_.size() - start_);
    std::memcpy(bytes_.data() + start_, &length, sizeof length);
}
//@ end netlink-message

NetlinkAttributes read_attributes(std::string_view bytes) {
    NetlinkAttributes attributes;
    while (bytes.size() >= NLA_HDRLEN) {
        auto header = read_struct<nlattr>(bytes);
        if (header.nla_len < NLA_HDRLEN || header.nla_len > bytes.size()) break;
        attributes[header.nla_type & NLA_TYPE_MASK] =
            bytes.substr(NLA_HDRLEN, header.nla_len - NLA_HDRLEN);
        bytes.remove_prefix(
            std::min<std::size_t>(bytes.size(), NLA_ALIGN(header.nla_len)));
    }
    return attributes;
}

std::uint32_t read_number(const NetlinkAttributes& attributes, int type) {
    auto found = attributes.find(type);
    if (found == attributes.end()) return 0;
    return read_struct<std::uint32_t>(found->second);
}

UniqueFd open_netlink(int protocol) {
    return UniqueFd(
        check(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol),
              "netlink socket"));
}

//@ begin netlink-request
int netlink_request(int socket, const NetlinkMessage* message) {
    if (send_all(socket, message->bytes()) != 0) return -1;
    int error = 0;
    int received =
        receive(socket, [&](const nlmsghdr& header, std::string_view body) {
            if (header.nlmsg_type == NLMSG_ERROR && error == 0)
                error = -read_struct<nlmsgerr>(body).error;
            return true;
        });
    if (received != 0) return -1;
    errno = error;
    return error == 0 ? 0 : -1;
}
//@ end netlink-request

void netlink_ask(
    int socket, const NetlinkMessage& question,
    const std::function<void(int type, std::string_view body)>& take) {
    check(send_all(socket, question.bytes()), "netlink request");
    int error = 0;
    int received =
        receive(socket, [&](const nlmsghdr& header, std::string_view body) {
            if (header.nlmsg_type == NLMSG_DONE) return false;
            if (header.nlmsg_type == NLMSG_ERROR)
                error = -read_struct<nlmsgerr>(body).error;
            else
                take(header.nlmsg_type, body);
            return error == 0;
        });
    check(received, "netlink answer");
    if (error != 0) throw_errno(error, "netlink answer");
}

}  // namespace slipway
