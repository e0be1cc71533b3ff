// P: processes of the host.
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compare/probe/probe.hpp"

namespace probe {
namespace {

Answer own_number(const Plan& plan) {
    long ours = own_namespace("pid");
    if (ours < 0) return of_call(-1);
    Answer answer;
    set_detail(answer, "we are number %d", static_cast<int>(getppid()));
    answer.outcome =
        ours == plan.number("ns-pid") ? Outcome::Open : Outcome::Closed;
    return answer;
}

//@ begin list-processes
Answer list_processes(const Plan& plan) {
    DIR* folder = opendir(proc());
    if (!folder) return of_call(-1);
    int seen = 0;
    bool canary = false;
    while (dirent* entry = readdir(folder)) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
        char command[256] = "";
        ++seen;
        read_text(path_of("%s/%s/cmdline", proc(), entry->d_name), command,
                  sizeof command);
        canary = canary || strcmp(command, plan.text("process")) == 0;
    }
    closedir(folder);
    Answer answer;
    answer.outcome = canary ? Outcome::Open : Outcome::Closed;
    set_detail(answer,
               canary ? "the host's processes are listed"
                      : "%d processes, none of the host's",
               seen);
    return answer;
}
//@ end list-processes

// SIGURG: nobody dies of it, should the number mean another process here.
Answer signal_process(const Plan& plan) {
    return of_call(kill(static_cast<pid_t>(plan.number("pid")), SIGURG));
}

Answer trace_process(const Plan& plan) {
    // Let go by the end of the child in which every attempt runs.
    long seized = ptrace(PTRACE_SEIZE, static_cast<pid_t>(plan.number("pid")),
                         nullptr, nullptr);
    return of_call(seized);
}

//@ begin read-memory
Answer read_memory(const Plan& plan) {
    Answer answer{.outcome = Outcome::Open};
    iovec ours{answer.proof, sizeof answer.proof - 1};
    iovec theirs{reinterpret_cast<void*>(  // NOLINT(*-int-to-ptr)
                     static_cast<uintptr_t>(plan.number("address"))),
                 sizeof answer.proof - 1};
    ssize_t size = process_vm_readv(static_cast<pid_t>(plan.number("pid")),
                                    &ours, 1, &theirs, 1, 0);
    if (size < 0) return of_call(-1);
    answer.proof[strcspn(answer.proof, "\n")] = '\0';
    return answer;
}
//@ end read-memory

Answer read_environment(const Plan& plan) {
    return read_secret(path_of("%s/%s/environ", proc(), plan.text("pid")));
}

// What nobody hears is handed on: in a child it would be waited for in vain.
bool is_ignored(int number) {
    struct sigaction action {};
    sigset_t blocked;
    sigaction(number, nullptr, &action);
    sigprocmask(SIG_BLOCK, nullptr, &blocked);
    return action.sa_handler == SIG_IGN || sigismember(&blocked, number) != 0;
}

//@ begin deaf
// Number 1 of a pid namespace has no default actions: what would end any other
// program, it does not hear. All attempts run in a child of the program.
Answer deaf_to_signals(const Plan&) {
    pid_t program = getppid();
    if (program == 1) {
        if (kill(program, SIGTERM) != 0) return of_call(-1);
        return open_with("number 1 was told to end, and did not");
    }
    if (is_ignored(SIGTERM)) return open_with("the starter made it so");
    pid_t child = fork();
    if (child == 0)
        for (;;) pause();
    if (child < 0) return failed();
    kill(child, SIGTERM);
    waitpid(child, nullptr, 0);
    Answer answer = closed_with("");
    set_detail(answer, "number %d ends when it is told to",
               static_cast<int>(program));
    return answer;
}
//@ end deaf

constexpr Row rows[] = {
    {"P1", "stat(/proc/self/ns/pid)", own_number},
    {"P2", "readdir(/proc)", list_processes},
    {"P3", "kill(PID, SIGURG)", signal_process},
    {"P4", "ptrace(PTRACE_SEIZE, PID)", trace_process},
    {"P5", "process_vm_readv(PID)", read_memory},
    {"P6", "open(/proc/PID/environ)", read_environment},
    {"P7", "kill(1, SIGTERM)", deaf_to_signals},
};

}  // namespace

Rows process_rows() {
    return {rows, sizeof rows / sizeof *rows};
}

}  // namespace probe
