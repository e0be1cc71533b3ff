#include "03-cgroups/control.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

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

//@ begin kill-one-by-one
std::vector<UniqueFd> open_processes(const CgroupFolder& group) {
    std::vector<UniqueFd> processes;
    for (const std::string& line :
         split(group.read("cgroup.procs").value_or(""), '\n')) {
        auto pid = parse_unsigned(line, INT32_MAX);
        if (!pid) continue;
        UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)));
        if (process) processes.push_back(std::move(process));
    }
    return processes;
}

// Without cgroup.kill: a process may fork while we read the list, so again
// until it is empty.
void kill_one_by_one(const CgroupFolder& group) {
    if (group.has("pids.max"))
        group.write("no new ones from here on", "pids.max", "0");
    while (true) {
        std::vector<UniqueFd> processes = open_processes(group);
        if (processes.empty()) return;
        for (const UniqueFd& process : processes)
            ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr,
                      0);
        for (const UniqueFd& process : processes) {
            pollfd ended{process.get(), POLLIN, 0};
            while (::poll(&ended, 1, -1) < 0 && errno == EINTR) {
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
