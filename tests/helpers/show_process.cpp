// show-process: prints what a started program finds around itself, one fact a
// line, for tests to compare. Static, so that it runs inside any root.
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

extern char** environ;

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) printf("arg %s\n", argv[i]);
    for (char** entry = environ; *entry; ++entry) printf("env %s\n", *entry);
    char folder[4096];
    printf("cwd %s\n", getcwd(folder, sizeof folder) ? folder : "?");
    uid_t ruid, euid, suid;
    gid_t rgid, egid, sgid;
    getresuid(&ruid, &euid, &suid);
    getresgid(&rgid, &egid, &sgid);
    printf("uid %u %u %u\n", ruid, euid, suid);
    printf("gid %u %u %u\n", rgid, egid, sgid);
    printf("groups %d\n", getgroups(0, nullptr));
    sigset_t blocked;
    sigprocmask(SIG_BLOCK, nullptr, &blocked);
    for (int signal = 1; signal < NSIG; ++signal)
        if (sigismember(&blocked, signal) == 1) printf("blocked %d\n", signal);
    // Found by asking, not through /proc: a bare root has none.
    for (int fd = 0; fd < 1024; ++fd)
        if (lseek(fd, 0, SEEK_CUR) >= 0 || errno != EBADF)
            printf("fd %d\n", fd);
    int death = 0;
    prctl(PR_GET_PDEATHSIG, &death);
    printf("pdeathsig %d\n", death);
    return 0;
}
