#include "05-build/dockerfile.hpp"
#include "05-build/flags.hpp"
#include "05-build/letters.hpp"
#include "05-build/parsers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

struct Parser {
    const char* verb;
    InstructionBody (*parse)(InstructionText& text);
};

template <auto parse>
InstructionBody body(InstructionText& text) {
    return parse(text);
}

constexpr Parser parsers[] = {
    {"ADD", body<parse_add>},
    {"ARG", body<parse_arg>},
    {"CMD", body<parse_cmd>},
    {"COPY", body<parse_copy>},
    {"ENTRYPOINT", body<parse_entrypoint>},
    {"ENV", body<parse_env>},
    {"EXPOSE", body<parse_expose>},
    {"FROM", body<parse_from>},
    {"HEALTHCHECK", body<parse_healthcheck>},
    {"LABEL", body<parse_label>},
    {"MAINTAINER", body<parse_maintainer>},
    {"ONBUILD", body<parse_on_build>},
    {"RUN", body<parse_run>},
    {"SHELL", body<parse_shell>},
    {"STOPSIGNAL", body<parse_stop_signal>},
    {"USER", body<parse_user>},
    {"VOLUME", body<parse_volume>},
    {"WORKDIR", body<parse_workdir>},
};

//@ begin unknown-verb
const Parser& parser_of(const InstructionText& text) {
    std::vector<std::string> verbs;
    for (const Parser& parser : parsers) {
        if (text.verb == parser.verb) return parser;
        verbs.emplace_back(parser.verb);
    }
    Error error = text.error(text.verb_at, cat("unknown instruction ",
                                               quote(text.text(text.verb_at))));
    std::string meant = nearest(text.verb, verbs);
    error.set_advice(meant.empty()
                         ? "if it belongs to the line above, that one must "
                           "end in the escape character"
                         : cat("did you mean ", meant, "?"));
    throw error;
}
//@ end unknown-verb

InstructionText begin_instruction(const Source& source, const LogicalLine& line,
                                  char escape, std::size_t begin) {
    InstructionText text{source, line, escape};
    text.go_on(begin);
    std::size_t end = text.rest_begin;
    while (end < line.text.size() && !is_space(line.text[end])) ++end;
    text.verb_at = {text.rest_begin, end};
    text.verb = to_upper(text.text(text.verb_at));
    text.go_on(end);
    return text;
}

}  // namespace

Instruction parse_line(const Source& source, const LogicalLine& line,
                       char escape, std::size_t begin) {
    InstructionText text = begin_instruction(source, line, escape, begin);
    Instruction instruction;
    instruction.verb = text.verb;
    instruction.verb_written = text.text(text.verb_at);
    instruction.text =
        cat(text.verb, text.rest().empty() ? "" : " ", text.rest());
    instruction.where = {text.where(text.verb_at).begin, line.where.end};
    instruction.body = parser_of(text).parse(text);
    return instruction;
}

OnBuild parse_on_build(InstructionText& text) {
    take_flags(text, {});
    text.must_have_rest("an instruction");
    // Read at once, so that what is wrong is found here, not by who builds upon
    // this image; kept as text, as it goes into the image.
    InstructionText inner =
        begin_instruction(text.source, text.line, text.escape, text.rest_begin);
    if (inner.verb == "ONBUILD" || inner.verb == "FROM" ||
        inner.verb == "MAINTAINER")
        throw text.error(inner.verb_at,
                         cat(inner.verb, " cannot be behind ONBUILD"));
    parse_line(text.source, text.line, text.escape, text.rest_begin);
    OnBuild trigger{std::string(text.rest())};
    if (!text.line.heredocs.empty())
        trigger.text += "\n" + text.line.heredoc_source;
    return trigger;
}

Instruction parse_instruction(const Source& source, char escape) {
    check_source(source);
    Lines lines = read_lines(source, 0, escape);
    if (lines.lines.empty())
        throw Error(ErrorKind::InvalidArgument,
                    cat(source.name, ": there is no instruction"));
    if (lines.lines.size() > 1)
        throw input_error(source, lines.lines[1].where,
                          "one instruction is enough here");
    return parse_line(source, lines.lines[0], escape);
}

}  // namespace slipway
