// Making a layer: from a folder in overlay form to a tar, the way back from
// unpack_layer.hpp.
//
//   in the folder                  in the tar
//   b, character device 0:0        .wh.b
//   a, opaque                      a/ and behind it a/.wh..wh..opq
//   two names of one file          the first as it is, the second a hard link
//   a socket                       nothing: it was a program's
//   anything else                  itself
//
// The folders above a change are in the tar, as the kernel copied them up:
// Docker has them there, too.
//
// The same tree makes the same bytes: entries are sorted, and of a file counts
// what a layer can hold. The entry of the folder itself is left out.
// Source: OCI image-spec, layer.md, "Representing Changes".
#pragma once

#include <time.h>

#include <cstdint>
#include <optional>
#include <string>

#include "04-images/byte_stream.hpp"

namespace slipway {

struct DiffOptions {
    /// Marks are user.overlay.*, as for UnpackOptions::user_xattr.
    bool user_xattr = false;
    /// What was modified later is said to be as old as this, in seconds since
    /// 1970: a build that is done again makes the same bytes.
    /// Source: reproducible-builds.org, SOURCE_DATE_EPOCH.
    std::optional<time_t> source_date_epoch = {};
};

struct WrittenTar {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;  ///< of file contents
};

/// Writes the layer's tar, not compressed, and its end. Nobody else writes to
/// the folder meanwhile: a file that shrinks is Conflict. Throws
/// InvalidArgument for what no layer can hold (a name that begins with ".wh.",
/// and see layer_walk.hpp), and what `out` throws.
WrittenTar diff_layer(const std::string& folder, const ByteSink& out,
                      const DiffOptions& options = {});

/// Writes a whole tree as it is seen, without marks: the root of an overlay
/// that is mounted (/proc/self/fd/N will do), or any folder.
WrittenTar export_tree(const std::string& folder, const ByteSink& out,
                       const DiffOptions& options = {});

}  // namespace slipway
