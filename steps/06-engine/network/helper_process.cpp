#include "06-engine/network/helper_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/spawn.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t longest_complaint = 64 << 10;

UniqueFd file_with(const std::string& text) {
    UniqueFd file(check(::memfd_create("input", MFD_CLOEXEC), "memfd_create"));
    write_all(file.get(), text);
    check(::lseek(file.get(), 0, SEEK_SET), "rewind");
    return file;
}

struct flock whole_file(short type) {
    struct flock whole {};
    whole.l_type = type;
    whole.l_whence = SEEK_SET;
    return whole;
}

}  // namespace

pid_t helper_process(const std::string& mark) {
    UniqueFd file(::open(mark.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (!file) return 0;
    struct flock lock = whole_file(F_WRLCK);
    check(::fcntl(file.get(), F_GETLK, &lock), "ask for the lock of ", mark);
    return lock.l_type == F_UNLCK ? 0 : lock.l_pid;
}

void run_helper(const NetworkStore& store, const HelperPlan& plan) {
    int ends[2];
    check(::pipe2(ends, O_CLOEXEC), "pipe");
    UniqueFd read_end(ends[0]), write_end(ends[1]);
    UniqueFd input = file_with(plan.input);
    std::string path = store.programs.empty()
                           ? program_beside(plan.program)
                           : cat(store.programs, "/", plan.program);
    SpawnPlan spawned{.program = path,
                      .arguments = {plan.program},
                      .environment = std::vector<std::string>{},
                      .files = {{input.get(), STDIN_FILENO},
                                {-1, STDOUT_FILENO},
                                {write_end.get(), STDERR_FILENO}},
                      .flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF};
    spawned.arguments.insert(spawned.arguments.end(), plan.arguments.begin(),
                             plan.arguments.end());
    // Above all the numbers that they get there: none overwrites another.
    std::vector<UniqueFd> copies;
    for (int file : plan.files) {
        copies.emplace_back(check(::fcntl(file, F_DUPFD_CLOEXEC, 1000),
                                  "duplicate a descriptor"));
        int number = STDERR_FILENO + static_cast<int>(copies.size());
        spawned.files.push_back({copies.back().get(), number});
    }
    ChildProcess child = spawn(std::move(spawned));
    write_end.reset();
    // At its end when the program is, or has gone to the background.
    std::string complaint = read_all(read_end.get(), longest_complaint);
    ExitStatus status = child.wait();
    while (complaint.ends_with('\n')) complaint.pop_back();
    if (!status.ok() || !complaint.empty())
        throw Error(ErrorKind::System,
                    cat(plan.program, ": ",
                        complaint.empty() ? status.text() : complaint));
}

//@ begin go-to-background
void go_to_background(const std::string& mark) {
    // The caller waits for the first process, which ends here; the second one
    // has no parent to whom it could become a zombie.
    if (fork_away() == Fork::First) ::_exit(0);
    check(::setsid(), "setsid");
    check(::chdir("/"), "chdir /");
    UniqueFd file(check(
        ::open(mark.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600),
        "open ", mark));
    struct flock lock = whole_file(F_WRLCK);
    check(::fcntl(file.get(), F_SETLK, &lock), "lock ", mark);
    // The caller reads this up to its end: from here on it goes on.
    UniqueFd nothing = open_null();
    for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        check(::dup2(nothing.get(), fd), "dup2");
    file.release();  // the lock goes with the process, and not before
}
//@ end go-to-background

bool helper_lives(const std::string& mark) {
    return helper_process(mark) != 0;
}

//@ begin stop-helper
void stop_helper(const std::string& mark) {
    pid_t pid = helper_process(mark);
    if (pid > 0) {
        UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        // Asked again: it held the lock after we held the process, so it is it.
        if (process && helper_process(mark) == pid) {
            if (::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL,
                          nullptr, 0) != 0 &&
                errno != ESRCH)
                check(-1, "end process ", pid, ", which holds ", mark);
            pollfd ended{process.get(), POLLIN, 0};
            while (::poll(&ended, 1, -1) < 0 && errno == EINTR) {
            }
        }
    }
    if (::unlink(mark.c_str()) != 0 && errno != ENOENT)
        check(-1, "remove ", mark);
}
//@ end stop-helper

void become_nobody() {
    constexpr unsigned nobody = 65534;
    if (::geteuid() != 0) return;
    Why why{
        "what it needed root for is open: whoever breaks in from the "
        "network is nobody"};
    // In a user namespace there may be no such user: then it is not root
    // either.
    try_act(why, "setgroups", ::setgroups, std::size_t{0}, nullptr);
    try_act(why, "setresgid", ::setresgid, nobody, nobody, nobody);
    try_act(why, "setresuid", ::setresuid, nobody, nobody, nobody);
    act(why, "prctl", ::prctl,
        shown(PR_SET_NO_NEW_PRIVS, "PR_SET_NO_NEW_PRIVS"), 1UL, 0UL, 0UL, 0UL);
}

}  // namespace slipway
