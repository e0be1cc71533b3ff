// Completion for shells, made from the verbs' own declarations.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/program.hpp"

namespace slipway {

/// A verb as it is typed: "run", "network create".
struct TypedVerb {
    std::string words;
    Verb verb;
};

/// A script for "bash", "zsh" or "fish". What a word may be is told by the
/// verb's usage (CONTAINER, IMAGE, NETWORK, VOLUME) and the option's
/// placeholder (NETWORK, FILE); names are asked of the program itself when
/// somebody presses Tab. `program` has the options that stand in front of the
/// verb. Throws InvalidArgument for another shell.
std::string completion_script(std::string_view shell,
                              const CommandLine& program,
                              const std::vector<TypedVerb>& verbs);

/// "completion bash|zsh|fish": prints it. `program` must outlive the verb.
Verb completion_verb(const CommandLine& program,
                     std::function<std::vector<TypedVerb>()> verbs);

}  // namespace slipway
