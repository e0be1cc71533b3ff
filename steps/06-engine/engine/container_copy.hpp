// cp: files between a container and the host.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/container_root.hpp"
#include "06-engine/engine/engine.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// A place that names are looked up in: a container's root, as it is seen
/// inside, or the host's.
struct CopySide {
    UniqueFd root;
    std::string path;  ///< absolute
    bool is_container = false;
    /// Of a container that does not run: nobody starts it meanwhile, which
    /// would mount its folders a second time.
    std::optional<ContainerLock> lock = {};
    ContainerRoot mounted = {};
};

/// Of a running container the root that its processes see, volumes included;
/// of another one the same but for what is in memory, mounted for this process
/// alone: it is in a mount namespace of its own from then on. New volumes are
/// filled, as at a start.
CopySide container_side(const Engine& engine, const std::string& id,
                        const std::string& path);
CopySide host_side(const std::string& path);

struct CopyRequest {
    bool follow_link = false;  ///< -L: of the source itself
    bool keep_owner = false;   ///< -a; otherwise root's, or ours on the host
};

/// Docker's rules: into a folder under its own name, unless the source ends in
/// "/."; onto a file or a new name. Throws NotFound for a source or a parent
/// folder that is missing, Conflict for a folder onto a file, Forbidden for
/// what is read-only in the container. No link leads out of a container,
/// whatever its processes do meanwhile.
void copy_between(const CopySide& from, const CopySide& to,
                  const CopyRequest& request);

/// The tree of a container, read-only, as if it were not running: its image and
/// what it changed, without volumes.
UniqueFd container_tree(const Engine& engine, const std::string& id);

}  // namespace slipway
