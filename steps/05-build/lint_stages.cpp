// Rules about FROM.
#include <algorithm>

#include "04-images/reference.hpp"
#include "05-build/letters.hpp"
#include "05-build/lint_rules.hpp"
#include "05-build/words.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

struct Use {
    std::string value;
    std::vector<std::string> undefined;  ///< variables that nobody declares
};

// What comes of a word of FROM; nothing when it cannot be expanded.
std::optional<Use> expand_in_from(const LintRun& run, const GlobalArgs& args,
                                  const std::string& word) {
    Use use;
    WordOptions options;
    options.escape = run.file.directives.escape;
    options.lookup = [&](const std::string& name) {
        auto value = args.find(name);
        if (!value && args.declared.count(name)) value = "";
        return value;
    };
    options.on_unset = [&](const std::string& name) {
        use.undefined.push_back(name);
    };
    try {
        use.value = expand_word(word, options);
        return use;
    } catch (const Error&) {
        return {};
    }
}

std::vector<std::string> known_names(const GlobalArgs& args) {
    std::vector<std::string> names(args.declared.begin(), args.declared.end());
    for (const auto& [name, value] : args.values)
        if (!args.declared.count(name)) names.push_back(name);
    return names;
}

bool is_image_name(const LintRun& run, const std::string& name) {
    if (name == "scratch" || run.input.contexts.count(name)) return true;
    for (const Stage& stage : run.file.stages)
        if (!name.empty() && stage.source().stage_name == to_lower(name))
            return true;
    try {
        parse_reference(name);
        return true;
    } catch (const Error&) {
        return false;
    }
}

}  // namespace

void check_stage_name_casing(LintRun& run) {
    for (const Stage& stage : run.file.stages) {
        const From& from = stage.source();
        if (from.stage_name != from.stage_name_as_written)
            run.warn(from.stage_name_where,
                     cat("the stage's name ", quote(from.stage_name_as_written),
                         " should be in lower case"));
    }
}

void check_from_as_casing(LintRun& run) {
    for (const Stage& stage : run.file.stages) {
        const std::string& from = stage.from.verb_written;
        const std::string& as = stage.source().as_keyword;
        bool upper = from == to_upper(from), lower = from == to_lower(from);
        if (as.empty() || (!upper && !lower)) continue;
        if (as != (upper ? "AS" : "as"))
            run.warn(
                stage.from.where,
                cat(from, " and ", as, " are not written in the same case"));
    }
}

void check_duplicate_stage_name(LintRun& run) {
    std::set<std::string> seen;
    for (const Stage& stage : run.file.stages) {
        const From& from = stage.source();
        if (!from.stage_name.empty() && !seen.insert(from.stage_name).second)
            run.warn(from.stage_name_where,
                     cat("there is a stage ", quote(from.stage_name),
                         " already: each should have a name of its own"));
    }
}

void check_reserved_stage_name(LintRun& run) {
    for (const Stage& stage : run.file.stages) {
        const From& from = stage.source();
        if (from.stage_name == "scratch" || from.stage_name == "context")
            run.warn(from.stage_name_where,
                     cat("no stage should be called ", quote(from.stage_name),
                         ", which means something else"));
    }
}

void check_redundant_target_platform(LintRun& run) {
    for (const Stage& stage : run.file.stages) {
        const From& from = stage.source();
        if (from.platform == "$TARGETPLATFORM" ||
            from.platform == "${TARGETPLATFORM}")
            run.warn(from.platform_where,
                     "the platform $TARGETPLATFORM is the default: leave out "
                     "the flag");
    }
}

void check_const_platform(LintRun& run) {
    for (const Stage& stage : run.file.stages) {
        const From& from = stage.source();
        if (from.platform.empty() ||
            from.platform.find('$') != std::string::npos)
            continue;
        try {
            Platform platform = parse_platform(from.platform);
            const std::string& name = from.stage_name;
            // "build-arm64" says that it is meant.
            if (name.find(platform.os) != std::string::npos ||
                name.find(platform.architecture) != std::string::npos)
                continue;
        } catch (const Error&) {
            continue;
        }
        run.warn(from.platform_where,
                 cat("FROM --platform should not be the constant ",
                     quote(from.platform)));
    }
}

void check_undefined_arg_in_from(LintRun& run) {
    if (run.args.values.empty()) return;  // its ARGs cannot be read
    for (const Stage& stage : run.file.stages) {
        const From& from = stage.source();
        auto check = [&](const std::string& word, SourceRange where) {
            auto use = expand_in_from(run, run.args, word);
            if (!use) return;
            for (const std::string& name : use->undefined)
                run.warn(where,
                         cat("FROM uses $", name,
                             ", which no ARG before it declares",
                             meant_variable(name, known_names(run.args))));
        };
        check(from.platform, from.platform_where);
        check(from.image.text, from.image.where);
    }
}

void check_default_arg_in_from(LintRun& run) {
    GlobalArgs defaults;
    Platform host = host_platform();
    try {
        defaults = global_args(run.file, {}, platform_args(host, host));
    } catch (const Error&) {
        return;
    }
    for (const Stage& stage : run.file.stages) {
        const Word& image = stage.source().image;
        if (image.text.find('$') == std::string::npos) continue;
        auto use = expand_in_from(run, defaults, image.text);
        // What is not declared at all is another rule's.
        if (!use || !use->undefined.empty()) continue;
        if (!is_image_name(run, use->value))
            run.warn(image.where,
                     cat("with the defaults of its ARGs, ", quote(image.text),
                         " is ", quote(use->value), ", which is no image"));
    }
}

}  // namespace slipway
