// C: using up the machine, by small and bounded amounts.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <initializer_list>

#include "compare/probe/probe.hpp"

namespace probe {
namespace {

constexpr size_t mebibyte = 1 << 20;
constexpr int most_mebibytes = 128;
constexpr int most_processes = 160;

//@ begin memory-bomb
// A child touches page after page and notes how far it came, on a page that
// outlives it. `use` is told of each mebibyte.
Answer take_memory(void (*use)(void* pages)) {
    auto* touched =
        static_cast<volatile int*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                                        MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (int i = 1; i <= most_mebibytes; ++i) {
            void* more = mmap(nullptr, mebibyte, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (more == MAP_FAILED) _exit(1);
            memset(more, 1, mebibyte);
            use(more);
            *touched = i;
        }
        _exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0) return failed();
    Answer answer;
    bool whole = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    answer.outcome = whole ? Outcome::Open : Outcome::Limited;
    set_detail(answer,
               whole ? "%d MiB, and nobody minded" : "stopped at %d MiB",
               static_cast<int>(*touched));
    return answer;
}
Answer memory_bomb(const Plan&) {
    return take_memory([](void*) {});
}
//@ end memory-bomb

// The same, each mebibyte sent to the disk at once.
Answer swap_bomb(const Plan&) {
    static char table[4096];
    read_text(path_of("%s/swaps", proc()), table, sizeof table);
    if (!strchr(table, '/')) return absent("the machine has no swap");
    return take_memory(
        [](void* pages) { madvise(pages, mebibyte, MADV_PAGEOUT); });
}

//@ begin watches
// The kernel counts for each user what it keeps for him. The judge has used up
// all inotify instances of a user that nobody is: is there one for him here?
Answer use_up_watches(const Plan& plan) {
    auto user = static_cast<uid_t>(plan.number("full-user"));
    if (user == 0) return absent("the host sets no bound to it");
    if (setgroups(0, nullptr) != 0 || setuid(user) != 0) return of_call(-1);
    int fd = inotify_init1(IN_CLOEXEC);
    if (fd < 0 && errno == EMFILE)
        return open_with("none is left for this user, here as on the host");
    return fd < 0 ? of_call(-1) : closed_with("this user has others here");
}
//@ end watches

//@ begin fork-bomb
Answer fork_bomb(const Plan&) {
    static pid_t children[most_processes];
    int count = 0, error = 0;
    while (count < most_processes) {
        pid_t child = fork();
        if (child == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (;;) pause();
        }
        if (child < 0) {
            error = errno;
            break;
        }
        children[count++] = child;
    }
    for (int i = 0; i < count; ++i) kill(children[i], SIGKILL);
    for (int i = 0; i < count; ++i) waitpid(children[i], nullptr, 0);
    Answer answer{.outcome = error ? Outcome::Limited : Outcome::Open,
                  .error = error};
    set_detail(answer, error ? "stopped after %d processes" : "%d processes",
               count);
    return answer;
}
//@ end fork-bomb

double now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) +
           static_cast<double>(time.tv_nsec) / 1e9;
}

//@ begin cpu-hog
// Two children spin for four periods of the scheduler's quota. A quota shows as
// long standstills, which mere neighbours do not cause: they are given turns of
// a few milliseconds. Says how many percent of the time one has stood still.
int spin() {
    constexpr double whole = 0.4, long_standstill = 0.06;
    double start = now(), last = start, lost = 0;
    while (last < start + whole) {
        double next = now();
        if (next - last > long_standstill) lost += next - last;
        last = next;
    }
    return static_cast<int>(100 * lost / (last - start));
}

// Of the one that stood still less; -1: no more processes.
int spin_twice() {
    int least = 100;
    for (int i = 0; i < 2; ++i) {
        pid_t child = fork();
        if (child < 0) return -1;
        if (child == 0) _exit(spin());
    }
    for (int status; waitpid(-1, &status, 0) > 0;)
        if (WIFEXITED(status) && WEXITSTATUS(status) < least)
            least = WEXITSTATUS(status);
    return least;
}

// Two of three tries decide: a machine with much to do stands still now and
// then.
Answer cpu_hog(const Plan&) {
    int least = 0, stood_still = 0, tries = 0;
    while (tries < 2 || (tries == 2 && stood_still == 1)) {
        least = spin_twice();
        if (least < 0) return failed();
        stood_still += least >= 50;
        ++tries;
    }
    Answer answer;
    answer.outcome = stood_still >= 2 ? Outcome::Limited : Outcome::Open;
    set_detail(answer, "made to wait for %d %% of the time", least);
    return answer;
}
//@ end cpu-hog

// Where the image's files are: elsewhere it may be memory that is filled.
Answer fill_disk(const Plan& plan) {
    const char* path = path_of("%s/slipway-full", plan.text("image"));
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return of_call(-1);
    int error = posix_fallocate(fd, 0, 16 * static_cast<off_t>(mebibyte));
    close(fd);
    unlink(path);
    errno = error;
    Answer answer = of_call(error == 0 ? 0 : -1);
    set_detail(answer, error == 0 ? "16 MiB taken, and given back" : "");
    return answer;
}

Answer see_totals(const Plan& plan) {
    char text[512] = "";
    if (read_text(path_of("%s/meminfo", proc()), text, sizeof text) < 0)
        return of_call(-1);
    const char* total = strstr(text, "MemTotal:");
    if (!total) return absent("/proc/meminfo names no total");
    long size = strtol(total + 9, nullptr, 10);
    Answer answer;
    answer.outcome =
        size == plan.number("memory-total") ? Outcome::Open : Outcome::Closed;
    set_detail(answer, "%ld MiB", size / 1024);
    return answer;
}

// Of "5:memory:/a/b": the rest behind the controller, to the end of the line.
bool own_group(char* group, size_t size) {
    char text[4096] = "";
    if (read_text(path_of("%s/self/cgroup", proc()), text, sizeof text) < 0)
        return false;
    const char* line = strstr(text, ":memory:");
    const char* name = line ? line + 8 : nullptr;
    if (!name && (line = strstr(text, "0::"))) name = line + 3;
    if (!name) return false;
    snprintf(group, size, "%.*s", static_cast<int>(strcspn(name, "\n")), name);
    return true;
}

//@ begin raise-limits
// Where the limits can be seen, can they be written? Opened, not written. On
// version 1, a second view of the same tree is tried, too.
Answer raise_limits(const Plan&) {
    char group[512] = "", path[1024];
    if (!own_group(group, sizeof group)) return absent("no group is named");
    Answer answer = closed_with("no file of a limit is here");
    auto try_at = [&](const char* folder, const char* name, const char* file) {
        snprintf(path, sizeof path, "%s%s/%s", folder, name, file);
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT) return false;
        answer = of_call(fd);
        set_detail(answer, "%.150s", path);
        if (fd >= 0) close(fd);
        return fd >= 0;
    };
    for (const char* name : {static_cast<const char*>(group), ""}) {
        if (try_at("/sys/fs/cgroup/memory", name, "memory.limit_in_bytes"))
            return answer;
        if (try_at("/sys/fs/cgroup", name, "memory.max")) return answer;
    }
    if (*scratch() && mount("none", scratch(), "cgroup", 0, "memory") == 0) {
        for (const char* name : {static_cast<const char*>(group), ""})
            if (try_at(scratch(), name, "memory.limit_in_bytes")) break;
        umount2(scratch(), MNT_DETACH);
    }
    return answer;
}
//@ end raise-limits

Answer real_time(const Plan&) {
    sched_param parameters{};
    parameters.sched_priority = 1;
    return of_call(sched_setscheduler(0, SCHED_FIFO, &parameters));
}

Answer survive_others(const Plan&) {
    int fd =
        open(path_of("%s/self/oom_score_adj", proc()), O_WRONLY | O_CLOEXEC);
    if (fd < 0) return of_call(-1);
    Answer answer = of_call(write(fd, "-900", 4));
    close(fd);
    return answer;
}

Answer raise_rlimit(const Plan&) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_max += 1;
    return of_call(setrlimit(RLIMIT_NOFILE, &limit));
}

// The bomb comes last: where a group dies as a whole, it takes us with it.
constexpr Row rows[] = {
    {"C6", "posix_fallocate(16 MiB)", fill_disk},
    {"C7", "setuid(USER), inotify_init()", use_up_watches},
    {"C8", "open(/proc/meminfo)", see_totals},
    {"C9", "open(memory.max, O_WRONLY)", raise_limits},
    {"C10", "sched_setscheduler(SCHED_FIFO)", real_time},
    {"C11", "write(/proc/self/oom_score_adj, -900)", survive_others},
    {"C12", "setrlimit(RLIMIT_NOFILE, MORE)", raise_rlimit},
    {"C3", "fork(), 160 times", fork_bomb},
    {"C4", "spin on two processors", cpu_hog},
    {"C2", "madvise(MADV_PAGEOUT), 128 times", swap_bomb},
    {"C1", "mmap(1 MiB), 128 times", memory_bomb},
};

}  // namespace

int hoard(const char* user) {
    auto id = static_cast<uid_t>(strtoul(user, nullptr, 10));
    pid_t parent = getppid();
    rlimit most{};
    if (setgroups(0, nullptr) != 0 || setuid(id) != 0) return 1;
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // setuid(2) has undone an earlier one
    if (getppid() != parent) return 1;
    getrlimit(RLIMIT_NOFILE, &most);
    int last = 0, next;
    while ((next = inotify_init1(IN_CLOEXEC)) >= 0) last = next;
    bool full = static_cast<rlim_t>(last) + 1 < most.rlim_cur;
    dprintf(1, full ? "y" : "n");
    for (;;) pause();
}

Rows resource_rows() {
    return {rows, sizeof rows / sizeof *rows};
}

}  // namespace probe
