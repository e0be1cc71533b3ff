// The words of slipway's command line. Each function makes one; what it does is
// called here and lives in engine/.
#pragma once

#include "06-engine/cli/settings.hpp"
#include "common/program.hpp"

namespace slipway {

// verb_run.cpp
Verb run_container_verb(const EngineSettings& settings, char** argv);
Verb create_container_verb(const EngineSettings& settings);

// verbs_lifecycle.cpp
Verb start_container_verb(const EngineSettings& settings, char** argv);
Verb stop_container_verb(const EngineSettings& settings);
Verb restart_container_verb(const EngineSettings& settings, char** argv);
Verb kill_container_verb(const EngineSettings& settings);
Verb remove_container_verb(const EngineSettings& settings);
Verb wait_container_verb(const EngineSettings& settings);
Verb pause_container_verb(const EngineSettings& settings);
Verb unpause_container_verb(const EngineSettings& settings);
Verb rename_container_verb(const EngineSettings& settings);

// verb_exec.cpp
Verb exec_container_verb(const EngineSettings& settings, char** argv);

// verbs_files.cpp
Verb copy_verb(const EngineSettings& settings, char** argv);
Verb update_verb(const EngineSettings& settings);

// verb_attach.cpp
Verb attach_verb(const EngineSettings& settings);
Verb logs_verb(const EngineSettings& settings);

// verbs_network.cpp
Verb network_create_verb(const EngineSettings& settings);
Verb network_remove_verb(const EngineSettings& settings);
Verb network_connect_verb(const EngineSettings& settings);
Verb network_disconnect_verb(const EngineSettings& settings);

// verbs_volume.cpp
Verb volume_create_verb(const EngineSettings& settings);
Verb volume_remove_verb(const EngineSettings& settings);

// verbs_prune.cpp
Verb container_prune_verb(const EngineSettings& settings);
Verb network_prune_verb(const EngineSettings& settings);
Verb volume_prune_verb(const EngineSettings& settings);
Verb image_prune_verb(const EngineSettings& settings);
Verb system_prune_verb(const EngineSettings& settings);
Verb image_remove_verb(const EngineSettings& settings);

// verb_internal.cpp
/// What the monitor calls; nobody else.
Verb internal_verb(const EngineSettings& settings, char** argv);

}  // namespace slipway
