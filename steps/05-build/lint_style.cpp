// Rules about how a file is written.
#include <algorithm>

#include "05-build/letters.hpp"
#include "05-build/lint_rules.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// In the order of the file, FROM included.
void each_instruction(const Dockerfile& file,
                      const std::function<void(const Instruction&)>& visit) {
    for (const Instruction& instruction : file.global_args) visit(instruction);
    for (const Stage& stage : file.stages) {
        visit(stage.from);
        for (const Instruction& instruction : stage.instructions)
            visit(instruction);
    }
}

// The comment lines right above: those that no empty line or empty comment
// parts from it. Directives are no comments.
std::vector<std::string> comments_above(const Dockerfile& file,
                                        SourceRange where) {
    std::vector<std::string> comments;
    const std::string& text = file.source.text;
    std::size_t end = text.rfind('\n', where.begin);
    while (end != std::string::npos && end > file.directives.end) {
        std::size_t before = text.rfind('\n', end - 1);
        std::size_t begin = before == std::string::npos ? 0 : before + 1;
        if (begin < file.directives.end) break;
        std::string_view line =
            trim(std::string_view(text).substr(begin, end - begin));
        if (!line.starts_with('#')) break;
        line = trim(line.substr(1));
        if (line.empty()) break;
        comments.emplace_back(line);
        end = before;
    }
    return comments;
}

// Names of what the instruction defines.
std::vector<std::string> definitions(const Instruction& instruction) {
    std::vector<std::string> names;
    if (const auto* arg = std::get_if<Arg>(&instruction.body))
        for (const ArgDefault& each : arg->values) names.push_back(each.name);
    if (const auto* from = std::get_if<From>(&instruction.body))
        if (!from->stage_name.empty())
            names.push_back(from->stage_name_as_written);
    return names;
}

bool describes(const std::vector<std::string>& comments,
               const std::vector<std::string>& names) {
    for (const std::string& comment : comments)
        for (const std::string& name : names)
            if (to_lower(comment).starts_with(to_lower(name) + " "))
                return true;
    return false;
}

}  // namespace

void check_empty_continuation(LintRun& run) {
    for (SourceRange where : run.file.empty_continuations)
        run.warn(where, "an empty line inside an instruction");
}

void check_instruction_casing(LintRun& run) {
    int upper = 0, lower = 0;
    each_instruction(run.file, [&](const Instruction& instruction) {
        const std::string& verb = instruction.verb_written;
        if (verb == to_upper(verb)) ++upper;
        if (verb == to_lower(verb)) ++lower;
    });
    bool is_lower = lower > upper;
    each_instruction(run.file, [&](const Instruction& instruction) {
        const std::string& verb = instruction.verb_written;
        if (verb != (is_lower ? to_lower(verb) : to_upper(verb)))
            run.warn(run.verb(instruction),
                     cat(verb, " should be in ", is_lower ? "lower" : "upper",
                         " case, as most instructions here"));
    });
}

void check_maintainer(LintRun& run) {
    each_instruction(run.file, [&](const Instruction& instruction) {
        if (std::holds_alternative<Maintainer>(instruction.body))
            run.warn(run.verb(instruction),
                     "MAINTAINER is deprecated: write LABEL "
                     "org.opencontainers.image.authors=NAME");
    });
}

void check_key_value_format(LintRun& run) {
    each_instruction(run.file, [&](const Instruction& instruction) {
        const auto* env = std::get_if<Env>(&instruction.body);
        const auto* label = std::get_if<Label>(&instruction.body);
        if ((env && env->old_form) || (label && label->old_form))
            run.warn(instruction.where, cat(instruction.verb,
                                            " NAME=VALUE should be written "
                                            "instead of the older ",
                                            instruction.verb, " NAME VALUE"));
    });
}

void check_definition_description(LintRun& run) {
    each_instruction(run.file, [&](const Instruction& instruction) {
        auto names = definitions(instruction);
        if (names.empty()) return;
        auto comments = comments_above(run.file, instruction.where);
        if (!comments.empty() && !describes(comments, names))
            run.warn(instruction.where,
                     cat("the comment above does not begin with ",
                         join(names, " or "),
                         ": put an empty line between if it is not about it"));
    });
}

}  // namespace slipway
