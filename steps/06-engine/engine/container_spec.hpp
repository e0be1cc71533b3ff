// From what was asked for to config.json, at each start.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "04-images/image_user.hpp"
#include "06-engine/engine/record.hpp"

namespace slipway {

/// A mount as config.json has it.
struct SpecMount {
    std::string destination, type, source;
    std::vector<std::string> options;
    bool match_user = false;  ///< id-mapped: its owner is the container's user
};

/// What only the moment of the start can tell.
struct SpecParts {
    ImageUser user;  ///< of the record's config, found in the image
    std::vector<SpecMount> mounts = {};  ///< volumes, binds, /etc/hosts, …
    /// Namespaces to join: "network" → "/proc/1234/ns/net".
    std::map<std::string, std::string> joined = {};
    /// Bind of --ipc's shared memory; empty: a new tmpfs.
    std::string shm_source = {};
    bool has_user_namespace = false;  ///< we are an ordinary user's
};

nlohmann::ordered_json container_spec(const ContainerRecord& record,
                                      const SpecParts& parts);

/// The capabilities that the record's options leave, as config.json has them.
/// Throws InvalidArgument for a name that nobody knows.
nlohmann::ordered_json container_capabilities(const ContainerRecord& record,
                                              bool is_root);

}  // namespace slipway
