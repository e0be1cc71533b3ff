#include "06-engine/engine/stop.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <filesystem>

#include "06-engine/engine/container_events.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/end.hpp"
#include "06-engine/engine/process_view.hpp"
#include "06-engine/engine/run_note.hpp"
#include "06-engine/monitor/attach_client.hpp"
#include "06-engine/monitor/attach_protocol.hpp"
#include "06-engine/runtime/lifecycle.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/signals.hpp"

namespace slipway {

namespace {

constexpr int default_timeout_s = 10;
constexpr std::chrono::milliseconds patience{10'000}, for_ever{-1};

// True when the process has ended within the time; -1: as long as it takes.
bool ends_within(const UniqueFd& process, std::chrono::milliseconds limit) {
    if (!process) return true;
    using Clock = std::chrono::steady_clock;
    Clock::time_point end = Clock::now() + limit;
    while (true) {
        auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - Clock::now());
        int wait =
            limit.count() < 0
                ? -1
                : static_cast<int>(std::max<std::int64_t>(left.count(), 0));
        pollfd source{process.get(), POLLIN, 0};
        int ready = ::poll(&source, 1, wait);
        if (ready > 0) return true;
        if (ready == 0 && limit.count() >= 0) return false;
        if (ready < 0 && errno != EINTR) throw_errno(errno, "wait for the end");
    }
}

std::uint64_t mask_of(std::string_view status, std::string_view field) {
    std::size_t at = status.find(field);
    if (at == status.npos) return 0;
    std::string_view text = status.substr(at + field.size());
    std::uint64_t mask = 0;  // hexadecimal, to the end of the line
    std::from_chars(text.data(), text.data() + text.size(), mask, 16);
    return mask;
}

// The lock is held for the note only, not while we wait.
struct Running {
    ContainerRecord record;
    Phase phase;
    UniqueFd init, monitor;
    pid_t init_pid, monitor_pid;
};
Running note_stop(const Engine& engine, const std::string& id,
                  const StopRequest& request, int signal) {
    ContainerLock lock(engine, id);
    ContainerRecord record = read_container(engine, id);
    std::optional<RunNote> run = read_run(engine, id);
    Phase phase = phase_of(engine, id, run);
    if (phase == Phase::Lost) {
        end_lost_run(engine, id);
        throw Error(ErrorKind::NotModified, "it had ended");
    }
    if (phase == Phase::Created || phase == Phase::Exited)
        throw Error(ErrorKind::NotModified,
                    cat("container ", record.name, " is not running"));
    run->stopped_by = request.by;
    run->stop_signal = signal;
    write_run(engine, id, *run);
    return {record,           phase,
            run->init.open(), run->monitor.open(),
            run->init.pid,    run->monitor.pid};
}

std::string ignored_text(int signal) {
    return cat("its first process ignores ", signal_name(signal),
               ": it has no handler for it, and the kernel drops such a signal "
               "to number 1");
}

// A handler may be installed a little later: slow interpreters take a second.
bool stays_deaf(const UniqueFd& init, pid_t pid, int signal) {
    using std::chrono::milliseconds;
    if (!drops_signal(pid, signal)) return false;
    constexpr milliseconds grace{1000};
    if (ends_within(init, grace)) return false;
    return drops_signal(pid, signal);
}

// A frozen process takes no signal. The last one may have ended it all the
// same.
void resume_if_paused(const Engine& engine, const std::string& id) {
    try {
        if (is_paused(engine, id)) resume_container(engine.runtime(), id);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::Conflict &&
            error.kind() != ErrorKind::NotFound)
            throw;
    }
}

bool is_stopped(pid_t pid) {
    try {
        auto stat =
            parse_process_stat(read_file(cat("/proc/", pid, "/stat"), 1 << 12));
        return stat && stat->state == 'T';
    } catch (const Error&) {
        return false;  // it has gone
    }
}

// The container has ended; its monitor cleans up. One that does not get there
// is the process of a `run` that was stopped by Ctrl-Z, or waits for somebody
// to read its output: it is made to end, and what it leaves is cleaned up here.
void wait_for_monitor(const Running& running) {
    if (is_stopped(running.monitor_pid)) send_signal(running.monitor, SIGCONT);
    for (int signal : {SIGTERM, SIGKILL}) {
        if (ends_within(running.monitor, patience)) return;
        send_signal(running.monitor, signal);
    }
    ends_within(running.monitor, for_ever);
}

}  // namespace

//@ begin drops-signal
bool drops_signal(pid_t pid, int signal) {
    if (signal == SIGKILL || signal == SIGSTOP) return false;
    namespace fs = std::filesystem;
    std::uint64_t bit = std::uint64_t{1} << (signal - 1);
    try {
        std::string tasks = cat("/proc/", pid, "/task");
        for (const auto& task : fs::directory_iterator(tasks)) {
            std::string status =
                read_file(task.path().string() + "/status", 1 << 16);
            if (((mask_of(status, "SigCgt:\t") | mask_of(status, "SigBlk:\t")) &
                 bit) != 0)
                return false;
            std::string call =
                read_file(task.path().string() + "/syscall", 1 << 12);
            if (call.starts_with(cat(SYS_rt_sigtimedwait, " "))) return false;
        }
        return true;
    } catch (const std::exception&) {
        return false;  // it has gone, or we may not look
    }
}
//@ end drops-signal

StopResult stop_container(const Engine& engine, const std::string& id,
                          const StopRequest& request) {
    ContainerRecord before = read_container(engine, id);
    int signal = request.signal != 0 ? request.signal
                 : before.config.stop_signal.empty()
                     ? SIGTERM
                     : parse_signal(before.config.stop_signal);
    int timeout = request.timeout_s.value_or(
        before.stop_timeout.value_or(default_timeout_s));
    Running running = note_stop(engine, id, request, signal);
    StopResult result;
    //@ begin stop-container
    resume_if_paused(engine, id);
    if (running.phase == Phase::Restarting ||
        running.phase == Phase::Starting) {
        send_signal(running.monitor, SIGTERM);  // there is nobody else
    } else if (running.init) {
        send_signal(running.init, signal);
        bool deaf = timeout != 0 && signal != SIGKILL &&
                    stays_deaf(running.init, running.init_pid, signal);
        if (deaf) result.remark = ignored_text(signal);
        auto limit =
            timeout < 0 ? for_ever : std::chrono::milliseconds(timeout * 1000);
        if (deaf || !ends_within(running.init, limit))
            send_signal(running.init, SIGKILL);
        ends_within(running.init, for_ever);
    }
    wait_for_monitor(running);
    //@ end stop-container
    record_container_event(engine, running.record, "stop");
    try {
        ContainerLock lock(engine, id);
        if (phase_of(engine, id, read_run(engine, id)) == Phase::Lost)
            end_lost_run(engine, id);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotFound) throw;  // --rm
    }
    return result;
}

void signal_container(const Engine& engine, const std::string& id, int signal) {
    std::optional<ContainerLock> lock(std::in_place, engine, id);
    ContainerRecord record = read_container(engine, id);
    std::optional<RunNote> run = read_run(engine, id);
    if (phase_of(engine, id, run) != Phase::Running)
        throw Error(ErrorKind::Conflict,
                    cat("cannot kill container: ", record.name,
                        ": container is not running"));
    run->stop_signal = signal;
    // A signal that may end it is a stop by hand, as Docker sees it, too.
    if (signal == SIGKILL || signal == SIGTERM || signal == SIGINT ||
        signal == SIGQUIT)
        run->stopped_by = "slipway kill";
    write_run(engine, id, *run);
    UniqueFd monitor = run->monitor.open();
    send_signal(run->init.open(), signal);
    record_container_event(engine, record, "kill", {{"signal", cat(signal)}});
    lock.reset();
    resume_if_paused(engine, id);
    // What comes next may rely on its end.
    if (signal == SIGKILL) ends_within(monitor, patience);
}

namespace {

// What its monitor says of the end; empty when it dies without a word. Of one
// with --rm nothing else is left to ask.
std::optional<int> told_exit_code(const Engine& engine, const std::string& id) {
    try {
        UniqueFd socket = connect_attach(engine.run_folder_of(id) + "/attach");
        std::optional<int> code = wait_for_exit(socket.get());
        wait_until_gone(socket.get());
        return code;
    } catch (const Error&) {
        return std::nullopt;  // it has just ended, or is just starting
    }
}

bool is_over(Phase phase) {
    return phase == Phase::Created || phase == Phase::Exited;
}

}  // namespace

int wait_for_end(const Engine& engine, const std::string& id,
                 const KeptFolder& kept) {
    std::optional<int> told;
    while (true) {
        std::optional<RunNote> run = read_run(engine, id);
        Phase phase = phase_of(engine, id, run);
        if (phase == Phase::Lost) {
            ContainerLock lock(engine, id);
            if (phase_of(engine, id, read_run(engine, id)) == Phase::Lost)
                end_lost_run(engine, id);
            continue;
        }
        if (is_over(phase)) {
            if (std::optional<EndNote> end = read_end_in(kept.path()))
                return end->exit_code;
            if (told) return *told;
            if (phase == Phase::Exited)
                return end_with_machine(engine, id).exit_code;
            read_container(engine, id);  // throws when it has been removed
            return 0;                    // it has never run
        }
        UniqueFd monitor = run->monitor.open();
        if (phase == Phase::Running)
            if (auto code = told_exit_code(engine, id)) told = code;
        ends_within(monitor, for_ever);
    }
}

}  // namespace slipway
