// Names in a layer: what an entry of its tar is called, checked before any of
// it reaches the kernel.
//
//   ./a//b/        a/b, an entry
//   /etc/x         etc/x: all names count from the layer's folder
//   a/.wh.b        a/b is gone from the layers below
//   a/.wh..wh..opq so is all that is in a
//   .wh..wh.plnk   metadata of aufs, which nobody needs any more
//
// Source: OCI image-spec, layer.md, "Whiteouts".
#pragma once

#include <string>
#include <string_view>

namespace slipway {

struct LayerName {
    enum class Kind { Entry, Whiteout, Opaque, Metadata };
    Kind kind = Kind::Entry;
    std::string parent;  ///< "a/b"; empty: the layer's folder
    /// In the parent; of a whiteout, what is gone. Empty: the layer's folder
    /// itself, or nothing (Opaque, Metadata).
    std::string name;

    std::string path() const;
};

/// The most folders in one another. Docker has no limit; but what is to be
/// removed again has to be walked, with an open folder for each level.
constexpr std::size_t deepest_layer_name = 500;

/// Throws InvalidArgument for names with "..", for names or parts of them that
/// are longer than Linux takes (4095 and 255 bytes), too deep, and for
/// whiteouts of nothing, "." and "..".
LayerName parse_layer_name(std::string_view text);

/// A name for messages: in quotes, and not a megabyte of it.
std::string shown_name(std::string_view text);

}  // namespace slipway
