#include "06-engine/runtime/container_devices.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "02-namespaces/id_map.hpp"
#include "02-namespaces/mounts.hpp"
#include "06-engine/runtime/mount_calls.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

const std::vector<DeviceSpec>& default_devices() {
    static const std::vector<DeviceSpec> devices = {
        {'c', "/dev/null", 1, 3},    {'c', "/dev/zero", 1, 5},
        {'c', "/dev/full", 1, 7},    {'c', "/dev/random", 1, 8},
        {'c', "/dev/urandom", 1, 9}, {'c', "/dev/tty", 5, 0},
    };
    return devices;
}

constexpr const char* links[][2] = {
    {"/proc/self/fd", "fd"},       {"/proc/self/fd/0", "stdin"},
    {"/proc/self/fd/1", "stdout"}, {"/proc/self/fd/2", "stderr"},
    {"pts/ptmx", "ptmx"},
};

mode_t type_of(const DeviceSpec& device) {
    if (device.type == 'b') return S_IFBLK;
    return device.type == 'p' ? S_IFIFO : S_IFCHR;
}

// The folder of a node, inside the root whatever links the image has there
// (CVE-2026-41579), and the node's name.
std::pair<UniqueFd, std::string> place_of(int root, const std::string& path) {
    std::size_t slash = path.rfind('/');
    return {open_mount_point(root, path.substr(0, slash + 1), true, true),
            path.substr(slash + 1)};
}

void make_node(int root, const DeviceSpec& device) {
    auto [folder, name] = place_of(root, device.path);
    int made =
        try_act(Why{"a device of its own"}, "mknodat", ::mknodat, folder, name,
                shown(type_of(device) | device.mode,
                      cat("type ", std::string(1, device.type))),
                shown(makedev(device.major, device.minor),
                      cat(device.major, ":", device.minor)));
    if (made != 0 && errno == EEXIST) return;  // the image has it
    check(made, "make node ", device.path);
    // The umask and the folder may have changed it. The folder may be a volume,
    // in which another container swaps the node for a link to the host's
    // /etc/shadow: so it is opened, looked at, and changed by descriptor.
    UniqueFd node(check(
        ::openat(folder.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC),
        "open ", device.path));
    struct stat info {};
    check(::fstat(node.get(), &info), "stat ", device.path);
    if ((info.st_mode & S_IFMT) != type_of(device) ||
        (device.type != 'p' &&
         info.st_rdev != makedev(device.major, device.minor)))
        throw Error(ErrorKind::Forbidden,
                    cat(device.path, " is not the node that was made"));
    std::string path = cat("/proc/self/fd/", node.get());
    if ((info.st_mode & ALLPERMS) != device.mode)
        check(::chmod(path.c_str(), device.mode), "change mode of ",
              device.path);
    if (info.st_uid != device.uid || info.st_gid != device.gid)
        check(::fchownat(node.get(), "", device.uid, device.gid, AT_EMPTY_PATH),
              "change owner of ", device.path);
}

void show_node(int root, const DeviceSpec& device) {
    UniqueFd node = copy_mount("the host's node: no right to make one",
                               AT_FDCWD, device.path, false);
    UniqueFd target = open_mount_point(root, device.path, false, false);
    attach_mount("seen inside here", node, target.get(), device.path);
}

bool is_dev_of_host(const Spec& spec) {
    return std::any_of(
        spec.mounts.begin(), spec.mounts.end(), [](const MountSpec& mount) {
            return mount.destination == "/dev" &&
                   (mount.options.bind || mount.options.recursive_bind);
        });
}

}  // namespace

//@ begin make-devices
void make_devices(int root_fd, const Spec& spec) {
    if (is_dev_of_host(spec)) return;
    std::vector<DeviceSpec> devices = spec.devices;
    for (const DeviceSpec& each : default_devices()) {
        bool named = std::any_of(
            devices.begin(), devices.end(),
            [&](const DeviceSpec& other) { return other.path == each.path; });
        if (!named) devices.push_back(each);
    }
    bool may_make = !spec.find_namespace(CLONE_NEWUSER) && !in_user_namespace();
    for (const DeviceSpec& device : devices)
        if (may_make || device.type == 'p')
            make_node(root_fd, device);
        else
            show_node(root_fd, device);
    UniqueFd dev = open_mount_point(root_fd, "/dev", true, true);
    for (auto [target, name] : links)
        if (::symlinkat(target, dev.get(), name) != 0 && errno != EEXIST)
            throw_errno(errno, cat("link /dev/", name));
}
//@ end make-devices

}  // namespace slipway
