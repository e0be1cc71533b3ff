// `--runtime PROGRAM`: a container made by another OCI runtime, which is asked
// as Docker asks runc: create, start, exec, delete, each a program's run.
//
//   STATE/containers/ID/other/      the bundle
//                       config.json    what it is to make
//                       rootfs/        empty, seen from the host
//                       root/          its own notes: --root
//                       pid, log, console    what it tells us
//
// Its first process becomes our child: a monitor waits for it as for one of our
// own. Beside it stands a container's folder of our own runtime, with the same
// process and groups, so that ps, stats, top, pause and update need not know,
// and whoever cleans up finds the groups even when that program has gone.
#pragma once

#include <string>

#include "06-engine/engine/engine.hpp"
#include "06-engine/engine/record.hpp"
#include "06-engine/runtime/spec.hpp"
#include "common/process.hpp"
#include "common/signals.hpp"

namespace slipway {

/// What inspect calls our own runtime.
constexpr char own_runtime[] = "slipway-oci";

/// The program that `name` means, a path or a name on the PATH. Throws NotFound
/// or Forbidden.
std::string find_runtime(const std::string& name);

struct OtherStart {
    int root;            ///< the root filesystem, a mount that hangs nowhere
    std::string config;  ///< config.json
    /// The first process is there and waits: for its network.
    std::function<void(pid_t init)> in_namespaces;
    const SignalForwarder* signals = nullptr;
};
struct OtherStarted {
    ChildProcess init;
    UniqueFd terminal;  ///< if the record asks for one
};
/// Creates the container and starts it, with this process's streams. Throws
/// what the runtime says, with Docker's exit codes 126 and 127 where that tells
/// of a command that cannot be run. Some of it may be left then:
/// delete_with_runtime().
OtherStarted start_with_runtime(const Engine& engine,
                                const ContainerRecord& record,
                                const OtherStart& start);

/// One more process in a container that runs: by the runtime that made it, our
/// own or another. `terminal` and `signals` as for exec_in_container().
ChildProcess exec_with_runtime(const Engine& engine,
                               const ContainerRecord& record,
                               const ProcessSpec& process, int terminal = -1,
                               const SignalForwarder* signals = nullptr);

/// Lets the runtime that made it take it away. Nothing to do for our own, and
/// when that has happened.
void delete_with_runtime(const Engine& engine, const std::string& id);

}  // namespace slipway
