// `slipway container ls` is `slipway ps`: Docker's long forms, and its help.
//
// Docker has a verb for most things twice: a short one, and one behind a noun.
// Here a table makes one of the two. A verb that has no short form is called by
// both words: its name is "volume ls".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "06-engine/cli/completion.hpp"
#include "common/program.hpp"

namespace slipway {

struct NounLine {
    std::vector<std::string> words;  ///< argv, as run_verbs() takes it
    /// `slipway volume`, `slipway volume --help`: what to print in place of
    /// doing something.
    std::optional<std::string> help;
};

/// Throws InvalidArgument for a verb that the noun does not have.
NounLine join_nouns(const std::vector<std::string>& argv,
                    const std::vector<Verb>& verbs);

/// The verbs as people know them: common ones, nouns, the others.
std::string grouped_verbs(const std::vector<Verb>& verbs);

/// Every way to call a verb: "ps", "container ls", "volume ls".
std::vector<TypedVerb> every_form(const std::vector<Verb>& verbs);

/// What main() calls in place of run_verbs().
int run_noun_verbs(CommandLine& line, int argc, char** argv,
                   const std::vector<Verb>& verbs);

}  // namespace slipway
