// The subjects: programs that start the probe, as data. To compare one more,
// add a line to the table, or give --subject NAME=COMMAND.
#pragma once

#include <string>
#include <vector>

namespace slipway::compare {

/// What a subject starts from.
enum class Ground {
    Host,        ///< nothing: the machine itself
    Folder,      ///< {rootfs}
    Image,       ///< "probe" in {store}, where steps 4 to 6 keep images;
                 ///< {state} is for what runs
    UserImage,   ///< the same, of an ordinary user
    Dockerfile,  ///< {context}: FROM probe, and the probe as a RUN
    Bundle,   ///< {bundle}, with what "PROGRAM spec" writes into config.json;
              ///< {runs} is for what runs
    Docker,   ///< {image} in the Docker daemon
    Podman,   ///< {image} in a store of podman's own
    Machine,  ///< {initrd}, and {kernel}: the root of a machine of its own
};

/// A change of a bundle's config.json: a JSON pointer, and what it becomes; an
/// empty value takes it out. "/linux/namespaces/pid" names a list's member by
/// its type, "/mounts/~1proc" by its destination.
struct Edit {
    std::string pointer, value;
};

struct Subject {
    std::string name, title, kind;
    Ground ground;
    /// {bin} is where our programs are, {id} a new name, {cpus} how much of the
    /// processors, {probe} the probe and its words. More, by ground: above.
    std::vector<std::string> words;
    std::vector<Edit> edits = {};
    /// crun and podman refuse cgroup v2 beside v1; they are shown v1 only.
    bool hide_v2 = false;
    /// Started as this user, if not 0 (ordinary_user.hpp).
    unsigned user = 0;
    /// Builds {context}: for the rows that no container tries.
    std::vector<std::string> build = {};
    /// A part of the tree of control groups is its user's: delegate_groups().
    bool has_groups = false;
    bool alone = false;  ///< a second one on the same root is refused
    /// Where it is started; empty: in a folder of the judge's.
    std::string folder = {};
};

const std::vector<Subject>& all_subjects();

/// "NAME=COMMAND": a program that starts a command on a root filesystem,
/// "{rootfs}" and "{probe}" standing for both. It is split at spaces, and is
/// started where we were. Throws InvalidArgument.
Subject parse_subject(const std::string& text);

}  // namespace slipway::compare
