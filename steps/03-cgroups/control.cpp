#include "03-cgroups/control.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <set>

#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

//@ begin wait-for-event
// cgroup.events is a file that tells when it has changed: poll(2) with POLLPRI.
void wait_for_event(const CgroupFolder& group, std::string_view key,
                    std::uint64_t wanted) {
    UniqueFd events(
        check(::openat(group.self.get(), "cgroup.events", O_RDONLY | O_CLOEXEC),
              "open ", group.path, "/cgroup.events"));
    while (true) {
        char text[256];
        ssize_t size = check(::pread(events.get(), text, sizeof text, 0),
                             "read ", group.path, "/cgroup.events");
        if (keyed_value({text, static_cast<std::size_t>(size)}, key) == wanted)
            return;
        pollfd change{events.get(), POLLPRI, 0};
        if (::poll(&change, 1, -1) < 0 && errno != EINTR)
            throw_errno(errno, "wait for cgroup.events");
    }
}
//@ end wait-for-event

std::set<pid_t> members(const CgroupFolder& group) {
    std::set<pid_t> pids;
    for (const std::string& line :
         split(group.read("cgroup.procs").value_or(""), '\n'))
        if (auto pid = parse_unsigned(line, INT32_MAX))
            pids.insert(static_cast<pid_t>(*pid));
    return pids;
}

//@ begin kill-one-by-one
// Without cgroup.kill: a process may fork while we read the list, so again
// until it is empty. And one may end, and its number become a stranger's: who
// is listed once we hold it is the one that was meant.
void kill_one_by_one(const CgroupFolder& group) {
    if (group.has("pids.max"))
        group.write("no new ones from here on", "pids.max", "0");
    for (std::set<pid_t> pids; !(pids = members(group)).empty();) {
        std::map<pid_t, UniqueFd> held;
        for (pid_t pid : pids)
            held[pid].reset(
                static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        pids = members(group);
        std::erase_if(held,
                      [&](auto& one) { return !pids.contains(one.first); });
        for (auto& [pid, process] : held)
            ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr,
                      0);
        for (auto& [pid, process] : held) {
            pollfd ended{process.get(), POLLIN, 0};
            while (process && ::poll(&ended, 1, -1) < 0 && errno == EINTR) {
            }
        }
    }
}
//@ end kill-one-by-one

}  // namespace

//@ begin kill-cgroup
void kill_cgroup(const CgroupFolder& group) {
    if (group.version == 1) return kill_one_by_one(group);
    if (keyed_value(group.read("cgroup.events").value_or(""), "populated") == 0)
        return;
    if (group.has("cgroup.kill"))
        group.write("whoever is left in the group", "cgroup.kill", "1");
    else
        kill_one_by_one(group);
    wait_for_event(group, "populated", 0);
}
//@ end kill-cgroup

void freeze_cgroup(const CgroupFolder& group, bool frozen) {
    if (group.version == 1)
        throw Error(ErrorKind::Unsupported, "freeze needs a cgroup v2 tree")
            .advise("mount one beside the v1 trees: it needs no controller");
    group.write(frozen ? "all stop where they are" : "all go on",
                "cgroup.freeze", frozen ? "1" : "0");
    wait_for_event(group, "frozen", frozen ? 1 : 0);
}

}  // namespace slipway
