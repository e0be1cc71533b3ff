// The frame of every program here: options, help, errors, exit status.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

/// A command line in Docker's manner: options first, then words. The first
/// word ends the options, so that a command's own options stay its own.
/// Built on CLI11, which only program.cpp includes.
class CommandLine {
  public:
    using Text = std::function<void(const std::string&)>;

    /// `usage` is what follows the name: "[OPTION...] FILE...".
    CommandLine(std::string name, std::string usage, std::string summary);
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;
    ~CommandLine();

    /// An option with a value; given twice, the last one holds. `name` may be
    /// "-w,--workdir". `store` may throw an Error that says what is wrong.
    void value(const std::string& name, const std::string& placeholder,
               const std::string& help, const Text& store);
    /// An option that may be given several times; `store` sees each value.
    void values(const std::string& name, const std::string& placeholder,
                const std::string& help, const Text& store);
    void flag(const std::string& name, const std::string& help, bool& target);
    /// Lines below the options in --help: examples, what is not obvious.
    void footer(const std::string& text);
    /// --help lists the options that follow below this title.
    void group(const std::string& title) { group_ = title; }
    /// A name that is understood and not shown: "--net" of "--network,--net".
    void hide(const std::string& name);
    /// An option that people know from elsewhere and that is not there: whoever
    /// gives it, with a value or without, is told why. --help does not have it.
    void refuse(const std::string& name, const std::string& why);

    struct Option {
        std::vector<std::string> names;  ///< "-w", "--workdir"
        std::string placeholder;         ///< of its value; empty: a flag
        std::string help;
    };
    /// Without hidden ones and hidden names.
    std::vector<Option> options() const;
    /// The option of this name, hidden ones too: "--net", "-w".
    std::optional<Option> find(const std::string& name) const;
    /// "prog", "prog verb".
    std::string name() const;
    /// What is being parsed, as it was typed, without the program's name.
    const std::vector<std::string>& arguments() const;

    struct Impl;
    Impl& impl() { return *impl_; }

  private:
    std::string group_ = "Options";
    std::unique_ptr<Impl> impl_;
};

/// Parses, then runs `body` with the words; returns main's exit status. An
/// Error is printed here, once, with its advice, and nowhere else. Adds
/// --explain, --explain-to, --help and --version to every program; -h, too,
/// unless it means something else there; -v to one with verbs.
int run_program(
    CommandLine& line, int argc, char** argv,
    const std::function<int(const std::vector<std::string>& words)>& body);

/// A word that says what to do, with options of its own: "pull" in
/// "prog --root DIR pull --quiet NAME".
struct Verb {
    std::string name, usage, summary;
    /// Empty: `run` gets what stands behind the verb as it is, --help included.
    std::function<void(CommandLine& line)> declare;
    std::function<int(const std::vector<std::string>& words)> run;
    /// Its words end in a command with options of its own: the first word ends
    /// ours. Otherwise options may stand anywhere, as Docker has it.
    bool takes_command = false;
};

/// run_program() for a program with verbs: --help lists them, "prog VERB
/// --help" explains one, a verb that does not exist is an Error with the
/// nearest one as advice. `list`, if it is not empty, is what --help has in
/// place of the plain list.
int run_verbs(CommandLine& line, int argc, char** argv,
              const std::vector<Verb>& verbs, const std::string& list = {});

}  // namespace slipway
