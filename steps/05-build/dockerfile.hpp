// A Dockerfile, parsed: directives, global ARGs, stages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "05-build/instruction.hpp"

namespace slipway {

struct Directives {
    std::string syntax;  ///< as written; not used, but shown
    char escape = '\\';  ///< or '`'
    std::vector<std::string> skipped_checks;  ///< check=skip=A,B; "all"
    bool warnings_are_errors = false;         ///< check=error=true
    /// check=experimental=A,B; "all": rules that are off otherwise.
    std::vector<std::string> experimental_checks = {};
    std::size_t end = 0;  ///< where the file goes on behind them
};

struct Stage {
    Instruction from;  ///< its body is a From
    std::vector<Instruction> instructions;
    const From& source() const { return std::get<From>(from.body); }
};

struct Dockerfile {
    Source source;
    Directives directives;
    std::vector<Instruction> global_args;  ///< ARG before the first FROM
    std::vector<Stage> stages;
    /// Lines inside an instruction that were empty, for the lint rule.
    std::vector<SourceRange> empty_continuations;
};

/// Throws input_error() with a suggestion for what is misspelt.
Dockerfile parse_dockerfile(Source source);

/// One instruction from elsewhere: of an ONBUILD, `commit --change`.
Instruction parse_instruction(const Source& source, char escape = '\\');

}  // namespace slipway
