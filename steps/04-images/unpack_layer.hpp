// Unpacking a layer: from a tar to a folder that overlayfs takes as a layer.
//
//   in the tar        in the folder
//   a/.wh.b           a/b, character device 0:0     "b is gone"
//   a/.wh..wh..opq    trusted.overlay.opaque=y on a "only what is here"
//   anything else     itself
//
// The layer is unpacked alone, without those below it: a folder that the tar
// does not mention, but has files in, is made with mode 0755 and root's.
// A whiteout hides what the layers below have, never what its own layer has,
// whichever comes first in the tar.
//
// Whoever made the tar is not trusted. No name leads outside the folder; what
// would is refused with an error that names it (layer_name.hpp), or, behind a
// symlink, ends inside (layer_folder.hpp). Of extended attributes only
// security.capability and user.* are taken: trusted.* and user.overlay.* would
// be orders to the overlay, such as to take a folder from elsewhere, and the
// others belong to the host.
//
// "a/.wh..wh..opq" in the topmost folder has no effect, as in Docker: overlayfs
// does not look for the mark there.
// Source: OCI image-spec, layer.md; kernel, overlayfs.rst, "whiteouts and
// opaque directories".
#pragma once

#include <cstdint>
#include <string>

#include "04-images/byte_stream.hpp"

namespace slipway {

struct UnpackOptions {
    /// For user namespaces: marks are user.overlay.*, as
    /// OverlayPlan::user_xattr reads them, and devices, which cannot be made
    /// there, are left out.
    bool user_xattr = false;
    /// The folder is somebody's, who wants what the layer has in it: its own
    /// owner, mode and times stay. What is in it stays as well, unless the
    /// layer has the same name.
    bool keep_folder = false;
    /// More than this is refused: bombs. Bytes are those of the tar.
    std::uint64_t most_bytes = 1ULL << 40;
    std::uint64_t most_entries = 10'000'000;
};

struct UnpackedLayer {
    std::uint64_t entries = 0;   ///< of the tar
    std::uint64_t bytes = 0;     ///< of file contents, holes not counted
    std::uint64_t left_out = 0;  ///< devices, with user_xattr
};

/// Reads `tar` (not compressed) to its end, padding included, so that who
/// hashes the stream sees all of it. Fills `folder`, which is empty but for
/// keep_folder; on failure what was made stays for the caller to remove. Throws
/// InvalidArgument for hostile or senseless entries, DataLoss for a tar that is
/// broken or ends early, and what `tar` throws.
UnpackedLayer unpack_layer(const ByteSource& tar, const std::string& folder,
                           const UnpackOptions& options = {});

}  // namespace slipway
