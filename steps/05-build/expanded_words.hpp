// Which texts of an instruction have their variables replaced by the builder.
// Not the commands of RUN, CMD, ENTRYPOINT and HEALTHCHECK: a shell does that.
// Source: Dockerfile reference, "Environment replacement".
#pragma once

#include <functional>
#include <string>

#include "05-build/instruction.hpp"

namespace slipway {

struct ExpandedText {
    const std::string& text;
    SourceRange where;
    bool keep_quotes = false;  ///< as WordOptions has it
};

/// Calls `visit` for each, in the order in which they are written, but flags
/// behind words. FROM and ONBUILD have none here.
void for_each_expanded(const Instruction& instruction,
                       const std::function<void(const ExpandedText&)>& visit);

}  // namespace slipway
