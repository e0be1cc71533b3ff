// Rules about what instructions do.
#include <algorithm>

#include "05-build/letters.hpp"
#include "05-build/lint_rules.hpp"
#include "05-build/words.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

const CommandLineForm* lasting_command(const Instruction& instruction) {
    if (const auto* cmd = std::get_if<Cmd>(&instruction.body))
        return &cmd->command;
    if (const auto* entrypoint = std::get_if<Entrypoint>(&instruction.body))
        return &entrypoint->command;
    return nullptr;
}

bool is_url(std::string_view source) {
    return source.find("://") != std::string_view::npos ||
           source.starts_with("git@");
}

// As .dockerignore's patterns have it: "./a/../b/" is "b".
std::string context_path(std::string_view path) {
    std::vector<std::string> parts;
    for (std::string& part : split(path, '/')) {
        if (part.empty() || part == ".") continue;
        if (part == "..") {
            if (!parts.empty()) parts.pop_back();
        } else {
            parts.push_back(std::move(part));
        }
    }
    return join(parts, "/");
}

void each_port(
    const LintRun& run,
    const std::function<void(const std::string&, SourceRange)>& visit) {
    walk_stages(run,
                [&](const Instruction& instruction, const LintScope& scope) {
                    const auto* expose = std::get_if<Expose>(&instruction.body);
                    if (!expose) return;
                    for (const Word& word : expose->ports)
                        if (auto value = known_value(run, scope, word.text))
                            for (const std::string& port : split(*value, ' '))
                                visit(port, word.where);
                });
}

}  // namespace

void check_json_args(LintRun& run) {
    walk_stages(
        run, [&](const Instruction& instruction, const LintScope& scope) {
            const CommandLineForm* command = lasting_command(instruction);
            // Who chooses a shell wants one.
            if (!command || command->is_json || scope.has_shell) return;
            run.warn(instruction.where,
                     cat(instruction.verb,
                         " [\"...\"] is recommended: otherwise a "
                         "shell gets the signals"));
        });
}

void check_multiple_instructions(LintRun& run) {
    for (const NeededStage& needed : run.needed) {
        std::map<std::string, const Instruction*> last;
        for (const Instruction& instruction :
             run.file.stages[needed.index].instructions) {
            const std::string& verb = instruction.verb;
            if (verb != "CMD" && verb != "ENTRYPOINT" && verb != "HEALTHCHECK")
                continue;
            if (const Instruction* earlier = last[verb])
                run.warn(earlier->where,
                         cat("only the last ", verb,
                             " of a stage counts: this one does nothing"));
            last[verb] = &instruction;
        }
    }
}

void check_workdir(LintRun& run) {
    walk_stages(
        run, [&](const Instruction& instruction, const LintScope& scope) {
            const auto* workdir = std::get_if<Workdir>(&instruction.body);
            if (!workdir || scope.has_workdir) return;
            auto path = known_value(run, scope, workdir->path.text);
            if (path && !path->starts_with('/'))
                run.warn(workdir->path.where,
                         cat("WORKDIR ", quote(*path),
                             " is relative: where it is depends on the base "
                             "image"));
        });
}

void check_copy_ignored(LintRun& run) {
    if (!run.input.is_ignored) return;
    walk_stages(run, [&](const Instruction& instruction,
                         const LintScope& scope) {
        const auto* copy = std::get_if<Copy>(&instruction.body);
        if (!copy || !copy->from.empty()) return;
        for (const Word& source : copy->sources) {
            auto path = known_value(run, scope, source.text);
            // A pattern takes what there is.
            if (!path || is_url(*path) ||
                path->find_first_of("*?[") != std::string::npos)
                continue;
            std::string cleaned = context_path(*path);
            if (!cleaned.empty() && run.input.is_ignored(cleaned))
                run.warn(source.where,
                         cat(quote(*path), " is excluded by .dockerignore"));
        }
    });
}

void check_expose_proto_casing(LintRun& run) {
    each_port(run, [&](const std::string& port, SourceRange where) {
        std::size_t slash = std::min(port.find('/'), port.size());
        std::string protocol = port.substr(slash);
        if (protocol != to_lower(protocol))
            run.warn(where, cat("the protocol of ", quote(port),
                                " should be in lower case"));
    });
}

void check_expose_format(LintRun& run) {
    each_port(run, [&](const std::string& port, SourceRange where) {
        if (port.find(':') != std::string::npos)
            run.warn(where, cat("EXPOSE takes the container's port alone, "
                                "neither an address nor a host port: ",
                                quote(port)));
    });
}

}  // namespace slipway
