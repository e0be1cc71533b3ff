// The instructions that change an image's config, and make no layer.
#include <algorithm>
#include <type_traits>

#include <nlohmann/json.hpp>

#include "04-images/config_change.hpp"
#include "05-build/duration.hpp"
#include "05-build/stage_state.hpp"
#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/signals.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

std::string json_text(const std::vector<std::string>& words) {
    return nlohmann::json(words).dump(-1, ' ', false,
                                      nlohmann::json::error_handler_t::replace);
}

std::string apply(StageState& state, const Cmd& cmd, const ArgValues&) {
    RunConfig& config = state.config.config;
    config.cmd = command_words(state, cmd.command);
    config.args_escaped = false;
    state.has_own_cmd = true;
    return "CMD " + json_text(config.cmd);
}

std::string apply(StageState& state, const Entrypoint& entrypoint,
                  const ArgValues&) {
    RunConfig& config = state.config.config;
    config.entrypoint = command_words(state, entrypoint.command);
    // The base's CMD was written for the base's entrypoint.
    if (!state.has_own_cmd) config.cmd.clear();
    return "ENTRYPOINT " + json_text(config.entrypoint);
}

std::string apply(StageState& state, const Shell& shell, const ArgValues&) {
    state.config.config.shell = shell.words;
    return "SHELL " + json_text(shell.words);
}

// All values see the variables as they were before the instruction.
using Pairs = std::vector<std::pair<std::string, std::string>>;
Pairs expanded_pairs(const StageState& state,
                     const std::vector<NameValue>& values) {
    Pairs pairs;
    for (const NameValue& each : values) {
        std::string name = expanded(state, each.name.text);
        if (name.empty())
            throw Error(ErrorKind::InvalidArgument,
                        cat(quote(each.name.text), " names nothing"));
        pairs.emplace_back(name, expanded(state, each.value.text));
    }
    return pairs;
}

std::string apply(StageState& state, const Env& env, const ArgValues&) {
    std::string said = "ENV";
    for (const auto& [name, value] : expanded_pairs(state, env.values)) {
        set_environment(state.config.config.env, cat(name, "=", value));
        said += cat(" ", name, "=", value);
    }
    return said;
}

std::string apply(StageState& state, const Label& label, const ArgValues&) {
    std::string said = "LABEL";
    for (const auto& [name, value] : expanded_pairs(state, label.values)) {
        state.config.config.labels[name] = value;
        said += cat(" ", name, "=", value);
    }
    return said;
}

std::string apply(StageState& state, const Arg& arg, const ArgValues& values) {
    std::string said = "ARG";
    for (const ArgDefault& each : arg.values) {
        std::optional<std::string> value;
        if (each.value)
            value = expanded(state, each.value->text);
        else if (auto known = values.globals.find(each.name);
                 known != values.globals.end())
            value = known->second;
        if (auto given = values.build_args.find(each.name);
            given != values.build_args.end())
            value = given->second;
        // Declared again without a value: what it had stays.
        if (!value && state.args.contains(each.name))
            value = state.args[each.name];
        state.args[each.name] = value;
        said += cat(" ", each.name, value ? "=" + *value : std::string());
    }
    return said;
}

std::string apply(StageState& state, const Expose& expose, const ArgValues&) {
    std::set<std::string> ports;
    WordOptions options;
    options.escape = state.escape;
    options.lookup = [&](const std::string& name) {
        return variable(state, name);
    };
    for (const Word& word : expose.ports)
        for (const std::string& port : expand_words(word.text, options))
            add_exposed_ports(ports, port);
    state.config.config.exposed_ports.insert(ports.begin(), ports.end());
    return "EXPOSE [" + join({ports.begin(), ports.end()}, " ") + "]";
}

std::string apply(StageState& state, const UserInstruction& user,
                  const ArgValues&) {
    std::string name = expanded(state, user.user.text);
    if (name.empty())
        throw Error(ErrorKind::InvalidArgument,
                    cat(quote(user.user.text), " is no user: it is empty"));
    state.config.config.user = name;
    return "USER " + name;
}

std::string apply(StageState& state, const Volume& volume, const ArgValues&) {
    std::string said = "VOLUME [";
    for (const Word& word : volume.paths) {
        std::string path = expanded(state, word.text);
        if (path.empty())
            throw Error(ErrorKind::InvalidArgument, "a volume without a path");
        state.config.config.volumes.insert(path);
        said += said.ends_with('[') ? path : " " + path;
    }
    return said + "]";
}

std::string apply(StageState& state, const StopSignal& stop, const ArgValues&) {
    std::string signal = expanded(state, stop.signal.text);
    parse_signal(signal);
    state.config.config.stop_signal = signal;
    return "STOPSIGNAL " + signal;
}

std::string apply(StageState& state, const Maintainer& maintainer,
                  const ArgValues&) {
    state.config.author = maintainer.name;
    return "MAINTAINER " + maintainer.name;
}

std::string apply(StageState& state, const OnBuild& on_build,
                  const ArgValues&) {
    state.config.config.on_build.push_back(on_build.text);
    return "ONBUILD " + on_build.text;
}

std::uint64_t duration_or_none(const std::string& text) {
    // The parser has looked at it.
    return static_cast<std::uint64_t>(parse_duration(text).value_or(0));
}

std::string apply(StageState& state, const HealthcheckInstruction& check,
                  const ArgValues&) {
    Healthcheck health;
    if (check.is_none) {
        health.test = {"NONE"};
    } else {
        health.test = {check.command.is_json ? "CMD" : "CMD-SHELL"};
        health.test.insert(health.test.end(), check.command.words.begin(),
                           check.command.words.end());
        health.interval = duration_or_none(check.interval);
        health.timeout = duration_or_none(check.timeout);
        health.start_period = duration_or_none(check.start_period);
        health.start_interval = duration_or_none(check.start_interval);
        health.retries = parse_unsigned(check.retries, UINT32_MAX).value_or(0);
    }
    state.config.config.healthcheck = health;
    return "HEALTHCHECK " + json_text(health.test);
}

}  // namespace

std::optional<std::string> change_config(StageState& state,
                                         const Instruction& instruction,
                                         const ArgValues& values) {
    return std::visit(
        [&](const auto& body) -> std::optional<std::string> {
            using Body = std::decay_t<decltype(body)>;
            if constexpr (std::is_same_v<Body, From> ||
                          std::is_same_v<Body, Run> ||
                          std::is_same_v<Body, Copy> ||
                          std::is_same_v<Body, Workdir>)
                return {};
            else
                return apply(state, body, values);
        },
        instruction.body);
}

}  // namespace slipway
