#include "03-cgroups/cgroup.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "03-cgroups/apply.hpp"
#include "03-cgroups/control.hpp"
#include "03-cgroups/leftovers.hpp"
#include "03-cgroups/settings.hpp"
#include "common/error.hpp"
#include "common/ledger.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

//@ begin needs
// A tree in which the group needs a folder.
struct Need {
    const CgroupHierarchy* tree;
    const char* option;  // what needs it; nullptr: it is only nice to have
    std::string controller;
};

std::vector<Need> needs_of(const CgroupLayout& layout,
                           const CgroupLimits& limits,
                           const std::vector<CgroupSetting>& settings) {
    std::vector<Need> needs;
    needs.reserve(settings.size() + 3);
    for (const CgroupSetting& setting : settings)
        needs.push_back({layout.find(setting.controller), setting.option,
                         setting.controller});
    if (!limits.devices.empty()) {
        const CgroupHierarchy* tree = layout.find("devices");
        needs.push_back({tree ? tree : layout.unified(),
                         limits.devices_optional ? nullptr : "--device-rule",
                         ""});
    }
    // For the figures at the end. A v2 group counts time by itself.
    for (const char* counter : {"memory", layout.unified() ? "" : "cpuacct"})
        if (const CgroupHierarchy* tree = layout.find(counter))
            needs.push_back({tree, nullptr, counter});
    return needs;
}
//@ end needs

[[noreturn]] void refuse_place(const Need& need) {
    if (!need.tree)
        throw Error(ErrorKind::Unsupported,
                    cat(need.option,
                        " needs control groups, and none are "
                        "mounted here"))
            .advise("mount -t cgroup2 none /sys/fs/cgroup");
    throw Error(ErrorKind::Forbidden,
                cat(need.option, " needs a group below ",
                    need.tree->mount_point, ", where you may make none"))
        .advise(
            "use sudo; or let systemd give you a part of the tree: "
            "systemd-run --user --scope -p Delegate=yes COMMAND; in a "
            "container the tree is read-only");
}

bool has_word(const std::string& line, const std::string& word) {
    std::vector<std::string> words =
        split(line.substr(0, line.find('\n')), ' ');
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string explain_controller(const std::string& place, int error) {
    if (error == EBUSY)
        return cat(
            "a v2 group has processes or groups with controllers, not "
            "both: move the processes of ",
            place, " into a group below it");
    return cat("nobody gave it to ", place, ": see its cgroup.controllers");
}

//@ begin enable-controller
// In v2 the group above decides which controllers its children have.
void enable_controller(const std::string& place, const Need& need) {
    std::optional<CgroupFolder> above = open_cgroup_folder(2, place, ".");
    if (need.controller.empty() || !above ||
        has_word(above->read("cgroup.subtree_control").value_or(""),
                 need.controller))
        return;
    try {
        above->write("its children have this controller from here on",
                     "cgroup.subtree_control", "+" + need.controller);
    } catch (Error& error) {
        if (!need.option) return;  // only nice to have
        error.add_context(need.option);
        error.set_advice(explain_controller(place, error.system_errno()));
        throw;
    }
}
//@ end enable-controller

//@ begin prepare-places
// Each need must have a place, or be given up.
void prepare_places(const std::vector<CgroupPlace>& places,
                    const std::vector<Need>& needs) {
    for (const Need& need : needs) {
        auto place = std::find_if(
            places.begin(), places.end(),
            [&](const CgroupPlace& one) { return one.tree == need.tree; });
        if (place == places.end() && need.option) refuse_place(need);
        if (place != places.end() && place->tree->version == 2)
            enable_controller(place->path, need);
    }
}
//@ end prepare-places

//@ begin make-locked
// The folder, with the lock. A cleaner may come between mkdir and lock and take
// the new folder for an old one: then it is not there, or locked, and empty is
// returned. The same when the name is taken.
std::optional<CgroupFolder> make_locked(const CgroupPlace& place,
                                        const std::string& name) {
    try {
        CgroupFolder folder =
            make_cgroup_folder(place.tree->version, place.path, name);
        if (folder.take_lock() && folder.has("cgroup.procs")) return folder;
        ::rmdir(folder.path.c_str());  // unless the cleaner was quicker
    } catch (const Error& error) {
        int reason = error.system_errno();
        if (reason != EEXIST && reason != ENOENT) throw;
    }
    return std::nullopt;
}

//@ end make-locked

//@ begin make-folder
// The first folder chooses the name for all. A process of our number in
// another pid namespace may have it already.
CgroupFolder make_folder(const CgroupPlace& place,
                         const std::vector<CgroupFolder>& others) {
    constexpr int most_attempts = 64;
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        std::string name = cat(cgroup_prefix, ::getpid());
        if (attempt > 0) name += cat(".", attempt);
        if (!others.empty()) name = others[0].name;
        if (auto folder = make_locked(place, name)) return std::move(*folder);
    }
    throw Error(ErrorKind::Conflict, cat("make a cgroup in ", place.path))
        .advise(cat("all names are taken: ls -d ", place.path, "/",
                    cgroup_prefix, "*"));
}

//@ end make-folder

//@ begin configure
// What the group has to say in this tree.
void configure(const CgroupFolder& folder, const CgroupHierarchy& tree,
               const CgroupLayout& layout, const CgroupLimits& limits,
               const std::vector<CgroupSetting>& settings) {
    if (tree.version == 1 && folder.has("cpuset.cpus")) inherit_cpuset(folder);
    for (const CgroupSetting& setting : settings)
        if (layout.find(setting.controller) == &tree)
            apply_setting(folder, setting);
    const CgroupHierarchy* devices = layout.find("devices");
    if (!devices) devices = layout.unified();
    if (&tree == devices && !limits.devices.empty())
        apply_devices(folder, limits.devices);
}
//@ end configure

}  // namespace

//@ begin create
Cgroup Cgroup::create(const CgroupLayout& layout, const CgroupLimits& limits) {
    std::vector<CgroupSetting> settings = settings_for(limits, layout);
    std::vector<CgroupPlace> places = find_places(layout);
    std::vector<Need> needs = needs_of(layout, limits, settings);
    prepare_places(places, needs);
    remove_leftovers(places);

    Cgroup group;
    for (const CgroupPlace& place : places) {
        // The first one always: by its lock the others are known to be alive.
        bool needed = &place == places.data() ||
                      std::any_of(needs.begin(), needs.end(), [&](auto& need) {
                          return need.tree == place.tree;
                      });
        if (!needed) continue;
        group.folders_.push_back(make_folder(place, group.folders_));
        configure(group.folders_.back(), *place.tree, layout, limits, settings);
    }
    return group;
}
//@ end create

Cgroup::~Cgroup() {
    try {
        remove();
    } catch (const Error&) {
        // The next start finds it without lock, and tries again.
    }
}

int Cgroup::fd() const {
    bool v2 = !folders_.empty() && folders_[0].version == 2;
    return v2 ? folders_[0].self.get() : -1;
}

//@ begin join
void Cgroup::join() const {
    // "tasks" and 0, a thread that moves itself, and not "cgroup.procs": moving
    // a whole process takes a lock that stops all forks and exits of the
    // machine, and first waits for every processor: 2 ms, more than all else.
    for (const CgroupFolder& folder : folders_)
        if (folder.version == 1)
            folder.write("v1: we go into one tree after the other", "tasks",
                         "0");
}
//@ end join

//@ begin remove
void Cgroup::remove() {
    if (folders_.empty()) return;
    kill_cgroup(folders_[0]);
    while (!folders_.empty()) {  // the one with the lock last
        remove_cgroup_folder(folders_.back());
        folders_.pop_back();
    }
}
//@ end remove

}  // namespace slipway
