// Between a monitor and those who are attached: a socket of whole messages
// (SOCK_SEQPACKET), the first byte of which says what they are.
//
// The socket is a file in a folder that only the owner can enter, and the other
// side is asked who it is: an abstract name could be reached from a container
// that shares the host's network (CVE-2020-15257).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/unique_fd.hpp"

namespace slipway {

enum AttachMessage : char {
    // From the client. The first one says what it is here for: until then it
    // gets no output.
    attach_wants = 'a',   ///< "oei": stdout, stderr; or its input counts
    attach_waits = 'n',   ///< no output, please: only the exit code
    attach_in = 'i',      ///< bytes for stdin
    attach_in_end = 'c',  ///< there will be no more
    attach_resize = 'w',  ///< "24 80": rows and columns
    attach_signal = 's',  ///< "15": a signal for the first process
    // To the client.
    attach_out = 'o',   ///< bytes of stdout, or of the terminal
    attach_err = 'e',   ///< bytes of stderr
    attach_exit = 'x',  ///< "137": the exit code; the last message
};

/// No message is longer, its first byte included.
constexpr std::size_t largest_attach_message = (64 << 10) + 1;

/// A socket to be attached at, in place of one that is there.
UniqueFd listen_attach(const std::string& path);
/// Throws NotFound or Unavailable when nobody listens.
UniqueFd connect_attach(const std::string& path);

/// One message, waiting until there is room for it. False: the other side has
/// gone.
bool send_attach(int socket, AttachMessage type, std::string_view data = {});

}  // namespace slipway
