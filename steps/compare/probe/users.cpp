// R: who root is, and what root may.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compare/probe/probe.hpp"

namespace probe {
namespace {

// The first line of uid_map: which id outside is 0 inside.
bool root_is_root() {
    char map[256] = "";
    if (read_text(path_of("%s/self/uid_map", proc()), map, sizeof map) < 0)
        return true;  // no user namespaces here
    char* next = map;
    long inside = strtol(map, &next, 10);
    return inside == 0 && strtol(next, nullptr, 10) == 0;
}

Answer same_root(const Plan&) {
    if (geteuid() != 0) return closed_with("we are not root");
    return root_is_root() ? open_with("0 inside is 0 outside")
                          : closed_with("0 inside is somebody else outside");
}

//@ begin capabilities
Answer capabilities(const Plan& plan) {
    static char status[8192];
    read_text(path_of("%s/self/status", proc()), status, sizeof status);
    const char* line = strstr(status, "CapEff:");
    if (!line) return absent("/proc/self/status names none");
    int count = __builtin_popcountll(strtoull(line + 7, nullptr, 16));
    Answer answer;
    answer.outcome = count >= plan.number("capabilities") ? Outcome::Open
                     : count == 0                         ? Outcome::Closed
                                                          : Outcome::Limited;
    set_detail(answer, "%d capabilities", count);
    if (count > 0 && !root_is_root()) {
        answer.outcome = Outcome::Limited;
        set_detail(answer, "%d, over its own namespaces only", count);
    }
    return answer;
}
//@ end capabilities

//@ begin set-uid
// As an ordinary user, start a program that is root's and set-uid. It is this
// one, and ends with 0 if it has become root.
Answer set_uid(const Plan& plan) {
    const char* program = plan.text("set-uid");
    if (*program == '\0') program = "/probe-setuid";
    if (access(program, F_OK) != 0)
        return absent("no set-uid program was planted");
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgroups(0, nullptr) != 0 ||
                               setgid(65534) != 0 || setuid(65534) != 0))
            _exit(2);
        execl(program, "probe", "whoami", nullptr);
        _exit(3);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0) return failed();
    switch (WIFEXITED(status) ? WEXITSTATUS(status) : -1) {
        case 0:
            return open_with("an ordinary user has become root");
        case 1:
            return closed_with("the program stayed an ordinary user's");
        case 2:
            return absent("there is no other user to become");
        default:
            return closed_with("the program could not be started");
    }
}
//@ end set-uid

Answer nested_user_namespace(const Plan&) {
    return of_call(unshare(CLONE_NEWUSER));
}

Answer new_mount_namespace(const Plan&) {
    return of_call(unshare(CLONE_NEWNS));
}

//@ begin mount-right
// No such file system: who may mount is told so, who may not is told that
// first.
Answer mount_right(const Plan&) {
    return of_errno(mount("none", "/", "slipway-nosuchfs", 0, nullptr), ENODEV);
}
//@ end mount-right

Answer change_owner(const Plan&) {
    if (*scratch() == '\0') return absent("no folder can be written");
    const char* path = path_of("%s/owner", scratch());
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return of_call(-1);
    Answer answer = of_call(fchown(fd, 1, 1));
    close(fd);
    unlink(path);
    return answer;
}

constexpr Row rows[] = {
    {"R1", "open(/proc/self/uid_map)", same_root},
    {"R2", "open(/proc/self/status)", capabilities},
    {"R3", "setuid(65534), execve(SET-UID PROGRAM)", set_uid},
    {"R4", "unshare(CLONE_NEWUSER)", nested_user_namespace},
    {"R5", "mount(NO SUCH TYPE)", mount_right},
    {"R6", "unshare(CLONE_NEWNS)", new_mount_namespace},
    {"R7", "fchown(FILE, 1, 1)", change_owner},
};

}  // namespace

Rows user_rows() {
    return {rows, sizeof rows / sizeof *rows};
}

}  // namespace probe
