#include "06-engine/monitor/serve.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <vector>

#include "06-engine/monitor/attach_protocol.hpp"
#include "06-engine/monitor/attached_clients.hpp"
#include "06-engine/monitor/container_input.hpp"
#include "06-engine/monitor/container_log.hpp"
#include "06-engine/monitor/exit_record.hpp"
#include "06-engine/monitor/health_timer.hpp"
#include "06-engine/monitor/memory.hpp"
#include "06-engine/monitor/poller.hpp"
#include "common/error.hpp"
#include "common/scope_guard.hpp"

namespace slipway {

namespace {

constexpr std::size_t read_size = 256 << 10;
// A monitor with nothing to do for so long gives memory back.
constexpr int idle_ms = 1000;
// So long the last output may take before the container counts as ended.
constexpr int patience_ms = 2000;

// Something that the container writes to: a pipe, or its terminal.
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
    bool turn(int timeout_ms);
    std::size_t read(Source& source);
    void forward_signal();
    void drain();
    void say_goodbye(int exit_code);
    void rest();

    const MonitorPlan& plan_;
    ChildProcess& init_;
    const LocalClient* local_;
    UniqueFd terminal_;
    ContainerInput input_;
    AttachedClients clients_;
    std::vector<Source> sources_;
    std::optional<ContainerLog> log_;
    std::optional<HealthTimer> health_;
    Poller poller_;
    std::string buffer_;
    bool has_ended_ = false, waits_for_local_ = true;
};

// A program that writes much is to be woken seldom. Not allowed: then not.
void make_roomy(int pipe) {
    constexpr int bytes = 1 << 20;
    ::fcntl(pipe, F_SETPIPE_SZ, bytes);
}

Server::Server(const MonitorPlan& plan, ChildProcess& init,
               const LocalClient* local)
    : plan_(plan),
      init_(init),
      local_(local),
      terminal_(plan.terminal),
      input_(UniqueFd(plan.in), plan.terminal, plan.stdin_once),
      clients_({init, input_, plan.terminal}) {
    if (!plan.log_path.empty())
        log_.emplace(plan.log_path,
                     LogLimits{plan.log_max_size, plan.log_max_files},
                     plan.log_attributes);
    if (!plan.health.command.empty()) health_.emplace(plan.health);
    if (plan.out >= 0)
        sources_.push_back({UniqueFd(plan.out), ContainerLog::Out});
    if (plan.err >= 0)
        sources_.push_back({UniqueFd(plan.err), ContainerLog::Err});
    for (const Source& source : sources_) make_roomy(source.fd.get());
    if (terminal_)  // read from under a number of its own
        sources_.push_back(
            {UniqueFd(
                 check(::fcntl(terminal_.get(), F_DUPFD_CLOEXEC, 3), "dup")),
             ContainerLog::Out});
    for (const Source& source : sources_) make_nonblocking(source.fd.get());
    clients_.listen_at(UniqueFd(plan.listener));
    if (plan.client >= 0) clients_.add_first(UniqueFd(plan.client));
    if (local) clients_.add_local(*local);
}

std::size_t Server::read(Source& source) {
    buffer_.resize(read_size);
    ssize_t n = ::read(source.fd.get(), buffer_.data(), buffer_.size());
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (n <= 0) {  // a terminal says EIO when nobody has it open
        source.fd.reset();
        return 0;
    }
    std::string_view bytes(buffer_.data(), static_cast<std::size_t>(n));
    if (log_) log_->write(source.stream, bytes);
    clients_.deal_out(
        source.stream == ContainerLog::Out ? attach_out : attach_err, bytes);
    return bytes.size();
}

void Server::forward_signal() {
    SignalForwarder::Taken taken = local_->signals->take();
    // Our window's size is nothing to a container that has none: Apache, for
    // one, ends at this signal.
    if (taken.number == 0 || (taken.number == SIGWINCH && taken.from_terminal))
        return;
    if (!has_ended_) init_.send_signal(taken.number);
    // Nothing is left to be ended but our waiting for who reads our output.
    if (has_ended_) waits_for_local_ = false;
}

//@ begin serve-turn
// False: nothing has happened in all that time.
bool Server::turn(int timeout_ms) {
    if (!has_ended_)
        poller_.watch(init_.pidfd(), POLLIN, [this] { has_ended_ = true; });
    if (local_ && local_->signals)
        poller_.watch(local_->signals->fd(), POLLIN,
                      [this] { forward_signal(); });
    // Who is attached and does not read makes the container wait.
    if (!clients_.is_held_up())
        for (Source& source : sources_)
            poller_.watch(source.fd.get(), POLLIN,
                          [this, &source] { read(source); });
    if (input_.is_held_up())
        poller_.watch(input_.fd(), POLLOUT, [this] { input_.feed(); });
    clients_.watch(poller_);
    if (health_ && !has_ended_) {
        poller_.watch(health_->process(), POLLIN, [this] { health_->reap(); });
        timeout_ms = health_->sooner_ms(timeout_ms);
    }
    bool something = poller_.turn(timeout_ms);
    if (health_ && !has_ended_) health_->check_if_due();
    clients_.forget_gone();
    std::erase_if(sources_, [](const Source& source) { return !source.fd; });
    return something;
}
//@ end serve-turn

//@ begin serve-drain
// What it has written is in the pipes by now: no more than they hold. Others
// may hold their far ends, if it shared a namespace of processes, and write on:
// that is not waited for, and neither is anybody who is attached.
void Server::drain() {
    constexpr std::size_t most = 2 << 20;
    for (Source& source : sources_)
        for (std::size_t taken = 0; source.fd && taken < most;) {
            std::size_t count = read(source);
            if (count == 0) break;
            taken += count;
        }
    sources_.clear();
    if (log_) log_->finish();
}
//@ end serve-drain

void Server::say_goodbye(int exit_code) {
    clients_.say_exit_code(exit_code);
    while (waits_for_local_ && clients_.is_local_held_up()) turn(-1);
    if (!waits_for_local_) clients_.drop_local();
    while (clients_.is_held_up())
        if (!turn(patience_ms)) break;
    clients_.leave_slow_ones_behind();
    clients_.leave_open();
}

// Also in a container that only waits there may be thousands of monitors.
void Server::rest() {
    std::string().swap(buffer_);
    clients_.release_memory();
    if (log_) log_->release_memory();
    release_unused_memory();
    turn(-1);
}

ExitStatus Server::run() {
    while (!has_ended_)
        if (!turn(idle_ms) && !has_ended_) rest();
    clients_.end_input();
    drain();
    health_.reset();  // a check that is running is killed
    pid_t pid = init_.pid();
    ExitStatus status = init_.wait();
    if (!plan_.exit_path.empty())
        write_exit_record(plan_.exit_path, pid, status);
    say_goodbye(status.exit_code());
    return status;
}

}  // namespace

ExitStatus serve(const MonitorPlan& plan, ChildProcess& init,
                 const LocalClient* local) {
    // A stream that nobody reads any more is no reason to end.
    auto before = ::signal(SIGPIPE, SIG_IGN);
    ScopeGuard restore([&] { ::signal(SIGPIPE, before); });
    return Server(plan, init, local).run();
}

}  // namespace slipway
