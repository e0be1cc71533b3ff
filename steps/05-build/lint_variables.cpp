// Rules about variables in stages.
#include <algorithm>

#include "05-build/expanded_words.hpp"
#include "05-build/letters.hpp"
#include "05-build/lint_rules.hpp"
#include "05-build/words.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

std::vector<std::string> names_of(const LintScope& scope) {
    std::vector<std::string> names;
    for (const auto& [name, value] : scope.variables) names.push_back(name);
    return names;
}

void check_instruction(LintRun& run, const Instruction& instruction,
                       const LintScope& scope) {
    std::set<std::string> told;
    for_each_expanded(instruction, [&](const ExpandedText& part) {
        WordOptions options;
        options.escape = run.file.directives.escape;
        options.keep_quotes = part.keep_quotes;
        options.lookup = [&](const std::string& name) {
            return scope.find(name);
        };
        options.on_unset = [&](const std::string& name) {
            if (told.insert(name).second)
                run.warn(part.where,
                         cat("$", name, " is not defined",
                             meant_variable(name, names_of(scope))));
        };
        try {
            expand_word(part.text, options);
        } catch (const Error&) {
            return;  // the build says it
        }
    });
}

// GITHUB_TOKEN, but not TOKENIZER; PUBLIC_KEY is none.
bool sounds_secret(const std::string& name) {
    static const std::set<std::string> secrets = {
        "apikey",   "auth",  "credential", "credentials", "key",
        "password", "pword", "passwd",     "secret",      "token"};
    bool secret = false;
    for (const std::string& part : split(to_lower(name), '_')) {
        if (part == "public") return false;
        secret = secret || secrets.count(part);
    }
    return secret;
}

void warn_of_secret(LintRun& run, const std::string& verb,
                    const std::string& name, SourceRange where) {
    if (sounds_secret(name))
        run.warn(where, cat(verb, " ", name,
                            " sounds like a secret, and stays in the image: "
                            "use RUN --mount=type=secret"));
}

void check_secrets_of(LintRun& run, const Instruction& instruction) {
    if (const auto* arg = std::get_if<Arg>(&instruction.body))
        for (const ArgDefault& each : arg->values)
            warn_of_secret(run, "ARG", each.name, each.where);
    if (const auto* env = std::get_if<Env>(&instruction.body))
        for (const NameValue& pair : env->values)
            warn_of_secret(run, "ENV", pair.name.text, pair.name.where);
}

}  // namespace

void check_undefined_var(LintRun& run) {
    walk_stages(run,
                [&](const Instruction& instruction, const LintScope& scope) {
                    if (scope.base_is_known)
                        check_instruction(run, instruction, scope);
                });
}

void check_secrets(LintRun& run) {
    for (const Instruction& instruction : run.file.global_args)
        check_secrets_of(run, instruction);
    for (const NeededStage& needed : run.needed)
        for (const Instruction& instruction :
             run.file.stages[needed.index].instructions)
            check_secrets_of(run, instruction);
}

}  // namespace slipway
