#include "06-engine/engine/user_namespace.hpp"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "02-namespaces/clone.hpp"
#include "02-namespaces/id_map.hpp"
#include "04-images/image_store.hpp"
#include "04-images/store_folder.hpp"
#include "04-images/store_lock.hpp"
#include "06-engine/engine/engine.hpp"
#include "06-engine/engine/run_note.hpp"
#include "06-engine/network/user_network.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/program_variable.hpp"

namespace slipway {

namespace {

// A folder in /tmp, say, has a name that others can guess. True: it is new.
bool make_folder_of_ours(const std::string& path) {
    bool is_new = make_private_folder(path);
    struct stat info {};
    check(::lstat(path.c_str(), &info), "look at ", path);
    if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid() ||
        (info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        throw Error(ErrorKind::Forbidden,
                    cat(path, " is not a folder that only you can write"))
            .advise("name another one with --state, or SLIPWAY_STATE");
    return is_new;
}

// Nobody is alive who wrote them. Files may be those of the user's other ids:
// it takes the rights that there are inside.
void remove_earlier_states(const Engine& engine) {
    std::filesystem::path now(engine.state);
    std::string all = states_of(engine.root);
    if (now.parent_path() != all) return;
    UniqueFd folder(check(
        ::open(all.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open ", all));
    for (const std::string& name : names_in(folder.get(), all))
        if (name != now.filename()) remove_tree(cat(all, "/", name));
}

// Left open at exec, and to no harm in children: the record lock in it says
// that this process is in the namespace, and is lost when it is closed.
UniqueFd open_members(const std::string& state) {
    std::string path = state + "/user-namespace";
    return UniqueFd(
        check(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW, 0600),
              "open ", path));
}

struct flock whole_file(short type) {
    struct flock whole {};
    whole.l_type = type;
    whole.l_whence = SEEK_SET;
    return whole;
}

// Who is there is asked of the kernel. Empty: it has gone meanwhile.
UniqueFd namespace_of(pid_t pid) {
    std::string path = cat("/proc/", pid, "/ns/user");
    UniqueFd space(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    uid_t owner = 0;
    if (!space || ::ioctl(space.get(), NS_GET_OWNER_UID, &owner) != 0 ||
        owner != ::geteuid())
        return {};
    return space;
}

UniqueFd namespace_of_commands(int members) {
    for (;;) {
        struct flock lock = whole_file(F_WRLCK);
        check(::fcntl(members, F_GETLK, &lock), "ask who is there");
        if (lock.l_type == F_UNLCK) return {};
        if (UniqueFd space = namespace_of(lock.l_pid)) return space;
        struct flock again = whole_file(F_WRLCK);
        check(::fcntl(members, F_GETLK, &again), "ask who is there");
        if (again.l_type != F_UNLCK && again.l_pid == lock.l_pid) return {};
    }
}

// Also after the monitors were killed, networks may have a keeper, a name
// server, a proxy: who comes next must be able to enter them, and to end those.
UniqueFd namespace_of_helpers(const Engine& engine) {
    for (pid_t helper : network_helpers({engine.root, engine.state}))
        if (UniqueFd space = namespace_of(helper)) return space;
    return {};
}

UniqueFd namespace_of_monitors(const Engine& engine) {
    std::string folder = engine.state + "/containers";
    UniqueFd open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!open) return {};
    for (const std::string& id : names_in(open.get(), folder)) {
        std::optional<RunNote> run = read_run(engine, id);
        if (!run) continue;
        for (const ProcessId& process : {run->monitor, run->init})
            if (process.is_alive())
                if (UniqueFd space = namespace_of(process.pid)) return space;
    }
    return {};
}

//@ begin new-user-namespace
UniqueFd new_user_namespace() {
    UniqueFd space;
    try {
        clone_process(
            Why{"a user namespace: in it we are root, and files may belong to "
                "others"},
            {NamespaceSet{CLONE_NEWUSER}, -1},
            [&](const ChildProcess& child) {
                write_id_maps(child.pid(), map_root());
                space = namespace_of(child.pid());
            },
            [](ParentLink& parent) {
                parent.die_with_parent();
                parent.started();
                ::_exit(0);
            })
            .wait();
    } catch (Error& error) {
        if (error.system_errno() != EPERM && error.system_errno() != ENOSPC &&
            error.system_errno() != EACCES)
            throw;
        throw Error(ErrorKind::Forbidden,
                    cat("a user namespace: ", error.message()))
            .advise(
                "this system lets no ordinary user make one: see "
                "user.max_user_namespaces, kernel.unprivileged_userns_clone "
                "and kernel.apparmor_restrict_unprivileged_userns");
    }
    return space;
}
//@ end new-user-namespace

//@ begin join-user-namespace
void join(int space) {
    act(Why{"into the user's namespace: all rights, over what is in it"},
        "setns", ::setns, space, shown(CLONE_NEWUSER, "CLONE_NEWUSER"));
    act(Why{"the group that the map made root"},  //
        "setresgid", ::setresgid, gid_t{0}, gid_t{0}, gid_t{0});
    act(Why{"the user that the map made root"},  //
        "setresuid", ::setresuid, uid_t{0}, uid_t{0}, uid_t{0});
    act(Why{"mounts of our own: those of the host are not ours to change"},
        "unshare", ::unshare, shown(CLONE_NEWNS, "CLONE_NEWNS"));
}
//@ end join-user-namespace

}  // namespace

//@ begin enter-user-namespace
void enter_user_namespace(const std::string& root, const std::string& state) {
    if (::geteuid() == 0) return;
    Engine engine;
    engine.root = root.empty() ? default_store_root() : root;
    engine.state = state.empty() ? default_state_root(engine.root) : state;
    make_private_folder(engine.root);
    bool is_new = make_folder_of_ours(engine.state);
    UniqueFd members = open_members(engine.state);
    lock_file(members.get(), LOCK_EX, Wait::Yes, engine.state);
    UniqueFd space = namespace_of_commands(members.get());
    if (!space) space = namespace_of_helpers(engine);
    if (!space) space = namespace_of_monitors(engine);
    if (!space) space = new_user_namespace();
    // The link to our program is worth nothing among other mounts, if those
    // where it was opened have nobody else.
    check(::setenv(program_variable, own_path().c_str(), 1), "setenv");
    join(space.get());
    struct flock here = whole_file(F_RDLCK);
    check(::fcntl(members.get(), F_SETLK, &here), "note that we are here");
    lock_file(members.get(), LOCK_UN, Wait::Yes, engine.state);
    if (is_new) remove_earlier_states(engine);
    [[maybe_unused]] int open_to_the_end = members.release();
    check(::setenv("SLIPWAY_ROOT", engine.root.c_str(), 1), "setenv");
    check(::setenv("SLIPWAY_STATE", engine.state.c_str(), 1), "setenv");
}
//@ end enter-user-namespace

bool network_is_borrowed() {
    UniqueFd own(check(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC),
                       "open /proc/self/ns/net"));
    // The kernel does not show who owns what is above us.
    UniqueFd owner(::ioctl(own.get(), NS_GET_USERNS));
    return !owner && errno == EPERM;
}

}  // namespace slipway
