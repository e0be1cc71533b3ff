// Volumes: folders that outlive the containers that use them.
//
//     ROOT/engine/volumes/NAME/volume.json
//                              _data/       what a container sees
//                              .fill        there until it was filled
//     ROOT/engine/volumes/.lock             shared: somebody is about to use
//                                           one; exclusive: prune
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "06-engine/engine/engine.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

struct Volume {
    std::string name;
    std::string driver = "local";
    std::string created = {};  ///< RFC 3339
    std::map<std::string, std::string> labels = {}, options = {};
    bool anonymous = false;   ///< made for one container, and goes with it
    std::string folder = {};  ///< …/_data
};

/// As long as it is open, no volume is pruned: from before one is found or
/// made until the container that wants it is there.
UniqueFd hold_volumes(const Engine& engine);

/// [a-zA-Z0-9][a-zA-Z0-9_.-]*, or InvalidArgument.
void check_volume_name(std::string_view name);

/// Makes it unless it is there; an empty name is replaced by 64 hexadecimal
/// digits. Throws Conflict when it is there with other options, and Unsupported
/// for another driver than "local". `fresh`: it is to be filled from the image
/// of its first user.
Volume create_volume(const Engine& engine, const Volume& wanted, bool fresh);

/// Throws NotFound, with the nearest name.
Volume read_volume(const Engine& engine, const std::string& name);
std::vector<Volume> list_volumes(const Engine& engine);

/// The containers that use it, by id.
std::vector<std::string> users_of_volume(const Engine& engine,
                                         const std::string& name);
/// Throws Conflict while a container uses it, NotFound unless `force`.
void remove_volume(const Engine& engine, const std::string& name, bool force);
/// Those that nobody uses: the anonymous ones, or with `all` every one. Names
/// those that went, and adds up their bytes.
std::vector<std::string> prune_volumes(
    const Engine& engine, bool all, std::uint64_t& bytes,
    const std::function<bool(const Volume&)>& keep = {});

/// Fills a fresh volume with what the image has at `place`, a folder inside
/// the root that is open as `root`; owner and mode of the folder, too. Once: a
/// second caller waits and finds it done, and the next one completes what was
/// interrupted. A volume that is not fresh, or has something in it by now, is
/// left.
void fill_volume(const Volume& volume, int root, const std::string& place);

}  // namespace slipway
