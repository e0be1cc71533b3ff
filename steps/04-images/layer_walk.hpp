// Walking a layer's folder: everything in it, in an order that depends on
// nothing but the names.
//
// The folder is a snapshot or the upper folder of an overlay. The marks that
// the kernel keeps there are read here and handed on to nobody:
//
//   character device 0:0           a whiteout: the name is gone from below
//   overlay.whiteout, empty file   one as well, where there are no devices
//   overlay.opaque=y, folder       opaque: of those below nothing shows
//   overlay.redirect, .metacopy    the rest is elsewhere: refused
//   overlay.origin, .impure, …     the kernel's own: left out
//
// Source: kernel, overlayfs.rst; fs/overlayfs/overlayfs.h, "enum ovl_xattr".
#pragma once

#include <sys/stat.h>

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "common/unique_fd.hpp"

namespace slipway {

enum class EntryKind {
    File,
    Folder,
    Symlink,
    Device,  ///< block or character
    Fifo,
    Socket,
    Whiteout,
};

struct LayerEntry {
    std::string path = {};  ///< "etc/passwd"; empty: the folder itself
    EntryKind kind = EntryKind::File;
    struct stat info = {};
    bool opaque = false;
    /// What a layer keeps: security.capability, and user.* of the file's owner.
    std::map<std::string, std::string> xattrs = {};
    std::string target = {};  ///< of a symlink
    UniqueFd handle = {};     ///< opened with O_PATH
};

enum class FolderForm {
    Overlay,      ///< marks are in trusted.overlay.*
    UserOverlay,  ///< in user.overlay.*: OverlayPlan::user_xattr
    /// No marks: a tree as programs see it, such as the root of an overlay
    /// that is mounted. A whiteout in it is refused.
    Plain,
};

/// The most folders in one another: each of them is open during the walk.
constexpr std::size_t deepest_layer_path = 500;

/// Opens the folder itself. Symlinks that lead there are followed, so that
/// /proc/self/fd/N is good for a mount that hangs nowhere.
LayerEntry open_layer_folder(const std::string& folder, FolderForm form);

/// Looks at a name in an open folder, or at a path below it. Nothing is
/// followed: no symlink, and no mount, which is Conflict. Empty when there is
/// nothing. Throws InvalidArgument for marks that make the folder no layer, for
/// a whiteout in a plain tree, and for nesting beyond the limit.
std::optional<LayerEntry> find_in(const LayerEntry& folder,
                                  const std::string& name, FolderForm form);
/// The same; NotFound when there is nothing.
LayerEntry look_in(const LayerEntry& folder, const std::string& name,
                   FolderForm form);

/// The bytes of a file, from its beginning.
UniqueFd open_contents(const LayerEntry& file);

/// Hands each entry to `visit`: the folder itself first, parents before what is
/// in them, sorted by name. Throws what look_in() and `visit` throw.
void walk_layer_folder(const std::string& folder, FolderForm form,
                       const std::function<void(const LayerEntry&)>& visit);

}  // namespace slipway
