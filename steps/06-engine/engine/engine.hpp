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

/// $SLIPWAY_STATE, or /run/slipway for root, or else ROOT/run/BOOT, where BOOT
/// is another name each time that the machine is started.
///
/// Not $XDG_RUNTIME_DIR: it is removed when the user logs out, while containers
/// go on, and is another one, or none, below su(1), sudo and cron. Who has the
/// store must see what runs on it, or would start it a second time.
std::string default_state_root(const std::string& root);
/// ROOT/run: of this boot, and what earlier ones have left.
std::string states_of(const std::string& root);

/// One that nobody else can look into: containers hold other people's set-uid
/// programs and secrets. False: it was there.
bool make_private_folder(const std::string& path);

/// Makes the folders that are missing. Empty: the defaults.
Engine open_engine(const std::string& root, const std::string& state);

/// 64 random hexadecimal digits.
std::string new_id();

}  // namespace slipway
