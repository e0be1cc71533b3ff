// The marks that overlayfs reads in a layer: what is gone, and what hides all
// that is below.
// Source: kernel, overlayfs.rst, "whiteouts and opaque directories".
#pragma once

#include <string>

namespace slipway {

// Folders are open ones, and borrowed; names are single parts of a path.

/// What is called so is gone from the layers below. It is a character device
/// 0:0, which since Linux 5.8 anybody may make.
void make_whiteout(int folder, const std::string& name);
bool is_whiteout(int folder, const std::string& name);

/// Nothing of the same folder in the layers below is seen. Whiteouts in it have
/// nothing left to hide, and would be listed as broken files: they go.
void mark_opaque(int folder, bool user_xattr);
bool is_opaque(int folder, bool user_xattr);

}  // namespace slipway
