// A folder as a tar archive, for engines that import images.
#pragma once

#include <string>

namespace slipway::compare {

/// All below `folder`, owned by root; folders and plain files only. Names have
/// at most 100 letters, or it throws.
std::string tar_of(const std::string& folder);

/// One member of an archive, with a name that is not looked at.
struct TarMember {
    std::string name, content;
    char type = '0';   ///< '2': a link
    std::string link;  ///< where it leads
};
std::string tar_entry(const TarMember& member);
std::string tar_end();

}  // namespace slipway::compare
