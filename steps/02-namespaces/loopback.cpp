#include "02-namespaces/loopback.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "common/error.hpp"
#include "common/ledger.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

namespace {

struct LinkRequest {
    nlmsghdr header;
    ifinfomsg link;
};
struct LinkAnswer {
    nlmsghdr header;
    nlmsgerr result;
};

//@ begin set-link-up
// Sends the request and reads its acknowledgement: 0, or -1 with errno.
int set_link_up(int socket, int index) {
    LinkRequest request{};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = RTM_NEWLINK;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    request.link.ifi_index = index;
    request.link.ifi_flags = IFF_UP;
    request.link.ifi_change = IFF_UP;  // leave all other flags alone
    if (::send(socket, &request, sizeof request, 0) < 0) return -1;
    LinkAnswer answer{};
    if (::recv(socket, &answer, sizeof answer, 0) < 0) return -1;
    errno = -answer.result.error;
    return answer.result.error == 0 ? 0 : -1;
}
//@ end set-link-up

}  // namespace

void bring_loopback_up() {
    UniqueFd socket(
        check(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE),
              "netlink socket"));
    constexpr int loopback_index = 1;  // always: LOOPBACK_IFINDEX
    act(Why{"a new network has its loopback, but down"},  //
        "RTM_NEWLINK", set_link_up, socket,
        shown(loopback_index, "lo, IFF_UP"));
}

}  // namespace slipway
