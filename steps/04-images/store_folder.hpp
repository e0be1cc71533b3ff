// The folders of a store, entry by entry.
#pragma once

#include <string>
#include <vector>

namespace slipway {

/// For the superuser: throws Forbidden when the folder is another user's, who
/// could lead what root writes there to any place, or have root end any
/// process. One that is not there is fine.
void refuse_foreign_folder(const std::string& path);

/// The names in an open folder, sorted, without "." and "..". The descriptor
/// stays the caller's. `path` is for messages.
std::vector<std::string> names_in(int folder, const std::string& path);

/// 64 hexadecimal digits, as blobs are named.
bool is_blob_name(const std::string& name);

}  // namespace slipway
