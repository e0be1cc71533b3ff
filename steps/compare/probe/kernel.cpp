// K: the kernel itself, which all containers share.
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <linux/reboot.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <sys/io.h>
#endif

#include <initializer_list>

#include "compare/probe/probe.hpp"

namespace probe {
namespace {

Answer of_descriptor(long fd) {
    Answer answer = of_call(fd);
    if (fd >= 0) close(static_cast<int>(fd));
    return answer;
}

// Opened, and nothing written: the right to write is what is asked for.
Answer may_write(const char* path) {
    Answer answer = of_descriptor(open(path, O_WRONLY | O_CLOEXEC));
    set_detail(answer, "%s", path);
    return answer;
}

Answer kernel_log(const Plan&) {
    constexpr int size_of_buffer = 10;
    return of_call(klogctl(size_of_buffer, nullptr, 0));
}

//@ begin reboot
// Wrong magic numbers: EINVAL tells that only they were missing. In a pid
// namespace the call ends the namespace, and never the machine.
Answer reboot_machine(const Plan& plan) {
    Answer answer = of_errno(syscall(SYS_reboot, 0, 0, 0, nullptr), EINVAL);
    if (answer.outcome == Outcome::Open &&
        own_namespace("pid") != plan.number("ns-pid")) {
        answer.outcome = Outcome::Closed;
        set_detail(answer, "allowed, but it ends the pid namespace only");
    }
    return answer;
}
//@ end reboot

Answer set_clock(const Plan&) {
    return of_call(syscall(SYS_settimeofday, nullptr, nullptr));
}

Answer load_module(const Plan&) {
    return of_errno(syscall(SYS_init_module, nullptr, 0, ""), EFAULT, ENOEXEC);
}

Answer kernel_messages(const Plan&) {
    return of_descriptor(open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

//@ begin terminal
// A letter into the input of the terminal that we were started at: whoever
// reads there next, takes it for typed. The judge's terminal is nobody's.
Answer type_into_terminal(const Plan&) {
    Answer answer = absent("no terminal is here");
    for (int fd : {0, open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)}) {
        if (fd < 0 || !isatty(fd)) continue;
        answer = of_call(ioctl(fd, TIOCSTI, "~"));
        if (answer.outcome == Outcome::Open) break;
    }
    return answer;
}
//@ end terminal

// More segments than there may be, with flags that do not exist: with none, the
// call would throw away a kernel that waits to be started.
Answer load_kernel(const Plan&) {
    return of_errno(syscall(SYS_kexec_load, 0, 0x7fffffff, nullptr, 0xffff),
                    EINVAL);
}

Answer swap_on(const Plan&) {
    return of_errno(syscall(SYS_swapon, nullptr, 0), EFAULT);
}

Answer core_pattern(const Plan&) {
    return may_write(path_of("%s/sys/kernel/core_pattern", proc()));
}
Answer sysrq(const Plan&) {
    return may_write(path_of("%s/sysrq-trigger", proc()));
}
Answer uevent_helper(const Plan&) {
    return may_write("/sys/kernel/uevent_helper");
}
Answer vm_setting(const Plan&) {
    return may_write(path_of("%s/sys/vm/overcommit_memory", proc()));
}
Answer power_state(const Plan&) {
    return may_write("/sys/power/state");
}

// Its first bytes: a mask that lies over it can be opened, and is empty.
Answer kernel_memory(const Plan&) {
    char magic[4] = "";
    int file = open(path_of("%s/kcore", proc()), O_RDONLY | O_CLOEXEC);
    if (file < 0) return of_call(-1);
    ssize_t size = read(file, magic, sizeof magic);
    Answer answer = size < 0 ? of_call(-1)
                    : size == sizeof magic && memcmp(magic, "\177ELF", 4) == 0
                        ? open_with("its header was read")
                        : closed_with("it is empty");
    close(file);
    return answer;
}

Answer keys_of_all(const Plan& plan) {
    static char keys[1 << 16];
    long size = read_text(path_of("%s/keys", proc()), keys, sizeof keys);
    if (size < 0) return of_call(-1);
    return strstr(keys, plan.text("key"))
               ? open_with("the host's keys are listed")
               : closed_with("no key of the host");
}

Answer uptime(const Plan& plan) {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    long apart = now.tv_sec - plan.number("boot-seconds");
    Answer answer;
    answer.outcome =
        apart >= 0 && apart < 3600 ? Outcome::Open : Outcome::Closed;
    set_detail(answer, answer.outcome == Outcome::Open
                           ? "the host's time since its start"
                           : "another clock than the host's");
    return answer;
}

Answer same_kernel(const Plan& plan) {
    utsname name{};
    uname(&name);
    Answer answer;
    answer.outcome = strcmp(name.release, plan.text("release")) == 0
                         ? Outcome::Open
                         : Outcome::Closed;
    set_detail(answer, "Linux %.60s", name.release);
    return answer;
}

//@ begin bpf
// A real, tiny map: with nonsense, bpf(2) complains of that before it asks who
// we are.
Answer bpf_map(const Plan&) {
    bpf_attr attributes{};
    attributes.map_type = BPF_MAP_TYPE_ARRAY;
    attributes.key_size = 4;
    attributes.value_size = 4;
    attributes.max_entries = 1;
    return of_descriptor(
        syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes));
}
//@ end bpf

Answer perf_events(const Plan&) {
    perf_event_attr attributes{};
    attributes.type = PERF_TYPE_SOFTWARE;
    attributes.size = sizeof attributes;
    attributes.config = PERF_COUNT_SW_CPU_CLOCK;
    attributes.disabled = 1;
    return of_descriptor(
        syscall(SYS_perf_event_open, &attributes, -1, 0, -1, 0));
}

Answer user_faults(const Plan&) {
    return of_descriptor(syscall(SYS_userfaultfd, O_CLOEXEC));
}

Answer io_ring(const Plan&) {
    char parameters[256] = "";  // struct io_uring_params, 120 bytes
    return of_descriptor(syscall(SYS_io_uring_setup, 1, parameters));
}

Answer file_watch(const Plan&) {
    return of_descriptor(
        fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC, O_RDONLY));
}

Answer accounting(const Plan&) {
    return of_errno(acct("/nosuchfile-slipway"), ENOENT);
}

Answer new_key(const Plan& plan) {
    return of_call(
        syscall(SYS_add_key, "user", plan.text("nonce"), "x", 1, -2));
}

Answer ports(const Plan&) {
#if defined(__x86_64__)
    return of_call(ioperm(0x80, 1, 1));
#else
    return absent("this processor has no ports");
#endif
}

constexpr Row rows[] = {
    {"K1", "klogctl(SIZE_BUFFER)", kernel_log},
    {"K2", "open(/dev/kmsg)", kernel_messages},
    {"K3", "reboot(WRONG MAGIC)", reboot_machine},
    {"K4", "settimeofday(NULL, NULL)", set_clock},
    {"K5", "init_module(NULL)", load_module},
    {"K6", "kexec_load(NONSENSE)", load_kernel},
    {"K7", "swapon(NULL)", swap_on},
    {"K8", "open(/proc/sys/kernel/core_pattern, O_WRONLY)", core_pattern},
    {"K9", "open(/proc/sysrq-trigger, O_WRONLY)", sysrq},
    {"K10", "read(/proc/kcore)", kernel_memory},
    {"K11", "ioctl(TERMINAL, TIOCSTI)", type_into_terminal},
    {"K12", "clock_gettime(CLOCK_BOOTTIME)", uptime},
    {"K13", "uname()", same_kernel},
    {"K14", "open(/sys/kernel/uevent_helper, O_WRONLY)", uevent_helper},
    {"K15", "open(/proc/sys/vm/overcommit_memory, O_WRONLY)", vm_setting},
    {"K16", "open(/sys/power/state, O_WRONLY)", power_state},
    {"K17", "bpf(BPF_MAP_CREATE)", bpf_map},
    {"K18", "perf_event_open(ALL PROCESSES)", perf_events},
    {"K19", "userfaultfd()", user_faults},
    {"K20", "io_uring_setup()", io_ring},
    {"K21", "fanotify_init()", file_watch},
    {"K22", "acct(NO SUCH FILE)", accounting},
    {"K23", "add_key()", new_key},
    {"K24", "ioperm(0x80)", ports},
    {"K25", "open(/proc/keys)", keys_of_all},
};

}  // namespace

Rows kernel_rows() {
    return {rows, sizeof rows / sizeof *rows};
}

}  // namespace probe
