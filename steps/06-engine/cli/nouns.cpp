#include "06-engine/cli/nouns.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

struct Noun {
    std::string_view name, summary;
};

constexpr Noun nouns[] = {
    {"builder", "Manage the build cache"}, {"buildx", "Build images"},
    {"container", "Manage containers"},    {"image", "Manage images"},
    {"network", "Manage networks"},        {"system", "Manage Slipway"},
    {"volume", "Manage volumes"},
};

/// What stands in place of noun and verb. Empty: both words are the verb.
struct NounVerb {
    std::string_view noun, verb, becomes, option = {};
};

constexpr NounVerb table[] = {
    {"builder", "build", "build"},
    {"builder", "du", ""},
    {"builder", "prune", ""},
    {"buildx", "b", "build"},
    {"buildx", "build", "build"},
    {"buildx", "du", "builder du"},
    {"buildx", "prune", "builder prune"},
    {"container", "attach", "attach"},
    {"container", "commit", "commit"},
    {"container", "cp", "cp"},
    {"container", "create", "create"},
    {"container", "diff", "diff"},
    {"container", "exec", "exec"},
    {"container", "export", "export"},
    {"container", "inspect", "inspect", "--type=container"},
    {"container", "kill", "kill"},
    {"container", "list", "ps"},
    {"container", "logs", "logs"},
    {"container", "ls", "ps"},
    {"container", "pause", "pause"},
    {"container", "port", "port"},
    {"container", "prune", ""},
    {"container", "ps", "ps"},
    {"container", "remove", "rm"},
    {"container", "rename", "rename"},
    {"container", "restart", "restart"},
    {"container", "rm", "rm"},
    {"container", "run", "run"},
    {"container", "start", "start"},
    {"container", "stats", "stats"},
    {"container", "stop", "stop"},
    {"container", "top", "top"},
    {"container", "unpause", "unpause"},
    {"container", "update", "update"},
    {"container", "wait", "wait"},
    {"image", "build", "build"},
    {"image", "history", "history"},
    {"image", "import", "import"},
    {"image", "inspect", "inspect", "--type=image"},
    {"image", "list", "images"},
    {"image", "load", "load"},
    {"image", "ls", "images"},
    {"image", "prune", ""},
    {"image", "pull", "pull"},
    {"image", "push", "push"},
    {"image", "remove", "rmi"},
    {"image", "rm", "rmi"},
    {"image", "save", "save"},
    {"image", "tag", "tag"},
    {"network", "connect", ""},
    {"network", "create", ""},
    {"network", "disconnect", ""},
    {"network", "inspect", "inspect", "--type=network"},
    {"network", "list", "network ls"},
    {"network", "ls", ""},
    {"network", "prune", ""},
    {"network", "remove", "network rm"},
    {"network", "rm", ""},
    {"system", "df", ""},
    {"system", "events", "events"},
    {"system", "info", "info"},
    {"system", "prune", ""},
    {"volume", "create", ""},
    {"volume", "inspect", "inspect", "--type=volume"},
    {"volume", "list", "volume ls"},
    {"volume", "ls", ""},
    {"volume", "prune", ""},
    {"volume", "remove", "volume rm"},
    {"volume", "rm", ""},
};

constexpr std::string_view common_verbs[] = {
    "run",    "exec",  "ps",     "build",   "pull", "push",
    "images", "login", "logout", "version", "info"};

// Options of the program itself that take the next word.
constexpr std::string_view with_value[] = {"--root", "--state", "--explain-to"};

const Noun* find_noun(std::string_view name) {
    const auto* found =
        std::find_if(std::begin(nouns), std::end(nouns),
                     [&](const Noun& noun) { return noun.name == name; });
    return found == std::end(nouns) ? nullptr : found;
}

const NounVerb* find_entry(std::string_view noun, std::string_view verb) {
    const auto* found = std::find_if(
        std::begin(table), std::end(table),
        [&](auto& entry) { return entry.noun == noun && entry.verb == verb; });
    return found == std::end(table) ? nullptr : found;
}

std::string name_of(const NounVerb& entry) {
    return entry.becomes.empty() ? cat(entry.noun, " ", entry.verb)
                                 : std::string(entry.becomes);
}

const Verb* find_verb(const std::vector<Verb>& verbs, std::string_view name) {
    auto found = std::find_if(verbs.begin(), verbs.end(),
                              [&](auto& verb) { return verb.name == name; });
    return found == verbs.end() ? nullptr : &*found;
}

// Where the command stands; the number of words when there is none.
std::size_t command_at(const std::vector<std::string>& words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (!words[i].starts_with('-')) return i;
        bool takes_next =
            std::find(std::begin(with_value), std::end(with_value), words[i]) !=
            std::end(with_value);
        if (takes_next) ++i;
    }
    return words.size();
}

std::string padded(std::string_view text, std::size_t width) {
    return cat(text, std::string(width - std::min(width, text.size()), ' '));
}

std::string lines_of(const char* title,
                     const std::vector<std::pair<std::string, std::string>>&
                         names_and_summaries) {
    std::size_t width = 0;
    for (const auto& line : names_and_summaries)
        width = std::max(width, line.first.size());
    std::string text = cat(title, ":\n");
    for (const auto& [name, summary] : names_and_summaries)
        text += cat("  ", padded(name, width + 2),
                    summary.substr(0, summary.find_last_not_of('.') + 1), "\n");
    return text;
}

// Docker's second names of a verb.
bool is_alias(const NounVerb& entry) {
    return entry.verb == "list" || entry.verb == "remove" ||
           entry.verb == "b" ||
           (entry.verb == "ps" && entry.noun == "container");
}

std::string noun_help(const std::string& program, const Noun& noun,
                      const std::vector<Verb>& verbs) {
    std::vector<std::pair<std::string, std::string>> lines;
    for (const NounVerb& entry : table) {
        if (entry.noun != noun.name || is_alias(entry)) continue;
        if (const Verb* verb = find_verb(verbs, name_of(entry)))
            lines.emplace_back(entry.verb, verb->summary);
    }
    return cat("Usage: ", program, " ", noun.name, " COMMAND\n\n", noun.summary,
               "\n\n", lines_of("Commands", lines), "\nRun '", program, " ",
               noun.name,
               " COMMAND --help' for more information on a "
               "command.\n");
}

[[noreturn]] void refuse_verb(const std::string& program, const Noun& noun,
                              const std::string& typed) {
    std::vector<std::string> known;
    for (const NounVerb& entry : table)
        if (entry.noun == noun.name) known.emplace_back(entry.verb);
    std::string guess = nearest(typed, known);
    throw Error(ErrorKind::InvalidArgument,
                cat("unknown command ", quote(cat(noun.name, " ", typed))))
        .advise(
            guess.empty()
                ? cat(program, " ", noun.name, " --help lists what there is")
                : cat("did you mean ", noun.name, " ", guess, "?"));
}

}  // namespace

std::vector<TypedVerb> every_form(const std::vector<Verb>& verbs) {
    std::vector<TypedVerb> forms;
    for (const Verb& verb : verbs)
        if (!verb.summary.empty()) forms.push_back({verb.name, verb});
    for (const NounVerb& entry : table) {
        const Verb* verb = find_verb(verbs, name_of(entry));
        if (verb && !entry.becomes.empty() && !is_alias(entry))
            forms.push_back({cat(entry.noun, " ", entry.verb), *verb});
    }
    return forms;
}

//@ begin join-nouns
NounLine join_nouns(const std::vector<std::string>& argv,
                    const std::vector<Verb>& verbs) {
    NounLine line{argv, {}};
    std::size_t at = command_at(argv);
    const Noun* noun = at < argv.size() ? find_noun(argv[at]) : nullptr;
    if (!noun) return line;
    std::string program = argv[0].substr(argv[0].rfind('/') + 1);
    std::string verb = at + 1 < argv.size() ? argv[at + 1] : "--help";
    if (verb == "--help" || verb == "-h" || verb == "help") {
        line.help = noun_help(program, *noun, verbs);
        return line;
    }
    const NounVerb* entry = find_entry(noun->name, verb);
    if (!entry) refuse_verb(program, *noun, verb);
    auto place = line.words.begin() + static_cast<std::ptrdiff_t>(at);
    *place = name_of(*entry);
    place = line.words.erase(place + 1);
    if (!entry->option.empty())
        line.words.insert(place, std::string(entry->option));
    return line;
}
//@ end join-nouns

std::string grouped_verbs(const std::vector<Verb>& verbs) {
    using Lines = std::vector<std::pair<std::string, std::string>>;
    Lines often, managed, others;
    for (std::string_view name : common_verbs)
        if (const Verb* verb = find_verb(verbs, name))
            often.emplace_back(verb->name, verb->summary);
    for (const Noun& noun : nouns)
        managed.emplace_back(noun.name, noun.summary);
    for (const Verb& verb : verbs) {
        bool is_common =
            std::find(std::begin(common_verbs), std::end(common_verbs),
                      verb.name) != std::end(common_verbs);
        // Those behind a noun have its help; those without a word are ours.
        bool hidden =
            verb.name.find(' ') != std::string::npos || verb.summary.empty();
        if (!is_common && !hidden) others.emplace_back(verb.name, verb.summary);
    }
    std::sort(others.begin(), others.end());
    return cat(lines_of("Common Commands", often), "\n",
               lines_of("Management Commands", managed), "\n",
               lines_of("Commands", others),
               "\nRun 'slipway COMMAND --help' "
               "for more information on a command.");
}

int run_noun_verbs(CommandLine& line, int argc, char** argv,
                   const std::vector<Verb>& verbs) {
    NounLine joined;
    try {
        joined = join_nouns({argv, argv + argc}, verbs);
    } catch (const Error& error) {
        // run_verbs() prints errors: hand it this one.
        std::array<char*, 2> alone = {argv[0], nullptr};
        return run_program(line, 1, alone.data(),
                           [&](auto&) -> int { throw error; });
    }
    if (joined.help) {
        std::fputs(joined.help->c_str(), stdout);
        return 0;
    }
    std::vector<char*> words;
    for (std::string& word : joined.words) words.push_back(word.data());
    words.push_back(nullptr);
    return run_verbs(line, static_cast<int>(joined.words.size()), words.data(),
                     verbs, grouped_verbs(verbs));
}

}  // namespace slipway
