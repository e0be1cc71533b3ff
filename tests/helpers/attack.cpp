// attack: what a hostile program in a container tries, one line a result, for
// tests to compare. Static, so that it runs inside any root.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

const char* result_text(long result) {
    return result < 0 ? strerrorname_np(errno) : "done";
}
void print(const char* name, long result) {
    printf("%s %s\n", name, result_text(result));
}

// Calls that a container has no business with. None of them would do harm here
// even if it were allowed: their arguments are wrong or ask for little.
void calls() {
    print("keyctl", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID,
                            KEY_SPEC_SESSION_KEYRING, 1));
    print("add_key", syscall(SYS_add_key, "user", "slipway-test", "x", 1,
                             KEY_SPEC_PROCESS_KEYRING));
    bpf_attr attributes{};
    attributes.map_type = BPF_MAP_TYPE_ARRAY;
    attributes.key_size = 4;
    attributes.value_size = 4;
    attributes.max_entries = 1;
    print("bpf",
          syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes));
    print("userfaultfd", syscall(SYS_userfaultfd, O_CLOEXEC));
    print("mount", mount("none", "/tmp", "tmpfs", 0, nullptr));
    print("umount", umount("/proc"));
    print("kexec_load", syscall(SYS_kexec_load, 0, 0, nullptr, 0));
    file_handle handle{};
    print("open_by_handle_at",
          syscall(SYS_open_by_handle_at, AT_FDCWD, &handle, O_RDONLY));
    print("init_module", syscall(SYS_init_module, "", 0, ""));
    print("reboot", syscall(SYS_reboot, 0, 0, 0, nullptr));
    print("swapon", syscall(SYS_swapon, "/nosuchfile", 0));
    print("ptrace", ptrace(PTRACE_SEIZE, getppid(), 0, 0));
    print("setns", setns(-1, 0));
    print("clone3", syscall(SYS_clone3, nullptr, 0));
    print("unshare-user", unshare(CLONE_NEWUSER));
}

// The "shocker": a handle of the host's root, made without asking anybody.
void handle(const char* path) {
    struct {
        unsigned handle_bytes = 8;
        int handle_type = 1;
        uint32_t inode = 2, generation = 0;
    } root;  // struct file_handle, with its last member
    int at = open(path, O_RDONLY);
    print("open_by_handle_at",
          syscall(SYS_open_by_handle_at, at, &root, O_RDONLY | O_DIRECTORY));
}

// For ever: each name is now one thing, now the other.
[[noreturn]] void swap(const char* one, const char* other) {
    puts("swaps");
    fflush(stdout);
    while (true)
        syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
}

void abstract(const char* name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    size_t size = strlen(name);
    memcpy(address.sun_path + 1, name, size);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    print("connect", connect(fd, reinterpret_cast<sockaddr*>(&address),
                             static_cast<socklen_t>(
                                 offsetof(sockaddr_un, sun_path) + 1 + size)));
}

// Of who is traced: what we could do in its name and not in our own.
void look_at_rights(const char* pid) {
    static const char* const kinds[] = {
        "CapBnd:", "CapEff:", "NoNewPrivs:", "Seccomp:", "Seccomp_filters:"};
    char paths[2][64], lines[2][sizeof kinds / sizeof *kinds][128] = {};
    snprintf(paths[0], sizeof paths[0], "/proc/%s/status", pid);
    snprintf(paths[1], sizeof paths[1], "/proc/self/status");
    for (int who = 0; who < 2; ++who) {
        FILE* file = fopen(paths[who], "r");
        if (!file) return;
        char line[128];
        while (fgets(line, sizeof line, file))
            for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; ++kind)
                if (strncmp(line, kinds[kind], strlen(kinds[kind])) == 0)
                    strcpy(lines[who][kind], line);
        fclose(file);
    }
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; ++kind)
        if (*lines[0][kind] && strcmp(lines[0][kind], lines[1][kind]) != 0)
            printf("unconfined %s", lines[0][kind]);
    snprintf(paths[0], sizeof paths[0], "/proc/%s/ns/mnt", pid);
    struct stat theirs {
    }, ours{};
    if (stat(paths[0], &theirs) == 0 && stat("/proc/self/ns/mnt", &ours) == 0 &&
        theirs.st_ino != ours.st_ino)
        puts("unconfined mounts");
}

// Programs of newcomers. While one runs it cannot be written; whoever has it
// open can wait, and try again by /proc/self/fd (CVE-2019-5736).
int programs[64];

// The container's own are no loot.
bool is_own(int fd, const char* target) {
    struct stat there {
    }, here{};
    return fstat(fd, &there) != 0 ||
           (stat(target, &here) == 0 && there.st_dev == here.st_dev &&
            there.st_ino == here.st_ino);
}

void try_programs() {
    for (int& fd : programs) {
        if (fd == 0) continue;
        char path[64], target[4096];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        ssize_t size = readlink(path, target, sizeof target - 1);
        target[size < 0 ? 0 : size] = '\0';
        // Without truncation: a success is reported, and does nothing.
        int written = is_own(fd, target) ? -1 : open(path, O_WRONLY);
        if (written >= 0) {
            printf("writes /proc/PID/exe %s\n", target);
            close(written);
        } else if (errno == ETXTBSY) {
            continue;
        }
        close(fd);
        fd = 0;
    }
}

void take_program(const char* path) {
    for (int& fd : programs)
        if (fd == 0) {
            int opened = open(path, O_RDONLY);
            fd = opened > 0 ? opened : 0;
            return;
        }
}

// Memory that a newcomer has in common with somebody.
void look_at_memory(const char* pid) {
    char path[300], line[300];
    snprintf(path, sizeof path, "/proc/%s/maps", pid);
    FILE* file = fopen(path, "r");
    if (!file) return;
    while (fgets(line, sizeof line, file))
        if (strstr(line, " rw-s ")) printf("shared memory %s", line);
    fclose(file);
}

void look_at(const char* pid) {
    char path[300];
    snprintf(path, sizeof path, "/proc/%s/exe", pid);
    take_program(path);
    snprintf(path, sizeof path, "/proc/%s/fd", pid);
    if (DIR* files = opendir(path)) {
        while (dirent* file = readdir(files)) {
            char place[600], target[4096];
            snprintf(place, sizeof place, "%s/%s", path, file->d_name);
            ssize_t size = readlink(place, target, sizeof target - 1);
            struct stat info {};
            if (size <= 0 || stat(place, &info) != 0) continue;
            target[size] = '\0';
            if (S_ISDIR(info.st_mode)) printf("folder %s %s\n", place, target);
        }
        closedir(files);
    }
    look_at_memory(pid);
    if (ptrace(PTRACE_SEIZE, atoi(pid), 0, 0) == 0) {
        char name[64] = "";
        snprintf(path, sizeof path, "/proc/%s/comm", pid);
        if (FILE* file = fopen(path, "r")) {
            if (fscanf(file, "%63s", name) != 1) name[0] = '\0';
            fclose(file);
        }
        printf("traces %s\n", name);
        look_at_rights(pid);
        // Let go again, for which it must stand still: or its end would be
        // told to us, and not to its parent.
        ptrace(PTRACE_INTERRUPT, atoi(pid), 0, 0);
        waitpid(atoi(pid), nullptr, __WALL);
        ptrace(PTRACE_DETACH, atoi(pid), 0, 0);
    }
}

// The container's first process lies in wait for whoever enters.
[[noreturn]] void lurk() {
    puts("lurks");
    while (true) {
        while (waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        try_programs();
        fflush(stdout);
        DIR* folder = opendir("/proc");
        if (!folder) exit(1);
        while (dirent* entry = readdir(folder))
            if (atoi(entry->d_name) > 1) look_at(entry->d_name);
        closedir(folder);
    }
}

// All descriptors, and what they are.
void files() {
    for (int fd = 3; fd < 1024; ++fd) {
        struct stat info {};
        if (fstat(fd, &info) == 0)
            printf("fd %d mode %o\n", fd, info.st_mode & S_IFMT);
    }
}

// mkdir(2) of no path, which can make nothing: EFAULT where it is allowed.
long make_nothing() {
    return syscall(SYS_mkdir, nullptr, 0);
}

// What SCMP_ACT_TRAP does: a signal that a program may handle.
void trapped() {
    struct sigaction action {};
    action.sa_flags = SA_SIGINFO;
    action.sa_sigaction = [](int, siginfo_t* info, void*) {
        printf("trapped %s\n",
               info->si_syscall == SYS_mkdir ? "mkdir" : "something else");
    };
    sigaction(SIGSYS, &action, nullptr);
    print("mkdir", make_nothing());
}

// What SCMP_ACT_TRACE does: our own child's call comes to us, with a number.
void traced() {
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        print("mkdir", make_nothing());
        fflush(stdout);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ptrace(PTRACE_SETOPTIONS, child, 0,
           PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL);
    while (ptrace(PTRACE_CONT, child, 0, 0) == 0 &&
           waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
        unsigned long number = 0;
        if (status >> 8 != (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) continue;
        ptrace(PTRACE_GETEVENTMSG, child, 0, &number);
        printf("tracer hears %lu\n", number);
        fflush(stdout);
    }
}

// The same call as a program of the older architecture makes it, where this
// one has such a thing.
void foreign() {
#ifdef __x86_64__
    constexpr long mkdir_of_i386 = 39;
    long result = mkdir_of_i386;
    asm volatile("int $0x80"
                 : "+a"(result)
                 : "b"(0L), "c"(0L)
                 : "memory", "r8", "r9", "r10", "r11");
    errno = static_cast<int>(-result);
    print("mkdir", result);
#else
    puts("none");
#endif
}

// A parser of brackets without a limit, as any is that calls itself.
int nested(FILE* text) {
    volatile int inner = 0;
    for (int letter = getc(text); letter == '['; letter = getc(text))
        inner = nested(text) + 1;
    return inner;
}

int usage() {
    fputs(
        "attack calls|files|lurk|trapped|traced|foreign|nested|handle PATH|"
        "abstract NAME|swap A B\n",
        stderr);
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    const char* what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "calls") == 0)
        calls();
    else if (strcmp(what, "files") == 0)
        files();
    else if (strcmp(what, "lurk") == 0)
        lurk();
    else if (strcmp(what, "trapped") == 0)
        trapped();
    else if (strcmp(what, "traced") == 0)
        traced();
    else if (strcmp(what, "foreign") == 0)
        foreign();
    else if (strcmp(what, "nested") == 0)
        printf("nested %d\n", nested(stdin));
    else if (strcmp(what, "handle") == 0 && argc == 3)
        handle(argv[2]);
    else if (strcmp(what, "abstract") == 0 && argc == 3)
        abstract(argv[2]);
    else if (strcmp(what, "swap") == 0 && argc == 4)
        swap(argv[2], argv[3]);
    else
        return usage();
    return 0;
}
