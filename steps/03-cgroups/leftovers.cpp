#include "03-cgroups/leftovers.hpp"

#include <dirent.h>
#include <unistd.h>

#include <memory>
#include <optional>

#include "03-cgroups/control.hpp"
#include "03-cgroups/folder.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

std::vector<std::string> our_groups_in(const std::string& place) {
    std::vector<std::string> names;
    std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(place.c_str()),
                                            ::closedir);
    if (!dir) return names;
    while (dirent* entry = ::readdir(dir.get())) {
        std::string name = entry->d_name;
        if (name.starts_with(cgroup_prefix)) names.push_back(name);
    }
    return names;
}

//@ begin lock-leftover
// A kernel lock goes with its holder, however that ends. A process number would
// not do: it is used again, and means another process elsewhere.
std::optional<CgroupFolder> lock_leftover(const CgroupPlace& place,
                                          const std::string& name) {
    std::optional<CgroupFolder> folder =
        open_cgroup_folder(place.tree->version, place.path, name);
    if (folder && !folder->take_lock()) return std::nullopt;
    return folder;
}
//@ end lock-leftover

}  // namespace

std::vector<CgroupPlace> find_places(const CgroupLayout& layout) {
    std::vector<CgroupPlace> places;
    for (const CgroupHierarchy& tree : layout.hierarchies) {
        std::optional<std::string> path = find_place(tree);
        if (!path) continue;
        places.insert(tree.version == 2 ? places.begin() : places.end(),
                      {&tree, *path});
    }
    return places;
}

//@ begin remove-leftovers
void remove_leftovers(const std::vector<CgroupPlace>& places) {
    if (places.empty()) return;
    std::string own = cat(cgroup_prefix, ::getpid());
    for (const std::string& name : our_groups_in(places[0].path)) {
        // A process does not lock itself out: its own groups it knows by name.
        if (name == own || name.starts_with(own + ".")) continue;
        std::optional<CgroupFolder> first = lock_leftover(places[0], name);
        if (!first) continue;  // its maker lives
        try {
            kill_cgroup(*first);
            for (std::size_t i = places.size() - 1; i > 0; --i)
                if (auto other = lock_leftover(places[i], name))
                    remove_cgroup_folder(*other);
            remove_cgroup_folder(*first);
        } catch (const Error&) {
            continue;  // not ours to remove, or still busy
        }
    }
}
//@ end remove-leftovers

}  // namespace slipway
