// A stage at a point in the Dockerfile: the layers so far, the config so far,
// and the variables that are known there.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "04-images/image_config.hpp"
#include "04-images/image_layers.hpp"
#include "05-build/instruction.hpp"
#include "05-build/words.hpp"

namespace slipway {

struct StageState {
    std::vector<ImageLayer> layers;  ///< lowest first
    ImageConfig config;              ///< diff_ids are put in at the end
    /// Declared by ARG in this stage or one that it is based on; without a
    /// value they are declared only.
    std::map<std::string, std::optional<std::string>> args;
    /// CMD was set in this stage: an ENTRYPOINT leaves it alone.
    bool has_own_cmd = false;
    /// Of the youngest layer: what is not a layer is said to be as old. So an
    /// image whose layers were all there is the same image again. Empty: there
    /// is no layer yet.
    std::string time;
    char escape = '\\';
};

/// The value of a variable: ENV's, else ARG's.
std::optional<std::string> variable(const StageState& state,
                                    const std::string& name);
/// Replaces variables in a word, with the values before the instruction. Throws
/// InvalidArgument.
std::string expanded(const StageState& state, const std::string& word);

/// The environment of RUN: ENV, and what ARG declared and ENV does not have.
struct RunVariables {
    std::vector<std::string> environment;  ///< "NAME=value"
    std::vector<std::string> args;         ///< those of ARG, for the history
};
RunVariables run_variables(const StageState& state);

/// The shell's words in front of a shell form.
std::vector<std::string> shell_of(const StageState& state);
/// A command's words: of JSON themselves, otherwise the shell's and the text.
std::vector<std::string> command_words(const StageState& state,
                                       const CommandLineForm& command);

/// Adds to the history. `created_by` as `docker history` shows it. `created` is
/// when the step was made, if it made something to be kept; otherwise empty.
void add_history(StageState& state, const std::string& created_by,
                 bool empty_layer, const std::string& created = {});

/// Where ARG takes values from.
struct ArgValues {
    std::map<std::string, std::string> build_args;  ///< --build-arg
    /// Of ARGs before the first FROM, and of the platform: for an ARG without
    /// a default.
    std::map<std::string, std::string> globals;
};

/// Carries out an instruction that changes nothing but the config: CMD, ENV,
/// LABEL, EXPOSE, USER and so on, ARG. Returns what the history says of it;
/// nothing for those that do more: RUN, COPY, ADD, WORKDIR, FROM. Throws
/// InvalidArgument.
std::optional<std::string> change_config(StageState& state,
                                         const Instruction& instruction,
                                         const ArgValues& values);

}  // namespace slipway
