#include "06-engine/cli/look_verbs.hpp"

namespace slipway {

std::vector<Verb> look_verbs(const EngineSettings& settings) {
    return {ps_verb(settings),
            port_verb(settings),
            inspect_any_verb(settings),
            list_images_verb(settings),
            image_history_verb(settings),
            list_volumes_verb(settings),
            list_networks_verb(settings),
            events_verb(settings),
            top_verb(settings),
            stats_verb(settings),
            disk_use_verb(settings),
            info_verb(settings),
            version_verb(settings)};
}

}  // namespace slipway
