// step1-chroot: run a command with another directory as its root.
#include <unistd.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "01-chroot/root.hpp"
#include "01-chroot/user.hpp"
#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/process.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"

using namespace slipway;

namespace {

//@ begin options
struct Options {
    std::optional<User> user;
    std::string workdir;
    std::vector<std::string> environment;
    std::string root;
    std::vector<std::string> command;
};
//@ end options

//@ begin run
int run(const Options& options) {
    SignalForwarder signals;  // from here on, signals wait for the child
    pid_t parent = ::getpid();

    ChildProcess child =
        start_child(Why{"chroot cannot be undone: let a child do it"}, [&] {
            // Situation: a copy of us, with all our rights and namespaces. Only
            // the file names it uses will be confined, nothing else.
            enter_root(options.root);
            if (!options.workdir.empty()) enter_workdir(options.workdir);
            if (options.user) become_user(*options.user);
            die_with_parent(parent);
            signals.restore_in_child();
            exec_program(options.command, options.environment);
        });

    return signals.wait(child).exit_code();
}
//@ end run

//@ begin command-line
void declare_options(CommandLine& line, Options& options) {
    line.value("-u,--user", "UID[:GID]", "run as this user, by number",
               [&](auto& text) { options.user = parse_user(text); });
    line.value("-w,--workdir", "DIR", "start in this directory of ROOTFS",
               [&](auto& text) { options.workdir = text; });
    line.values(
        "-e,--env", "NAME=VALUE", "set an environment variable",
        [&](auto& text) { add_environment(options.environment, text); });
    line.footer(
        "The exit status is COMMAND's own; 128+n when signal n killed it;\n"
        "125 when step1-chroot failed, 126 when COMMAND cannot be run, 127\n"
        "when it was not found.\n\n"
        "Example:\n"
        "  ./dev rootfs /tmp/rootfs && step1-chroot /tmp/rootfs sh");
}
//@ end command-line

//@ begin words
void take_words(Options& options, std::vector<std::string> words) {
    if (words.empty())
        throw Error(ErrorKind::InvalidArgument, "no ROOTFS given")
            .advise(
                "usage: step1-chroot ROOTFS COMMAND; make a ROOTFS with "
                "./dev rootfs DIR");
    options.root = words[0];
    words.erase(words.begin());
    if (!words.empty() && words[0] == "--") words.erase(words.begin());
    if (words.empty())
        throw Error(ErrorKind::InvalidArgument, "no COMMAND given")
            .advise(cat("for a shell: step1-chroot ", options.root, " sh"));
    options.command = std::move(words);
}
//@ end words

}  // namespace

//@ begin main
int main(int argc, char** argv) {
    Options options;
    options.environment = clean_environment();
    CommandLine line("step1-chroot", "[OPTION...] ROOTFS [--] COMMAND [ARG...]",
                     "Run COMMAND with the directory ROOTFS as its root.");
    declare_options(line, options);
    return run_program(line, argc, argv, [&](auto& words) {
        take_words(options, words);
        return run(options);
    });
}
//@ end main
