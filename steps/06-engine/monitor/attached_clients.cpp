#include "06-engine/monitor/attached_clients.hpp"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "06-engine/monitor/attach_protocol.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/unix_socket.hpp"

namespace slipway {

namespace {

// More than anybody needs, and fewer than a process may have open.
constexpr std::size_t most_clients = 256;

// Root, or whose container it is. The folder's mode says the same; but a
// socket can be passed on, and a mode can be changed.
bool may_attach(int socket) {
    ucred who{};
    socklen_t size = sizeof who;
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 &&
           (who.uid == 0 || who.uid == ::geteuid());
}

void set_window_size(int terminal, std::string_view text) {
    std::size_t blank = text.find(' ');
    if (terminal < 0 || blank == std::string_view::npos) return;
    constexpr unsigned largest = 0xffff;
    auto rows = parse_unsigned(text.substr(0, blank), largest);
    auto columns = parse_unsigned(text.substr(blank + 1), largest);
    if (!rows || !columns) return;
    winsize size{};
    size.ws_row = static_cast<unsigned short>(*rows);
    size.ws_col = static_cast<unsigned short>(*columns);
    ::ioctl(terminal, TIOCSWINSZ, &size);  // sends SIGWINCH inside
}

void close_all_but(std::vector<int> kept) {
    std::sort(kept.begin(), kept.end());
    unsigned from = STDERR_FILENO + 1;
    for (int fd : kept) {
        auto number = static_cast<unsigned>(fd);
        if (number > from) ::close_range(from, number - 1, 0);
        from = number + 1;
    }
    ::close_range(from, ~0U, 0);
}

}  // namespace

void AttachedClients::add_first(UniqueFd socket) {
    int fd = socket.get();
    clients_.push_back(
        {Outlet::socket(std::move(socket)), fd, false, true, true});
    read(clients_.back());  // what it wants may be there already
}

void AttachedClients::add_local(const LocalClient& local) {
    if (local.out >= 0)
        clients_.push_back({Outlet::plain(local.out), -1, true, true});
    if (local.err >= 0)
        clients_.push_back({Outlet::plain(local.err), -1, true, false, true});
    if (local.in >= 0) clients_.push_back({Outlet::plain(-1), local.in, true});
}

void AttachedClients::accept() {
    UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket || !may_attach(socket.get())) return;
    int fd = socket.get();
    clients_.push_back({Outlet::socket(std::move(socket)), fd});
}

void AttachedClients::deal_out(char type, std::string_view bytes) {
    constexpr std::size_t most = largest_attach_message - 1;
    for (Client& client : clients_) {
        bool wants = type == attach_out ? client.wants_out : client.wants_err;
        if (!wants || client.is_gone) continue;
        for (std::size_t at = 0; at < bytes.size(); at += most)
            client.outlet.add(type, bytes.substr(at, most));
        send(client);
    }
}

// Who takes no more may have said something before: that is still read.
void AttachedClients::send(Client& client) {
    if (client.outlet.send()) return;
    client.outlet.discard();
    client.wants_out = client.wants_err = false;
    client.is_gone = client.input < 0 || !takes_input_;
}

bool AttachedClients::is_held_up() const {
    return std::any_of(
        clients_.begin(), clients_.end(),
        [](const Client& client) { return client.outlet.has_pending(); });
}

bool AttachedClients::is_local_held_up() const {
    return std::any_of(
        clients_.begin(), clients_.end(), [](const Client& client) {
            return client.is_local && client.outlet.has_pending();
        });
}

void AttachedClients::take_message(Client& client, std::string_view message) {
    std::string_view rest = message.substr(1);
    auto wants = [&](char what) {
        return rest.find(what) != std::string_view::npos;
    };
    switch (message[0]) {
        case attach_wants:
            client.wants_out = wants('o');
            client.wants_err = wants('e');
            client.gives_input = wants('i');
            return;
        case attach_waits:
            client.wants_out = client.wants_err = false;
            return;
        case attach_in:
            return container_.input.add(rest);
        case attach_in_end:
            client.gives_input = false;
            return container_.input.end();
        case attach_signal:
            if (auto number = parse_unsigned(rest, NSIG))
                container_.init.send_signal(static_cast<int>(*number));
            return;
        case attach_resize:
            return set_window_size(container_.terminal, rest);
        default:
            return;  // of a newer program
    }
}

void AttachedClients::read(Client& client) {
    buffer_.resize(largest_attach_message);
    ssize_t n = client.is_local
                    ? ::read(client.input, buffer_.data(), buffer_.size())
                    : ::recv(client.input, buffer_.data(), buffer_.size(),
                             MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || receives_more(errno))) return;
    std::string_view bytes(buffer_.data(),
                           n > 0 ? static_cast<std::size_t>(n) : 0);
    if (bytes.empty()) {
        client.is_gone = true;
        client.outlet.discard();
        if (client.is_local || client.gives_input) container_.input.end();
    } else if (client.is_local) {
        container_.input.add(bytes);
    } else {
        take_message(client, bytes);
    }
}

//@ begin attach-watch
void AttachedClients::watch(Poller& poller) {
    // Input that the container does not take is left where it is.
    bool reads = takes_input_ && !container_.input.is_held_up();
    if (clients_.size() < most_clients)
        poller.watch(listener_.get(), POLLIN, [this] { accept(); });
    for (Client& client : clients_) {
        // A socket is always looked at: its other end may close.
        if (reads || (!client.is_local && takes_input_))
            poller.watch(client.input, reads ? POLLIN : short{0},
                         [this, &client] { read(client); });
        if (client.outlet.has_pending())
            poller.watch(client.outlet.fd(), POLLOUT,
                         [this, &client] { send(client); });
    }
}
//@ end attach-watch

void AttachedClients::forget_gone() {
    clients_.remove_if([](const Client& client) { return client.is_gone; });
}

void AttachedClients::end_input() {
    listener_.reset();
    takes_input_ = false;
}

void AttachedClients::drop_local() {
    clients_.remove_if([](const Client& client) { return client.is_local; });
}

void AttachedClients::say_exit_code(int code) {
    for (Client& client : clients_) {
        if (!client.is_local) client.outlet.add(attach_exit, cat(code));
        send(client);
    }
    forget_gone();
}

//@ begin slow-clients
// The container has ended: its addresses, its name and its memory must not wait
// for somebody who has paused a terminal.
void AttachedClients::leave_slow_ones_behind() {
    auto is_slow = [](const Client& client) {
        return client.outlet.has_pending();
    };
    if (std::none_of(clients_.begin(), clients_.end(), is_slow)) return;
    start_child(Why{"somebody who is attached takes the last output slowly"},
                [&] {
                    clients_.remove_if(
                        [&](const Client& each) { return !is_slow(each); });
                    deliver_and_exit();
                })
        .forget();
    clients_.remove_if(is_slow);
}

// What start_child() waits for is closed with all others: it returns then.
void AttachedClients::deliver_and_exit() noexcept {
    std::vector<int> kept;
    for (const Client& client : clients_) kept.push_back(client.outlet.fd());
    close_all_but(kept);
    Poller poller;
    while (!clients_.empty()) {
        watch(poller);
        poller.turn(-1);
        clients_.remove_if([](const Client& client) {
            return client.is_gone || !client.outlet.has_pending();
        });
    }
    ::_exit(0);
}
//@ end slow-clients

void AttachedClients::leave_open() {
    for (Client& client : clients_) client.outlet.leave_open();
    clients_.clear();
}

}  // namespace slipway
