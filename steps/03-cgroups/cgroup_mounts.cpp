#include <sys/mount.h>

#include "02-namespaces/mounts.hpp"
#include "03-cgroups/cgroup.hpp"
#include "common/text.hpp"

namespace slipway {

//@ begin mount-cgroups
void mount_cgroups(int root_fd, const CgroupLayout& layout) {
    constexpr unsigned long flags =
        MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY;
    constexpr char reason[] = "our own groups, to be read, not written";
    bool v1 = false;
    for (const CgroupHierarchy& tree : layout.hierarchies)
        v1 = v1 || tree.version == 1;
    if (v1)  // a folder for each tree
        mount_file_system(
            root_fd,
            {"tmpfs", "/sys/fs/cgroup", MS_NOSUID | MS_NODEV | MS_NOEXEC,
             "mode=0755,size=64k", "room for a folder for each tree"});
    for (const CgroupHierarchy& tree : layout.hierarchies) {
        std::string folder = "/sys/fs/cgroup";
        if (v1) folder += tree.mount_point.substr(tree.mount_point.rfind('/'));
        // No options for v2, ever: they would be the host's, too.
        std::string options =
            tree.version == 1 ? join(tree.controllers, ",") : "";
        mount_file_system(
            root_fd,
            {tree.version == 1 ? "cgroup" : "cgroup2", folder.c_str(), flags,
             options.empty() ? nullptr : options.c_str(), reason});
    }
}
//@ end mount-cgroups

}  // namespace slipway
