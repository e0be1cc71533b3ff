// What a rule knows at a place in a stage: its variables, SHELL, WORKDIR.
#include <algorithm>

#include "05-build/letters.hpp"
#include "05-build/lint_rules.hpp"
#include "05-build/words.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

WordOptions options_of(const LintRun& run, const LintScope& scope) {
    WordOptions options;
    options.escape = run.file.directives.escape;
    options.lookup = [&scope](const std::string& name) {
        return scope.find(name);
    };
    return options;
}

std::string value_or_nothing(const LintRun& run, const LintScope& scope,
                             const std::string& word) {
    constexpr std::size_t most = 4096;  // ENV a=$a$a, many times
    try {
        std::string value = expand_word(word, options_of(run, scope));
        if (value.size() <= most) return value;
    } catch (const Error&) {
    }
    return {};
}

void add_arg(const LintRun& run, LintScope& scope, const LintScope& before,
             const ArgDefault& arg) {
    auto given = run.input.build_args.find(arg.name);
    std::string value;
    if (given != run.input.build_args.end())
        value = given->second;
    else if (arg.value)
        value = value_or_nothing(run, before, arg.value->text);
    else
        value = run.args.find(arg.name).value_or("");
    // ENV of the same name wins; for the rules here, what is set stays set.
    scope.variables.emplace(arg.name, std::move(value));
}

void apply(const LintRun& run, LintScope& scope,
           const Instruction& instruction) {
    if (const auto* env = std::get_if<Env>(&instruction.body)) {
        LintScope before = scope;  // all of them see the old values
        for (const NameValue& pair : env->values)
            scope.variables[value_or_nothing(run, before, pair.name.text)] =
                value_or_nothing(run, before, pair.value.text);
    } else if (const auto* arg = std::get_if<Arg>(&instruction.body)) {
        LintScope before = scope;
        for (const ArgDefault& each : arg->values)
            add_arg(run, scope, before, each);
    } else if (const auto* workdir = std::get_if<Workdir>(&instruction.body)) {
        auto path = known_value(run, scope, workdir->path.text);
        scope.has_workdir =
            scope.has_workdir || !path || path->starts_with('/');
    } else if (std::holds_alternative<Shell>(instruction.body)) {
        scope.has_shell = true;
    }
}

LintScope scope_of_base(const LintRun& run, const NeededStage& stage,
                        const std::map<std::size_t, LintScope>& done) {
    if (stage.base.kind == StageSource::Kind::Stage)
        return done.at(stage.base.stage);
    LintScope scope;
    scope.variables["PATH"] = "";  // each container has one
    scope.base_is_known = stage.base.kind == StageSource::Kind::Scratch;
    auto known = run.input.base_env.find(stage.index);
    if (known == run.input.base_env.end()) return scope;
    scope.base_is_known = true;
    for (const std::string& variable : known->second) {
        std::size_t equals = std::min(variable.find('='), variable.size());
        std::size_t value = std::min(equals + 1, variable.size());
        scope.variables[variable.substr(0, equals)] = variable.substr(value);
    }
    return scope;
}

}  // namespace

std::optional<std::string> LintScope::find(const std::string& name) const {
    auto found = variables.find(name);
    if (found == variables.end()) return {};
    return found->second;
}

void walk_stages(
    const LintRun& run,
    const std::function<void(const Instruction&, const LintScope&)>& visit) {
    std::map<std::size_t, LintScope> done;
    for (const NeededStage& stage : run.needed) {
        LintScope scope = scope_of_base(run, stage, done);
        for (const Instruction& instruction :
             run.file.stages[stage.index].instructions) {
            visit(instruction, scope);
            apply(run, scope, instruction);
        }
        done[stage.index] = std::move(scope);
    }
}

std::string meant_variable(const std::string& name,
                           const std::vector<std::string>& known) {
    std::string meant = nearest(name, known);
    return meant.empty() ? "" : cat(" (did you mean $", meant, "?)");
}

std::optional<std::string> known_value(const LintRun& run,
                                       const LintScope& scope,
                                       const std::string& word) {
    bool knows_all = true;
    WordOptions options = options_of(run, scope);
    options.lookup = [&](const std::string& name) {
        auto value = scope.find(name);
        // An empty one may be one whose value only the build knows.
        knows_all = knows_all && value && !value->empty();
        return value;
    };
    try {
        std::string value = expand_word(word, options);
        if (knows_all) return value;
    } catch (const Error&) {
    }
    return {};
}

}  // namespace slipway
