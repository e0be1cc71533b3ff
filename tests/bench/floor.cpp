// floor ROOT PROGRAM: what a runtime has to ask of the kernel for `podman run`,
// and nothing else: no config.json, no checks, no state, no seccomp filter.
//
// Groups with their limits, one clone for all namespaces, the mounts, nodes and
// masks of podman's config.json, pivot_root, execve; then the end of all that.
// The child shares our memory and stops us until it has become PROGRAM, which
// saves the copy of the page table: only a program as small as this one can. No
// runtime can be faster on this kernel, so a runtime's time is told as a
// multiple of it.
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

namespace {

void need(bool done, const char* what) {
    if (done) return;
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    _exit(1);
}

void put(const char* path, const char* text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    need(fd >= 0 && write(fd, text, strlen(text)) > 0, path);
    close(fd);
}

struct Setting {
    const char *tree, *file, *value;
};
constexpr Setting settings_v1[] = {
    {"devices", "devices.deny", "a"},
    {"devices", "devices.allow", "c *:* m"},
    {"devices", "devices.allow", "c 1:* rw"},
    {"devices", "devices.allow", "c 5:* rw"},
    {"devices", "devices.allow", "c 136:* rw"},
    {"pids", "pids.max", "2048"},
    {"memory", "memory.limit_in_bytes", "536870912"},
    {"cpu", "cpu.shares", "1024"}};
constexpr Setting settings_v2[] = {{".", "pids.max", "2048"},
                                   {".", "memory.max", "536870912"},
                                   {".", "cpu.weight", "39"}};

// With cgroup version 2 one, else each controller's own.
std::vector<std::string> trees() {
    if (access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0) return {"."};
    std::vector<std::string> found;
    DIR* folder = opendir("/sys/fs/cgroup");
    need(folder != nullptr, "/sys/fs/cgroup");
    while (dirent* entry = readdir(folder))
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            found.emplace_back(entry->d_name);
    closedir(folder);
    return found;
}

std::string in_group(const std::string& tree, const char* file) {
    return "/sys/fs/cgroup/" + tree + "/slipway-floor/" + file;
}

// A cpuset begins empty, and then nobody can enter it.
void fill_cpuset() {
    for (const char* file : {"cpuset.cpus", "cpuset.mems"}) {
        char text[256];
        int fd = open((std::string("/sys/fs/cgroup/cpuset/") + file).c_str(),
                      O_RDONLY | O_CLOEXEC);
        if (fd < 0) continue;
        ssize_t size = read(fd, text, sizeof text - 1);
        close(fd);
        text[size > 0 ? size : 0] = 0;
        put(in_group("cpuset", file).c_str(), text);
    }
}

void make_groups(const std::vector<std::string>& all) {
    for (const std::string& tree : all) {
        std::string folder = in_group(tree, "");
        need(mkdir(folder.c_str(), 0755) == 0 || errno == EEXIST,
             folder.c_str());
    }
    fill_cpuset();
    auto set = [](const Setting& each) {
        put(in_group(each.tree, each.file).c_str(), each.value);
    };
    if (all[0] == ".")
        for (const Setting& each : settings_v2) set(each);
    else
        for (const Setting& each : settings_v1) set(each);
}

void enter_groups(const std::vector<std::string>& all) {
    for (const std::string& tree : all)
        put(in_group(tree, "cgroup.procs").c_str(), "0");
}

void remove_groups(const std::vector<std::string>& all) {
    for (const std::string& tree : all)
        need(rmdir(in_group(tree, "").c_str()) == 0, "rmdir a group");
}

void mount_one(const char* type, const char* where, unsigned long flags,
               const char* options = nullptr) {
    need(mount(type, where, type, flags, options) == 0, where);
}

void mount_all() {
    constexpr unsigned long plain = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    mount_one("proc", "proc", plain);
    mount_one("tmpfs", "dev", MS_NOSUID, "mode=755,size=65536k");
    for (const char* folder : {"dev/pts", "dev/shm", "dev/mqueue"})
        need(mkdir(folder, 0755) == 0, folder);
    mount_one("devpts", "dev/pts", MS_NOSUID | MS_NOEXEC,
              "newinstance,ptmxmode=0666,mode=0620,gid=5");
    mount_one("tmpfs", "dev/shm", plain, "mode=1777,size=65536k");
    mount_one("mqueue", "dev/mqueue", plain);
    mount_one("sysfs", "sys", plain | MS_RDONLY);
}

void bind_read_only(const std::string& from, const char* to) {
    need(mount(from.c_str(), to, nullptr, MS_BIND | MS_REC, nullptr) == 0, to);
    need(mount(nullptr, to, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY,
               nullptr) == 0,
         to);
}

void show_groups(const std::vector<std::string>& all) {
    if (all[0] == ".")
        return bind_read_only(in_group(".", ""), "sys/fs/cgroup");
    mount_one("tmpfs", "sys/fs/cgroup", MS_NOSUID | MS_NODEV, "mode=755");
    for (const std::string& tree : all) {
        std::string folder = "sys/fs/cgroup/" + tree;
        need(mkdir(folder.c_str(), 0755) == 0, folder.c_str());
        bind_read_only(in_group(tree, ""), folder.c_str());
    }
    need(mount(nullptr, "sys/fs/cgroup", nullptr,
               MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0,
         "sys/fs/cgroup");
}

struct Node {
    const char* path;
    unsigned major, minor;
};
constexpr Node nodes[] = {{"dev/null", 1, 3}, {"dev/zero", 1, 5},
                          {"dev/full", 1, 7}, {"dev/random", 1, 8},
                          {"dev/tty", 5, 0},  {"dev/urandom", 1, 9}};

void make_nodes() {
    for (const Node& node : nodes)
        need(mknod(node.path, S_IFCHR | 0666,
                   makedev(node.major, node.minor)) == 0,
             node.path);
    need(symlink("/proc/self/fd", "dev/fd") == 0, "dev/fd");
    need(symlink("pts/ptmx", "dev/ptmx") == 0, "dev/ptmx");
}

// What this kernel does not have needs no mask.
void mask() {
    for (const char* path :
         {"proc/kcore", "proc/keys", "proc/latency_stats", "proc/timer_list",
          "proc/timer_stats", "proc/sched_debug"})
        need(mount("/dev/null", path, nullptr, MS_BIND, nullptr) == 0 ||
                 errno == ENOENT,
             path);
    for (const char* path : {"proc/acpi", "proc/scsi", "sys/firmware",
                             "sys/fs/selinux", "sys/dev/block"})
        need(mount("tmpfs", path, "tmpfs", MS_RDONLY, "size=0k") == 0 ||
                 errno == ENOENT,
             path);
    for (const char* path : {"proc/asound", "proc/bus", "proc/fs", "proc/irq",
                             "proc/sys", "proc/sysrq-trigger"})
        if (access(path, F_OK) == 0) bind_read_only(path, path);
}

char* const* arguments;
std::vector<std::string> all;

int first_process(void*) {
    enter_groups(all);
    const char* root = arguments[1];
    need(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "/");
    need(mount(root, root, nullptr, MS_BIND | MS_REC, nullptr) == 0, root);
    need(chdir(root) == 0, root);
    mount_all();
    show_groups(all);
    make_nodes();
    mask();
    need(syscall(SYS_pivot_root, ".", ".") == 0, "pivot_root");
    need(umount2(".", MNT_DETACH) == 0 && chdir("/") == 0, "leave the host");
    need(sethostname("floor", 5) == 0, "sethostname");
    char* environment[] = {nullptr};
    execve(arguments[2], arguments + 2, environment);
    need(false, arguments[2]);
    return 1;
}

}  // namespace

int main(int count, char** words) {
    if (count < 3) {
        fprintf(stderr, "usage: floor ROOT PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    arguments = words;
    all = trees();
    make_groups(all);
    alignas(16) static char stack[64 << 10];
    int pid =
        clone(first_process, stack + sizeof stack,
              CLONE_VM | CLONE_VFORK | SIGCHLD | CLONE_NEWNS | CLONE_NEWPID |
                  CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWCGROUP,
              nullptr);
    need(pid > 0, "clone");
    int status = 0;
    need(waitpid(pid, &status, 0) == pid, "waitpid");
    remove_groups(all);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
