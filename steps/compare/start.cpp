#include "compare/start.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>

#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/numbers.hpp"
#include "common/process.hpp"
#include "compare/host_facts.hpp"

namespace slipway::compare {
namespace {

using Clock = std::chrono::steady_clock;
// Where the child has the forgotten folder: anywhere, and first of all, from
// where runtimes count what they are to hand on. (In us that one is taken, so
// what start_child() needs is not there.)
constexpr int leaked_numbers[] = {3, 9};

void cover(const std::vector<Cover>& covers) {
    if (covers.empty()) return;
    act(Why{"what we cover is covered for this program only"}, "unshare",
        ::unshare, shown(CLONE_NEWNS, "CLONE_NEWNS"));
    act(Why{"and stays in its namespace"}, "mount", ::mount, "none", "/",
        nullptr, shown<unsigned long>(MS_REC | MS_PRIVATE, "MS_REC|MS_PRIVATE"),
        nullptr);
    for (const Cover& each : covers)
        act(Why{"it finds there what it is to find"}, "mount", ::mount,
            each.source, each.target, nullptr,
            shown<unsigned long>(MS_BIND, "MS_BIND"), nullptr);
}

void become(unsigned user) {
    act(Why{"an ordinary user starts it"}, "setgroups", ::setgroups,
        std::size_t{0}, nullptr);
    act(Why{"an ordinary user starts it"}, "setgid", ::setgid, gid_t{user});
    act(Why{"an ordinary user starts it"}, "setuid", ::setuid, uid_t{user});
}

[[noreturn]] void become_command(const Command& command, int output, int leaked,
                                 const Terminal& terminal,
                                 const SignalForwarder& signals) {
    pid_t parent = ::getppid();
    terminal.enter();
    check(::dup2(output, 1), "dup2");
    check(::dup2(output, 2), "dup2");
    for (int number : leaked_numbers)
        if (leaked == number)  // dup2 would leave it close-on-exec
            check(::fcntl(leaked, F_SETFD, 0), "fcntl");
        else if (leaked >= 0)
            check(::dup2(leaked, number), "dup2");
    if (!command.folder.empty())
        check(::chdir(command.folder.c_str()), "chdir ", command.folder);
    cover(command.covers);
    for (const std::string& group : command.groups)
        act(Why{"its user has been given this group"}, "write",
            write_kernel_file, shown(AT_FDCWD, "AT_FDCWD"),
            group + "/cgroup.procs", "0");
    if (command.user != 0) become(command.user);
    die_with_parent(parent);
    signals.restore_in_child();
    exec_program(command.words, command.environment);
}

// Output in pieces, to whole lines.
class Lines {
  public:
    Lines(Observed& observed, const std::string& mark)
        : observed_(observed), mark_(mark) {}

    /// False: there is no more.
    bool read_from(int fd) {
        std::array<char, 16384> bytes{};
        ssize_t size = ::read(fd, bytes.data(), bytes.size());
        if (size < 0) return errno == EAGAIN || errno == EINTR;
        rest_.append(bytes.data(), static_cast<std::size_t>(size));
        for (std::size_t end; (end = rest_.find('\n')) != std::string::npos;) {
            std::string line = rest_.substr(0, end);
            while (line.ends_with('\r')) line.pop_back();
            take_line(observed_, line, mark_);
            rest_.erase(0, end + 1);
        }
        if (size == 0 && !rest_.empty()) take_line(observed_, rest_, mark_);
        constexpr std::size_t longest_line = 1 << 20;
        if (size == 0 || rest_.size() > longest_line) rest_.clear();
        return size > 0;
    }

  private:
    Observed& observed_;
    std::string mark_, rest_;
};

void reap(ChildProcess& child, Started& started) {
    siginfo_t info{};
    rusage used{};
    constexpr int by_pidfd = 3;  // P_PIDFD
    check(::syscall(SYS_waitid, by_pidfd, child.pidfd(), &info, WEXITED, &used),
          "waitid");
    child.forget();
    started.status = ExitStatus::from(info);
    started.kibibytes = used.ru_maxrss;
}

// In milliseconds; 0 when it is over.
int left_until(Clock::time_point deadline) {
    auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    return std::max(0, static_cast<int>(left.count()));
}

// Until the child ends. The order is: what happens on the host is answered
// while the probe waits for it.
void watch(ChildProcess& child, int output, Canaries* canaries, Lines& lines,
           Terminal& terminal, const SignalForwarder& signals,
           std::chrono::seconds patience, Started& started) {
    Clock::time_point deadline = Clock::now() + patience;
    bool open = true;
    while (true) {
        std::vector<pollfd> list = {{child.pidfd(), POLLIN, 0},
                                    {signals.fd(), POLLIN, 0},
                                    {open ? output : -1, POLLIN, 0},
                                    {terminal.outer(), POLLIN, 0}};
        if (canaries) canaries->add_to(list);
        int left = left_until(deadline);
        // Who never stops talking is not waited for any longer either.
        if (left == 0 || ::poll(list.data(), list.size(), left) == 0) {
            started.observed.timed_out = true;
            child.send_signal(SIGKILL);
            deadline = Clock::now() + patience;
            continue;
        }
        // Taken: left there, it would kill us before we have cleaned up.
        if (list[1].revents != 0 && signals.take().number != 0)
            throw Error(ErrorKind::Cancelled, "stopped by a signal");
        if ((list[3].revents & POLLIN) != 0 && terminal.was_typed_into())
            started.observed.traces.insert("K11");
        if (list[2].revents != 0) open = lines.read_from(output);
        if (canaries) canaries->take_events(started.observed.traces);
        if (list[0].revents != 0) return;
    }
}

// Of all its threads: the kernel notes who of them made the child.
std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> list;
    std::error_code gone;
    constexpr std::size_t most = 1 << 20;
    constexpr std::uint64_t largest_pid = 1 << 30;
    for (const auto& task : std::filesystem::directory_iterator(
             cat("/proc/", parent, "/task"), gone))
        try {
            std::string text =
                read_file(task.path().string() + "/children", most);
            for (const std::string& word : split(text, ' '))
                if (auto pid = parse_unsigned(word, largest_pid))
                    list.push_back(static_cast<pid_t>(*pid));
        } catch (const Error&) {
            // A thread that has ended meanwhile.
        }
    return list;
}

// Kills what has no children: whoever waits for it then ends in its own way,
// and takes away what it made.
void kill_leaves(pid_t pid) {
    std::vector<pid_t> below = children_of(pid);
    if (below.empty()) ::kill(pid, SIGKILL);
    for (pid_t child : below) kill_leaves(child);
}

bool has_ended(pid_t child) {
    return ::waitpid(child, nullptr, WNOHANG) == child;
}

// Until one of them ends, or a moment is over.
void wait_for_one(const std::vector<pid_t>& list) {
    std::vector<UniqueFd> handles;
    std::vector<pollfd> polled;
    for (pid_t pid : list) {
        handles.emplace_back(
            static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        polled.push_back({handles.back().get(), POLLIN, 0});
    }
    constexpr int moment = 50;  // ms: below it, others may have to be killed
    ::poll(polled.data(), polled.size(), moment);
}

UniqueFd nonblocking_pipe(UniqueFd& theirs) {
    int ends[2];
    check(::pipe2(ends, O_CLOEXEC), "pipe");
    UniqueFd output(ends[0]);
    theirs = UniqueFd(ends[1]);
    check(::fcntl(output.get(), F_SETFL, O_NONBLOCK), "fcntl");
    return output;
}

}  // namespace

Neighbour::Neighbour(const Command& command, int leaked_folder,
                     const std::string& mark, const SignalForwarder& signals) {
    UniqueFd theirs;
    output_ = nonblocking_pipe(theirs);
    child_.emplace(start_child(Why{"another container of the subject"}, [&] {
        become_command(command, theirs.get(), leaked_folder, terminal_,
                       signals);
    }));
    theirs.reset();
    Observed said;
    Lines lines(said, mark);
    Clock::time_point deadline = Clock::now() + command.patience;
    while (said.neighbour.empty()) {
        pollfd list[] = {{output_.get(), POLLIN, 0}, {signals.fd(), POLLIN, 0}};
        int left = left_until(deadline), ready = ::poll(list, 2, left);
        if (list[1].revents != 0 && signals.take().number != 0)
            throw Error(ErrorKind::Cancelled, "stopped by a signal");
        if (left == 0 || ready == 0 || !lines.read_from(output_.get()))
            throw Error(ErrorKind::System, cat("a second one did not start: ",
                                               last_line(said.output)));
    }
    for (const std::string& word : split(said.neighbour, ' '))
        plan_.push_back(word);
}

bool Neighbour::lives() const {
    pollfd end{child_->pidfd(), POLLIN, 0};
    return ::poll(&end, 1, 0) == 0;
}

Neighbour::~Neighbour() {
    constexpr int moment = 1000;  // ms
    pollfd end{child_->pidfd(), POLLIN, 0};
    child_->send_signal(SIGTERM);  // engines pass it on
    for (int tries = 0; ::poll(&end, 1, moment) == 0 && tries < 3; ++tries)
        kill_leaves(child_->pid());
}

void end_children(const std::vector<pid_t>& spared) {
    constexpr std::chrono::seconds grace{3};
    Clock::time_point deadline = Clock::now() + grace;
    while (true) {
        std::vector<pid_t> left;
        for (pid_t pid : children_of(::getpid()))
            if (std::find(spared.begin(), spared.end(), pid) == spared.end() &&
                !has_ended(pid))
                left.push_back(pid);
        if (left.empty()) return;
        for (pid_t pid : left)
            Clock::now() < deadline ? kill_leaves(pid)
                                    : void(::kill(pid, SIGKILL));
        wait_for_one(left);
    }
}

Started start(const Command& command, Canaries* canaries,
              const std::string& mark, const SignalForwarder& signals,
              const Neighbour* neighbour) {
    UniqueFd theirs, output = nonblocking_pipe(theirs);
    Started started;
    Lines lines(started.observed, mark);
    Terminal terminal;
    Clock::time_point begun = Clock::now();
    ChildProcess child =
        start_child(Why{"a subject: it starts the probe"}, [&] {
            become_command(command, theirs.get(),
                           canaries ? canaries->leaked_folder() : -1, terminal,
                           signals);
        });
    theirs.reset();
    watch(child, output.get(), canaries, lines, terminal, signals,
          command.patience, started);
    reap(child, started);
    started.milliseconds =
        std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
    std::vector<pid_t> spared;
    if (canaries) spared = canaries->processes();
    if (neighbour) spared.push_back(neighbour->process());
    end_children(spared);
    while (true) {  // what was printed last, now that nobody prints any more
        pollfd rest{output.get(), POLLIN, 0};
        if (::poll(&rest, 1, 0) != 1 || !lines.read_from(output.get())) break;
    }
    if (canaries) canaries->look_round(started.observed.traces);
    return started;
}

}  // namespace slipway::compare
