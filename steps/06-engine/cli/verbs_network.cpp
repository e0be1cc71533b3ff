// network create, rm, connect, disconnect.
#include <cstdio>
#include <memory>

#include "06-engine/cli/object_options.hpp"
#include "06-engine/cli/verbs.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/container_network.hpp"
#include "06-engine/engine/events.hpp"
#include "06-engine/network/network_config.hpp"
#include "common/error.hpp"

namespace slipway {

Verb network_create_verb(const EngineSettings& settings) {
    auto line = std::make_shared<NetworkCreateLine>();
    return {
        "network create", "[OPTION...] NETWORK", "Create a network",
        [=](CommandLine& options) { declare_network_create(options, *line); },
        [&settings, line](auto& words) {
            finish_network_create(*line, words);
            Engine engine = settings.open();
            Network network =
                create_network(network_store(engine), line->network);
            record_event(engine,
                         {"network",
                          "create",
                          network.id,
                          {{"name", network.name}, {"type", network.driver}}});
            std::puts(network.id.c_str());
            return 0;
        }};
}

Verb network_remove_verb(const EngineSettings& settings) {
    auto force = std::make_shared<bool>(false);
    return {"network rm", "[-f] NETWORK...", "Remove networks",
            [=](CommandLine& line) {
                line.flag("-f,--force", "one that does not exist is fine",
                          *force);
            },
            [&settings, force](auto& words) {
                Engine engine = settings.open();
                NetworkStore store = network_store(engine);
                auto remove = [&](const std::string& name) {
                    Network network = get_network(store, name);
                    remove_network(store, network);
                    record_event(engine, {"network",
                                          "destroy",
                                          network.id,
                                          {{"name", network.name},
                                           {"type", network.driver}}});
                };
                return for_each_word(words, "NETWORK", remove,
                                     {.absent_is_fine = *force});
            }};
}

Verb network_connect_verb(const EngineSettings& settings) {
    auto line = std::make_shared<NetworkConnectLine>();
    return {
        "network connect", "[OPTION...] NETWORK CONTAINER",
        "Connect a container to a network",
        [=](CommandLine& options) { declare_network_connect(options, *line); },
        [&settings, line](auto& words) {
            finish_network_connect(*line, words);
            Engine engine = settings.open();
            connect_to_network(engine, find_container(engine, line->container),
                               line->request);
            return 0;
        }};
}

Verb network_disconnect_verb(const EngineSettings& settings) {
    auto force = std::make_shared<bool>(false);
    return {"network disconnect", "[-f] NETWORK CONTAINER",
            "Disconnect a container from a network",
            [=](CommandLine& line) {
                line.flag("-f,--force", "one that is not there is fine",
                          *force);
            },
            [&settings, force](auto& words) {
                if (words.size() != 2)
                    throw Error(ErrorKind::InvalidArgument,
                                "network disconnect takes a NETWORK and a "
                                "CONTAINER");
                Engine engine = settings.open();
                disconnect_from_network(
                    engine, find_container(engine, words[1]), words[0], *force);
                return 0;
            }};
}

}  // namespace slipway
