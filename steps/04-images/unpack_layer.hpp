// Unpacking a layer: from a tar to a folder that overlayfs takes as a layer.
//
//   in the tar        in the folder
//   a/.wh.b           a/b, character device 0:0     "b is gone"
//   a/.wh..wh..opq    trusted.overlay.opaque=y on a "only what is here"
//   anything else     itself
//
// The layer is unpacked alone, without those below it: a folder that the tar
// does not mention, but has files in, is made with mode 0755 and root's.
//
// Whoever made the tar is not trusted. No name leads outside the folder or
// through a symlink; what would is refused with an error that names it.
// Source: OCI image-spec, layer.md; kernel, overlayfs.rst, "whiteouts and
// opaque directories".
#pragma once

#include <cstdint>
#include <string>

#include "04-images/byte_stream.hpp"

namespace slipway {

struct UnpackOptions {
    /// Marks are user.overlay.*, as OverlayPlan::user_xattr reads them, and
    /// whiteouts are files with user.overlay.whiteout: for user namespaces,
    /// where no device can be made. Linux 6.7 for the latter.
    bool user_xattr = false;
    /// More than this is refused, whatever the tar claims: bombs.
    std::uint64_t most_bytes = 1ULL << 40;
    std::uint64_t most_entries = 10'000'000;
};

struct UnpackedLayer {
    std::uint64_t entries = 0;  ///< of the tar
    std::uint64_t bytes = 0;    ///< of file contents
};

/// Reads `tar` (not compressed) to its end, padding included, so that who
/// hashes the stream sees all of it. Fills `folder`, which is empty; on failure
/// what was made stays for the caller to remove. Throws InvalidArgument for
/// hostile or senseless entries, DataLoss for a tar that is broken or ends
/// early, and what `tar` throws.
UnpackedLayer unpack_layer(const ByteSource& tar, const std::string& folder,
                           const UnpackOptions& options = {});

}  // namespace slipway
