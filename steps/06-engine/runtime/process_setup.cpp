#include "06-engine/runtime/process_setup.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "01-chroot/root.hpp"
#include "02-namespaces/mounts.hpp"
#include "02-namespaces/terminal.hpp"
#include "04-images/image_user.hpp"
#include "06-engine/security/seccomp_answer.hpp"
#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr unsigned first_file = 3;

long join_session_keyring(const char* name) {
    // ledger: passed to act() by name
    return ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name);
}

// struct sched_attr of linux/sched/types.h, which glibc's own headers exclude.
struct SchedulerAttributes {
    std::uint32_t size, policy;
    std::uint64_t flags;
    std::int32_t nice;
    std::uint32_t priority;
    std::uint64_t runtime, deadline, period;
};

int set_scheduler(pid_t pid, const SchedulerAttributes* attributes) {
    // ledger: passed to act() by name
    return static_cast<int>(::syscall(SYS_sched_setattr, pid, attributes, 0));
}

int set_io_priority(pid_t pid, int priority) {
    constexpr int of_process = 1;  // IOPRIO_WHO_PROCESS
    // ledger: passed to act() by name
    return static_cast<int>(
        ::syscall(SYS_ioprio_set, of_process, pid, priority));
}

int set_limit(pid_t pid, int resource, const rlimit64* limit) {
    // ledger: passed to act() by name
    return ::prlimit64(pid, static_cast<__rlimit_resource>(resource), limit,
                       nullptr);
}

std::string limit_text(std::uint64_t value) {
    return value == RLIM64_INFINITY ? "unlimited" : cat(value);
}

// Without CAP_SYS_RESOURCE nobody gives more than he has. Podman asks for a
// million files always: lower is still a limit, no container is worse.
void lower_limit(pid_t pid, const Rlimit& limit,
                 const std::function<void(const std::string&)>& warn) {
    rlimit64 has{};
    check(::prlimit64(pid, static_cast<__rlimit_resource>(limit.resource),
                      nullptr, &has),
          "read ", limit.type);
    rlimit64 wanted{std::min(limit.soft, has.rlim_max),
                    std::min(limit.hard, has.rlim_max)};
    act(Why{"as much of it as we may give"}, "prlimit", set_limit, pid,
        shown(limit.resource, limit.type),
        shown(&wanted, limit_text(wanted.rlim_max)));
    warn(cat("process.rlimits: ", limit.type, " is ",
             limit_text(wanted.rlim_max), ", not ", limit_text(limit.hard),
             ": more needs CAP_SYS_RESOURCE"));
}

void set_limits(pid_t pid, const ProcessSpec& process,
                const std::function<void(const std::string&)>& warn) {
    for (const Rlimit& limit : process.rlimits) {
        rlimit64 wanted{limit.soft, limit.hard};
        if (try_act(Why{"a limit for this process and what it starts"},
                    "prlimit", set_limit, pid,
                    shown(limit.resource, limit.type),
                    shown(&wanted, cat(limit_text(limit.soft), ":",
                                       limit_text(limit.hard)))) == 0)
            continue;
        if (errno != EPERM)
            throw_errno(errno, cat("process.rlimits: ", limit.type));
        lower_limit(pid, limit, warn);
    }
}

// Pipes of the caller's: as another user the command could not open /dev/stdout
// again. Devices of the host stay whose they are.
void give_pipes(const User& user) {
    for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        struct stat info {};
        if (::fstat(fd, &info) != 0 || info.st_uid == user.uid) continue;
        if (!S_ISFIFO(info.st_mode) && !S_ISSOCK(info.st_mode)) continue;
        try_act(Why{"its stdio is its own"}, "fchown", ::fchown, fd, user.uid,
                static_cast<gid_t>(-1));  // an id without a map: no harm
    }
}

//@ begin become-process-user
void change_user(const ProcessPlan& plan, const ProcessSpec& process) {
    const User& user = process.user;
    if (process.capabilities) {
        limit_bounding_set(process.capabilities->bounding);
        if (user.uid != 0) keep_capabilities();
    }
    // A user who maps only himself may not drop groups, and has none to drop.
    bool may_keep = plan.has_user_namespace && user.groups.empty();
    if (try_act(Why{"leave our groups behind"}, "setgroups", ::setgroups,
                user.groups.size(), user.groups.data()) != 0 &&
        !(may_keep && errno == EPERM))
        throw_errno(errno, "process.user.additionalGids");
    change_ids(user);
    if (process.capabilities) set_capabilities(*process.capabilities);
}
//@ end become-process-user

// A folder that is missing is made, as runc does: images name some.
void enter_cwd(const std::string& cwd) {
    UniqueFd root(
        check(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "open /"));
    with_context(cat("process.cwd ", cwd), [&] {
        open_mount_point(root.get(), cwd, true, true);
        enter_workdir(cwd);
    });
}

// Nobody has to set it in config.json; shells want it.
void add_home(ProcessSpec& process) {
    if (!environment_value(process.env, "HOME").empty()) return;
    UniqueFd root(
        check(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "open /"));
    std::string home = find_image_user(root.get(), cat(process.user.uid)).home;
    process.env.push_back("HOME=" + home);
}

// What our caller ignores, the command would ignore, too: it survives execve.
void reset_signals() {
    for (int signal = 1; signal < SIGRTMIN; ++signal) ::signal(signal, SIG_DFL);
}

// A filter that is older than close_range(2), Linux 5.9, refuses it: then one
// by one, up to what a process may have open.
void close_range_or_each(unsigned first, unsigned last, int flags) {
    if (::close_range(first, last, flags) == 0) return;
    if (errno != EPERM && errno != ENOSYS) throw_errno(errno, "close_range");
    constexpr unsigned most_files_open = 1 << 20;  // fs.nr_open of most systems
    for (unsigned fd = first; fd <= std::min(last, most_files_open); ++fd)
        if (flags == CLOSE_RANGE_CLOEXEC)
            ::fcntl(static_cast<int>(fd), F_SETFD, FD_CLOEXEC);
        else
            ::close(static_cast<int>(fd));
}

//@ begin mark-files
// Everything that is open is closed by execve: a descriptor of a folder of the
// host would be a way out (CVE-2024-21626). Marked now and not closed, because
// the talk with our parent goes on.
void mark_files(unsigned preserved) {
    close_range_or_each(first_file + preserved, ~0U, CLOSE_RANGE_CLOEXEC);
    for (unsigned i = 0; i < preserved; ++i) {
        int fd = static_cast<int>(first_file + i);
        check(::fcntl(fd, F_SETFD, 0), "keep descriptor ", fd);
    }
}
//@ end mark-files

}  // namespace

void check_can_start(const SeccompFilter& filter) {
    if (seccomp_allows(filter, SYS_execve)) return;
    throw Error(ErrorKind::InvalidArgument,
                "config.json: linux.seccomp: it refuses execve")
        .advise(
            "the filter is in force when the program is started: it must allow "
            "that one call");
}

void hide_from_tracers() {
    act(Why{"the container's processes may not trace a newcomer"}, "prctl",
        ::prctl, shown(PR_SET_DUMPABLE, "PR_SET_DUMPABLE"), 0UL, 0UL, 0UL, 0UL);
}

void limit_process(pid_t pid, const ProcessSpec& process,
                   const std::function<void(const std::string&)>& warn) {
    set_limits(pid, process, warn);
    if (!process.oom_score_adj) return;
    std::string value = cat(*process.oom_score_adj);
    if (try_act(Why{"how soon it is killed when memory is short"}, "write",
                write_kernel_file, shown(AT_FDCWD, "AT_FDCWD"),
                cat("/proc/", pid, "/oom_score_adj"), value) != 0)
        // Lower than ours needs CAP_SYS_RESOURCE.
        warn(cat("process.oomScoreAdj: ", value,
                 ": the kernel does not let us"));
}

void limit_between(const ProcessSpec& process,
                   const std::function<void(const std::string&)>& warn) {
    ProcessSpec between = process;
    for (Rlimit& limit : between.rlimits) {
        rlimit has{};
        if (limit.resource != RLIMIT_NPROC) continue;
        check(::getrlimit(RLIMIT_NPROC, &has), "read ", limit.type);
        limit.soft = std::max(limit.soft, has.rlim_cur);
        limit.hard = std::max(limit.hard, has.rlim_max);
    }
    limit_process(::getpid(), between, warn);
}

void limit_own_number(const ProcessSpec& process) {
    ProcessSpec own;
    for (const Rlimit& limit : process.rlimits)
        if (limit.resource == RLIMIT_NPROC) own.rlimits.push_back(limit);
    set_limits(0, own, [](const std::string&) {});  // it was said before
}

void schedule_process(pid_t pid, const ProcessSpec& process) {
    if (process.scheduler) {
        const SchedulerSpec& wanted = *process.scheduler;
        const SchedulerAttributes attributes{
            sizeof attributes,  wanted.policy,   wanted.flags,
            wanted.nice,        wanted.priority, wanted.runtime_ns,
            wanted.deadline_ns, wanted.period_ns};
        act(Why{"when it gets a processor"}, "sched_setattr", set_scheduler,
            pid, shown(&attributes, cat("policy ", wanted.policy)));
    }
    if (process.io_priority)
        act(Why{"when it gets the disk"}, "ioprio_set", set_io_priority, pid,
            *process.io_priority);
}

//@ begin session
void make_terminal(ProcessPlan& plan, ConsoleFile file) {
    if (!plan.console) return;
    auto size =
        plan.process.console_size.value_or(ProcessSpec::ConsoleSize{0, 0});
    give_terminal(plan.console.get(), size.height, size.width,
                  plan.process.user.uid, file);
    plan.console.reset();
}

void begin_session(const ProcessPlan& plan) {
    if (plan.process.terminal)
        take_terminal();
    else
        act(Why{"no terminal of ours can be typed into"}, "setsid", ::setsid);
}
//@ end session

std::string confine_process(
    ProcessPlan& plan, const std::function<void(UniqueFd)>& take_listener) {
    ProcessSpec& process = plan.process;
    auto load_filter = [&] {
        if (!plan.seccomp) return;
        UniqueFd listener = load_seccomp(*plan.seccomp);
        if (listener) take_listener(std::move(listener));
    };
    //@ begin confine-first
    if (plan.personality)
        act(Why{"what kind of machine it sees"}, "personality", ::personality,
            *plan.personality);
    if (!plan.keyring.empty())
        // A kernel without keys has none to keep apart.
        try_act(Why{"keys of its own: the caller's are not for it"}, "keyctl",
                join_session_keyring, plan.keyring);
    give_pipes(process.user);
    enter_cwd(process.cwd);
    if (process.umask) ::umask(*process.umask);
    if (process.no_new_privileges)
        act(Why{"no set-uid program gives it more than it has"}, "prctl",
            ::prctl, shown(PR_SET_NO_NEW_PRIVS, "PR_SET_NO_NEW_PRIVS"), 1UL,
            0UL, 0UL, 0UL);
    else
        load_filter();  // while we have CAP_SYS_ADMIN, which it needs then
    //@ end confine-first
    //@ begin confine-last
    change_user(plan, process);
    add_home(process);
    std::string program = find_program(process.args[0], process.env);
    mark_files(plan.preserved_files);
    reset_signals();
    // As late as can be: what comes now must be allowed by every filter.
    if (process.no_new_privileges) load_filter();
    return program;
    //@ end confine-last
}

//@ begin close-all-but
void close_all_but(const ProcessPlan& plan, std::vector<int> kept) {
    unsigned next = first_file + plan.preserved_files;
    kept.push_back(ledger::descriptor());
    std::sort(kept.begin(), kept.end());
    for (int fd : kept) {
        if (fd < static_cast<int>(next)) continue;
        if (fd > static_cast<int>(next))
            close_range_or_each(next, static_cast<unsigned>(fd) - 1, 0);
        next = static_cast<unsigned>(fd) + 1;
    }
    close_range_or_each(next, ~0U, 0);
}
//@ end close-all-but

void become_program(const ProcessPlan& plan, const std::string& program) {
    plan.before_program();
    exec_file(program, plan.process.args, plan.process.env);
}

}  // namespace slipway
