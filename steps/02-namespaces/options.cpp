#include "02-namespaces/options.hpp"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

[[noreturn]] void refuse(const std::string& message,
                         const std::string& advice) {
    throw Error(ErrorKind::InvalidArgument, message).advise(advice);
}

bool has_id(const std::vector<IdRange>& ranges, std::uint32_t id) {
    return std::any_of(ranges.begin(), ranges.end(), [&](auto& range) {
        return id >= range.inside && id - range.inside < range.count;
    });
}

IdMaps& id_maps(IsolationOptions& options) {
    if (!options.id_maps) options.id_maps.emplace();
    return *options.id_maps;
}

std::string absolute_inside(const std::string& path) {
    if (path.find_first_not_of('/') == std::string::npos || path[0] != '/')
        refuse(cat("--tmpfs ", quote(path)), "write an absolute path, inside");
    return path;
}

// The folder itself, not a link to it: a bind mount on a link would land on
// what the link means then.
std::string real_folder(const std::string& path) {
    char resolved[PATH_MAX];
    if (!::realpath(path.c_str(), resolved)) {
        int error = errno;
        Error failure(kind_of_errno(error), cat("root filesystem ", path),
                      error);
        if (error == ENOENT)
            failure.set_advice("make one with: ./dev rootfs " + path);
        throw failure;
    }
    return resolved;
}

}  // namespace

void declare_isolation_options(CommandLine& line, IsolationOptions& options) {
    options.environment = clean_environment();
    line.value("-u,--user", "UID[:GID]", "run as this user, by number",
               [&](auto& text) { options.user = parse_user(text); });
    line.value("-w,--workdir", "DIR", "start in this directory of ROOTFS",
               [&](auto& text) { options.workdir = text; });
    line.values(
        "-e,--env", "NAME=VALUE", "set an environment variable",
        [&](auto& text) { add_environment(options.environment, text); });
    declare_world_options(line, options);
}

void declare_world_options(CommandLine& line, IsolationOptions& options) {
    line.value("--hostname", "NAME", "the host name inside",
               [&](auto& text) { options.hostname = text; });
    line.values("-v,--volume", "SRC:DST[:ro]", "show a host folder inside",
                [&](auto& text) {
                    options.rootfs.binds.push_back(parse_bind_mount(text));
                });
    line.values("--tmpfs", "DIR", "an empty folder in memory", [&](auto& text) {
        options.rootfs.tmpfs.push_back(absolute_inside(text));
    });
    line.flag("--read-only", "the root filesystem cannot be written",
              options.rootfs.read_only);
    line.values(
        "--sysctl", "NAME=VALUE", "a kernel setting of the namespaces",
        [&](auto& text) { options.sysctls.push_back(parse_sysctl(text)); });
    line.flag("--init", "number 1 reaps, the command is its child",
              options.init);
    line.flag("-t,--tty", "a terminal of its own", options.terminal);
    line.flag("--map-root", "a user namespace in which you are root",
              options.map_root);
    line.values("--uid-map", "IN:OUT:COUNT", "users of a user namespace",
                [&](auto& text) {
                    id_maps(options).uids.push_back(parse_id_range(text));
                });
    line.values("--gid-map", "IN:OUT:COUNT", "groups of a user namespace",
                [&](auto& text) {
                    id_maps(options).gids.push_back(parse_id_range(text));
                });
    line.values(
        "--join-ns", "TYPE=PID|PATH", "join an existing namespace",
        [&](auto& text) { options.joins.push_back(open_namespace(text)); });
    line.value("--only", "TYPE,...", "new namespaces of these types only",
               [&](auto& text) { options.only = parse_namespaces(text); });
    line.value("--without", "TYPE,...", "all but these types",
               [&](auto& text) { options.without = parse_namespaces(text); });
}

namespace {

//@ begin choose-namespaces
void choose_namespaces(IsolationOptions& options) {
    if (options.only && options.without)
        refuse("--only and --without contradict each other", "give one");
    NamespaceSet own = options.only ? *options.only : default_namespaces();
    if (options.without) own.flags &= ~options.without->flags;
    if (options.map_root && options.id_maps)
        refuse("--map-root and --uid-map contradict each other", "give one");
    bool without_user = options.without && options.without->has(CLONE_NEWUSER);
    // Without privilege a user namespace is the only way to the others.
    if (options.map_root || options.id_maps ||
        (::geteuid() != 0 && !without_user))
        own.flags |= CLONE_NEWUSER;
    for (const NamespaceJoin& join : options.joins)
        own.flags &= ~join.kind.flag;
    if (own.has(CLONE_NEWUSER) && !options.id_maps)
        options.id_maps = map_root();
    options.rootfs.namespaces = own;
}
//@ end choose-namespaces

//@ begin contradictions
void refuse_contradictions(const IsolationOptions& options) {
    const NamespaceSet& own = options.rootfs.namespaces;
    bool mounts = !options.rootfs.binds.empty() ||
                  !options.rootfs.tmpfs.empty() || options.rootfs.read_only;
    if (mounts && !own.has(CLONE_NEWNS))
        refuse("--volume, --tmpfs and --read-only need a mount namespace",
               "the mounts would appear on the host: add mnt to --only");
    if (options.rootfs.root == "/" && own.has(CLONE_NEWNS))
        refuse("ROOTFS is / already", "--without mnt: the root as it is");
    if (!options.hostname.empty() && !own.has(CLONE_NEWUTS))
        refuse("--hostname needs a uts namespace",
               "it would rename the host: add uts to --only");
    for (const Sysctl& sysctl : options.sysctls)
        if (!own.has(sysctl.flag))
            refuse(
                cat("--sysctl ", sysctl.name, " needs a namespace of its own"),
                "it would change the host: add net or ipc to --only");
    constexpr std::size_t longest_name = 64;  // uname(2): __NEW_UTS_LEN
    if (options.hostname.size() > longest_name)
        refuse("--hostname is longer than 64 bytes", "choose a shorter one");
    //@ end contradictions
    if (options.terminal && !own.has(CLONE_NEWNS))
        refuse("--tty needs a mount namespace",
               "its terminals live in /dev/pts");
    if (options.terminal && (::isatty(STDIN_FILENO) == 0))
        refuse("--tty, but the standard input is no terminal",
               "leave it out in scripts and pipes");
    if (options.init && !own.has(CLONE_NEWPID))
        refuse("--init needs a pid namespace",
               "only there the command's parent is number 1");
    if (options.id_maps &&
        (options.id_maps->uids.empty() || options.id_maps->gids.empty()))
        refuse("--uid-map and --gid-map go together", "give both");
    if (options.user && options.id_maps &&
        (!has_id(options.id_maps->uids, options.user->uid) ||
         !has_id(options.id_maps->gids, options.user->gid)))
        refuse("--user: the user namespace has no such id",
               "without privilege there is root alone, unless /etc/subuid and "
               "/etc/subgid give you more");
}

}  // namespace

void finish_options(IsolationOptions& options, std::vector<std::string> words) {
    if (words.empty())
        refuse("no ROOTFS given", "make one with: ./dev rootfs DIR");
    options.rootfs.root = real_folder(words[0]);
    std::string typed = words[0];
    words.erase(words.begin());
    if (!words.empty() && words[0] == "--") words.erase(words.begin());
    if (words.empty())
        refuse("no COMMAND given", cat("for a shell: ", typed, " sh"));
    options.command = std::move(words);
    choose_namespaces(options);
    refuse_contradictions(options);
}

}  // namespace slipway
