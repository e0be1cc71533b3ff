#include "06-engine/engine/health.hpp"

#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <chrono>

#include <nlohmann/json.hpp>

#include "06-engine/engine/container_events.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/exec_process.hpp"
#include "06-engine/engine/other_runtime.hpp"
#include "06-engine/engine/run_note.hpp"
#include "06-engine/engine/standard_streams.hpp"
#include "common/document.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

constexpr std::size_t most_output = 4096, most_results = 5;
constexpr std::size_t largest_health = 1 << 20;

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

std::string health_file(const Engine& engine, const std::string& id) {
    return engine.run_folder_of(id) + "/health.json";
}

std::vector<std::string> command_of(const ContainerRecord& record) {
    const Healthcheck& check = *record.config.healthcheck;
    std::vector<std::string> words(check.test.begin() + 1, check.test.end());
    if (check.test[0] != "CMD-SHELL") return words;
    std::vector<std::string> shell = record.config.shell;
    if (shell.empty()) shell = {"/bin/sh", "-c"};
    shell.insert(shell.end(), words.begin(), words.end());
    return shell;
}

int left_ms(Clock::time_point end) {
    auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

// Both outputs as they come, up to the limit; false when the time is over.
bool read_until_end(const ContainerStreams& streams, ChildProcess& child,
                    Clock::time_point end, std::string& output) {
    while (true) {
        pollfd sources[] = {{streams.out.get(), POLLIN, 0},
                            {streams.err.get(), POLLIN, 0},
                            {child.pidfd(), POLLIN, 0}};
        int ready = ::poll(sources, 3, left_ms(end));
        if (ready == 0) return false;
        if (ready < 0 && errno != EINTR) throw_errno(errno, "health check");
        bool got = false;
        for (int i : {0, 1}) {
            if ((sources[i].revents & POLLIN) == 0) continue;
            char buffer[4096];
            ssize_t n = ::read(sources[i].fd, buffer, sizeof buffer);
            got = got || n > 0;
            if (n > 0 && output.size() < most_output)
                output.append(buffer, std::min(static_cast<std::size_t>(n),
                                               most_output - output.size()));
        }
        if (!got && (sources[2].revents & POLLIN) != 0) return true;
    }
}

HealthResult run_check(const Engine& engine, const ContainerRecord& record) {
    constexpr std::uint64_t default_timeout_ns = 30'000'000'000;
    std::uint64_t timeout = record.config.healthcheck->timeout;
    if (timeout == 0) timeout = default_timeout_ns;
    HealthResult result;
    result.start = now_text();
    try {
        ExecTyped typed;
        typed.command = command_of(record);
        InnerStreams inner(false);
        ChildProcess child = exec_with_runtime(
            engine, record, exec_process(engine, record, typed));
        ContainerStreams streams = std::move(inner.ours);
        auto end = Clock::now() + milliseconds(timeout / 1'000'000);
        if (read_until_end(streams, child, end, result.output)) {
            result.exit_code = child.wait().exit_code();
        } else {
            child.send_signal(SIGKILL);
            child.wait();
            result.exit_code = -1;
            result.output = cat("Health check exceeded timeout (",
                                timeout / 1'000'000, "ms)");
        }
    } catch (const Error& error) {
        result.exit_code = -1;
        result.output = error.message();
    }
    result.end = now_text();
    return result;
}

void write_health(const Engine& engine, const std::string& id,
                  const HealthView& health) {
    nlohmann::ordered_json json = {{"Status", health.status},
                                   {"FailingStreak", health.failing_streak},
                                   {"Log", nlohmann::ordered_json::array()}};
    for (const HealthResult& each : health.log)
        json["Log"].push_back({{"Start", each.start},
                               {"End", each.end},
                               {"ExitCode", each.exit_code},
                               {"Output", each.output}});
    write_file_atomic(
        health_file(engine, id),
        json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
        0600, ToDisk::Later);
}

bool in_start_period(const ContainerRecord& record, const RunNote& run) {
    auto started = parse_time(run.started);
    constexpr std::uint64_t ns_per_s = 1'000'000'000;
    std::uint64_t period = record.config.healthcheck->start_period / ns_per_s;
    return started &&
           ::time(nullptr) - *started < static_cast<std::time_t>(period);
}

}  // namespace

std::optional<HealthView> read_health(const Engine& engine,
                                      const ContainerRecord& record) {
    const std::optional<Healthcheck>& check = record.config.healthcheck;
    if (!check || check->test.empty() || check->test[0] == "NONE")
        return std::nullopt;
    HealthView health;
    health.status = "starting";
    std::string text;
    try {
        text = read_file(health_file(engine, record.id), largest_health);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotFound) throw;
        return health;
    }
    DocumentField note = parse_document(text, "health", largest_health);
    health.status = note.at("Status").text();
    health.failing_streak =
        static_cast<unsigned>(note.at("FailingStreak").number(UINT32_MAX));
    for (const DocumentField& each : note.at("Log").items(most_results))
        health.log.push_back(
            {each.at("Start").text(), each.at("End").text(),
             static_cast<int>(each.at("ExitCode").integer(-1, 255)),
             each.at("Output").text()});
    return health;
}

bool check_health(const Engine& engine, const std::string& id) {
    ContainerRecord record = read_container(engine, id);
    HealthResult result = run_check(engine, record);
    for (char& c : result.output)
        if (c == '\0') c = ' ';
    ContainerLock lock(engine, id);
    std::optional<RunNote> run = read_run(engine, id);
    if (phase_of(engine, id, run) != Phase::Running) return false;
    HealthView health = *read_health(engine, record);
    std::string before = health.status;
    unsigned retries =
        static_cast<unsigned>(record.config.healthcheck->retries);
    if (retries == 0) retries = 3;
    if (result.exit_code == 0) {
        health.failing_streak = 0;
        health.status = "healthy";
    } else if (before != "starting" || !in_start_period(record, *run)) {
        health.failing_streak += 1;
        if (health.failing_streak >= retries) health.status = "unhealthy";
    }
    health.log.push_back(result);
    if (health.log.size() > most_results) health.log.erase(health.log.begin());
    write_health(engine, id, health);
    if (health.status != before)
        record_container_event(engine, record,
                               cat("health_status: ", health.status));
    return result.exit_code == 0;
}

}  // namespace slipway
