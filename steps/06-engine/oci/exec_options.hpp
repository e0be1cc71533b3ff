// What `exec` is told: a process.json, or options on top of config.json's.
#pragma once

#include <string>
#include <vector>

#include "06-engine/runtime/exec.hpp"
#include "common/program.hpp"

namespace slipway {

struct ExecFlags {
    ExecOptions exec;
    std::string process_file;
    std::string user, cwd;
    std::vector<std::string> env, capabilities, groups;
    bool detach = false, terminal = false, no_new_privileges = false;
};
void declare_exec(CommandLine& line, ExecFlags& flags);

/// What is to be run in a container of this spec: `words` are the id and the
/// command.
ProcessSpec exec_process(const Spec& spec, const ExecFlags& flags,
                         const std::vector<std::string>& words);

/// "1000", "1000:100": the group alone does not change the user, and the user
/// alone not the group. Throws InvalidArgument for names and for anything that
/// is no whole id: never a silent 0 (CVE-2026-30892).
User parse_exec_user(std::string_view text, const User& present);

}  // namespace slipway
