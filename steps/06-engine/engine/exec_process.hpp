// One more process in a running container, as `exec` asks for it.
#pragma once

#include <string>
#include <vector>

#include "06-engine/engine/engine.hpp"
#include "06-engine/engine/record.hpp"
#include "06-engine/runtime/spec.hpp"

namespace slipway {

struct ExecTyped {
    std::vector<std::string> command;
    std::string user = {}, workdir = {};
    std::vector<std::string> environment = {};
    bool tty = false, privileged = false;
};

/// The process for exec_in_container(): the container's own user, environment
/// and folder where nothing else was typed. Users are looked up in the
/// container's files as they are now. Throws Conflict when it does not run.
ProcessSpec exec_process(const Engine& engine, const ContainerRecord& record,
                         const ExecTyped& typed);

/// The root of a running container, seen from outside: for names inside, which
/// are opened with open_in_root(). Throws Conflict when it does not run.
UniqueFd open_running_root(const Engine& engine, const std::string& id);

}  // namespace slipway
