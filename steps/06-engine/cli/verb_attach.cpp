// attach: a running container's output here, and our input there.
#include <memory>

#include "06-engine/cli/attached.hpp"
#include "06-engine/cli/verbs.hpp"
#include "06-engine/engine/container_files.hpp"

namespace slipway {

Verb attach_verb(const EngineSettings& settings) {
    struct Options {
        AttachedRun run = {.input = true};
        bool no_input = false;
        std::string proxy;
    };
    auto options = std::make_shared<Options>();
    return {
        "attach", "[OPTION...] CONTAINER", "Attach to a running container",
        [options](CommandLine& line) {
            line.flag("--no-stdin", "our input stays here", options->no_input);
            line.value("--detach-keys", "KEYS", "to leave it running",
                       [=](auto& text) { options->run.detach_keys = text; });
            line.value("--sig-proxy", "true|false", "pass signals on (true)",
                       [=](auto& text) {
                           options->run.proxy_signals = text != "false";
                       });
        },
        [&settings, options](auto& words) {
            Engine engine = settings.open();
            options->run.input = !options->no_input;
            return attach_to(
                engine, find_container(engine, only_word(words, "CONTAINER")),
                options->run);
        }};
}

}  // namespace slipway
