#include "06-engine/engine/monitored_start.hpp"

#include <sys/types.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/remove.hpp"
#include "06-engine/engine/start.hpp"
#include "06-engine/monitor/attach_protocol.hpp"
#include "06-engine/monitor/exit_record.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/numbers.hpp"
#include "common/signals.hpp"

namespace slipway {

namespace {

// This program, for what comes later, and where it is to look.
std::vector<std::string> internal(const Engine& engine, const char* word,
                                  const std::string& id) {
    return {own_path(),   "--root",   engine.root, "--state",
            engine.state, "internal", word,        id};
}

// The driver's options labels and env: which of them go into each line.
std::string log_attributes(const ContainerRecord& record) {
    nlohmann::ordered_json attributes = nlohmann::ordered_json::object();
    auto option = [&](const char* name) {
        auto found = record.host.log_options.find(name);
        return found == record.host.log_options.end()
                   ? std::vector<std::string>()
                   : split(found->second, ',');
    };
    for (const std::string& label : option("labels"))
        if (auto found = record.config.labels.find(label);
            found != record.config.labels.end())
            attributes[label] = found->second;
    for (const std::string& name : option("env"))
        for (const std::string& each : record.config.env)
            if (each.starts_with(name + "="))
                attributes[name] = each.substr(name.size() + 1);
    return attributes.empty() ? "" : attributes.dump();
}

void plan_log(MonitorPlan& plan, const Engine& engine,
              const ContainerRecord& record) {
    if (record.host.log_driver == "none") return;
    plan.log_path = log_path(engine, record.id);
    const auto& options = record.host.log_options;
    if (auto size = options.find("max-size"); size != options.end())
        plan.log_max_size = parse_size(size->second);
    if (auto files = options.find("max-file"); files != options.end())
        plan.log_max_files = static_cast<unsigned>(
            parse_unsigned(files->second, 1000).value_or(1));
    plan.log_attributes = log_attributes(record);
}

void plan_health(MonitorPlan& plan, const Engine& engine,
                 const ContainerRecord& record) {
    const std::optional<Healthcheck>& check = record.config.healthcheck;
    if (!check || check->test.empty() || check->test[0] == "NONE") return;
    constexpr std::uint64_t ns_per_ms = 1'000'000;
    auto set = [&](std::uint64_t& to, std::uint64_t ns) {
        if (ns != 0) to = ns / ns_per_ms;
    };
    plan.health.command = internal(engine, "health", record.id);
    set(plan.health.interval_ms, check->interval);
    set(plan.health.start_interval_ms, check->start_interval);
    set(plan.health.start_period_ms, check->start_period);
}

// Descriptors become the plan's: they are closed by who serves it.
MonitorPlan plan_for(const Engine& engine, StartedContainer& started) {
    const ContainerRecord& record = started.record;
    MonitorPlan plan;
    plan.id = record.id;
    plan.init = started.init.pid();
    plan.in = started.streams.in.release();
    plan.out = started.streams.out.release();
    plan.err = started.streams.err.release();
    plan.terminal = started.streams.terminal.release();
    plan.listener =
        listen_attach(engine.run_folder_of(record.id) + "/attach").release();
    plan.stdin_once = record.stdin_once;
    plan.exit_path = exit_record_path(engine, record.id);
    plan_log(plan, engine, record);
    plan_health(plan, engine, record);
    return plan;
}

//@ begin start-and-become-monitor
[[noreturn]] void start_and_become_monitor(
    const Engine& engine, const std::string& id, const ContainerLock&,
    const std::optional<RunNote>& earlier, UniqueFd client) {
    ImageStore images(engine.root);
    StartedContainer started = start_run(engine, images, id, earlier);
    MonitorPlan plan = plan_for(engine, started);
    plan.client = client.release();
    plan.next = internal(engine, "ended", id);
    started.init.forget();  // a child of this process it stays
    become_monitor(plan);
}
//@ end start-and-become-monitor

[[noreturn]] void wait_for_restart(const Engine& engine, const std::string& id,
                                   unsigned wait_ms) {
    MonitorPlan plan;
    plan.id = id;
    plan.wait_ms = wait_ms;
    plan.next = internal(engine, "restart", id);
    become_monitor(plan);
}

}  // namespace

std::string log_path(const Engine& engine, const std::string& id) {
    return cat(engine.folder_of(id), "/", id, "-json.log");
}

//@ begin start-detached
void start_detached(const Engine& engine, const std::string& id,
                    UniqueFd client) {
    start_child(Why{"the container's monitor: it outlives this command"}, [&] {
        check(::setsid(), "setsid");
        check(::chdir("/"), "chdir /");
        let_signals_in();
        start_and_become_monitor(engine, id, ContainerLock(engine, id), {},
                                 std::move(client));
    }).forget();
}
//@ end start-detached

AfterEnd run_here(const Engine& engine, const std::string& id,
                  LocalClient& client) {
    ImageStore images(engine.root);
    std::optional<ContainerLock> lock(std::in_place, engine, id);
    StartedContainer started =
        start_run(engine, images, id, {}, client.signals);
    MonitorPlan plan = plan_for(engine, started);
    lock.reset();
    plan.exit_path.clear();  // it is told here
    ExitStatus status = serve(plan, started.init, &client);
    return end_run(engine, id, status);
}

//@ begin end-and-go-on
void end_and_go_on(const Engine& engine, const std::string& id) {
    // No record: the monitor could not write it, but it has ended.
    ExitStatus status = read_exit_record(exit_record_path(engine, id))
                            .value_or(ExitStatus{0, SIGKILL});
    AfterEnd after = end_run(engine, id, status);
    if (after.restart_after_ms)
        wait_for_restart(engine, id, *after.restart_after_ms);
    empty_trash(engine);
}
//@ end end-and-go-on

void restart_and_go_on(const Engine& engine, const std::string& id) {
    ContainerLock lock(engine, id);  // held: a `stop` comes before, or after
    std::optional<RunNote> run = read_run(engine, id);
    if (!run || !run->stopped_by.empty()) return clean_up_run(engine, id);
    run->monitor = ProcessId::of(::getpid());
    start_and_become_monitor(engine, id, lock, run, {});
}

}  // namespace slipway
