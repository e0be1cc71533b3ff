// The terminal of a container: made inside, handed out, and seen as its
// console.
#pragma once

#include <string>

#include "common/unique_fd.hpp"
#include "common/unix_socket.hpp"

namespace slipway {

/// Connects to the socket at which somebody waits for the terminal's outer end
/// (--console-socket). Throws when nobody does.
UniqueFd connect_console(const std::string& path);

/// Of a container's first process, its terminal is the console.
enum class ConsoleFile { Show, Leave };

/// Inside the root: makes a terminal, of `height` and `width` if these are not
/// 0, makes it this process's stdin, stdout and stderr, shows it as
/// /dev/console if it is to, gives it to user `uid`, and sends the outer end to
/// `socket`. To make it the terminal of a session, take_terminal(). Source: OCI
/// runtime specification, config.md "process.terminal"; runc,
/// docs/terminals.md.
void give_terminal(int socket, unsigned short height, unsigned short width,
                   unsigned uid, ConsoleFile file);

/// Outside: what give_terminal() sent to the other end of `console`, which is
/// closed here. Empty when the process ended before it had a terminal.
UniqueFd receive_terminal(SocketPair& console);

/// Outside, for a user who leaves while the command goes on: a process of its
/// own keeps the outer end, and throws away what is written, until nobody has
/// the inner one open any more. Without it the command would be hung up.
void leave_terminal(const UniqueFd& outer);

}  // namespace slipway
