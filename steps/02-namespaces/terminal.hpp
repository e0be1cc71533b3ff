// A terminal for the command: a pair of ends, pty(7).
//
//   user's terminal ── this program ── outer end ═ inner end ── the command
//   (raw mode)          copies bytes    (ptmx)      (/dev/pts/0)
#pragma once

#include <termios.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/exit_status.hpp"
#include "common/process.hpp"
#include "common/signals.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// In the child, inside its root: makes a pair in the root's own devpts, as
/// large as the terminal we have, if any. The inner end is our descriptors 0, 1
/// and 2 then. Returns the outer end, for the parent.
UniqueFd open_new_terminal();
/// Begins a session, whose terminal is descriptor 0.
void take_terminal();

/// While it lives, the user's own terminal (standard input) passes every key as
/// it is, and shows what comes as it is. If that is a pipe or a file, there is
/// nothing to do.
class RawTerminal {
  public:
    RawTerminal();
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;
    ~RawTerminal();

  private:
    std::optional<termios> before_;
};

/// What is handed on of what was typed; nothing: the user leaves, and the
/// command is to go on.
using KeyFilter =
    std::function<std::optional<std::string>(std::string_view typed)>;

/// In the parent: copies between the user's terminal (standard input and
/// output) and the outer end until `child` ends, and everything it wrote has
/// been shown. Keeps the window's size equal. The user's terminal is in raw
/// mode meanwhile, so that Ctrl-C is the command's to handle, and is put back
/// on every way out, errors and signals included. Nothing: `keys` said that the
/// user leaves.
std::optional<ExitStatus> serve_terminal(const UniqueFd& outer,
                                         ChildProcess& child,
                                         const SignalForwarder& signals,
                                         const KeyFilter& keys);
/// The same with every key for the command.
ExitStatus serve_terminal(const UniqueFd& outer, ChildProcess& child,
                          const SignalForwarder& signals);

}  // namespace slipway
