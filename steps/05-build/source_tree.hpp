// A folder from which COPY takes files: the context, the root of a stage or of
// an image, the checkout of a repository.
//
// Whoever filled it is not trusted. All names are looked up below its
// descriptor, as by a process whose root it is: "/x", "../x" and symlinks end
// inside. What is no file, folder or symlink is never opened.
#pragma once

#include <sys/stat.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "05-build/ignore.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

class StatIndex;

struct SourceTree {
    UniqueFd root;             ///< a folder, or an overlay that is mounted
    IgnoreRules ignore = {};   ///< of a context
    bool keeps_owner = false;  ///< a context's files become 0:0
    std::string name = "the build context";  ///< for messages: "stage build"
    /// What is known of its files' contents; null: all are read. Not for
    /// overlays, whose device numbers mean nothing tomorrow.
    StatIndex* index = nullptr;
};

/// Opens a folder of the host. Throws NotFound, InvalidArgument (no folder).
SourceTree open_source_tree(const std::string& folder);

/// Where a path leads in a root, with the symlinks on the way followed.
struct Resolved {
    std::string path = {};  ///< "a/b", without symlinks; empty: the root
    bool exists = false;
    struct stat info = {};  ///< if it exists
};
enum class LastLink { Follow, Keep };

/// Never leaves the root. A part that is missing is no error: what comes behind
/// it is taken as it is. Throws InvalidArgument when something that is no
/// folder has names below it, or when symlinks go round in circles (40, as the
/// kernel).
Resolved resolve_in(int root_fd, const std::string& path,
                    LastLink last = LastLink::Follow);

/// Of a tree, without a look at its rules.
Resolved find_source(const SourceTree& tree, const std::string& path);

/// A thing that a walk comes to.
struct SourceEntry {
    std::string path;  ///< in the tree: "src/main.c"
    struct stat info = {};
    std::string target = {};  ///< of a symlink
};

/// All that is below a folder and not left out by the tree's rules, nor by
/// `exclude` (paths below the folder). Parents come before what is in them; a
/// folder that is left out comes if something in it does. The folder itself is
/// not among them. Sockets are left out: no layer has them. `exclude_from` is
/// the folder that paths of `exclude` count from, if it is one above:
/// "a" for a walk of "x/a" means that "x/a/b" is "a/b" to it.
void walk_source(const SourceTree& tree, const std::string& folder,
                 const IgnoreRules& exclude,
                 const std::function<void(SourceEntry&&)>& visit,
                 const std::string& exclude_from = {});

/// The same without going into the folders: what is directly in `folder`. The
/// paths of those that walk_source() would go into are returned; they are
/// visited even when only something in them may not be left out.
std::vector<std::string> list_source(
    const SourceTree& tree, const std::string& folder,
    const IgnoreRules& exclude,
    const std::function<void(SourceEntry&&)>& visit);

/// The paths in a tree that a pattern names, sorted. `**` goes into folders
/// when `deep`. What the tree's rules leave out is not among them. Throws
/// InvalidArgument for a malformed pattern.
std::vector<std::string> match_sources(const SourceTree& tree,
                                       const std::string& pattern,
                                       bool deep = false);

/// Opens a file to read its bytes; symlinks are not followed. Empty when it is
/// none any more.
UniqueFd open_source_file(int root_fd, const std::string& path);

/// Whether COPY can see it: it is not left out, or something in it is not.
bool is_visible(const SourceTree& tree, const std::string& path,
                const struct stat& info);

}  // namespace slipway
