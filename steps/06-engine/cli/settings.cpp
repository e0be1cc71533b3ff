#include "06-engine/cli/settings.hpp"

#include <cstdio>

#include "06-engine/engine/user_namespace.hpp"
#include "common/error.hpp"
#include "common/terminal_safe.hpp"

namespace slipway {

Engine EngineSettings::open() const {
    Engine engine = open_engine(images.root, state);
    engine.warn = [](const std::string& text) {
        std::fprintf(stderr, "slipway: warning: %s\n",
                     terminal_safe(text).c_str());
    };
    return engine;
}

Verb for_any_user(Verb verb, const EngineSettings& settings) {
    for (const char* plain : {"compare", "login", "logout", "version"})
        if (verb.name == plain) return verb;
    verb.run = [&settings, run = verb.run](auto& words) {
        enter_user_namespace(settings.images.root, settings.state);
        return run(words);
    };
    return verb;
}

void declare_engine_settings(CommandLine& line, EngineSettings& settings) {
    declare_settings(line, settings.images);
    line.value("--state", "DIR",
               "where it is noted what runs (default: $SLIPWAY_STATE,\n"
               "/run/slipway, or for an ordinary user ROOT/run)",
               [&](auto& text) { settings.state = text; });
    for (const char* name :
         {"-H,--host", "-c,--context", "--tls", "--tlscacert", "--tlscert",
          "--tlskey", "--tlsverify"})
        line.refuse(name,
                    "there is no daemon to reach; on another machine: ssh HOST "
                    "slipway ...");
    line.refuse("--config", "what login keeps is found by $DOCKER_CONFIG");
    line.refuse("-l,--log-level", "there is no log; see --explain");
    line.refuse("-D,--debug", "see --explain");
}

int for_each_word(const std::vector<std::string>& words, const char* what,
                  const std::function<void(const std::string& word)>& body,
                  EachWord how) {
    if (words.empty())
        throw Error(ErrorKind::InvalidArgument, cat("no ", what, " given"));
    int status = 0;
    for (const std::string& word : words) try {
            body(word);
            if (!how.quiet) std::puts(word.c_str());
        } catch (const Error& error) {
            print_error(error);
            if (!how.absent_is_fine || error.kind() != ErrorKind::NotFound)
                status = 1;
        }
    return status;
}

void print_error(const Error& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "slipway: %s\n",
                 terminal_safe(error.message()).c_str());
    if (std::string advice = error.advice(); !advice.empty())
        std::fprintf(stderr, "  %s\n", terminal_safe(advice).c_str());
}

bool is_confirmed(const std::string& what) {
    std::printf("WARNING! %s\nAre you sure you want to continue? [y/N] ",
                what.c_str());
    std::fflush(stdout);
    char answer[64] = "";
    if (!std::fgets(answer, sizeof answer, stdin)) return false;
    return answer[0] == 'y' || answer[0] == 'Y';
}

}  // namespace slipway
