// probe: tries each row, and says in one line of JSON how it ended.
//
//     probe run NAME=VALUE...   what the judge has planted; rows=, skip=
//     probe canary              the process that is hunted: tells its address,
//                               then each signal that reaches it
//     probe neighbour NAME=VALUE...  another container, to be reached or not
//     probe hoard USER          has all that the kernel gives to one user
//     probe remove FILE         unlinks it, in a build
//     probe whoami              ends with 0 for root
//     probe machine             as process 1 of a machine: as run, by /plan
//
// Each line begins with "@@NONCE ", so that the judge finds it in whatever the
// programs around print. Each attempt runs in a child: what it changes ends
// with it, and a filter that kills it kills only it.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <initializer_list>

#include "compare/probe/probe.hpp"

namespace probe {
namespace {

char scratch_path[256] = "";
char proc_path[300] = "/proc";

// As a JSON text, with what could end it or upset a terminal taken out.
void append_text(char* line, size_t size, const char* text) {
    size_t at = strlen(line);
    for (; *text && at + 2 < size; ++text) {
        bool plain =
            *text >= ' ' && *text < 127 && *text != '"' && *text != '\\';
        line[at++] = plain ? *text : '?';
    }
    line[at] = '\0';
}

void append_field(char* line, size_t size, const char* name, const char* text) {
    size_t at = strlen(line);
    snprintf(line + at, size - at, "%s\"%s\": \"",
             line[at - 1] == '{' ? "" : ", ", name);
    append_text(line, size - 2, text);
    at = strlen(line);
    snprintf(line + at, size - at, "\"");
}

const char* outcome_name(Outcome outcome) {
    switch (outcome) {
        case Outcome::Open:
            return "open";
        case Outcome::Closed:
            return "closed";
        case Outcome::Limited:
            return "limited";
        case Outcome::Absent:
            return "absent";
        case Outcome::Failed:
            break;
    }
    return "failed";
}

void say(const Plan& plan, const Row& row, const Answer& answer) {
    char line[1024];
    snprintf(line, sizeof line, "@@%s {", plan.text("nonce"));
    append_field(line, sizeof line, "row", row.id);
    append_field(line, sizeof line, "attempt", row.attempt);
    append_field(line, sizeof line, "outcome", outcome_name(answer.outcome));
    if (answer.error != 0)
        append_field(line, sizeof line, "errno", strerrorname_np(answer.error));
    if (*answer.detail)
        append_field(line, sizeof line, "detail", answer.detail);
    if (*answer.proof) append_field(line, sizeof line, "proof", answer.proof);
    size_t at = strlen(line);
    snprintf(line + at, sizeof line - at, "}\n");
    [[maybe_unused]] ssize_t written = write(1, line, strlen(line));
}

// For a row that may take us along: the judge then knows which one it was.
void say_begun(const Plan& plan, const Row& row) {
    dprintf(1, "@@%s {\"row\": \"%s\", \"begun\": true}\n", plan.text("nonce"),
            row.id);
}

bool is_listed(const char* list, const char* id) {
    size_t length = strlen(id);
    for (const char* at = list; *at;) {
        size_t word = strcspn(at, ",");
        if (word == length && strncmp(at, id, length) == 0) return true;
        at += word + (at[word] == ',');
    }
    return false;
}

Answer answer_of(int fd, pid_t child) {
    Answer answer;
    size_t filled = 0;
    while (filled < sizeof answer) {
        ssize_t got = read(fd, reinterpret_cast<char*>(&answer) + filled,
                           sizeof answer - filled);
        if (got <= 0) break;
        filled += static_cast<size_t>(got);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (filled == sizeof answer) return answer;
    // A filter may kill for it. Whoever is killed otherwise, by the alarm of a
    // slow machine, say, was not refused.
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    answer = {.outcome = signal == SIGSYS ? Outcome::Closed : Outcome::Failed};
    set_detail(answer, "the attempt was killed by signal %d", signal);
    return answer;
}

Answer try_row(const Plan& plan, const Row& row) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return failed();
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        alarm(20);  // of its bound, a slow machine may be slow to come to it
        Answer answer = row.run(plan);
        [[maybe_unused]] ssize_t sent = write(ends[1], &answer, sizeof answer);
        _exit(0);
    }
    close(ends[1]);
    Answer answer = child < 0 ? failed() : answer_of(ends[0], child);
    close(ends[0]);
    return answer;
}

void try_all(const Plan& plan, const Rows& rows) {
    const char *only = plan.text("rows"), *skip = plan.text("skip");
    for (size_t i = 0; i < rows.count; ++i) {
        const Row& row = rows.first[i];
        if ((*only && !is_listed(only, row.id)) || is_listed(skip, row.id))
            continue;
        say_begun(plan, row);
        say(plan, row, try_row(plan, row));
    }
}

// A folder of our own; on a root that cannot be written, wherever we may.
void make_scratch(const Plan& plan) {
    for (const char* place :
         {plan.text("scratch"), "/tmp", "/", "/dev/shm", "/run", "/dev"}) {
        if (*place == '\0') continue;
        snprintf(scratch_path, sizeof scratch_path, "%s/slipway-probe-%s",
                 place, plan.text("nonce"));
        if (mkdir(scratch_path, 0700) == 0 || errno == EEXIST) return;
    }
    scratch_path[0] = '\0';
}

// Root without /proc mounts one for itself.
void find_proc() {
    if (access("/proc/self/status", F_OK) == 0 || *scratch_path == '\0') return;
    snprintf(proc_path, sizeof proc_path, "%s-proc", scratch_path);
    if (mkdir(proc_path, 0700) != 0 ||
        mount("proc", proc_path, "proc", 0, nullptr) != 0)
        snprintf(proc_path, sizeof proc_path, "/proc");
}

void clean_up() {
    if (strcmp(proc_path, "/proc") != 0) {
        umount2(proc_path, MNT_DETACH);
        rmdir(proc_path);
    }
    // Not what F8 has mounted there: the judge wants to see it.
    if (*scratch_path) rmdir(scratch_path);
}

// Whoever has started us may hold signals back.
void hear_alarms() {
    sigset_t alarms;
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarms, nullptr);
    signal(SIGALRM, SIG_DFL);
}

int run(const Plan& plan) {
    hear_alarms();
    make_scratch(plan);
    find_proc();
    if (access("/slipway-mark", F_OK) == 0)
        dprintf(1, "@@%s {\"mark\": true}\n", plan.text("nonce"));
    for (Rows rows :
         {file_rows(), process_rows(), ipc_rows(), network_rows(), user_rows(),
          device_rows(), kernel_rows(), neighbour_rows(), resource_rows()})
        try_all(plan, rows);
    clean_up();
    dprintf(1, "@@%s {\"end\": true}\n", plan.text("nonce"));
    return 0;
}

// Ends when its input does, or its parent.
int canary() {
    static char secret[64];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t watched;
    sigemptyset(&watched);
    sigaddset(&watched, SIGURG);
    sigprocmask(SIG_BLOCK, &watched, nullptr);
    if (read(0, secret, sizeof secret - 1) <= 0) return 1;
    dprintf(1, "%p\n", static_cast<void*>(secret));
    for (int signal = 0; sigwait(&watched, &signal) == 0;)
        if (dprintf(1, "signal\n") < 0) break;
    return 0;
}

}  // namespace

const char* scratch() {
    return scratch_path;
}
const char* proc() {
    return proc_path;
}

}  // namespace probe

int main(int argc, char** argv) {
    const char* what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "run") == 0) return probe::run({argc - 2, argv + 2});
    if (strcmp(what, "hoard") == 0 && argc == 3) return probe::hoard(argv[2]);
    if (strcmp(what, "neighbour") == 0)
        return probe::be_neighbour({argc - 2, argv + 2});
    if (strcmp(what, "remove") == 0 && argc == 3) return unlink(argv[2]) != 0;
    if (strcmp(what, "canary") == 0) return probe::canary();
    if (strcmp(what, "machine") == 0) return probe::run_machine(probe::run);
    if (strcmp(what, "whoami") == 0) return geteuid() == 0 ? 0 : 1;
    dprintf(2, "usage: probe run NAME=VALUE...\n");
    return 2;
}
