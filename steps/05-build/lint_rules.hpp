// Inside the lint: the rules, one function each, and what they are given.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "05-build/global_args.hpp"
#include "05-build/lint.hpp"
#include "05-build/stage_graph.hpp"

namespace slipway {

struct LintRun {
    const LintInput& input;
    const Dockerfile& file;
    GlobalArgs args;
    /// What the target needs, in an order that can be built; nothing when that
    /// cannot be found out.
    std::vector<NeededStage> needed;
    std::string_view rule = {};  ///< whose turn it is
    std::vector<LintWarning> warnings = {};

    void warn(SourceRange where, std::string message) {
        warnings.push_back({std::string(rule), std::move(message), where});
    }
    SourceRange verb(const Instruction& instruction) const {
        std::size_t begin = instruction.where.begin;
        return {begin, begin + instruction.verb_written.size()};
    }
};

/// What is known at a place in a stage.
struct LintScope {
    std::map<std::string, std::string> variables;
    bool base_is_known = false;  ///< all variables are among these
    bool has_shell = false;      ///< SHELL was given, here or below
    bool has_workdir = false;    ///< an absolute WORKDIR, likewise
    std::optional<std::string> find(const std::string& name) const;
};

/// Goes through the needed stages; `visit` sees each instruction and what was
/// known before it.
void walk_stages(
    const LintRun& run,
    const std::function<void(const Instruction&, const LintScope&)>& visit);

/// " (did you mean $PATH?)", or nothing.
std::string meant_variable(const std::string& name,
                           const std::vector<std::string>& known);

/// The expanded word; nothing when it cannot be expanded, or knows too little.
std::optional<std::string> known_value(const LintRun& run,
                                       const LintScope& scope,
                                       const std::string& word);

// lint_stages.cpp
void check_stage_name_casing(LintRun& run);
void check_from_as_casing(LintRun& run);
void check_duplicate_stage_name(LintRun& run);
void check_reserved_stage_name(LintRun& run);
void check_redundant_target_platform(LintRun& run);
void check_const_platform(LintRun& run);
void check_undefined_arg_in_from(LintRun& run);
void check_default_arg_in_from(LintRun& run);

// lint_style.cpp
void check_empty_continuation(LintRun& run);
void check_instruction_casing(LintRun& run);
void check_maintainer(LintRun& run);
void check_key_value_format(LintRun& run);
void check_definition_description(LintRun& run);

// lint_commands.cpp
void check_json_args(LintRun& run);
void check_multiple_instructions(LintRun& run);
void check_workdir(LintRun& run);
void check_copy_ignored(LintRun& run);
void check_expose_proto_casing(LintRun& run);
void check_expose_format(LintRun& run);

// lint_variables.cpp
void check_undefined_var(LintRun& run);
void check_secrets(LintRun& run);

}  // namespace slipway
