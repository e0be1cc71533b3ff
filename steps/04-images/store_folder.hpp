// The folders of a store, entry by entry.
#pragma once

#include <string>
#include <vector>

namespace slipway {

/// The names in an open folder, sorted, without "." and "..". The descriptor
/// stays the caller's. `path` is for messages.
std::vector<std::string> names_in(int folder, const std::string& path);

/// 64 hexadecimal digits, as blobs are named.
bool is_blob_name(const std::string& name);

}  // namespace slipway
