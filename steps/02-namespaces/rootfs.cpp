#include "02-namespaces/rootfs.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include "01-chroot/root.hpp"
#include "02-namespaces/id_map.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr unsigned long quiet = MS_NOSUID | MS_NODEV | MS_NOEXEC;

int pivot_root_call(const char* new_root, const char* put_old) {
    // ledger: passed to act() by name
    return static_cast<int>(::syscall(SYS_pivot_root, new_root, put_old));
}

//@ begin proc-and-sys
void mount_proc_and_sys(int root, const NamespaceSet& own) {
    bool user = own.has(CLONE_NEWUSER) || in_user_namespace();
    // The kernel lets a user namespace mount only what it has of its own: proc
    // with a pid namespace, sysfs with a network namespace.
    if (user && !own.has(CLONE_NEWPID))
        mount_bind(root, {"/proc", "/proc"}, "the host's: no pid namespace");
    else
        mount_file_system(root, {"proc", "/proc", quiet, nullptr,
                                 "this pid namespace's processes"});
    if (user && !own.has(CLONE_NEWNET))
        mount_bind(root, {"/sys", "/sys", true}, "the host's: no own network");
    else
        mount_file_system(root, {"sysfs", "/sys", quiet | MS_RDONLY, nullptr,
                                 "devices and links, not to be written"});
}
//@ end proc-and-sys

//@ begin device-list
struct Device {
    const char* path;
    unsigned major, minor;
};
constexpr Device devices[] = {
    {"/dev/null", 1, 3},   {"/dev/zero", 1, 5},    {"/dev/full", 1, 7},
    {"/dev/random", 1, 8}, {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0},
};
constexpr const char* device_links[][2] = {
    {"/proc/self/fd", "fd"},       {"/proc/self/fd/0", "stdin"},
    {"/proc/self/fd/1", "stdout"}, {"/proc/self/fd/2", "stderr"},
    {"pts/ptmx", "ptmx"},
};
//@ end device-list

//@ begin mount-dev
void mount_dev(int root, const NamespaceSet& own) {
    // 0755: in a folder that all may write, the kernel forbids opening another
    // owner's node with O_CREAT, and "> /dev/null" would fail.
    mount_file_system(root, {"tmpfs", "/dev", MS_NOSUID | MS_NOEXEC,
                             "mode=0755,size=64k", "only the nodes we make"});
    UniqueFd dev = open_in_root(root, "/dev", O_RDONLY | O_DIRECTORY);
    bool user = own.has(CLONE_NEWUSER) || in_user_namespace();
    for (const Device& device : devices) {
        // Making nodes is a right over the whole machine: a user namespace
        // never has it, and borrows the host's nodes.
        if (user)
            mount_bind(root, {device.path, device.path}, "the host's node");
        else
            act(Why{"a harmless device"}, "mknodat", ::mknodat, dev,
                device.path + std::string_view("/dev/").size(),
                shown(mode_t{S_IFCHR | 0666}, "S_IFCHR|0666"),
                shown(makedev(device.major, device.minor),
                      cat(device.major, ":", device.minor)));
    }
    for (auto [target, name] : device_links)
        check(::symlinkat(target, dev.get(), name), "link /dev/", name);
}
//@ end mount-dev

//@ begin dev-mounts
void mount_below_dev(int root, const NamespaceSet& own) {
    constexpr char with_group[] = "newinstance,ptmxmode=0666,mode=0620,gid=5";
    constexpr char without[] = "newinstance,ptmxmode=0666,mode=0620";
    FileSystem pts{"devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, with_group,
                   "terminals of its own"};
    try {
        mount_file_system(root, pts);
    } catch (const Error& error) {
        if (error.system_errno() != EINVAL) throw;
        pts.options = without;  // group 5, tty, has no id in this id map
        mount_file_system(root, pts);
    }
    mount_file_system(root, {"tmpfs", "/dev/shm", quiet, "mode=1777,size=64m",
                             "shared memory by name, not the host's"});
    if (own.has(CLONE_NEWIPC))
        mount_file_system(root, {"mqueue", "/dev/mqueue", quiet, nullptr,
                                 "this ipc namespace's queues"});
}
//@ end dev-mounts

//@ begin mask-paths
// Docker's lists: files of the kernel that are not namespaced.
void mask_paths() {
    for (const char* path :
         {"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore",
          "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
          "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
          "/sys/devices/virtual/powercap", "/sys/firmware"})
        mask_path(path);
    for (const char* path : {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                             "/proc/sysrq-trigger"})
        make_read_only(path, true);
}
//@ end mask-paths

}  // namespace

//@ begin pivot
// Put on the same folder, the old root ends up on top of the new one and is
// what umount2(".") takes away.
void pivot_into(const UniqueFd& root) {
    act(Why{"stand on the new root: \".\" must mean it"},  //
        "fchdir", ::fchdir, root);
    act(Why{"the new root is / of this namespace; the old one lies over it"},
        "pivot_root", pivot_root_call, ".", ".");
    // From here on the host's files have no name and no mount in here: there
    // is nothing above to walk to. This is what step 1 could not do.
    act(Why{"let go of the old root"},  //
        "umount2", ::umount2, ".", shown(MNT_DETACH, "MNT_DETACH"));
    act(Why{"the working directory was the old root's"},  //
        "chdir", ::chdir, "/");
}
//@ end pivot

//@ begin enter-rootfs
void enter_rootfs(const RootfsPlan& plan) {
    if (!plan.namespaces.has(CLONE_NEWNS)) return enter_root(plan.root);
    make_mounts_private();
    ::umask(0);  // modes below are meant as they are written
    if (plan.mount_root)
        plan.mount_root(plan.root);
    else
        act(Why{"pivot_root wants a mount point, not just a folder"},  //
            "mount", ::mount, plan.root, plan.root, nullptr,
            shown(MS_BIND | MS_REC, "MS_BIND|MS_REC"), nullptr);
    UniqueFd root(
        check(::open(plan.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC),
              "open root filesystem ", plan.root));
    mount_proc_and_sys(root.get(), plan.namespaces);
    mount_dev(root.get(), plan.namespaces);
    mount_below_dev(root.get(), plan.namespaces);
    plan.more_mounts(root.get());
    for (const std::string& path : plan.tmpfs)
        mount_file_system(root.get(),
                          {"tmpfs", path.c_str(), MS_NOSUID | MS_NODEV,
                           "mode=1777", "scratch space, gone at the end"});
    for (const BindMount& bind : plan.binds)
        mount_bind(root.get(), bind, "a folder of the host, on request");
    pivot_into(root);
    mask_paths();
    if (plan.read_only) make_read_only("/", false);
    ::umask(022);
}
//@ end enter-rootfs

}  // namespace slipway
