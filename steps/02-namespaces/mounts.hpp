// Mounts inside a root that is being built, before it is entered.
#pragma once

#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace slipway {

/// A host folder or file, made visible inside: --volume SRC:DST[:ro].
struct BindMount {
    std::string source;  ///< on the host
    std::string target;  ///< absolute, inside
    bool read_only = false;
};
/// "SRC:DST", "SRC:DST:ro", "SRC:DST:rw". Throws InvalidArgument.
BindMount parse_bind_mount(const std::string& text);

/// Makes our mounts ours: what is mounted from here on stays invisible to the
/// host, and what the host mounts later does not appear here.
void make_mounts_private();

/// Opens (O_PATH) what `target` is inside the root, with what is mounted there
/// already. What is missing is made: folders, and, unless a `folder` is to be
/// mounted, an empty file at the end.
///
/// `follow` says whether the last part may be a link. For /proc and its like it
/// may not: an image whose /proc is a link could make us guard the wrong folder
/// (CVE-2019-16884).
UniqueFd open_mount_point(int root_fd, const std::string& target, bool folder,
                          bool follow);

/// Mounts a new file system at `target` inside `root_fd`. The target is
/// created when it is missing and opened with openat2(RESOLVE_IN_ROOT): a
/// symbolic link in the image cannot lead out (CVE-2021-30465 and others).
struct FileSystem {
    const char* type;
    const char* target;
    unsigned long flags;
    const char* options;
    const char* reason;
};
void mount_file_system(int root_fd, const FileSystem& what);

/// Shows `bind.source` at `bind.target`, with what is mounted below it. Read-
/// only is recursive (mount_setattr(2)): a writable mount below would be a
/// hole.
void mount_bind(int root_fd, const BindMount& bind, const char* reason);

/// Hides a path inside the present root: a folder behind an empty read-only
/// one, a file behind /dev/null. A path that does not exist is fine.
void mask_path(const char* path);
/// Makes what is at the path read-only. A path that does not exist is fine.
void make_read_only(const char* path, bool recursive);

}  // namespace slipway
