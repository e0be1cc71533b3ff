#include "06-engine/runtime/process_id.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// The fields of /proc/PID/stat behind the name, which may have blanks and
// brackets itself: the first is field 3, the status.
std::vector<std::string> stat_fields(pid_t pid) {
    try {
        std::string text = read_file(cat("/proc/", pid, "/stat"), 4096);
        std::size_t end = text.rfind(')');
        if (end == std::string::npos || end + 2 > text.size()) return {};
        return split(text.substr(end + 2), ' ');
    } catch (const Error&) {
        return {};  // it has gone
    }
}

}  // namespace

//@ begin process-id
ProcessId ProcessId::of(pid_t pid) {
    std::vector<std::string> fields = stat_fields(pid);
    if (fields.size() < 20) return {pid, 0};
    return {pid, parse_unsigned(fields[19], UINT64_MAX).value_or(0)};
}

bool ProcessId::is_alive() const {
    if (pid <= 0) return false;
    std::vector<std::string> fields = stat_fields(pid);
    return fields.size() >= 20 && fields[0] != "Z" && fields[0] != "X" &&
           parse_unsigned(fields[19], UINT64_MAX) == start_time;
}

UniqueFd ProcessId::open() const {
    if (pid <= 0) return {};
    UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    // Asked after: from here on the number is this process's.
    return is_alive() ? std::move(fd) : UniqueFd();
}
//@ end process-id

nlohmann::ordered_json process_json(const ProcessId& process) {
    return {{"pid", process.pid}, {"startTime", process.start_time}};
}

ProcessId read_process_id(const DocumentField& field) {
    return {static_cast<pid_t>(field.at("pid").number(INT32_MAX)),
            field.at("startTime").number(UINT64_MAX)};
}

void send_signal(const UniqueFd& process, int signal) {
    if (process &&
        ::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0) !=
            0 &&
        errno != ESRCH)
        throw_errno(errno, "send signal");
}

}  // namespace slipway
