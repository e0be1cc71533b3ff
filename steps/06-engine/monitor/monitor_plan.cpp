#include "06-engine/monitor/monitor_plan.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <functional>

#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

namespace {

using Plan = MonitorPlan;

// One table for both ways. Numbers of descriptors stay what they are.
struct Field {
    const char* name;
    std::function<std::string(const Plan&)> write;
    std::function<void(Plan&, const std::string&)> read;
};

std::uint64_t number_of(const std::string& text) {
    auto number = parse_unsigned(text, UINT64_MAX);
    if (!number)
        throw Error(ErrorKind::InvalidArgument,
                    cat("slipway-monitor: ", quote(text), " is no number"));
    return *number;
}

template <class Number>
Field number_field(const char* name, Number Plan::*member) {
    return {name, [=](const Plan& plan) { return cat(plan.*member); },
            [=](Plan& plan, const std::string& text) {
                plan.*member = static_cast<Number>(number_of(text));
            }};
}
Field fd_field(const char* name, int Plan::*member) {
    return {name,
            [=](const Plan& plan) {
                return plan.*member < 0 ? std::string() : cat(plan.*member);
            },
            [=](Plan& plan, const std::string& text) {
                plan.*member = static_cast<int>(number_of(text));
            }};
}
Field text_field(const char* name, std::string Plan::*member) {
    return {name, [=](const Plan& plan) { return plan.*member; },
            [=](Plan& plan, const std::string& text) { plan.*member = text; }};
}
Field health_field(const char* name, std::uint64_t HealthPlan::*member) {
    return {name, [=](const Plan& plan) { return cat(plan.health.*member); },
            [=](Plan& plan, const std::string& text) {
                plan.health.*member = number_of(text);
            }};
}

const std::vector<Field>& fields() {
    static const std::vector<Field> all = {
        text_field("id", &Plan::id),
        number_field("init", &Plan::init),
        fd_field("in", &Plan::in),
        fd_field("out", &Plan::out),
        fd_field("err", &Plan::err),
        fd_field("terminal", &Plan::terminal),
        fd_field("listener", &Plan::listener),
        fd_field("client", &Plan::client),
        number_field("stdin-once", &Plan::stdin_once),
        text_field("log", &Plan::log_path),
        number_field("log-max-size", &Plan::log_max_size),
        number_field("log-max-files", &Plan::log_max_files),
        text_field("log-attributes", &Plan::log_attributes),
        text_field("exit", &Plan::exit_path),
        health_field("health-interval", &HealthPlan::interval_ms),
        health_field("health-start-interval", &HealthPlan::start_interval_ms),
        health_field("health-start-period", &HealthPlan::start_period_ms),
        number_field("wait", &Plan::wait_ms)};
    return all;
}

void keep_only(const std::vector<int>& kept) {
    check(::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC), "close_range");
    for (int fd : kept)
        if (fd >= 0) check(::fcntl(fd, F_SETFD, 0), "keep descriptor ", fd);
}

}  // namespace

std::vector<std::string> monitor_arguments(const MonitorPlan& plan) {
    std::vector<std::string> arguments = {"slipway-monitor"};
    for (const Field& field : fields())
        if (std::string value = field.write(plan); !value.empty())
            arguments.push_back(cat(field.name, "=", value));
    for (const std::string& word : plan.health.command)
        arguments.push_back(cat("check=", word));
    for (const std::string& word : plan.next)
        arguments.push_back(cat("next=", word));
    return arguments;
}

MonitorPlan parse_monitor_arguments(const std::vector<std::string>& arguments) {
    MonitorPlan plan;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        std::size_t equals = arguments[i].find('=');
        std::string name = arguments[i].substr(0, equals);
        std::string value = equals == std::string::npos
                                ? std::string()
                                : arguments[i].substr(equals + 1);
        if (name == "check") {
            plan.health.command.push_back(value);
        } else if (name == "next") {
            plan.next.push_back(value);
        } else {
            bool known = false;
            for (const Field& field : fields())
                if (name == field.name) {
                    field.read(plan, value);
                    known = true;
                }
            if (!known)
                throw Error(ErrorKind::InvalidArgument,
                            cat("slipway-monitor: ", quote(arguments[i])));
        }
    }
    return plan;
}

//@ begin become-monitor
void become_monitor(const MonitorPlan& plan) {
    UniqueFd null = open_null();
    for (int number = 0; number < 3; ++number)
        check(::dup2(null.get(), number), "dup2");
    keep_only({plan.in, plan.out, plan.err, plan.terminal, plan.listener,
               plan.client});
    exec_file(program_beside("slipway-monitor"), monitor_arguments(plan),
              own_environment());
}
//@ end become-monitor

}  // namespace slipway
