// Where the engine keeps its things.
//
//   ROOT/                     on disk, kept when the machine is started anew
//     images/ snapshots/ …    step 4's store
//     engine/containers/ID/   a container: container.json, upper/, work/, its
//                             log, exit.json, and the files that it sees as
//                             /etc/hosts, /etc/hostname, /etc/resolv.conf
//     engine/names/NAME       a link whose target is the ID
//     engine/volumes/NAME/    a volume
//     engine/networks/        networks
//     engine/init/            a layer above each image: /etc/hosts and the like
//     engine/trash/           what is being removed
//   STATE/                    in memory: what runs
//     oci/ID/                 the runtime's
//     containers/ID/          run.json, the socket to attach to
//
// No process holds any of it: each command reads what is there, takes the lock
// of what it changes, and leaves.
#pragma once

#include <functional>
#include <string>

#include "06-engine/runtime/create.hpp"

namespace slipway {

struct Engine {
    std::string root, state;
    /// Layers' marks are user.overlay.*: an ordinary user's (04, rootless.hpp).
    bool user_xattr = false;
    /// What is no failure, in a sentence.
    std::function<void(const std::string&)> warn = [](const std::string&) {};

    std::string containers() const { return root + "/engine/containers"; }
    std::string names() const { return root + "/engine/names"; }
    std::string volumes() const { return root + "/engine/volumes"; }
    std::string init_layer() const { return root + "/engine/init"; }
    std::string trash() const { return root + "/engine/trash"; }
    std::string folder_of(const std::string& id) const {
        return containers() + "/" + id;
    }
    std::string run_folder_of(const std::string& id) const {
        return state + "/containers/" + id;
    }
    RuntimeContext runtime() const { return {state + "/oci", warn}; }
};

/// $SLIPWAY_STATE, or /run/slipway for root, or else $XDG_RUNTIME_DIR/slipway
/// (/run/user/UID when it is unset), or a folder of the user's own in /tmp.
std::string default_state_root();

/// Makes the folders that are missing. Empty: the defaults.
Engine open_engine(const std::string& root, const std::string& state);

/// 64 random hexadecimal digits.
std::string new_id();

}  // namespace slipway
