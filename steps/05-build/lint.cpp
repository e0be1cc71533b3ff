#include "05-build/lint.hpp"

#include <algorithm>
#include <set>

#include "05-build/letters.hpp"
#include "05-build/lint_rules.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

struct Rule {
    LintRule about;
    void (*check)(LintRun& run);
};

constexpr Rule rules[] = {
    {{"StageNameCasing", "names of stages are in lower case"},
     check_stage_name_casing},
    {{"FromAsCasing", "FROM and AS are written in the same case"},
     check_from_as_casing},
    {{"NoEmptyContinuation", "no empty lines inside an instruction"},
     check_empty_continuation},
    {{"ConsistentInstructionCasing",
      "all instructions are written in the same case"},
     check_instruction_casing},
    {{"DuplicateStageName", "each stage has a name of its own"},
     check_duplicate_stage_name},
    {{"ReservedStageName", "no stage is called scratch or context"},
     check_reserved_stage_name},
    {{"JSONArgsRecommended", "CMD and ENTRYPOINT are written in JSON form"},
     check_json_args},
    {{"MaintainerDeprecated", "a label instead of MAINTAINER"},
     check_maintainer},
    {{"UndefinedArgInFrom", "FROM uses only variables that are declared"},
     check_undefined_arg_in_from},
    {{"WorkdirRelativePath", "the first WORKDIR is absolute"}, check_workdir},
    {{"UndefinedVar", "variables are defined before they are used"},
     check_undefined_var},
    {{"MultipleInstructionsDisallowed",
      "one CMD, ENTRYPOINT and HEALTHCHECK in a stage"},
     check_multiple_instructions},
    {{"LegacyKeyValueFormat", "NAME=VALUE instead of NAME VALUE"},
     check_key_value_format},
    {{"RedundantTargetPlatform",
      "no --platform=$TARGETPLATFORM, which is the default"},
     check_redundant_target_platform},
    {{"SecretsUsedInArgOrEnv", "no secrets in ARG and ENV"}, check_secrets},
    {{"InvalidDefaultArgInFrom", "the defaults of ARGs name a base image"},
     check_default_arg_in_from},
    {{"FromPlatformFlagConstDisallowed", "no constant --platform of FROM"},
     check_const_platform},
    {{"CopyIgnoredFile", "nothing is copied that .dockerignore excludes"},
     check_copy_ignored},
    {{"InvalidDefinitionDescription",
      "a comment on a stage or an ARG begins with its name", true},
     check_definition_description},
    {{"ExposeProtoCasing", "protocols of EXPOSE are in lower case"},
     check_expose_proto_casing},
    {{"ExposeInvalidFormat", "EXPOSE has neither addresses nor host ports"},
     check_expose_format},
};

bool names_it(const std::vector<std::string>& names, const char* rule) {
    return std::any_of(names.begin(), names.end(), [&](const auto& name) {
        std::string lower = to_lower(name);
        return lower == "all" || lower == to_lower(rule);
    });
}

bool is_on(const Directives& directives, const LintRule& rule) {
    if (names_it(directives.skipped_checks, rule.name)) return false;
    return !rule.is_experimental ||
           names_it(directives.experimental_checks, rule.name);
}

// What keeps the build from beginning is the build's to say.
template <class Body>
void unless_it_fails(Body&& body) {
    try {
        body();
    } catch (const Error&) {
    }
}

LintRun prepare(const LintInput& input) {
    LintRun run{input, input.dockerfile, {}, {}};
    Platform host = host_platform();
    unless_it_fails([&] {
        run.args =
            global_args(run.file, input.build_args, platform_args(host, host));
        StageGraphInput graph{run.file, input.target, {}, input.contexts};
        graph.lookup = [&](const std::string& name) {
            return run.args.find(name);
        };
        run.needed = stage_graph(graph).stages;
    });
    return run;
}

}  // namespace

std::vector<LintWarning> lint(const LintInput& input) {
    LintRun run = prepare(input);
    for (const Rule& rule : rules) {
        if (!is_on(run.file.directives, rule.about)) continue;
        run.rule = rule.about.name;
        rule.check(run);
    }
    std::stable_sort(run.warnings.begin(), run.warnings.end(),
                     [](const LintWarning& a, const LintWarning& b) {
                         return a.where.begin < b.where.begin;
                     });
    return std::move(run.warnings);
}

std::string lint_text(const Source& source, const LintWarning& warning) {
    SourcePosition at = position_of(source, warning.where.begin);
    return cat(source.name, ":", at.line, ":", at.column, ": ", warning.rule,
               ": ", warning.message, "\n", show_range(source, warning.where));
}

void refuse_warnings(const Dockerfile& dockerfile,
                     const std::vector<LintWarning>& warnings) {
    if (!dockerfile.directives.warnings_are_errors || warnings.empty()) return;
    std::set<std::string> broken;
    for (const LintWarning& warning : warnings) broken.insert(warning.rule);
    throw Error(ErrorKind::InvalidArgument,
                cat(dockerfile.source.name, ": it breaks ",
                    join({broken.begin(), broken.end()}, ", "),
                    ", and says check=error=true"));
}

std::vector<LintRule> lint_rules() {
    std::vector<LintRule> list;
    for (const Rule& rule : rules) list.push_back(rule.about);
    return list;
}

}  // namespace slipway
