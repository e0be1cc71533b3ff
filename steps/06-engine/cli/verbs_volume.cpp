// volume create, volume rm.
#include <cstdio>
#include <memory>

#include "06-engine/cli/object_options.hpp"
#include "06-engine/cli/verbs.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/volumes.hpp"

namespace slipway {

Verb volume_create_verb(const EngineSettings& settings) {
    auto volume = std::make_shared<Volume>();
    return {"volume create", "[OPTION...] [VOLUME]", "Create a volume",
            [=](CommandLine& line) { declare_volume_create(line, *volume); },
            [&settings, volume](auto& words) {
                finish_volume_create(*volume, words);
                Engine engine = settings.open();
                volume->anonymous = volume->name.empty();
                UniqueFd held = hold_volumes(engine);
                std::puts(create_volume(engine, *volume, true).name.c_str());
                return 0;
            }};
}

Verb volume_remove_verb(const EngineSettings& settings) {
    auto force = std::make_shared<bool>(false);
    return {"volume rm", "[-f] VOLUME...", "Remove volumes",
            [=](CommandLine& line) {
                line.flag("-f,--force", "one that does not exist is fine",
                          *force);
            },
            [&settings, force](auto& words) {
                Engine engine = settings.open();
                int status = for_each_word(words, "VOLUME", [&](auto& name) {
                    remove_volume(engine, name, *force);
                });
                empty_trash(engine);
                return status;
            }};
}

}  // namespace slipway
