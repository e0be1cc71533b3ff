// The verbs that only look: at containers, images, networks, volumes, at what
// happens, and at what all of it takes.
#pragma once

#include <vector>

#include "06-engine/cli/settings.hpp"
#include "common/program.hpp"

namespace slipway {

// verb_ps.cpp
Verb ps_verb(const EngineSettings& settings);
Verb port_verb(const EngineSettings& settings);

// verb_inspect.cpp
Verb inspect_any_verb(const EngineSettings& settings);

// verbs_images.cpp
Verb list_images_verb(const EngineSettings& settings);
Verb image_history_verb(const EngineSettings& settings);

// verbs_objects.cpp: "volume ls", "network ls"
Verb list_volumes_verb(const EngineSettings& settings);
Verb list_networks_verb(const EngineSettings& settings);

// verb_top.cpp, verb_stats.cpp, verb_events.cpp
Verb top_verb(const EngineSettings& settings);
Verb stats_verb(const EngineSettings& settings);
Verb events_verb(const EngineSettings& settings);

// verb_disk_use.cpp, verbs_about.cpp: "system df", info, version
Verb disk_use_verb(const EngineSettings& settings);
Verb info_verb(const EngineSettings& settings);
Verb version_verb(const EngineSettings& settings);

/// All of them, for main().
std::vector<Verb> look_verbs(const EngineSettings& settings);

}  // namespace slipway
