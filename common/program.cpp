#include "common/program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <set>

#include <CLI/CLI.hpp>

#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/ledger.hpp"
#include "common/program_variable.hpp"
#include "common/terminal_safe.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// CLI11's own layout is for programmers; this one is for readers.
class Help : public CLI::Formatter {
  public:
    std::string make_usage(const CLI::App* app,
                           std::string /*name*/) const override {
        return cat("Usage: ", app->get_name(), " ", usage, "\n\n",
                   app->get_description(), "\n");
    }
    std::string make_description(const CLI::App* /*app*/) const override {
        return {};
    }
    std::string make_option(const CLI::Option* option,
                            bool is_positional) const override {
        if (make_option_name(option, is_positional).empty()) return {};
        return CLI::Formatter::make_option(option, is_positional);
    }
    std::string make_option_name(const CLI::Option* option,
                                 bool is_positional) const override {
        // CLI11 writes a flag's default value into its name: --explain{text}.
        std::string name =
            CLI::Formatter::make_option_name(option, is_positional);
        std::vector<std::string> names =
            split(name.substr(0, name.find('{')), ',');
        std::erase_if(names,
                      [this](auto& one) { return hidden.contains(one); });
        return join(names, ",");
    }
    std::string usage;
    std::set<std::string> hidden;
};

}  // namespace

struct CommandLine::Impl {
    CLI::App app;
    std::shared_ptr<Help> help = std::make_shared<Help>();
    std::string explain;     // "", "text" or "json"
    std::string explain_to;  // file, or "" for stderr
    std::vector<std::string> arguments;
    std::string version_names = "--version";
};

CommandLine::CommandLine(std::string name, std::string usage,
                         std::string summary)
    : impl_(std::make_unique<Impl>()) {
    CLI::App& app = impl_->app;
    app.name(std::move(name));
    app.description(std::move(summary));
    impl_->help->usage = std::move(usage);
    impl_->help->column_width(26);
    app.formatter(impl_->help);
    app.set_help_flag();   // add_common_options() knows by which name
    app.prefix_command();  // the first word ends the options
}

CommandLine::~CommandLine() = default;

void CommandLine::value(const std::string& name, const std::string& placeholder,
                        const std::string& help, const Text& store) {
    impl_->app.add_option_function<std::string>(name, store, help)
        ->type_name(placeholder)
        ->group(group_)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

void CommandLine::values(const std::string& name,
                         const std::string& placeholder,
                         const std::string& help, const Text& store) {
    auto store_all = [store](const std::vector<std::string>& all) {
        for (const std::string& one : all) store(one);
    };
    // One value each time it is given: "--env A=1 WORD" must not eat WORD.
    impl_->app
        .add_option_function<std::vector<std::string>>(name, store_all, help)
        ->type_name(placeholder)
        ->group(group_)
        ->allow_extra_args(false);
}

void CommandLine::flag(const std::string& name, const std::string& help,
                       bool& target) {
    impl_->app.add_flag(name, target, help)->group(group_);
}

void CommandLine::footer(const std::string& text) {
    impl_->app.footer(text);
}

void CommandLine::hide(const std::string& name) {
    impl_->help->hidden.insert(name);
}

void CommandLine::refuse(const std::string& name, const std::string& why) {
    auto refuse = [=](const std::vector<std::string>&) {
        throw Error(ErrorKind::Unsupported,
                    cat(name.substr(name.rfind(',') + 1), ": ", why));
    };
    impl_->app.add_option_function<std::vector<std::string>>(name, refuse, why)
        ->expected(0, 1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    for (const std::string& each : split(name, ',')) hide(each);
}

std::string CommandLine::name() const {
    return impl_->app.get_name();
}

const std::vector<std::string>& CommandLine::arguments() const {
    return impl_->arguments;
}

namespace {

CommandLine::Option as_told(const CLI::Option& option) {
    CommandLine::Option told{{}, "", option.get_description()};
    for (const std::string& name : option.get_snames())
        told.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames())
        told.names.push_back("--" + name);
    if (option.get_items_expected_max() > 0)
        told.placeholder = option.get_type_name();
    return told;
}

}  // namespace

std::vector<CommandLine::Option> CommandLine::options() const {
    std::vector<Option> all;
    for (const CLI::Option* option : impl_->app.get_options()) {
        Option told = as_told(*option);
        std::erase_if(told.names, [this](auto& name) {
            return impl_->help->hidden.contains(name);
        });
        if (!told.names.empty()) all.push_back(std::move(told));
    }
    return all;
}

std::optional<CommandLine::Option> CommandLine::find(
    const std::string& name) const {
    const CLI::Option* option = impl_->app.get_option_no_throw(name);
    if (!option) return std::nullopt;
    return as_told(*option);
}

namespace {

// Added last, so that --help lists a program's own options first.
void add_common_options(CommandLine::Impl& impl) {
    CLI::App& app = impl.app;
    bool is_taken = app.get_option_no_throw("-h") != nullptr;
    app.set_help_flag(is_taken ? "--help" : "-h,--help",
                      "print this text and exit")
        ->group("About");
    app.set_version_flag(impl.version_names,
                         cat(app.get_name(), " (Slipway) ", SLIPWAY_VERSION),
                         "print the version and exit")
        ->group("About");
    app.add_flag("--explain{text}", impl.explain,
                 "print every privileged act with its reason on stderr;\n"
                 "--explain=json for one JSON object a line")
        ->group("About");
    app.add_option("--explain-to", impl.explain_to,
                   "write the explanation to FILE instead")
        ->type_name("FILE")
        ->group("About");
}

Error usage_error(const CLI::App& app, const std::string& message) {
    return Error(ErrorKind::InvalidArgument, message)
        .advise(cat(app.get_name(), " --help lists the options"));
}

Error unknown_option(const CLI::App& app, const std::string& typed) {
    std::string name = typed.substr(0, typed.find('='));
    std::vector<std::string> known;
    for (const CLI::Option* option : app.get_options())
        for (const std::string& long_name : option->get_lnames())
            known.push_back("--" + long_name);
    std::string guess = nearest(name, known);
    Error error = usage_error(app, cat("unknown option ", quote(name)));
    if (!guess.empty()) error.set_advice(cat("did you mean ", guess, "?"));
    return error;
}

// The words that are no options. CLI11 leaves what it does not know in
// remaining(): an unknown option is one that stands where a word should. Behind
// "--", and behind the first word where that ends the options, all are words.
std::vector<std::string> words_of(const CLI::App& app) {
    std::vector<std::string> words;
    bool all_are_words = false;
    for (const std::string& word : app.remaining()) {
        if (!all_are_words && word.size() > 1 && word[0] == '-') {
            if (word != "--") throw unknown_option(app, word);
            all_are_words = true;
            continue;
        }
        words.push_back(word);
        if (app.get_prefix_command()) all_are_words = true;
    }
    return words;
}

bool takes_value(const CLI::Option* option) {
    return option && option->get_items_expected_max() > 0;
}

// "-itp=80:80" letter by letter: "-i", "-t", "-p", "80:80". "-t=false" is only
// understood with a long name. False when the last option's value is to follow.
bool spell_letters(const CLI::App& app, const std::string& word,
                   std::vector<std::string>& to) {
    for (std::size_t i = 1; i < word.size(); ++i) {
        std::string name = {'-', word[i]}, rest = word.substr(i + 1);
        const CLI::Option* option = app.get_option_no_throw(name);
        bool equals = rest.starts_with('=');
        if (equals) rest.erase(0, 1);
        if (option && !takes_value(option) && !equals) {
            to.push_back(name);
        } else if (option && !takes_value(option) &&
                   !option->get_lnames().empty()) {
            to.push_back(cat("--", option->get_lnames()[0], "=", rest));
            return true;
        } else if (takes_value(option)) {
            to.push_back(name);
            if (equals || !rest.empty()) to.push_back(rest);
            return equals || !rest.empty();
        } else {
            to.push_back("-" + word.substr(i));  // unknown: to be refused
            return true;
        }
    }
    return true;
}

// Go's flags, which Docker's users know, can be written in more ways than
// CLI11's: "-p=80:80", "-t=false", "--entrypoint=" for an empty value.
std::vector<std::string> spelled_out(
    const CLI::App& app, const std::vector<std::string>& arguments) {
    std::vector<std::string> to;
    bool value_follows = false, all_are_words = false;
    for (const std::string& word : arguments) {
        if (all_are_words || value_follows || word.size() < 2 ||
            word[0] != '-') {
            all_are_words =
                all_are_words || (!value_follows && app.get_prefix_command());
            value_follows = false;
            to.push_back(word);
        } else if (word[1] != '-') {
            value_follows = !spell_letters(app, word, to);
        } else {
            std::size_t equals = std::min(word.find('='), word.size());
            bool has_value =
                takes_value(app.get_option_no_throw(word.substr(0, equals)));
            all_are_words = word == "--";
            value_follows = has_value && equals == word.size();
            if (has_value && equals + 1 == word.size()) {
                to.push_back(word.substr(0, equals));
                to.emplace_back();
            } else {
                to.push_back(word);
            }
        }
    }
    return to;
}

// Returns the words.
std::vector<std::string> parse(CLI::App& app,
                               std::vector<std::string> arguments) {
    try {
        arguments = spelled_out(app, arguments);
        std::reverse(arguments.begin(), arguments.end());  // CLI11 wants it so
        app.parse(arguments);
    } catch (const CLI::Success&) {
        throw;  // --help, --version
    } catch (const CLI::ParseError& error) {
        throw usage_error(app, error.what());
    }
    return words_of(app);
}

void start_ledger(const std::string& form, const std::string& file) {
    if (form.empty() && file.empty()) return;
    if (!form.empty() && form != "text" && form != "json")
        throw Error(ErrorKind::InvalidArgument,
                    cat("--explain=", form, ": no such form"))
            .advise("the forms are text and json");
    UniqueFd fd;
    if (file.empty())
        // A copy of stderr that exec closes: the command must not inherit it
        // under a number of its own.
        fd.reset(check(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3),
                       "duplicate stderr"));
    else {
        // A program that has started itself again goes on with it.
        int begin = std::getenv(program_variable) ? 0 : O_TRUNC;
        int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | begin;
        fd.reset(check(::open(file.c_str(), flags, 0644), "open ", file));
    }
    ledger::start(form == "json" ? ledger::Format::Json : ledger::Format::Text,
                  std::move(fd));
}

void print(const std::string& program, const Error& error) {
    std::string text = cat(program, ": ", error.message(), "\n");
    if (!error.advice().empty()) text += cat("  ", error.advice(), "\n");
    std::fputs(terminal_safe(text).c_str(), stderr);
}

using Body = std::function<int(const std::vector<std::string>& words)>;

int run_line(CommandLine& line, const std::vector<std::string>& arguments,
             const Body& body) {
    CommandLine::Impl& impl = line.impl();
    std::string name = impl.app.get_name();
    name.resize(std::min(name.find(' '), name.size()));  // without the verb
    try {
        add_common_options(impl);
        impl.arguments = arguments;
        std::vector<std::string> words = parse(impl.app, arguments);
        start_ledger(impl.explain, impl.explain_to);
        return body(words);
    } catch (const CLI::Success& asked_for_text) {
        return impl.app.exit(asked_for_text);
    } catch (const Error& error) {
        print(name, error);
        return error.exit_code();
    } catch (const std::bad_alloc&) {
        print(name, Error(ErrorKind::System, "out of memory"));
    } catch (const std::exception& error) {
        print(name, Error(ErrorKind::System, error.what()));
    }
    return exit_engine_error;
}

std::string list_of(const std::vector<Verb>& verbs) {
    std::size_t width = 0;
    for (const Verb& verb : verbs) width = std::max(width, verb.name.size());
    std::string text = "Commands:\n";
    for (const Verb& verb : verbs)
        text +=
            cat("  ", verb.name, std::string(width - verb.name.size() + 2, ' '),
                verb.summary, "\n");
    return text;
}

const Verb& find_verb(const CLI::App& app, const std::vector<Verb>& verbs,
                      const std::vector<std::string>& words) {
    if (words.empty()) throw usage_error(app, "no command given");
    std::vector<std::string> names;
    for (const Verb& verb : verbs) {
        if (verb.name == words[0]) return verb;
        names.push_back(verb.name);
    }
    std::string guess = nearest(words[0], names);
    throw Error(ErrorKind::InvalidArgument,
                cat("unknown command ", quote(words[0])))
        .advise(guess.empty() ? cat(app.get_name(), " --help lists them")
                              : cat("did you mean ", guess, "?"));
}

// What a caller may have left us that programs do not reckon with.
void be_as_started_by_a_shell() {
    // Ignored, the kernel reaps our children itself, and nobody learns how
    // they ended.
    ::signal(SIGCHLD, SIG_DFL);
    // Or the next file that is opened gets our error messages.
    for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", O_RDWR);
}

}  // namespace

int run_program(CommandLine& line, int argc, char** argv, const Body& body) {
    be_as_started_by_a_shell();
    return run_line(line, {argv + 1, argv + argc}, body);
}

int run_verbs(CommandLine& line, int argc, char** argv,
              const std::vector<Verb>& verbs, const std::string& list) {
    line.footer(list.empty() ? list_of(verbs) : list);
    line.impl().version_names = "-v,--version";
    return run_program(line, argc, argv, [&](auto& words) {
        const CLI::App& app = line.impl().app;
        const Verb& verb = find_verb(app, verbs, words);
        if (!verb.declare) return verb.run({words.begin() + 1, words.end()});
        CommandLine own(cat(app.get_name(), " ", verb.name), verb.usage,
                        verb.summary);
        if (!verb.takes_command) {
            own.impl().app.prefix_command(false);
            own.impl().app.allow_extras();
        }
        verb.declare(own);
        return run_line(own, {words.begin() + 1, words.end()}, verb.run);
    });
}

}  // namespace slipway
