// slipway-transfer: the verbs of slipway that need the network, archives or
// threads. slipway starts it; nobody needs to know that it is there.
#include <cstdlib>
#include <string>
#include <vector>

#include "05-build/verbs.hpp"
#include "06-engine/cli/image_events.hpp"
#include "06-engine/cli/nouns.hpp"
#include "06-engine/cli/settings.hpp"
#include "06-engine/cli/verbs_tree.hpp"
#include "common/program.hpp"

using namespace slipway;

namespace {

// Each RUN is a container of the engine's; its process is told where by the
// environment.
Verb build_with_engine(const EngineSettings& settings) {
    Verb verb =
        build_verb(settings.images, "slipway-build-step", ExecNetwork::Default);
    verb.run = [&settings, run = verb.run](auto& words) {
        Engine engine = settings.open();
        ::setenv("SLIPWAY_ROOT", engine.root.c_str(), 1);
        ::setenv("SLIPWAY_STATE", engine.state.c_str(), 1);
        return run(words);
    };
    return verb;
}

}  // namespace

int main(int argc, char** argv) {
    EngineSettings settings;
    CommandLine line("slipway", "[OPTION...] COMMAND ...",
                     "The part of slipway for registries, archives and "
                     "builds.");
    declare_engine_settings(line, settings);
    const Settings& images = settings.images;
    auto named = [](Verb verb, const char* name) {
        verb.name = name;  // one word in step 5
        return verb;
    };
    return run_noun_verbs(
        line, argc, argv,
        {with_pull_event(settings, pull_verb(images)), push_verb(images),
         save_verb(images),
         with_image_events(settings, load_verb(images), "load"),
         with_image_events(settings, import_verb(images), "import"),
         login_verb(), logout_verb(),
         with_image_events(settings, build_with_engine(settings), "tag"),
         named(builder_prune_verb(images), "builder prune"),
         named(builder_du_verb(images), "builder du"),
         export_container_verb(settings), diff_container_verb(settings),
         commit_container_verb(settings), copy_tar_verb(settings),
         unpack_verb(images)});
}
