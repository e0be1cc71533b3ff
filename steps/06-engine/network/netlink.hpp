// Netlink: messages to the kernel's network, and its answers. netlink(7).
//
// A message is a header, a fixed part that its type says, and attributes: type,
// length, bytes, padded to 4; an attribute may hold attributes.
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "common/unique_fd.hpp"

namespace slipway {

/// One message, or several one behind the other.
class NetlinkMessage {
  public:
    /// Begins a message (the next one, if there is one already). `fixed` is
    /// the struct of its type: ifinfomsg, ifaddrmsg, rtmsg, nfgenmsg.
    template <class Fixed>
    NetlinkMessage& begin(int type, int flags, const Fixed& fixed) {
        begin_header(type, flags);
        append(&fixed, sizeof fixed);
        return *this;
    }

    NetlinkMessage& add(int attribute, const void* bytes, std::size_t size);
    NetlinkMessage& add(int attribute, std::string_view bytes) {
        return add(attribute, bytes.data(), bytes.size());
    }
    /// With the NUL byte behind it that the kernel wants of names.
    NetlinkMessage& add_name(int attribute, const std::string& text) {
        return add(attribute, text.c_str(), text.size() + 1);
    }
    template <class Number>
    NetlinkMessage& add_number(int attribute, Number number) {
        return add(attribute, &number, sizeof number);
    }
    /// An attribute that holds what `fill` adds.
    NetlinkMessage& nest(int attribute, const std::function<void()>& fill);
    /// The same, with a fixed part before the attributes.
    template <class Fixed>
    NetlinkMessage& nest(int attribute, const Fixed& fixed,
                         const std::function<void()>& fill) {
        return nest(attribute, [&] {
            append(&fixed, sizeof fixed);
            fill();
        });
    }

    const std::string& bytes() const { return bytes_; }

  private:
    void begin_header(int type, int flags);
    void append(const void* bytes, std::size_t size);

    std::string bytes_;
    std::size_t start_ = 0;  // of the message that is being written
};

/// The attributes of an answer, behind its fixed part: type, bytes.
using NetlinkAttributes = std::map<int, std::string_view>;
NetlinkAttributes read_attributes(std::string_view bytes);
/// A number as it stands there; 0 when the attribute is missing or short.
std::uint32_t read_number(const NetlinkAttributes& attributes, int type);

/// NETLINK_ROUTE, NETLINK_NETFILTER: of the namespace we are in, for good.
UniqueFd open_netlink(int protocol);

/// Sends, and takes the answer: 0, or -1 with errno. The kernel has done its
/// work before send(2) returns, so whatever it says is there already: no answer
/// is no failure. Made for act().
int netlink_request(int socket, const NetlinkMessage* message);

/// Sends a question and hands over each answer: its type, and what stands
/// behind the header. Throws what the kernel reports.
void netlink_ask(
    int socket, const NetlinkMessage& question,
    const std::function<void(int type, std::string_view body)>& take);

}  // namespace slipway
