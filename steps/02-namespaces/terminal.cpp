#include "02-namespaces/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

//@ begin copy
void copy_window_size(int outer) {
    winsize size{};
    if (::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
        ::ioctl(outer, TIOCSWINSZ, &size);  // sends SIGWINCH to the command
}

enum class Copied { Some, Nothing, End, Left };

// One read's worth. The outer end reads EIO when nobody holds the inner one,
// and the user's terminal, when it was closed, takes EIO for an answer too.
Copied copy(int from, int to, const KeyFilter& keys = {}) {
    char buffer[4096];
    ssize_t count = ::read(from, buffer, sizeof buffer);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return Copied::Nothing;
    if (count <= 0) return Copied::End;
    std::string_view bytes(buffer, static_cast<std::size_t>(count));
    std::optional<std::string> kept;
    if (keys && !(kept = keys(bytes))) return Copied::Left;
    try {
        write_all(to, kept ? *kept : bytes);
    } catch (const Error& error) {
        if (error.system_errno() != EIO) throw;
        return Copied::End;
    }
    return Copied::Some;
}
//@ end copy

}  // namespace

//@ begin raw-mode
// Every key goes to the command as it is: its own terminal makes a signal of
// Ctrl-C, echoes, and edits lines. Two terminals doing so would do it twice.
RawTerminal::RawTerminal() {
    if (::isatty(STDIN_FILENO) != 1) return;
    termios before{};
    check(::tcgetattr(STDIN_FILENO, &before), "read terminal settings");
    termios raw = before;
    ::cfmakeraw(&raw);
    check(::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw), "set terminal to raw");
    before_ = before;
}

RawTerminal::~RawTerminal() {
    if (before_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &*before_);
}
//@ end raw-mode

//@ begin take-terminal
UniqueFd open_new_terminal() {
    UniqueFd outer(check(::open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC),
                         "open /dev/ptmx"));
    check(::unlockpt(outer.get()), "unlockpt");
    // Not by its name: an image cannot put another file in its place.
    UniqueFd inner(
        check(::ioctl(outer.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC),
              "open the inner end of the terminal"));
    copy_window_size(outer.get());  // the command may ask at once
    for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        check(::dup2(inner.get(), fd), "dup2");
    return outer;
}

void take_terminal() {
    act(Why{"only the leader of a new session may take a terminal"},  //
        "setsid", ::setsid);
    act(Why{"Ctrl-C in it is for this session"},  //
        "ioctl", ::ioctl, STDIN_FILENO, shown(TIOCSCTTY, "TIOCSCTTY"), 0);
}
//@ end take-terminal

//@ begin serve-start
std::optional<ExitStatus> serve_terminal(const UniqueFd& outer,
                                         ChildProcess& child,
                                         const SignalForwarder& signals,
                                         const KeyFilter& keys) {
    copy_window_size(outer.get());
    RawTerminal raw;
    pollfd sources[] = {{STDIN_FILENO, POLLIN, 0},
                        {outer.get(), POLLIN, 0},
                        {signals.fd(), POLLIN, 0},
                        {child.pidfd(), POLLIN, 0}};
    auto& [keyboard, screen, signal, end] = sources;
    //@ end serve-start
    //@ begin serve-loop
    while (end.revents == 0) {
        if (::poll(sources, 4, -1) < 0 && errno != EINTR)
            throw_errno(errno, "poll");
        if (screen.revents != 0 &&
            copy(outer.get(), STDOUT_FILENO) == Copied::End)
            screen.fd = -1;  // poll ignores it from now on
        if (keyboard.revents != 0) {
            Copied typed = copy(STDIN_FILENO, outer.get(), keys);
            if (typed == Copied::Left) return std::nullopt;
            if (typed == Copied::End) keyboard.fd = -1;
        }
        if (signal.revents == 0) continue;
        switch (int number = signals.take().number) {
            case 0:
                break;
            case SIGWINCH:
                copy_window_size(outer.get());
                break;
            // The user's terminal is gone: nobody can see or end it any more,
            // and as number 1 it would not even notice a SIGHUP.
            case SIGHUP:
                child.send_signal(SIGKILL);
                break;
            default:
                child.send_signal(number);
        }
    }
    //@ end serve-loop
    // It has ended; what it wrote last may still be on its way.
    check(::fcntl(outer.get(), F_SETFL, O_NONBLOCK), "fcntl");
    while (copy(outer.get(), STDOUT_FILENO) == Copied::Some) {
    }
    return child.wait();
}

ExitStatus serve_terminal(const UniqueFd& outer, ChildProcess& child,
                          const SignalForwarder& signals) {
    return *serve_terminal(outer, child, signals, {});
}

}  // namespace slipway
