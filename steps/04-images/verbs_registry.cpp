// pull, push, login, logout: talking to registries.
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <memory>

#include "04-images/layer_snapshot.hpp"
#include "04-images/login.hpp"
#include "04-images/progress_printer.hpp"
#include "04-images/pull.hpp"
#include "04-images/push.hpp"
#include "04-images/registry.hpp"
#include "04-images/registry_options.hpp"
#include "04-images/verbs.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/scope_guard.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

struct NetworkOptions {
    RegistryOptions registry;
    unsigned threads = 4;
    bool quiet = false, json = false;
};

unsigned parse_threads(const std::string& text) {
    constexpr unsigned most_threads = 64;
    auto number = parse_unsigned(text, most_threads);
    if (number && *number > 0) return static_cast<unsigned>(*number);
    throw Error(ErrorKind::InvalidArgument,
                cat("--parallel ", quote(text), ": not a number from 1 to ",
                    most_threads));
}

// "docker.io=https://mirror.example"
Mirror parse_mirror(const std::string& text) {
    std::size_t equals = text.find('=');
    if (equals == text.npos || equals == 0 || equals + 1 == text.size())
        throw Error(ErrorKind::InvalidArgument, cat("--mirror ", quote(text)))
            .advise("write REGISTRY=URL: docker.io=https://mirror.example");
    return {text.substr(0, equals), text.substr(equals + 1)};
}

void declare_network(CommandLine& line, NetworkOptions& options) {
    declare_registry(line, options.registry);
    line.value("--parallel", "N", "layers at once (4)",
               [&](auto& text) { options.threads = parse_threads(text); });
    line.flag("-q,--quiet", "print the result only", options.quiet);
    line.flag("--json", "progress as JSON, an object a line", options.json);
}

ProgressPrinter::Form form_of(const NetworkOptions& options) {
    using Form = ProgressPrinter::Form;
    if (options.quiet) return Form::Quiet;
    return options.json ? Form::Json : ProgressPrinter::form_for(stdout);
}

struct PullOptions {
    NetworkOptions network;
    Platform platform = host_platform();
    bool all_tags = false;
};

void pull_one(ImageStore& store, const Reference& reference,
              const PullOptions& options) {
    ProgressPrinter printer(stdout, form_of(options.network));
    std::string what =
        reference.digest ? reference.digest->text() : reference.tag;
    printer.line(cat(what, ": Pulling from ", reference.repository));
    PullPlan plan;
    plan.platform = options.platform;
    plan.unpack = unpack_options(store);
    plan.registry = options.network.registry;
    plan.threads = options.network.threads;
    plan.progress = printer.sink();
    Pulled pulled = with_context(cat("pull ", reference.familiar()), [&] {
        return pull_image(store, reference, plan);
    });
    printer.line(cat("Digest: ", pulled.image.digest.text()));
    printer.line(cat("Status: ",
                     pulled.was_here ? "Image is up to date for "
                                     : "Downloaded newer image for ",
                     reference.familiar()));
    if (!options.network.json) std::puts(pulled.image.name.c_str());
}

int pull(ImageStore store, const PullOptions& options,
         const std::vector<std::string>& words) {
    if (words.empty()) only_word(words, "NAME[:TAG|@DIGEST]");
    for (const std::string& word : words) {
        Reference reference = parse_reference(word);
        if (!options.all_tags) {
            pull_one(store, reference, options);
            continue;
        }
        Repository repository(reference, options.network.registry);
        reference.digest.reset();
        for (const std::string& tag : list_tags(repository)) {
            reference.tag = tag;
            pull_one(store, reference, options);
        }
    }
    return 0;
}

int push(ImageStore store, const NetworkOptions& options,
         const std::vector<std::string>& words) {
    Reference target = parse_reference(only_word(words, "NAME[:TAG]"));
    StoredImage image = find_stored_image(store.content, target.text());
    ProgressPrinter printer(stdout, form_of(options));
    printer.line(cat("The push refers to repository [", target.name(), "]"));
    PushPlan plan;
    plan.registry = options.registry;
    plan.threads = options.threads;
    plan.progress = printer.sink();
    PushedImage pushed = with_context(cat("push ", target.familiar()), [&] {
        return push_image(store, image, target, plan);
    });
    if (pushed.is_part)
        printer.line(
            "The index has images that are not here: the one that is "
            "was pushed alone");
    printer.line(cat(target.tag, ": digest: ", pushed.digest.text(),
                     " size: ", pushed.size));
    if (options.quiet) std::puts(target.text().c_str());
    return 0;
}

std::string read_line(std::istream& from, const char* what) {
    std::string line;
    if (!std::getline(from, line) || line.empty())
        throw Error(ErrorKind::InvalidArgument, cat("no ", what, " given"));
    return line;
}

// What is typed is not shown.
std::string read_password() {
    termios shown{};
    if (::tcgetattr(STDIN_FILENO, &shown) != 0)
        throw Error(ErrorKind::InvalidArgument,
                    "there is no terminal to ask for the password on")
            .advise("pass it on: --password-stdin < FILE");
    std::fputs("Password: ", stderr);
    termios hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    check(::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden), "hide the password");
    ScopeGuard undo([&] {
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        std::fputs("\n", stderr);
    });
    return read_line(std::cin, "password");
}

struct LoginOptions {
    RegistryOptions registry;
    std::string username, password;
    bool from_stdin = false;
};

std::string registry_of(const std::vector<std::string>& words) {
    if (words.empty()) return "docker.io";
    // Whatever may stand before a repository.
    return parse_reference(only_word(words, "REGISTRY") + "/any/name").registry;
}

int login(LoginOptions& options, const std::vector<std::string>& words) {
    std::string registry = registry_of(words);
    Credentials credentials{options.username, options.password, {}};
    if (options.from_stdin) {
        if (credentials.username.empty())
            throw Error(ErrorKind::InvalidArgument,
                        "--password-stdin needs --username");
        constexpr std::size_t longest = 64 << 10;
        credentials.password = read_all(STDIN_FILENO, longest);
        while (credentials.password.ends_with('\n') ||
               credentials.password.ends_with('\r'))
            credentials.password.pop_back();
    }
    if (credentials.username.empty()) {
        std::fputs("Username: ", stderr);
        credentials.username = read_line(std::cin, "user name");
    }
    if (credentials.password.empty()) credentials.password = read_password();
    check_login(registry, credentials, options.registry);
    std::string file = login_file();
    if (file.empty())
        throw Error(ErrorKind::InvalidArgument,
                    "no place to keep it: HOME is unset");
    save_credentials(file, registry, credentials);
    std::printf("Login Succeeded\n");
    std::fprintf(stderr,
                 "The password is kept, encoded but not encrypted, in %s\n",
                 file.c_str());
    return 0;
}

int logout(const std::vector<std::string>& words) {
    std::string registry = registry_of(words);
    bool was_there = remove_credentials(login_file(), registry);
    std::printf(
        was_there ? "Removed the login for %s\n" : "Not logged in to %s\n",
        registry.c_str());
    return 0;
}

}  // namespace

Verb pull_verb(const Settings& settings) {
    auto options = std::make_shared<PullOptions>();
    return {"pull", "[OPTION...] NAME[:TAG|@DIGEST]...", "Fetch images.",
            [options](CommandLine& line) {
                line.value("--platform", "OS/ARCH[/VARIANT]",
                           "for another machine: linux/arm64",
                           [options](auto& text) {
                               options->platform = parse_platform(text);
                           });
                line.flag("-a,--all-tags", "all tags of the repository",
                          options->all_tags);
                line.values("--mirror", "REGISTRY=URL",
                            "ask there first, for images of REGISTRY",
                            [options](auto& text) {
                                options->network.registry.mirrors.push_back(
                                    parse_mirror(text));
                            });
                declare_network(line, options->network);
            },
            [&settings, options](auto& words) {
                return pull(settings.open_store(), *options, words);
            }};
}

Verb push_verb(const Settings& settings) {
    auto options = std::make_shared<NetworkOptions>();
    return {"push", "[OPTION...] NAME[:TAG]", "Send an image to a registry.",
            [options](CommandLine& line) { declare_network(line, *options); },
            [&settings, options](auto& words) {
                return push(settings.open_store(), *options, words);
            }};
}

Verb login_verb() {
    auto options = std::make_shared<LoginOptions>();
    return {"login", "[OPTION...] [REGISTRY]",
            "Keep a password for a registry.",
            [options](CommandLine& line) {
                line.value("-u,--username", "NAME", "who you are there",
                           [options](auto& text) { options->username = text; });
                line.value("-p,--password", "PASSWORD",
                           "everybody on this machine can see it",
                           [options](auto& text) { options->password = text; });
                line.flag("--password-stdin", "read it from standard input",
                          options->from_stdin);
                declare_registry(line, options->registry);
            },
            [options](auto& words) { return login(*options, words); }};
}

Verb logout_verb() {
    return {"logout", "[REGISTRY]", "Forget the password for a registry.",
            [](CommandLine&) {}, [](auto& words) { return logout(words); }};
}

}  // namespace slipway
