// Dockerfiles: each is refused with an error that points into it, or else every
// place that was noted lies inside the text, each instruction means the same
// when it is read again from its joined text, and stages and rules can be asked
// for without surprise.
#include "05-build/dockerfile.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "05-build/expanded_words.hpp"
#include "05-build/global_args.hpp"
#include "05-build/lint.hpp"
#include "05-build/stage_graph.hpp"
#include "common/error.hpp"
#include "tests/fuzz/input.hpp"

using namespace slipway;

namespace {

void check_range(const Source& source, SourceRange where) {
    must(where.begin <= where.end && where.end <= source.text.size());
    must(!show_range(source, where).empty());
}

// The text of an instruction as one could give it to parse_instruction().
std::string written(const Instruction& instruction) {
    std::string text = instruction.text;
    auto add = [&](const std::vector<Heredoc>& heredocs) {
        for (const Heredoc& heredoc : heredocs)
            text += "\n" + heredoc.text + heredoc.word;
    };
    if (const auto* run = std::get_if<Run>(&instruction.body))
        add(run->command.heredocs);
    if (const auto* copy = std::get_if<Copy>(&instruction.body))
        add(copy->heredocs);
    if (const auto* trigger = std::get_if<OnBuild>(&instruction.body))
        text = "ONBUILD " + trigger->text;
    return text;
}

void check_again(const Instruction& instruction, char escape) {
    std::string text = written(instruction);
    // One at the end of a line of a heredoc is taken for a part of its end.
    if (text.find('\r') != std::string::npos) return;
    Instruction again = parse_instruction({"again", text}, escape);
    must(again.verb == instruction.verb);
    must(again.text == instruction.text);
    must(again.body.index() == instruction.body.index());
    must(written(again) == text);
}

void check_instruction(const Dockerfile& file, const Instruction& instruction) {
    check_range(file.source, instruction.where);
    std::string_view at =
        std::string_view(file.source.text)
            .substr(instruction.where.begin, instruction.verb_written.size());
    must(instruction.text.starts_with(instruction.verb));
    must(at.substr(0, 1) == instruction.verb_written.substr(0, 1));
    for_each_expanded(instruction, [&](const ExpandedText& part) {
        check_range(file.source, part.where);
    });
    check_again(instruction, file.directives.escape);
}

void check_stages(const Dockerfile& file) {
    GlobalArgs args =
        global_args(file, {{"V", "1"}},
                    platform_args({"linux", "amd64"}, {"linux", "arm"}));
    StageGraph graph = stage_graph(
        {file, "", [&](const std::string& name) { return args.find(name); }});
    std::set<std::size_t> built;
    auto is_there = [&](const StageSource& source) {
        check_range(file.source, source.where);
        return source.kind != StageSource::Kind::Stage ||
               built.count(source.stage) != 0;
    };
    for (const NeededStage& stage : graph.stages) {
        must(is_there(stage.base));
        for (const StageSource& source : stage.references)
            must(is_there(source));
        must(built.insert(stage.index).second);
    }
    must(graph.stages.back().index == graph.target);
}

void check_lint(const Dockerfile& file) {
    LintInput input{file};
    input.is_ignored = [](const std::string& path) { return path == "a"; };
    input.base_env[0] = {"HOME=/"};
    std::size_t before = 0;
    for (const LintWarning& warning : lint(input)) {
        check_range(file.source, warning.where);
        must(!warning.message.empty() && warning.where.begin >= before);
        before = warning.where.begin;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    std::string text(reinterpret_cast<const char*>(data), size);
    Source source{"Dockerfile", text};
    Dockerfile file;
    try {
        file = parse_dockerfile(source);
    } catch (const Error& error) {
        must(error.kind() == ErrorKind::InvalidArgument);
        must(error.message().starts_with("Dockerfile"));
        return 0;
    }
    must(file.source.text == text && !file.stages.empty());
    for (const Instruction& instruction : file.global_args)
        check_instruction(file, instruction);
    for (const Stage& stage : file.stages) {
        check_instruction(file, stage.from);
        for (const Instruction& instruction : stage.instructions)
            check_instruction(file, instruction);
    }
    for (SourceRange where : file.empty_continuations)
        check_range(file.source, where);
    check_lint(file);
    try {
        check_stages(file);
    } catch (const Error& error) {
        must(error.kind() == ErrorKind::InvalidArgument);
    }
    return 0;
}
