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
#include "common/scope_guard.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

//@ begin copy
void copy_window_size(int outer) {
    winsize size{};
    if (::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
        ::ioctl(outer, TIOCSWINSZ, &size);  // sends SIGWINCH to the command
}

enum class Output { Some, Nothing, End, Unseen };

// One read's worth. The outer end reads EIO when nobody holds the inner one.
Output show(int outer) {
    char buffer[4096];
    ssize_t count = ::read(outer, buffer, sizeof buffer);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return Output::Nothing;
    if (count <= 0) return Output::End;
    try {
        write_all(STDOUT_FILENO, {buffer, static_cast<std::size_t>(count)});
    } catch (const Error& error) {
        // The user's terminal was closed, or who read our output has gone.
        if (error.system_errno() != EIO && error.system_errno() != EPIPE) throw;
        return Output::Unseen;
    }
    return Output::Some;
}
//@ end copy

//@ begin keys

// What was typed. False: the user leaves.
bool read_keys(pollfd& keyboard, const KeyFilter& keys, std::string& typed) {
    char buffer[4096];
    ssize_t count = ::read(keyboard.fd, buffer, sizeof buffer);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (count <= 0) keyboard.fd = -1;  // poll ignores it from now on
    std::string_view bytes(buffer,
                           static_cast<std::size_t>(count > 0 ? count : 0));
    std::optional<std::string> kept;
    if (keys && !bytes.empty() && !(kept = keys(bytes))) return false;
    typed += kept ? *kept : bytes;
    return true;
}

// As much as there is room for. To wait here until the command reads could be
// for ever: it may wait, in turn, until we have shown what it writes.
void hand_on(int outer, std::string& typed) {
    ssize_t count = ::write(outer, typed.data(), typed.size());
    if (count > 0) typed.erase(0, static_cast<std::size_t>(count));
    if (count < 0 && errno != EAGAIN && errno != EINTR) typed.clear();
}
//@ end keys

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
    check(::fcntl(outer.get(), F_SETFL, O_NONBLOCK), "fcntl");
    ScopeGuard waits_again([&] { ::fcntl(outer.get(), F_SETFL, 0); });
    HeldSigpipe held;
    RawTerminal raw;
    std::string typed;  // and not yet handed on
    pollfd sources[] = {{STDIN_FILENO, POLLIN, 0},
                        {outer.get(), POLLIN, 0},
                        {signals.fd(), POLLIN, 0},
                        {child.pidfd(), POLLIN, 0}};
    auto& [keyboard, screen, signal, end] = sources;
    //@ end serve-start
    //@ begin serve-loop
    while (end.revents == 0) {
        keyboard.events = typed.empty() ? POLLIN : 0;
        screen.events = typed.empty() ? POLLIN : POLLIN | POLLOUT;
        if (::poll(sources, 4, -1) < 0 && errno != EINTR)
            throw_errno(errno, "poll");
        Output seen = screen.revents != 0 ? show(outer.get()) : Output::Nothing;
        if (seen == Output::End) screen.fd = -1;
        if (seen == Output::Unseen) child.send_signal(SIGKILL);
        if (keyboard.revents != 0 && !read_keys(keyboard, keys, typed))
            return std::nullopt;
        if (!typed.empty()) hand_on(outer.get(), typed);
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
    while (show(outer.get()) == Output::Some) {
    }
    return child.wait();
}

ExitStatus serve_terminal(const UniqueFd& outer, ChildProcess& child,
                          const SignalForwarder& signals) {
    return *serve_terminal(outer, child, signals, {});
}

}  // namespace slipway
