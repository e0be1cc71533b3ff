#include "06-engine/monitor/serve.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <list>
#include <memory>

#include "06-engine/monitor/attach_protocol.hpp"
#include "06-engine/monitor/client.hpp"
#include "06-engine/monitor/container_log.hpp"
#include "06-engine/monitor/health_timer.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"

namespace slipway {

namespace {

constexpr std::size_t read_size = 64 << 10;

struct Client {
    Outlet outlet;
    int input = -1;  // to be read from: the socket, or our own stdin
    bool is_local = false, wants_out = true, wants_err = true;
    bool is_gone = false;
};

struct Source {
    UniqueFd fd;
    ContainerLog::Stream stream;
};

class Server {
  public:
    Server(const MonitorPlan& plan, ChildProcess& init,
           const LocalClient* local);
    ExitStatus run();

  private:
    void turn(int timeout_ms);
    void accept_client();
    void read_source(Source& source);
    void read_client(Client& client);
    void take_message(Client& client, std::string_view message);
    void resize(const std::string& rows_and_columns);
    void give_input(std::string_view bytes);
    void feed_input();
    void end_input();
    void deal_out(ContainerLog::Stream stream, std::string_view bytes);
    void forward_signal();
    void drain();
    void say_goodbye(const ExitStatus& status);
    bool is_held_up() const;

    ChildProcess& init_;
    UniqueFd in_, terminal_, listener_;
    bool stdin_once_, has_ended_ = false;
    std::list<Source> sources_;
    std::list<Client> clients_;
    std::unique_ptr<ContainerLog> log_;
    const SignalForwarder* signals_ = nullptr;
    HealthTimer health_;
    std::string input_;  // that the container has not taken yet
    bool input_ends_ = false;
    std::string buffer_;
};

void make_nonblocking(int fd) {
    check(::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK), "fcntl");
}

Server::Server(const MonitorPlan& plan, ChildProcess& init,
               const LocalClient* local)
    : init_(init),
      in_(plan.in),
      terminal_(plan.terminal),
      listener_(plan.listener),
      stdin_once_(plan.stdin_once),
      health_(plan.health) {
    if (!plan.log_path.empty())
        log_ = std::make_unique<ContainerLog>(
            plan.log_path, LogLimits{plan.log_max_size, plan.log_max_files},
            plan.log_attributes);
    for (auto [fd, stream] : {std::pair{plan.out, ContainerLog::Out},
                              std::pair{plan.err, ContainerLog::Err}})
        if (fd >= 0) sources_.push_back({UniqueFd(fd), stream});
    if (terminal_)  // one descriptor to read from, one to write to
        sources_.push_back(
            {UniqueFd(::fcntl(terminal_.get(), F_DUPFD_CLOEXEC, 3)),
             ContainerLog::Out});
    for (Source& source : sources_) make_nonblocking(source.fd.get());
    if (in_) make_nonblocking(in_.get());
    if (plan.client >= 0) {
        clients_.push_back({Outlet::socket(UniqueFd(plan.client))});
        clients_.back().input = plan.client;
    }
    if (!local) return;
    signals_ = local->signals;
    if (local->out >= 0) {
        clients_.push_back({Outlet::plain(local->out), local->in, true});
        clients_.back().wants_err = false;
    }
    if (local->err >= 0) {
        clients_.push_back({Outlet::plain(local->err), -1, true});
        clients_.back().wants_out = false;
    }
    if (local->out < 0 && local->in >= 0) {
        clients_.push_back({Outlet::plain(-1), local->in, true, false, false});
    }
}

bool Server::is_held_up() const {
    for (const Client& client : clients_)
        if (client.outlet.has_pending()) return true;
    return false;
}

void Server::accept_client() {
    UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket) return;
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &who, &size) != 0 ||
        (who.uid != 0 && who.uid != ::geteuid()))
        return;
    int fd = socket.get();
    clients_.push_back(
        {Outlet::socket(std::move(socket)), fd, false, false, false});
}

void Server::deal_out(ContainerLog::Stream stream, std::string_view bytes) {
    if (log_) log_->write(stream, bytes);
    constexpr std::size_t most = largest_attach_message - 1;
    for (Client& client : clients_) {
        bool wanted =
            stream == ContainerLog::Out ? client.wants_out : client.wants_err;
        if (!wanted || client.is_gone) continue;
        for (std::size_t at = 0; at < bytes.size(); at += most)
            client.outlet.add(
                stream == ContainerLog::Out ? attach_out : attach_err,
                bytes.substr(at, most));
        if (!client.is_local) client.is_gone = !client.outlet.send();
    }
}

void Server::read_source(Source& source) {
    buffer_.resize(read_size);
    ssize_t n = ::read(source.fd.get(), buffer_.data(), buffer_.size());
    if (n > 0)
        deal_out(source.stream, {buffer_.data(), static_cast<std::size_t>(n)});
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        source.fd.reset();  // a terminal says EIO when nobody has it open
}

void Server::give_input(std::string_view bytes) {
    input_ += bytes;
    feed_input();
}

void Server::feed_input() {
    int to = terminal_ ? terminal_.get() : in_.get();
    while (!input_.empty() && to >= 0) {
        ssize_t n = ::write(to, input_.data(), input_.size());
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (n < 0) {  // nobody reads it any more
            input_.clear();
            in_.reset();
            return;
        }
        input_.erase(0, static_cast<std::size_t>(n));
    }
    if (input_.empty() && input_ends_) in_.reset();
}

void Server::end_input() {
    if (terminal_ || !stdin_once_) return;
    input_ends_ = true;
    feed_input();
}

void Server::take_message(Client& client, std::string_view message) {
    std::string rest(message.substr(1));
    switch (message[0]) {
        case attach_in:
            return give_input(rest);
        case attach_in_end:
            return end_input();
        case attach_wants:
            client.wants_out = rest.find('o') != std::string::npos;
            client.wants_err = rest.find('e') != std::string::npos;
            return;
        case attach_waits:
            client.wants_out = client.wants_err = false;
            return;
        case attach_signal:
            if (auto signal = parse_unsigned(rest, _NSIG - 1).value_or(0))
                init_.send_signal(static_cast<int>(signal));
            return;
        case attach_resize:
            return resize(rest);
        default:
            return;  // of a newer program
    }
}

void Server::resize(const std::string& rows_and_columns) {
    std::vector<std::string> words = split(rows_and_columns, ' ');
    if (words.size() != 2 || !terminal_) return;
    auto rows = parse_unsigned(words[0], USHRT_MAX);
    auto columns = parse_unsigned(words[1], USHRT_MAX);
    if (!rows || !columns) return;
    winsize size{static_cast<unsigned short>(*rows),
                 static_cast<unsigned short>(*columns), 0, 0};
    ::ioctl(terminal_.get(), TIOCSWINSZ, &size);
}

void Server::read_client(Client& client) {
    buffer_.resize(read_size);
    ssize_t n = client.is_local
                    ? ::read(client.input, buffer_.data(), buffer_.size())
                    : ::recv(client.input, buffer_.data(), buffer_.size(),
                             MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    std::string_view bytes(buffer_.data(),
                           n > 0 ? static_cast<std::size_t>(n) : 0);
    if (client.is_local) {
        if (!bytes.empty()) return give_input(bytes);
        client.input = -1;
        end_input();
    } else if (bytes.empty()) {
        client.is_gone = true;
    } else {
        take_message(client, bytes);
    }
}

void Server::forward_signal() {
    SignalForwarder::Taken taken = signals_->take();
    // Our window's size is nothing to a container that has none: Apache, for
    // one, ends at this signal.
    if (taken.number == SIGWINCH && taken.from_terminal) return;
    if (taken.number != 0) init_.send_signal(taken.number);
}

//@ begin serve-turn
// What is to be waited for is put together anew each time: it is short, and
// nothing can be forgotten.
void Server::turn(int timeout_ms) {
    std::vector<pollfd> polled;
    std::vector<std::function<void()>> answers;
    auto watch = [&](int fd, short events, std::function<void()> answer) {
        if (fd < 0) return;
        polled.push_back({fd, events, 0});
        answers.push_back(std::move(answer));
    };
    if (!has_ended_) watch(init_.pidfd(), POLLIN, [&] { has_ended_ = true; });
    if (signals_) watch(signals_->fd(), POLLIN, [&] { forward_signal(); });
    watch(listener_.get(), POLLIN, [&] { accept_client(); });
    watch(health_.process(), POLLIN, [&] { health_.reap(); });
    if (!is_held_up())
        for (Source& source : sources_)
            watch(source.fd.get(), POLLIN, [&] { read_source(source); });
    if (!input_.empty())
        watch(terminal_ ? terminal_.get() : in_.get(), POLLOUT,
              [&] { feed_input(); });
    for (Client& client : clients_) {
        // Input that is not taken is not asked for.
        bool reads = input_.empty() && !has_ended_ && client.input >= 0;
        if (reads || !client.is_local)
            watch(client.input, reads ? POLLIN : 0,
                  [&] { read_client(client); });
        if (client.outlet.has_pending())
            watch(client.outlet.fd(), POLLOUT,
                  [&] { client.is_gone |= !client.outlet.send(); });
    }
    int due_ms = has_ended_ ? -1 : health_.due_ms();
    int wait_ms = timeout_ms >= 0 && (due_ms < 0 || timeout_ms < due_ms)
                      ? timeout_ms
                      : due_ms;
    if (::poll(polled.data(), polled.size(), wait_ms) < 0 && errno != EINTR)
        throw_errno(errno, "poll");
    for (std::size_t i = 0; i < polled.size(); ++i)
        if (polled[i].revents != 0) answers[i]();
    if (!has_ended_) health_.check_if_due();
    clients_.remove_if([](const Client& client) { return client.is_gone; });
    sources_.remove_if([](const Source& source) { return !source.fd; });
}
//@ end serve-turn

// Everything that it has written is in the pipes by now. Processes of the host
// may hold their other ends, if it shared the host's pid namespace: what is not
// there at once is not waited for.
void Server::drain() {
    for (Source& source : sources_)
        while (source.fd) {
            while (is_held_up()) turn(-1);
            pollfd one{source.fd.get(), POLLIN, 0};
            if (::poll(&one, 1, 0) <= 0) break;
            read_source(source);
        }
    sources_.clear();
    if (log_) log_->finish();
}

void Server::say_goodbye(const ExitStatus& status) {
    listener_.reset();
    std::string code = cat(status.exit_code());
    for (Client& client : clients_)
        if (!client.is_local) client.outlet.add(attach_exit, code);
    for (Client& client : clients_) client.is_gone |= !client.outlet.send();
    // One that has stopped reading is not waited for for ever.
    constexpr int patience_ms = 10'000;
    while (is_held_up()) {
        std::size_t before = clients_.size();
        turn(patience_ms);
        bool local = false;
        for (const Client& client : clients_)
            local |= client.is_local && client.outlet.has_pending();
        if (!local && before == clients_.size() && is_held_up()) break;
    }
}

ExitStatus Server::run() {
    while (!has_ended_) turn(-1);
    drain();
    ExitStatus status = init_.wait();
    say_goodbye(status);
    return status;
}

}  // namespace

ExitStatus serve(const MonitorPlan& plan, ChildProcess& init,
                 const LocalClient* local) {
    // A stream that nobody reads any more is no reason to end.
    auto before = ::signal(SIGPIPE, SIG_IGN);
    pid_t pid = init.pid();
    ExitStatus status = Server(plan, init, local).run();
    ::signal(SIGPIPE, before);
    if (!plan.exit_path.empty()) write_exit_record(plan.exit_path, pid, status);
    return status;
}

}  // namespace slipway
