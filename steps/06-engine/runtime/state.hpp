// State: what is known of a container between one command and the next.
//
//     ROOT/ID/state.json    written whole, or not at all
//            config.json    as it was at create: later changes do not count
//            start          a fifo; there until `start`
//            lock           held by whoever changes something
//
// Disk is the truth. A process of ours that is killed leaves a folder that says
// so, and `delete --force` takes everything away that it names.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "06-engine/runtime/process_id.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// OCI runtime specification, runtime.md "State", and "paused", which all
/// runtimes have.
enum class ContainerStatus { Creating, Created, Running, Paused, Stopped };
std::string_view status_text(ContainerStatus status);

/// A folder of a container's group in one of the trees.
struct CgroupPath {
    int version;
    std::string path;
};

struct ContainerState {
    std::string oci_version;
    std::string id;
    std::string bundle;   ///< absolute
    std::string rootfs;   ///< absolute
    std::string created;  ///< RFC 3339
    std::string owner;    ///< a user name, or a number
    ProcessId init;       ///< pid 0: not there yet
    ProcessId creator;    ///< while init is not there
    std::vector<CgroupPath> cgroups;
    /// Groups above them that were made for it, the topmost first.
    std::vector<CgroupPath> cgroups_above;
    std::map<std::string, std::string> annotations;
    /// Its user namespace is a new one, or one that it has joined.
    bool has_user_namespace = false;
    /// There are poststart or poststop hooks: worth reading config.json again.
    bool has_later_hooks = false;
};

/// state.json, read and checked; `name` is for the error. Throws
/// InvalidArgument.
ContainerState parse_state(std::string_view json, std::string_view name);
std::string state_text(const ContainerState& state);

/// Throws InvalidArgument for what could be no folder's name, or an option:
/// letters, digits and "_+-." only, not "." or "..", up to 255.
void check_container_id(std::string_view id);

/// The folder of one container below the root of all.
class ContainerFolder {
  public:
    /// Makes it, and holds its lock. Throws Conflict when there is one.
    static ContainerFolder create(const std::string& root,
                                  const std::string& id);
    /// Waits for its lock. Throws NotFound.
    static ContainerFolder lock(const std::string& root, const std::string& id);
    void unlock() { lock_.reset(); }
    /// To read only. Throws NotFound.
    static ContainerFolder look(const std::string& root, const std::string& id);

    std::string file(std::string_view name) const {
        return path_ + "/" + std::string(name);
    }
    /// Empty state.json: the creator has not come that far, or was killed.
    std::optional<ContainerState> state() const;
    /// The same; a folder without it says as much as is known.
    ContainerState state_or_remains() const;
    void write(const ContainerState& state) const;
    /// All of it. What is in it is lost.
    void remove() const;

    const std::string& id() const { return id_; }

  private:
    std::string path_, id_;
    UniqueFd lock_;
};

/// What the container is doing now: from its processes, its group and the fifo.
ContainerStatus status_of(const ContainerFolder& folder,
                          const ContainerState& state);

/// The specification's state, as hooks get it on stdin; with `all`, what
/// `state` prints besides (runc's fields rootfs, created, owner).
std::string state_json(const ContainerState& state, ContainerStatus status,
                       bool all);

/// The ids of all containers below the root, sorted.
std::vector<std::string> list_containers(const std::string& root);

}  // namespace slipway
