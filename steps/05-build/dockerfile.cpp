#include "05-build/dockerfile.hpp"

#include <utility>

#include "05-build/directives.hpp"
#include "05-build/lines.hpp"
#include "05-build/parsers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

void add(Dockerfile& file, Instruction instruction) {
    if (instruction.verb == "FROM") {
        file.stages.push_back({std::move(instruction), {}});
    } else if (!file.stages.empty()) {
        file.stages.back().instructions.push_back(std::move(instruction));
    } else if (instruction.verb == "ARG") {
        file.global_args.push_back(std::move(instruction));
    } else {
        SourceRange verb{
            instruction.where.begin,
            instruction.where.begin + instruction.verb_written.size()};
        throw input_error(
            file.source, verb,
            cat("the first instruction must be FROM, not ", instruction.verb))
            .advise(
                "only ARG may come before FROM; FROM scratch begins with "
                "nothing");
    }
}

}  // namespace

Dockerfile parse_dockerfile(Source source) {
    check_source(source);
    Dockerfile file;
    file.source = std::move(source);
    file.directives = read_directives(file.source);
    Lines lines = read_lines(file.source, text_begin(file.source),
                             file.directives.escape);
    file.empty_continuations = std::move(lines.empty_continuations);
    for (const LogicalLine& line : lines.lines)
        add(file, parse_line(file.source, line, file.directives.escape));
    if (lines.lines.empty())
        throw Error(ErrorKind::InvalidArgument,
                    cat(file.source.name, ": the file has no instructions"))
            .advise("a Dockerfile begins with FROM IMAGE");
    if (file.stages.empty())
        throw Error(ErrorKind::InvalidArgument,
                    cat(file.source.name, ": there is no FROM in it"))
            .advise("FROM scratch begins with nothing");
    return file;
}

}  // namespace slipway
