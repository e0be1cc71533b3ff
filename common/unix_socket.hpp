// Messages between processes of ours: bytes and open files, over a socket pair.
#pragma once

#include <sys/un.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/unique_fd.hpp"

namespace slipway {

/// Two connected SOCK_SEQPACKET sockets: a message arrives whole or not at all.
struct SocketPair {
    UniqueFd ours, theirs;
};
SocketPair make_socket_pair();

/// Connects to the stream socket that somebody listens at.
UniqueFd connect_unix_socket(const std::string& path);
/// A socket's address by its folder's descriptor: `path` may be longer than a
/// socket's name can be. Valid while `folder` is open.
struct SocketPlace {
    UniqueFd folder;
    sockaddr_un address{};
};
SocketPlace place_of_socket(const std::string& path);
/// Makes a socket of this type there, for its owner only, at which up to
/// `waiting` wait to be accepted.
UniqueFd listen_unix_socket(const std::string& path, int type, int waiting);
/// Who has connected to it by now. Throws Unavailable when nobody has.
UniqueFd accept_unix_socket(const UniqueFd& listener);

struct SocketMessage {
    std::string bytes;  ///< empty: the other side has closed
    std::vector<UniqueFd> files;
};

/// At most this many descriptors in one message: SCM_MAX_FD, unix(7).
constexpr std::size_t most_files = 253;

/// Sends `bytes` (not empty, up to some 100 KB) and copies of `files`. Throws
/// when the other side is gone; there is no SIGPIPE.
void send_message(int socket, std::string_view bytes,
                  const std::vector<UniqueFd>& files = {});
/// Whether a failed recv(2) is to be repeated. ECONNRESET tells, once, that the
/// other side has closed without reading all that we had sent (unix(7)): what
/// it had said before, perhaps why, is still to be received.
bool receives_more(int error);
/// Waits for the next message. Its descriptors are close-on-exec.
SocketMessage receive_message(int socket);
/// The same from a stream socket, whose other side sends one message and waits.
SocketMessage receive_some(int socket);

}  // namespace slipway
