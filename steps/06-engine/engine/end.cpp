#include "06-engine/engine/end.hpp"

#include <time.h>

#include <algorithm>

#include "03-cgroups/stats.hpp"
#include "06-engine/engine/container_events.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/container_network.hpp"
#include "06-engine/engine/other_runtime.hpp"
#include "06-engine/engine/remove.hpp"
#include "06-engine/monitor/exit_record.hpp"
#include "06-engine/runtime/container_cgroup.hpp"
#include "06-engine/runtime/lifecycle.hpp"
#include "common/error.hpp"
#include "common/signals.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

struct MemoryEnd {
    bool killed = false;
    std::string sentence;
};

std::string mib(std::uint64_t bytes) {
    constexpr std::uint64_t one = 1 << 20;
    return cat((bytes + one / 2) / one, " MiB");
}

// Asked before the group goes: only it knows.
MemoryEnd look_at_memory(const Engine& engine, const ContainerRecord& record) {
    MemoryEnd end;
    try {
        ContainerFolder folder =
            ContainerFolder::look(engine.runtime().root, record.id);
        auto group = open_cgroups(folder.state_or_remains().cgroups);
        end.killed = read_oom_kills(group).value_or(0) > 0;
        if (!end.killed) return end;
        CgroupStats stats = read_cgroup_stats(group);
        end.sentence = "the kernel killed for memory";
        if (record.host.resources.memory)
            end.sentence += cat(
                ": --memory ",
                mib(static_cast<std::uint64_t>(*record.host.resources.memory)),
                " was not enough");
        if (stats.memory_peak)
            end.sentence += cat(" (peak ", mib(*stats.memory_peak), ")");
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotFound) engine.warn(error.message());
    }
    return end;
}

std::string reason_of(const ExitStatus& status, const RunNote& run,
                      const MemoryEnd& memory) {
    if (memory.killed) return memory.sentence;
    if (status.signal == 0) return "";
    std::string name = signal_name(status.signal);
    if (status.signal == run.stop_signal)
        return cat(name, " from ", run.stopped_by);
    if (!run.stopped_by.empty()) return cat(name, ", after ", run.stopped_by);
    return cat(name,
               ", not from slipway: from inside, or from a process of "
               "the host");
}

bool is_to_be_removed(const ContainerRecord& record, const RunNote& run) {
    return record.host.auto_remove && run.stopped_by != by_restart;
}

unsigned seconds_since(const std::string& started) {
    auto then = parse_time(started);
    std::time_t now = ::time(nullptr);
    return then && now > *then ? static_cast<unsigned>(now - *then) : 0;
}

EndNote note_of(const Engine& engine, const ContainerRecord& record,
                const ExitStatus& status, const RunNote& run) {
    MemoryEnd memory = look_at_memory(engine, record);
    EndNote end;
    end.exit_code = status.exit_code();
    end.signal = status.signal;
    end.oom_killed = memory.killed;
    end.started = run.started;
    end.finished = now_text();
    end.reason = reason_of(status, run, memory);
    end.restarts = run.restarts;
    end.stopped_by_hand = !run.stopped_by.empty();
    return end;
}

}  // namespace

std::optional<unsigned> restart_delay_ms(const RestartPolicy& policy,
                                         const RunNote& run, const EndNote& end,
                                         unsigned ran_for_s) {
    constexpr unsigned first_ms = 100, longest_ms = 60'000, steady_s = 10;
    if (!run.stopped_by.empty() || policy.name.empty() || policy.name == "no")
        return std::nullopt;
    if (policy.name == "on-failure") {
        if (end.exit_code == 0) return std::nullopt;
        if (policy.most_retries != 0 && run.restarts >= policy.most_retries)
            return std::nullopt;
    }
    if (run.back_off_ms == 0 || ran_for_s >= steady_s) return first_ms;
    return std::min(run.back_off_ms * 2, longest_ms);
}

void clean_up_run(const Engine& engine, const std::string& id) {
    auto each = [&](auto body) {
        try {
            body();
        } catch (const Error& error) {
            engine.warn(
                cat("container ", id.substr(0, 12), ": ", error.message()));
        }
    };
    each([&] { delete_with_runtime(engine, id); });
    each([&] { delete_container(engine.runtime(), id, true); });
    each([&] { disconnect_container(engine, id); });
    each([&] { remove_run(engine, id); });
}

//@ begin end-run
AfterEnd end_run(const Engine& engine, const std::string& id,
                 const ExitStatus& status) {
    ContainerLock lock(engine, id);
    ContainerRecord record = read_container(engine, id);
    RunNote run = read_run(engine, id).value_or(RunNote{});
    AfterEnd after{note_of(engine, record, status, run), {}};
    write_end(engine, id, after.end);
    if (after.end.oom_killed) record_container_event(engine, record, "oom");
    record_container_event(engine, record, "die",
                           {{"exitCode", cat(after.end.exit_code)}});
    after.restart_after_ms = restart_delay_ms(
        record.host.restart, run, after.end, seconds_since(run.started));
    clean_up_run(engine, id);
    if (after.restart_after_ms) {
        run.init = {};
        run.restarts += 1;
        run.back_off_ms = *after.restart_after_ms;
        write_run(engine, id, run);
    } else if (is_to_be_removed(record, run)) {
        remove_ended(engine, record, RemoveVolumes::Anonymous);
    }
    return after;
}
//@ end end-run

bool end_lost_run(const Engine& engine, const std::string& id) {
    ContainerRecord record = read_container(engine, id);
    RunNote run = read_run(engine, id).value_or(RunNote{});
    std::optional<EndNote> before = read_end(engine, id);
    if (run.init.pid == 0 && before) {  // it waited to be restarted
        before->stopped_by_hand = !run.stopped_by.empty();
        write_end(engine, id, *before);
    } else {
        // Killed after its last word, or before.
        std::optional<ExitStatus> told =
            read_exit_record(exit_record_path(engine, id));
        EndNote end =
            note_of(engine, record, told.value_or(ExitStatus{0, SIGKILL}), run);
        if (!told && !end.oom_killed)
            end.reason = "the process that looked after it was killed";
        write_end(engine, id, end);
    }
    clean_up_run(engine, id);
    if (!is_to_be_removed(record, run)) return true;
    remove_ended(engine, record, RemoveVolumes::Anonymous);
    return false;
}

}  // namespace slipway
