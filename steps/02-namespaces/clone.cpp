#include "02-namespaces/clone.hpp"

#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/unix_socket.hpp"

namespace slipway {

namespace {

void require_one_thread() {
    // In a joined mount namespace, /proc may be of processes without us.
    std::error_code unknown;
    std::filesystem::directory_iterator tasks("/proc/self/task", unknown);
    if (unknown || std::distance(begin(tasks), end(tasks)) == 1) return;
    throw Error(ErrorKind::Conflict,
                "clone from a process with several threads");
}

int clone3_call(clone_args* args) {
    // ledger: passed to act() by name
    return static_cast<int>(::syscall(SYS_clone3, args, sizeof *args));
}

//@ begin clone-older
// For Linux before 5.3, and for sandboxes that hide clone3. The older call has
// no room for a group, nor for a time namespace.
pid_t clone_older(const CloneOptions& options, int& pidfd) {
    auto flags = static_cast<unsigned long>(options.namespaces.flags) |
                 CLONE_PIDFD | SIGCHLD;
    if (options.namespaces.has(CLONE_NEWTIME)) {
        errno = ENOSYS;
        return -1;
    }
    // ledger: passed to act() by name
    return static_cast<pid_t>(::syscall(SYS_clone, flags, 0, &pidfd, 0, 0));
}

void move_into_group(pid_t pid, int cgroup_fd) {
    if (cgroup_fd < 0) return;
    act(Why{"the older clone could not start it there"},  //
        "write", write_kernel_file, cgroup_fd, "cgroup.procs", cat(pid));
}
//@ end clone-older

std::string explain_clone(int error, const NamespaceSet& namespaces) {
    if (error == EPERM && !namespaces.has(CLONE_NEWUSER))
        return "new namespaces need CAP_SYS_ADMIN: use sudo, or --map-root";
    if (error == EPERM)
        return "this system does not allow user namespaces to you: see "
               "./dev doctor";
    if (error == ENOSPC)
        return "a limit on namespaces was reached: see "
               "/proc/sys/user/max_*_namespaces";
    if (error == EINVAL)
        return "this kernel lacks one of these kinds: see ls /proc/self/ns";
    return {};
}

//@ begin clone
// Returns twice, as fork does: 0 in the child.
pid_t clone_into(const CloneOptions& options, int& pidfd) {
    clone_args args{};
    args.flags =
        static_cast<std::uint64_t>(options.namespaces.flags) | CLONE_PIDFD;
    args.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
    args.exit_signal = SIGCHLD;
    if (options.cgroup_fd >= 0) {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = static_cast<std::uint64_t>(options.cgroup_fd);
    }
    return clone3_call(&args);
}
//@ end clone

void send(int socket, Message message, const std::string& bytes = {}) {
    send_message(socket, static_cast<char>(message) + bytes);
}

// The child may be dead already, killed by a limit of its group: then its end
// of the socket is closed, and what comes next finds out.
void tell_parent_done(int socket) {
    try {
        send(socket, Message::ParentDone);
    } catch (const Error& error) {
        if (error.system_errno() != EPIPE) throw;
    }
}

//@ begin clone-call
// Returns twice: nothing in the child. The group is still to be entered if it
// is still in the options.
std::optional<ChildProcess> clone_once(Why why, CloneOptions& options) {
    std::fflush(nullptr);  // or both processes print what is buffered
    announce(why, "clone3", shown(0, options.namespaces.text()));
    int pidfd = -1;
    pid_t pid = clone_into(options, pidfd);
    if (pid >= 0) {
        options.cgroup_fd = -1;
    } else if (errno == ENOSYS) {
        options.begins_at_once = false;  // not before it is in its group
        pid = clone_older(options, pidfd);
    }
    if (pid < 0) {
        int error = errno;
        throw Error(kind_of_errno(error),
                    cat("clone3(", options.namespaces.text(), ")"), error)
            .advise(explain_clone(error, options.namespaces));
    }
    if (pid == 0) return std::nullopt;
    return ChildProcess(pid, UniqueFd(pidfd));
}
//@ end clone-call

//@ begin child
[[noreturn]] void run_cloned(UniqueFd socket, bool waits,
                             const std::function<void(ParentLink&)>& in_child) {
    ParentLink parent(std::move(socket));
    run_child(
        [&] {
            parent.die_with_parent();
            // 3: until then, our ids mean nothing and our cgroup may be wrong.
            if (waits) parent.wait_for_parent();
            in_child(parent);
        },
        [&](const std::string& failure) {
            send(parent.socket(), Message::Failed, failure);  // 4
        });
}
//@ end child

long clone_call(unsigned long flags, pid_t& born) {
    // ledger: passed to act() by name
    return ::syscall(SYS_clone, flags, 0, &born, 0, 0);
}

// A child of our parent, not of us: its end is told there, as ours is. By the
// older call, which filters of containers know. The kernel notes its number
// before it runs: we may be killed before we could.
bool is_sibling(const NamespaceSet& namespaces, pid_t& born) {
    std::string text = namespaces.flags == 0
                           ? "CLONE_PARENT"
                           : cat("CLONE_PARENT|", namespaces.text());
    announce(Why{"the process that counts, from one that is ready for it"},
             "clone", shown(0, text));
    return check(clone_call(sibling_flags(namespaces), born), "clone(", text,
                 ")") == 0;
}

// For a number that a child has to tell when it may say nothing any more.
struct SharedNumber {
    SharedNumber()
        : place(::mmap(nullptr, sizeof(pid_t), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
        if (place == MAP_FAILED) throw_errno(errno, "mmap");
        value() = 0;  // now, and not when memory may be short
    }
    SharedNumber(const SharedNumber&) = delete;
    SharedNumber& operator=(const SharedNumber&) = delete;
    ~SharedNumber() { ::munmap(place, sizeof(pid_t)); }
    pid_t& value() { return *static_cast<pid_t*>(place); }
    // Of whom others may take hold: they would choose whom the parent takes for
    // its child, and ends.
    void is_not_for_children() {
        check(::madvise(place, sizeof(pid_t), MADV_DONTFORK), "madvise");
    }

    void* place;
};

[[noreturn]] void run_between(
    UniqueFd socket, const NamespaceSet& namespaces, SharedNumber& born,
    const std::function<void(ParentLink&)>& prepare,
    const std::function<void(ParentLink&)>& in_child) {
    ParentLink parent(std::move(socket));
    auto report = [&](const std::string& failure) {
        send(parent.socket(), Message::Failed, failure);
    };
    auto child = [&] {
        parent.wait_for_parent();
        in_child(parent);
    };
    auto between = [&] {
        parent.die_with_parent();
        born.is_not_for_children();
        prepare(parent);
        if (is_sibling(namespaces, born.value())) run_child(child, report);
    };
    run_child(between, report);
}

//@ begin hear-child
// Until it has started, or has become the command: then its end of the socket
// closes by itself, as it does when the child is killed.
void hear_child(int socket, ChildProcess& child, const CloneOptions& options,
                const std::function<void(UniqueFd)>& take_file,
                const std::function<std::string(const ChildProcess&,
                                                const std::string&)>& answer) {
    while (true) {
        SocketMessage said = receive_message(socket);
        if (said.bytes.empty() && options.says_started)
            throw Error(ErrorKind::System,
                        cat("the new process ended before it was ready: ",
                            child.wait().text()));
        if (said.bytes.empty()) return;
        std::string rest = said.bytes.substr(1);
        switch (static_cast<Message>(said.bytes[0])) {
            case Message::File:
                if (!said.files.empty()) take_file(std::move(said.files[0]));
                break;
            case Message::Question:
                send_message(socket, answer ? answer(child, rest) : "no");
                break;
            case Message::Started:
                return;
            default:
                throw Error::decode(rest);  // who holds the child ends it
        }
    }
}
//@ end hear-child

// What the one between sends, until it has ended.
void hear_between(int socket, const ChildProcess& between,
                  const std::function<void(UniqueFd)>& take_file) {
    pollfd sources[] = {{socket, POLLIN, 0}, {between.pidfd(), POLLIN, 0}};
    auto& [messages, end] = sources;
    while (end.revents == 0) {
        if (::poll(sources, 2, -1) < 0 && errno != EINTR)
            throw_errno(errno, "poll");
        if ((messages.revents & POLLIN) == 0) continue;
        SocketMessage said = receive_message(socket);
        if (said.bytes.empty()) return;
        if (said.files.empty()) throw Error::decode(said.bytes.substr(1));
        take_file(std::move(said.files[0]));
    }
}

// A child that begins at once may have failed first, and we for that: then what
// it says counts.
template <class InParent, class Hear>
void do_our_part(InParent in_parent, Hear hear, int socket) {
    try {
        in_parent();
    } catch (const Error&) {
        pollfd link{socket, POLLIN, 0};
        if (::poll(&link, 1, 0) == 1 && (link.revents & POLLIN) != 0) hear();
        throw;
    }
}

}  // namespace

unsigned long sibling_flags(const NamespaceSet& namespaces) {
    return static_cast<unsigned long>(namespaces.flags) | CLONE_PARENT |
           CLONE_PARENT_SETTID;
}

void ParentLink::started() {
    // By a call that every filter allows.
    char message = static_cast<char>(Message::Started);
    check(::write(socket_.get(), &message, 1), "tell the parent");
    socket_.reset();
}

void ParentLink::wait_for_parent() {
    if (parent_is_done_) return;
    // By a call that every filter allows.
    char message = 0;
    if (::read(socket_.get(), &message, 1) <= 0) ::_exit(exit_engine_error);
    parent_is_done_ = true;
}

void ParentLink::send_file(UniqueFd file) const {
    std::vector<UniqueFd> files;
    files.push_back(std::move(file));
    char message = static_cast<char>(Message::File);
    send_message(socket_.get(), {&message, 1}, files);
}

std::string ParentLink::ask(const std::string& question) const {
    send(socket_.get(), Message::Question, question);
    std::string answer = receive_message(socket_.get()).bytes;
    if (answer.empty()) ::_exit(exit_engine_error);  // it has failed or gone
    return answer;
}

//@ begin die-with-parent
void ParentLink::die_with_parent() const {
    check(::prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl PR_SET_PDEATHSIG");
    // It may have died before: its end of the socket tells. (getppid() does
    // not: in a new pid namespace the parent has no number, it is always 0.)
    pollfd link{socket_.get(), POLLRDHUP, 0};
    if (::poll(&link, 1, 0) == 1 && (link.revents & (POLLHUP | POLLRDHUP)) != 0)
        ::_exit(exit_engine_error);
}
//@ end die-with-parent

ChildProcess clone_process(
    Why why, CloneOptions options,
    const std::function<void(const ChildProcess&)>& in_parent,
    const std::function<void(ParentLink&)>& in_child,
    const std::function<void(UniqueFd)>& take_file,
    const std::function<std::string(const ChildProcess&, const std::string&)>&
        answer) {
    require_one_thread();
    auto [ours, theirs] = make_socket_pair();
    //@ begin clone-talk
    std::optional<ChildProcess> child = clone_once(why, options);  // 1
    if (!child) {
        ours.reset();  // or the child would hold its own parent's end open
        run_cloned(std::move(theirs), !options.begins_at_once, in_child);
    }
    theirs.reset();

    move_into_group(child->pid(), options.cgroup_fd);
    int link = ours.get();
    auto hear = [&] { hear_child(link, *child, options, take_file, answer); };
    do_our_part([&] { in_parent(*child); }, hear, link);  // 2
    tell_parent_done(link);                               // 3
    hear();                                               // 4
    return std::move(*child);
    //@ end clone-talk
}

ChildProcess clone_through(
    Why why, const CloneOptions& options,
    const std::function<void(ParentLink&)>& prepare,
    const std::function<void(const ChildProcess&)>& in_parent,
    const std::function<void(ParentLink&)>& in_child,
    const std::function<void(UniqueFd)>& take_file,
    const std::function<std::string(const ChildProcess&, const std::string&)>&
        answer) {
    require_one_thread();
    auto [ours, theirs] = make_socket_pair();
    SharedNumber born;
    //@ begin clone-through
    // CLONE_VFORK: we go on when it has ended, with all that it could write.
    CloneOptions first{.namespaces = {options.hears_prepare ? 0 : CLONE_VFORK},
                       .cgroup_fd = options.cgroup_fd};
    std::optional<ChildProcess> between = clone_once(why, first);  // 1
    if (!between) {
        ours.reset();
        run_between(std::move(theirs), options.namespaces, born, prepare,
                    in_child);
    }
    theirs.reset();
    if (options.hears_prepare) hear_between(ours.get(), *between, take_file);
    if (born.value() == 0) {
        ExitStatus end = between->wait();
        hear_child(ours.get(), *between, {}, take_file, answer);  // throws
        throw Error(ErrorKind::System, cat("entering: ", end.text()));
    }
    // Our child, which nobody but us can reap: the number is still its.
    ChildProcess child(born.value(), open_pidfd(born.value()));

    move_into_group(child.pid(), first.cgroup_fd);
    in_parent(child);                                           // 2
    tell_parent_done(ours.get());                               // 3
    hear_child(ours.get(), child, options, take_file, answer);  // 4
    between->wait();
    return child;
    //@ end clone-through
}

}  // namespace slipway
