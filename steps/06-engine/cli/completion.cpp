#include "06-engine/cli/completion.hpp"

#include <unistd.h>

#include <algorithm>

#include "06-engine/cli/completion_text.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// What names can be asked for.
constexpr std::string_view kinds[] = {"CONTAINER", "IMAGE", "NETWORK",
                                      "VOLUME",    "FILE",  "DIR"};

// "[OPTION...] IMAGE [COMMAND [ARG...]]": "IMAGE". A word that may be repeated
// has a "+" behind it; one that nothing is known of is "-".
std::string kinds_of(std::string_view usage) {
    std::vector<std::string> found;
    for (std::string word : split(usage, ' ')) {
        bool repeated = word.find("...") != word.npos;
        std::erase_if(word, [](char c) { return c < 'A' || c > 'Z'; });
        if (word.empty() || word == "OPTION") continue;
        bool known = std::find(std::begin(kinds), std::end(kinds), word) !=
                     std::end(kinds);
        found.push_back(cat(known ? word : "-", known && repeated ? "+" : ""));
    }
    while (!found.empty() && found.back() == "-") found.pop_back();
    return join(found, " ");
}

// "NETWORK", "CONTAINER[:ro]": the kind that the value begins with, or "".
std::string kind_of_value(std::string_view placeholder) {
    for (std::string_view kind : kinds)
        if (placeholder.starts_with(kind)) return std::string(kind);
    return "-";
}

std::vector<CommandLine::Option> options_of(const TypedVerb& typed) {
    if (!typed.verb.declare) return {};
    CommandLine line(typed.words, typed.verb.usage, typed.verb.summary);
    typed.verb.declare(line);
    return line.options();
}

// The body of a case: what a verb has, as three words lists.
std::string shell_lists(const std::vector<CommandLine::Option>& options,
                        std::string_view words) {
    std::string names, valued;
    for (const CommandLine::Option& option : options)
        for (const std::string& name : option.names) {
            names += cat(name, " ");
            if (!option.placeholder.empty())
                valued +=
                    cat(name, "=", kind_of_value(option.placeholder), " ");
        }
    return cat("options=\"", names, "--help\" valued=\"", valued,
               "\" arguments=\"", words, "\"");
}

// The words that may follow "network": its own verbs.
std::string next_words(const std::vector<TypedVerb>& verbs,
                       const std::string& prefix) {
    std::vector<std::string> next;
    for (const TypedVerb& typed : verbs) {
        std::string_view rest = typed.words;
        if (!rest.starts_with(prefix)) continue;
        rest.remove_prefix(prefix.size());
        std::string word(rest.substr(0, rest.find(' ')));
        if (std::find(next.begin(), next.end(), word) == next.end())
            next.push_back(word);
    }
    return join(next, " ");
}

std::vector<std::string> groups_of(const std::vector<TypedVerb>& verbs) {
    std::vector<std::string> groups;
    for (const TypedVerb& typed : verbs) {
        std::string group = typed.words.substr(0, typed.words.find(' '));
        bool is_verb = std::any_of(verbs.begin(), verbs.end(), [&](auto& each) {
            return each.words == group;
        });
        bool known =
            std::find(groups.begin(), groups.end(), group) != groups.end();
        if (!is_verb && !known) groups.push_back(group);
    }
    return groups;
}

// A function for bash and zsh alike: sets what the verb in $1 has, or fails.
std::string verb_table(const CommandLine& program,
                       const std::vector<TypedVerb>& verbs) {
    std::string text = "_slipway_verb() {\n    case $1 in\n";
    text += cat("    '') ", shell_lists(program.options(), ""), " verbs=\"",
                next_words(verbs, ""), "\" ;;\n");
    for (const std::string& group : groups_of(verbs))
        text += cat("    '", group,
                    "') options=\"--help\" valued= arguments= verbs=\"",
                    next_words(verbs, group + " "), "\" ;;\n");
    for (const TypedVerb& typed : verbs)
        text += cat("    '", typed.words, "') ",
                    shell_lists(options_of(typed), kinds_of(typed.verb.usage)),
                    " verbs= ;;\n");
    return text + "    *) return 1 ;;\n    esac\n}\n";
}

// Inside single quotes of fish.
std::string fish_quoted(std::string_view text) {
    std::string quoted = "'";
    for (char c : text) {
        if (c == '\'' || c == '\\') quoted += '\\';
        quoted += c == '\n' ? ' ' : c;
    }
    return quoted + "'";
}

std::string fish_option(const std::string& condition,
                        const CommandLine::Option& option) {
    std::string text = cat("complete -c slipway -n ", fish_quoted(condition));
    for (const std::string& name : option.names)
        text += name.starts_with("--") ? cat(" -l ", name.substr(2))
                                       : cat(" -s ", name.substr(1));
    if (!option.placeholder.empty()) {
        std::string kind = kind_of_value(option.placeholder);
        text += kind == "FILE" || kind == "DIR" ? " -r -F"
                : kind == "-"                   ? " -x"
                              : cat(" -x -a '(__slipway_names ", kind, ")'");
    }
    return cat(text, " -d ", fish_quoted(option.help), "\n");
}

std::string fish_word(const std::string& condition, std::string kind) {
    if (kind.ends_with('+')) kind.pop_back();
    if (kind.empty() || kind == "-") return {};
    std::string text = cat("complete -c slipway -n ", fish_quoted(condition));
    if (kind == "FILE" || kind == "DIR") return text + " -F\n";
    return cat(text, " -a '(__slipway_names ", kind, ")'\n");
}

std::string fish_verb(const TypedVerb& typed) {
    std::string condition = cat("__slipway_verb ", typed.words);
    std::size_t space = typed.words.rfind(' ');
    std::string group =
        space == typed.words.npos ? "" : typed.words.substr(0, space);
    std::string text = cat(
        "complete -c slipway -n ", fish_quoted(cat("__slipway_at ", group)),
        " -a ", typed.words.substr(space == typed.words.npos ? 0 : space + 1),
        " -d ", fish_quoted(typed.verb.summary), "\n");
    for (const CommandLine::Option& option : options_of(typed))
        text += fish_option(condition, option);
    std::vector<std::string> places = split(kinds_of(typed.verb.usage), ' ');
    for (std::size_t i = 0; i < places.size(); ++i)
        text += fish_word(places.size() == 1
                              ? condition
                              : cat("__slipway_place ", i, " ", typed.words),
                          places[i]);
    return text;
}

std::string fish_script(const CommandLine& program,
                        const std::vector<TypedVerb>& verbs) {
    std::string text(fish_functions);
    for (const std::string& group : groups_of(verbs))
        text += cat("complete -c slipway -n '__slipway_at ' -a ", group, "\n");
    for (const CommandLine::Option& option : program.options())
        text += fish_option("__slipway_at ", option);
    for (const TypedVerb& typed : verbs) text += fish_verb(typed);
    return text;
}

}  // namespace

std::string completion_script(std::string_view shell,
                              const CommandLine& program,
                              const std::vector<TypedVerb>& verbs) {
    if (shell == "fish") return fish_script(program, verbs);
    if (shell == "bash")
        return cat(shell_functions, verb_table(program, verbs), bash_function);
    if (shell == "zsh")
        return cat("#compdef slipway\n", shell_functions,
                   verb_table(program, verbs), zsh_function);
    throw Error(ErrorKind::InvalidArgument,
                cat("there is no completion for ", quote(shell)))
        .advise("shells are bash, zsh and fish");
}

Verb completion_verb(const CommandLine& program,
                     std::function<std::vector<TypedVerb>()> verbs) {
    auto run = [&program, verbs = std::move(verbs)](auto& words) {
        if (words.size() != 1)
            throw Error(ErrorKind::InvalidArgument, "for which shell?")
                .advise("completion bash, zsh or fish");
        std::string text = completion_script(words[0], program, verbs());
        write_all(STDOUT_FILENO, text);
        return 0;
    };
    return {"completion", "bash|zsh|fish", "Print a completion script",
            [](CommandLine&) {}, run};
}

}  // namespace slipway
