// The overlay: many layers and one writable folder, seen as one tree.
//
//   upper    what was written, and marks for what was removed   (writable)
//   lower 3  the image's last layer                              (read-only)
//   lower 2
//   lower 1  its first
//   ───────
//   merged   each name from the highest layer that has it
#pragma once

#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace slipway {

struct OverlayPlan {
    std::vector<std::string> lower;  ///< folders, the image's first layer first
    /// Where writes go, and a folder beside it on the same file system that the
    /// kernel needs. Both empty: the tree is read-only.
    std::string upper, work;
    /// Marks are kept in user.overlay.*, not trusted.overlay.*: for a user
    /// namespace, which may not write the latter. Linux 5.11.
    bool user_xattr = false;
    /// Do not wait for the disk when it is unmounted. For trees that are thrown
    /// away: after a crash of the machine, upper must not be used again.
    bool is_volatile = false;
};

/// The most layers that an image may have: the kernel takes 500.
constexpr std::size_t most_layers = 500;

/// Makes the mount, which hangs nowhere yet: move_mount(2) puts it in its
/// place, and when the descriptor is closed before, it is gone. Throws
/// InvalidArgument for no or too many layers, NotFound for a folder that is
/// missing, and what the kernel said otherwise, with its own words where it
/// gives any.
///
/// By fsopen(2) and "lowerdir+" (Linux 6.8); before that by mount(2), which
/// changes the working directory meanwhile and is seen in a temporary folder.
/// Source: kernel, Documentation/filesystems/overlayfs.rst.
UniqueFd make_overlay(const OverlayPlan& plan);

/// Hangs the mount at the folder, in this mount namespace.
void attach_mount(const UniqueFd& mount, const std::string& folder);

}  // namespace slipway
