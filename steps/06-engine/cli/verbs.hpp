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

// verb_internal.cpp
/// What the monitor calls; nobody else.
Verb internal_verb(const EngineSettings& settings, char** argv);

}  // namespace slipway
