#include "06-engine/runtime/container_mounts.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "02-namespaces/clone.hpp"
#include "02-namespaces/mounts.hpp"
#include "02-namespaces/rootfs.hpp"
#include "06-engine/runtime/copy_up.hpp"
#include "06-engine/runtime/mount_calls.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

bool is_bind(const MountSpec& mount) {
    return mount.options.bind || mount.options.recursive_bind ||
           mount.type == "bind";
}

std::string source_of(const MountSpec& mount, const std::string& bundle) {
    return mount.source.starts_with('/') ? mount.source
                                         : cat(bundle, "/", mount.source);
}

bool is_folder(int fd) {
    struct stat info {};
    check(::fstat(fd, &info), "stat");
    return S_ISDIR(info.st_mode);
}

// A user namespace with these maps, held by its descriptor alone.
UniqueFd namespace_with(const std::vector<IdRange>& uids,
                        const std::vector<IdRange>& gids) {
    UniqueFd found;
    clone_process(
        Why{"a user namespace for its id maps, nothing more"},
        {{CLONE_NEWUSER}},
        [&](const ChildProcess& child) {
            write_id_maps(child.pid(), {uids, gids});
            std::string path = cat("/proc/", child.pid(), "/ns/user");
            found.reset(check(::open(path.c_str(), O_RDONLY | O_CLOEXEC),
                              "open ", path));
        },
        [](ParentLink&) {})
        .wait();
    return found;
}

// The flags of a mount, before anybody sees it.
void apply_options(const UniqueFd& tree, const MountOptions& options) {
    if (options.set != 0 || options.clear != 0)
        change_mount("its flags", tree.get(),
                     {.set = options.set, .clear = options.clear});
    if (options.set_below != 0 || options.clear_below != 0)
        change_mount("its flags, and of what is mounted below", tree.get(),
                     {.set = options.set_below,
                      .clear = options.clear_below,
                      .recursive = true});
}

void apply_propagation(const UniqueFd& tree, const MountOptions& options) {
    for (unsigned long flag : options.propagation)
        change_mount("what is mounted below is shown elsewhere, or is not",
                     tree.get(),
                     {.propagation = flag & ~static_cast<unsigned long>(MS_REC),
                      .recursive = (flag & MS_REC) != 0});
}

void map_ids(const UniqueFd& tree, const MountSpec& mount, const Spec& spec) {
    if (!mount.options.id_map && mount.uid_mappings.empty()) return;
    bool own = !mount.uid_mappings.empty();
    UniqueFd space =
        namespace_with(own ? mount.uid_mappings : spec.uid_mappings,
                       own ? mount.gid_mappings : spec.gid_mappings);
    change_mount("its files' owners are others in there", tree.get(),
                 {.user_namespace = space.get(),
                  .recursive = mount.options.id_map_below});
}

//@ begin open-bind
UniqueFd open_bind(const MountSpec& mount, const std::string& bundle,
                   unsigned long propagation) {
    UniqueFd tree =
        copy_mount("a folder or file of the host, on request", AT_FDCWD,
                   source_of(mount, bundle), !mount.options.bind);
    // Not a peer of the host's mount, unless that is asked for.
    if ((propagation & MS_SHARED) == 0)
        change_mount("what is mounted in it inside stays inside", tree.get(),
                     {.propagation = MS_SLAVE, .recursive = true});
    apply_options(tree, mount.options);
    return tree;
}
//@ end open-bind

std::string context_of(const MountSpec& mount) {
    return cat("mount ", mount.source.empty() ? mount.type : mount.source,
               " on ", mount.destination);
}

bool is_kernel_view(const std::string& type) {
    return type == "proc" || type == "sysfs";
}

//@ begin open-target
// /proc and /sys go on a plain folder only: were it a link, the files that we
// make unreadable there would be others (CVE-2019-16884, CVE-2023-27561).
UniqueFd open_target(int root, const MountSpec& mount, bool folder) {
    bool follow = !is_kernel_view(mount.type);
    try {
        return open_mount_point(root, mount.destination, folder, follow);
    } catch (Error& error) {
        if (!follow && error.system_errno() == ENOTDIR)
            error.set_advice(cat(mount.type,
                                 " must be mounted on an ordinary directory, "
                                 "and the image has something else there"));
        throw;
    }
}
//@ end open-target

void mount_new(int root, const MountSpec& mount) {
    NewFileSystem what{.type = mount.type,
                       .source = mount.source,
                       .flags = mount.options.flags,
                       .data = mount.options.data,
                       .attributes = mount.options.set};
    bool read_only = (mount.options.set & MOUNT_ATTR_RDONLY) != 0;
    if (read_only && mount.source.starts_with("/dev/"))
        what.flags.emplace_back("ro");  // a disk that cannot be written
    if (mount.options.copy_up)
        what.attributes &= ~std::uint64_t{MOUNT_ATTR_RDONLY};
    UniqueFd tree = make_file_system("a file system of its own", what);
    UniqueFd target = open_target(root, mount, true);
    if (mount.options.copy_up) {
        copy_up(target.get(), tree.get());
        if (read_only)
            change_mount("filled: to be read only", tree.get(),
                         {.set = MOUNT_ATTR_RDONLY});
    }
    MountOptions below;
    below.set_below = mount.options.set_below;
    below.clear_below = mount.options.clear_below;
    apply_options(tree, below);
    attach_mount("seen inside here", tree, target.get(), mount.destination);
    apply_propagation(tree, mount.options);
}

//@ begin mount-bind-of
void mount_bind_of(int root, PreparedMount& mount, const MountPlan& plan) {
    if (!mount.tree)
        mount.tree = open_bind(mount.spec, plan.bundle, plan.propagation);
    UniqueFd target =
        open_target(root, mount.spec, is_folder(mount.tree.get()));
    attach_mount("seen inside here", mount.tree, target.get(),
                 mount.spec.destination);
    apply_propagation(mount.tree, mount.spec.options);
}
//@ end mount-bind-of

// A folder for each tree, as /sys/fs/cgroup has it on the host. Without a
// cgroup namespace its own group is not the top of what it sees: then only that
// group is shown, by a bind.
void mount_cgroup_trees(int root, const MountSpec& mount,
                        const MountPlan& plan) {
    bool v1 = false;
    for (const CgroupHierarchy& tree : plan.layout.hierarchies)
        v1 = v1 || tree.version == 1;
    if (v1)
        mount_new(root,
                  {.destination = mount.destination,
                   .source = "tmpfs",
                   .type = "tmpfs",
                   .options = parse_mount_options(
                       {"mode=0755", "size=64k", "nosuid", "nodev", "noexec"}),
                   .uid_mappings = {},
                   .gid_mappings = {}});
    for (const CgroupHierarchy& tree : plan.layout.hierarchies) {
        MountSpec one = mount;
        one.type = tree.version == 1 ? "cgroup" : "cgroup2";
        one.source = one.type;
        // No options for v2, ever: they would be the host's, too.
        one.options.data.clear();
        if (v1)
            one.destination +=
                tree.mount_point.substr(tree.mount_point.rfind('/'));
        if (tree.version == 1) one.options.data = tree.controllers;
        for (std::string& word : one.options.data)
            if (word.starts_with("name=") && word.size() > 5)
                one.options.flags.emplace_back("none");
        if (plan.own_cgroup_namespace) {
            mount_new(root, one);
            continue;
        }
        PreparedMount bind{one, {}};
        for (const CgroupPath& own : plan.cgroups)
            if (own.path.starts_with(tree.mount_point + "/"))
                bind.spec.source = own.path;
        // It may have no group there, or we may have had no right to make it.
        if (!bind.spec.source.starts_with('/')) continue;
        try {
            bind.tree = open_bind(bind.spec, plan.bundle, plan.propagation);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::NotFound) throw;
            continue;
        }
        mount_bind_of(root, bind, plan);
    }
}

void mount_one(int root, PreparedMount& mount, const MountPlan& plan) {
    bool shows_group =
        mount.spec.type == "cgroup" || mount.spec.type == "cgroup2";
    if ((shows_group || mount.spec.options.copy_up) && plan.enter_group)
        plan.enter_group();
    with_context(context_of(mount.spec), [&] {
        if (is_bind(mount.spec)) return mount_bind_of(root, mount, plan);
        if (shows_group) return mount_cgroup_trees(root, mount.spec, plan);
        mount_new(root, mount.spec);
    });
}

UniqueFd open_root(const MountPlan& plan) {
    return with_context(cat("root filesystem ", plan.rootfs), [&] {
        return copy_mount("the root, as a mount of its own", AT_FDCWD,
                          plan.rootfs, true);
    });
}

}  // namespace

MountPlan prepare_mounts(const Spec& spec, const std::string& bundle,
                         const CgroupLayout& layout,
                         const std::vector<CgroupPath>& cgroups, int root) {
    MountPlan plan{.rootfs = spec.root_path.starts_with('/')
                                 ? spec.root_path
                                 : cat(bundle, "/", spec.root_path),
                   .bundle = bundle,
                   .root_tree = {},
                   .mounts = {},
                   .own_cgroup_namespace = spec.is_new(CLONE_NEWCGROUP),
                   .layout = layout,
                   .cgroups = cgroups,
                   .propagation = spec.rootfs_propagation};
    bool open_here = spec.find_namespace(CLONE_NEWUSER) && ::geteuid() == 0;
    if (root >= 0)
        plan.root_tree.reset(
            check(::fcntl(root, F_DUPFD_CLOEXEC, 0), "dup root"));
    else if (open_here)
        plan.root_tree = open_root(plan);
    for (const MountSpec& mount : spec.mounts) {
        PreparedMount prepared{mount, {}};
        bool mapped = mount.options.id_map || !mount.uid_mappings.empty();
        if (is_bind(mount) && (open_here || mapped))
            with_context(context_of(mount), [&] {
                prepared.tree = open_bind(mount, bundle, plan.propagation);
                map_ids(prepared.tree, mount, spec);
            });
        plan.mounts.push_back(std::move(prepared));
    }
    return plan;
}

//@ begin mount-container
UniqueFd mount_container(MountPlan& plan) {
    unsigned long propagation =
        plan.propagation != 0 ? plan.propagation : MS_SLAVE | MS_REC;
    act(Why{"what we mount from here on stays invisible to the host"}, "mount",
        ::mount, nullptr, "/", nullptr, shown(propagation, cat(propagation)),
        nullptr);
    if (!plan.root_tree) plan.root_tree = open_root(plan);
    if ((propagation & MS_SHARED) != 0) {
        act(Why{"pivot_root wants it so: no copies of the swap elsewhere"},
            "mount", ::mount, nullptr, "/", nullptr,
            shown(MS_PRIVATE, "MS_PRIVATE"), nullptr);
        change_mount("and so the new root, until it is entered",
                     plan.root_tree.get(), {.propagation = MS_PRIVATE});
    } else {
        // Before Linux 6.8 the engine's overlay hangs on the host's tree, which
        // is shared on most hosts, and its copy would be, too.
        change_mount("pivot_root refuses a root that others share",
                     plan.root_tree.get(), {.propagation = MS_SLAVE});
    }
    // Over "/" and not over its own folder, to which we may have no path any
    // more. Nobody sees it there: our root is below, until we swap.
    UniqueFd top(
        check(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "open /"));
    attach_mount("pivot_root wants a mount that hangs somewhere",
                 plan.root_tree, top.get(), "/");
    for (PreparedMount& mount : plan.mounts)
        mount_one(plan.root_tree.get(), mount, plan);
    return std::move(plan.root_tree);
}
//@ end mount-container

void mount_binds(int root, const std::vector<MountSpec>& binds) {
    MountPlan plan;
    for (const MountSpec& bind : binds) {
        PreparedMount mount{bind, {}};
        with_context(context_of(bind),
                     [&] { mount_bind_of(root, mount, plan); });
    }
}

void enter_root_mount(const UniqueFd& root, bool pivot) {
    if (pivot) return pivot_into(root);
    act(Why{"stand on the new root"}, "fchdir", ::fchdir, root);
    act(Why{"the old root stays below: no pivot was asked for"}, "chroot",
        ::chroot, ".");
    act(Why{"the working directory was outside"}, "chdir", ::chdir, "/");
}

void share_root_mount(unsigned long propagation) {
    if ((propagation & MS_SHARED) != 0)
        act(Why{"rootfsPropagation: others may take part in its mounts"},
            "mount", ::mount, nullptr, "/", nullptr,
            shown(propagation, cat(propagation)), nullptr);
}

}  // namespace slipway
