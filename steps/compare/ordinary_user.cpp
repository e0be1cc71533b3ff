#include "compare/ordinary_user.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"

namespace slipway::compare {
namespace {

const char* const tables[] = {"subuid", "subgid"};

std::string table_in(const std::string& folder, const std::string& name) {
    return cat(folder, "/", name);
}

std::string give_group(const std::string& group) {
    act(Why{"the user's part of the tree"}, "mkdir", ::mkdir, group,
        shown(mode_t{0755}, "0755"));
    for (const char* file : {"", "/cgroup.procs", "/tasks", "/cgroup.threads",
                             "/cgroup.subtree_control"})
        if (::chown((group + file).c_str(), ordinary_user, ordinary_user) !=
                0 &&
            errno != ENOENT)
            throw_errno(errno, cat("chown ", group, file));
    return group;
}

}  // namespace

std::string home_of(const std::string& folder) {
    return folder + "/user";
}

std::string programs_of(const std::string& folder) {
    return folder + "/programs";
}

// Far from those that are granted to people.
void make_ordinary_user(const std::string& folder) {
    constexpr unsigned first = 1'000'000'000, count = 65536;
    find_program("newuidmap", clean_environment());  // throws
    find_program("newgidmap", clean_environment());
    for (const char* name : tables) {
        std::string known = cat("/etc/", name);
        if (::access(known.c_str(), F_OK) != 0)
            throw Error(ErrorKind::Unsupported,
                        cat("there is no ", known,
                            ": users of this machine have no further ids"));
        write_file_atomic(table_in(folder, name),
                          cat(ordinary_user, ":", first, ":", count, "\n"),
                          0644, ToDisk::Later);
    }
    std::string home = home_of(folder);
    check(::mkdir(home.c_str(), 0700), "mkdir ", home);
    check(::chown(home.c_str(), ordinary_user, ordinary_user), "chown ", home);
}

std::vector<std::string> delegate_groups(const std::string& name) {
    const std::string top = "/sys/fs/cgroup";
    std::vector<std::string> groups;
    if (::access((top + "/cgroup.subtree_control").c_str(), F_OK) == 0) {
        for (const char* controller : {"+cpu", "+memory", "+pids"})
            try_act(Why{"or no group below has it"}, "write", write_kernel_file,
                    shown(AT_FDCWD, "AT_FDCWD"),
                    top + "/cgroup.subtree_control", controller);
        // A group has either processes or groups with controllers.
        give_group(cat(top, "/", name));
        give_group(cat(top, "/", name, "/user"));
        return {cat(top, "/", name, "/user")};
    }
    for (const char* tree : {"cpu", "memory", "pids"})
        if (::access(cat(top, "/", tree, "/tasks").c_str(), F_OK) == 0)
            groups.push_back(give_group(cat(top, "/", tree, "/", name)));
    return groups;
}

std::vector<Cover> covers_for_user(const std::string& folder,
                                   const std::string& bin, bool has_ids) {
    std::vector<Cover> list = {{bin, programs_of(folder)}};
    if (has_ids)
        for (const char* name : tables)
            list.push_back({table_in(folder, name), cat("/etc/", name)});
    return list;
}

}  // namespace slipway::compare
