#include "05-build/stage_state.hpp"

#include <algorithm>

#include "common/environment.hpp"
#include "common/text.hpp"

namespace slipway {

std::optional<std::string> variable(const StageState& state,
                                    const std::string& name) {
    std::string start = name + "=";
    for (const std::string& assignment : state.config.config.env)
        if (assignment.starts_with(start))
            return assignment.substr(start.size());
    if (auto arg = state.args.find(name); arg != state.args.end())
        return arg->second;
    return {};
}

std::string expanded(const StageState& state, const std::string& word) {
    WordOptions options;
    options.escape = state.escape;
    options.lookup = [&](const std::string& name) {
        return variable(state, name);
    };
    return expand_word(word, options);
}

namespace {

bool has_env(const StageState& state, const std::string& name) {
    for (const std::string& each : state.config.config.env)
        if (each.starts_with(name + "=")) return true;
    return false;
}

}  // namespace

RunVariables run_variables(const StageState& state) {
    RunVariables variables;
    variables.environment = state.config.config.env;
    for (const auto& [name, value] : state.args) {
        if (!value || has_env(state, name)) continue;
        variables.environment.push_back(cat(name, "=", *value));
        variables.args.push_back(cat(name, "=", *value));
    }
    return variables;
}

std::vector<std::string> shell_of(const StageState& state) {
    if (!state.config.config.shell.empty()) return state.config.config.shell;
    return {"/bin/sh", "-c"};
}

std::vector<std::string> command_words(const StageState& state,
                                       const CommandLineForm& command) {
    if (command.is_json) return command.words;
    std::vector<std::string> words = shell_of(state);
    words.insert(words.end(), command.words.begin(), command.words.end());
    return words;
}

void add_history(StageState& state, const std::string& created_by,
                 bool empty_layer, const std::string& created) {
    state.time = std::max(state.time, created);
    state.config.history.push_back(
        {state.time, created_by, "", "slipway.build", empty_layer});
}

}  // namespace slipway
