#include "06-engine/monitor/attach_client.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "02-namespaces/terminal.hpp"
#include "06-engine/monitor/attach_protocol.hpp"
#include "06-engine/monitor/detach_keys.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/scope_guard.hpp"
#include "common/signals.hpp"
#include "common/unix_socket.hpp"

namespace slipway {

namespace {

std::optional<winsize> window_size() {
    winsize size{};
    for (int fd : {STDOUT_FILENO, STDIN_FILENO})
        if (::ioctl(fd, TIOCGWINSZ, &size) == 0) return size;
    return std::nullopt;
}

constexpr unsigned largest_exit_code = 255;

std::optional<int> parse_exit_code(std::string_view text) {
    auto code = parse_unsigned(text, largest_exit_code);
    return code ? std::optional(static_cast<int>(*code)) : std::nullopt;
}

std::string size_text(unsigned rows, unsigned columns) {
    return cat(rows, " ", columns);
}

class Attached {
  public:
    Attached(int socket, const AttachOptions& options)
        : socket_(socket),
          options_(options),
          own_signals_(options.signals ? nullptr
                                       : std::make_unique<SignalForwarder>()),
          signals_(options.signals ? *options.signals : *own_signals_),
          keys_(parse_detach_keys(options.detach_keys)),
          reads_(options.input) {}
    AttachEnd run();

  private:
    void greet();
    void read_input();
    void send_input();
    void read_socket();
    void write_here(int fd, bool wanted, std::string_view bytes);
    void take_signal();
    void tell_size();
    void end(AttachEnd::How how, int exit_code = 0, int signal = 0);

    int socket_;
    const AttachOptions& options_;
    std::unique_ptr<SignalForwarder> own_signals_;
    const SignalForwarder& signals_;
    DetachKeys keys_;
    bool reads_;
    std::string unsent_;  // input that the monitor does not take yet
    bool detaches_ = false;
    bool can_write_[3] = {true, true, true};
    std::optional<AttachEnd> end_;
};

void Attached::end(AttachEnd::How how, int exit_code, int signal) {
    end_ = AttachEnd{how, exit_code, signal};
}

void Attached::tell_size() {
    if (!options_.terminal) return;
    if (auto size = window_size())
        send_attach(socket_, attach_resize,
                    size_text(size->ws_row, size->ws_col));
}

void Attached::greet() {
    std::string wants;
    if (options_.input) wants += 'i';
    if (options_.output) wants += 'o';
    if (options_.errors) wants += 'e';
    send_attach(socket_, attach_wants, wants);
    // Of another size for a moment: only a change makes programs paint anew.
    if (auto size = window_size();
        size && options_.terminal && options_.redraw && size->ws_row > 0)
        send_attach(socket_, attach_resize,
                    size_text(size->ws_row + 1U, size->ws_col));
    tell_size();
}

//@ begin attach-input
// Never waits for the monitor: while the container does not read, what it
// writes must still be taken from it, or both would wait for ever.
void Attached::read_input() {
    char buffer[16 << 10];
    ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) {  // EIO: our terminal has gone
        unsent_.assign(1, attach_in_end);
        reads_ = false;
    } else {
        std::string_view typed(buffer, static_cast<std::size_t>(count));
        DetachKeys::Typed result{std::string(typed), false};
        if (options_.terminal) result = keys_.filter(typed);
        detaches_ = result.detach;
        if (!result.passed.empty())
            unsent_ = std::string(1, attach_in) + result.passed;
    }
    send_input();
}

void Attached::send_input() {
    if (!unsent_.empty()) {
        ssize_t n = ::send(socket_, unsent_.data(), unsent_.size(),
                           MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
        unsent_.clear();  // sent, or its reader has gone: read_socket() tells
    }
    if (detaches_) end(AttachEnd::How::Detached);
}
//@ end attach-input

void Attached::write_here(int fd, bool wanted, std::string_view bytes) {
    if (!wanted || !can_write_[fd]) return;
    try {
        write_all(fd, bytes);
    } catch (const Error& error) {
        if (error.system_errno() != EPIPE && error.system_errno() != EIO) throw;
        can_write_[fd] = false;  // nobody reads it; the end is still of use
    }
}

void Attached::read_socket() {
    static char buffer[largest_attach_message];
    ssize_t count = ::recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || receives_more(errno))) return;
    if (count <= 0) return end(AttachEnd::How::Lost);
    std::string_view data(buffer + 1, static_cast<std::size_t>(count) - 1);
    switch (buffer[0]) {
        case attach_out:
            return write_here(STDOUT_FILENO, options_.output, data);
        case attach_err:
            return write_here(STDERR_FILENO, options_.errors, data);
        case attach_exit:
            if (auto code = parse_exit_code(data))
                return end(AttachEnd::How::Ended, *code);
            return end(AttachEnd::How::Lost);
        default:
            return;  // of a newer monitor
    }
}

// Keys are the container's own terminal's to make signals of. What comes from
// elsewhere is meant for us then.
void Attached::take_signal() {
    int number = signals_.take().number;
    if (number == 0) return;
    if (number == SIGWINCH) return tell_size();
    if (number == SIGCONT) return;  // we were stopped, the container was not
    if (!options_.keep_signals && !options_.terminal)
        send_attach(socket_, attach_signal, cat(number));
    else
        end(AttachEnd::How::Detached, 0, number);
}

AttachEnd Attached::run() {
    greet();
    std::optional<RawTerminal> raw;
    if (options_.terminal && options_.input) raw.emplace();
    while (!end_) {
        bool typing = reads_ && unsent_.empty();
        short out = unsent_.empty() ? short{0} : short{POLLOUT};
        pollfd sources[] = {{socket_, static_cast<short>(POLLIN | out), 0},
                            {signals_.fd(), POLLIN, 0},
                            {typing ? STDIN_FILENO : -1, POLLIN, 0}};
        auto& [socket, signal, keyboard] = sources;
        if (::poll(sources, std::size(sources), -1) < 0 && errno != EINTR)
            throw_errno(errno, "poll");
        if ((socket.revents & ~POLLOUT) != 0) read_socket();
        if (!end_ && (socket.revents & POLLOUT) != 0) send_input();
        if (!end_ && signal.revents != 0) take_signal();
        if (!end_ && keyboard.revents != 0) read_input();
    }
    return *end_;
}

}  // namespace

AttachEnd attach(int socket, const AttachOptions& options) {
    auto before = ::signal(SIGPIPE, SIG_IGN);
    ScopeGuard restore([&] { ::signal(SIGPIPE, before); });
    return Attached(socket, options).run();
}

namespace {

// Waits for a message; empty: there will be none.
std::string next_message(int socket) {
    char buffer[128];
    while (true) {
        ssize_t count = ::recv(socket, buffer, sizeof buffer, 0);
        if (count < 0 && receives_more(errno)) continue;
        return {buffer, count > 0 ? static_cast<std::size_t>(count) : 0};
    }
}

}  // namespace

std::optional<int> wait_for_exit(int socket) {
    // Gone, perhaps, but not without a word.
    send_attach(socket, attach_waits);
    while (true) {
        std::string message = next_message(socket);
        if (message.empty()) return std::nullopt;
        if (message[0] == attach_exit)
            return parse_exit_code(std::string_view(message).substr(1));
    }
}

void wait_until_gone(int socket) {
    while (!next_message(socket).empty()) {
    }
}

}  // namespace slipway
