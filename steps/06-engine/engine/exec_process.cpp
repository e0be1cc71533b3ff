#include "06-engine/engine/exec_process.hpp"

#include <fcntl.h>

#include "04-images/image_user.hpp"
#include "06-engine/engine/run_note.hpp"
#include "06-engine/runtime/lifecycle.hpp"
#include "common/environment.hpp"
#include "common/error.hpp"

namespace slipway {

UniqueFd open_running_root(const Engine& engine, const std::string& id) {
    std::optional<RunNote> run = read_run(engine, id);
    UniqueFd init = run ? run->init.open() : UniqueFd();
    if (!init)
        throw Error(ErrorKind::Conflict,
                    cat("container ", id.substr(0, 12), " is not running"))
            .advise(cat("start it first: slipway start ", id.substr(0, 12)));
    std::string path = cat("/proc/", run->init.pid, "/root");
    UniqueFd root(
        check(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open ",
              path));
    // The number was this process's all the while.
    if (!run->init.is_alive())
        throw Error(ErrorKind::Conflict,
                    cat("container ", id.substr(0, 12), " has just ended"));
    return root;
}

ProcessSpec exec_process(const Engine& engine, const ContainerRecord& record,
                         const ExecTyped& typed) {
    UniqueFd root = open_running_root(engine, record.id);
    Spec spec =
        spec_of(ContainerFolder::look(engine.runtime().root, record.id));
    ProcessSpec process = spec.process.value_or(ProcessSpec{.cwd = "/"});
    process.args = typed.command;
    process.terminal = typed.tty;
    process.console_size.reset();
    process.oom_score_adj.reset();
    for (const std::string& each : typed.environment)
        add_environment(process.env, each);
    if (typed.tty && environment_value(process.env, "TERM").empty())
        set_environment(process.env, "TERM=xterm");
    if (!typed.workdir.empty()) process.cwd = typed.workdir;
    if (process.cwd.empty() || process.cwd[0] != '/')
        throw Error(ErrorKind::InvalidArgument,
                    cat("workdir ", quote(typed.workdir), " is not absolute"));
    if (!typed.user.empty()) {
        ImageUser user = find_image_user(root.get(), typed.user);
        process.user = {user.uid, user.gid, user.groups};
        std::erase_if(process.env, [](const std::string& each) {
            return each.starts_with("HOME=");  // it was the other one's
        });
    }
    if (typed.privileged || process.user.uid != 0) {
        CapabilityMask all =
            typed.privileged
                ? own_bounding_set()
                : process.capabilities.value_or(CapabilitySets{}).bounding;
        CapabilityMask held = typed.privileged ? all : 0;
        process.capabilities = CapabilitySets{all, held, 0, held, 0};
    } else if (process.capabilities) {
        process.capabilities->effective = process.capabilities->permitted =
            process.capabilities->bounding;
    }
    return process;
}

}  // namespace slipway
