// The instructions of a Dockerfile, typed. Words are as they were written:
// variables are replaced when the instruction is carried out (words.hpp), since
// only then their values are known.
//
// Source: Dockerfile reference; moby/buildkit, frontend/dockerfile.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "05-build/source.hpp"

namespace slipway {

/// A text in the Dockerfile itself: <<EOF ... EOF.
struct Heredoc {
    std::string word;     ///< "EOF", without << and quotes
    std::string text;     ///< its lines; tabs are gone with <<-
    bool expands = true;  ///< not when the word was quoted
};

/// A word of the instruction and where it stands.
struct Word {
    std::string text;  ///< with its quotes, escapes, variables
    SourceRange where;
};

/// RUN, CMD, ENTRYPOINT: JSON or for the shell.
struct CommandLineForm {
    bool is_json = false;
    std::vector<std::string> words;  ///< of JSON; otherwise one, the text
    std::vector<Heredoc> heredocs;   ///< of RUN
};

struct NameValue {
    Word name, value;
};

struct From {
    std::string platform;  ///< --platform, as written
    Word image;
    std::string stage_name;  ///< AS, lower case; empty: none
    std::string stage_name_as_written, as_keyword;
    SourceRange stage_name_where = {}, platform_where = {};
};

struct RunMount {
    /// "type=cache,target=/x": options in their order; one without "=" has
    /// the value "true".
    std::vector<std::pair<std::string, std::string>> options;
    SourceRange where;
};
struct Run {
    CommandLineForm command;
    std::vector<RunMount> mounts;
    std::string network = {};   ///< default, none, host
    std::string security = {};  ///< sandbox, insecure
};

struct Copy {  ///< and ADD
    bool is_add = false;
    std::vector<Word> sources;      ///< heredocs are not among them
    std::vector<Heredoc> heredocs;  ///< each a file of its word's name
    Word destination;
    std::string from, chown, chmod;  ///< as written; empty: not given
    SourceRange from_where = {};     ///< of --from's value
    bool link = false, parents = false;
    std::vector<std::string> exclude;
    // ADD only
    std::optional<bool> unpack;
    std::string checksum = {};
    bool keep_git_dir = false;
};

struct Cmd {
    CommandLineForm command;
};
struct Entrypoint {
    CommandLineForm command;
};
struct Shell {
    std::vector<std::string> words;
};
struct Env {
    std::vector<NameValue> values;
    bool old_form = false;  ///< ENV name rest of line
};
struct Label {
    std::vector<NameValue> values;
    bool old_form = false;
};
struct ArgDefault {
    std::string name;
    std::optional<Word> value;
    SourceRange where;
};
struct Arg {
    std::vector<ArgDefault> values;
};
struct Expose {
    std::vector<Word> ports;
};
struct UserInstruction {
    Word user;
};
struct Workdir {
    Word path;
};
struct Volume {
    std::vector<Word> paths;
};
struct StopSignal {
    Word signal;  ///< one that there is, unless it has variables
};
struct Maintainer {
    std::string name;
};
struct HealthcheckInstruction {
    bool is_none = false;
    CommandLineForm command;
    /// --interval and so on, as written; empty: not given
    std::string interval, timeout, start_period, start_interval, retries;
};
/// The instruction to come; heredocs below it, in lines of their own.
struct OnBuild {
    std::string text;
};

//@ begin instruction
using InstructionBody =
    std::variant<From, Run, Copy, Cmd, Entrypoint, Shell, Env, Label, Arg,
                 Expose, UserInstruction, Workdir, Volume, StopSignal,
                 Maintainer, HealthcheckInstruction, OnBuild>;

struct Instruction {
    std::string verb;          ///< upper case: "RUN"
    std::string verb_written;  ///< as written
    InstructionBody body;
    /// The whole of it on one line, continuations joined: for progress, cache
    /// and history. The verb in upper case, without heredoc bodies.
    std::string text;
    SourceRange where;  ///< heredocs included
};
//@ end instruction

}  // namespace slipway
