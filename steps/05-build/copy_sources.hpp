// The sources of a COPY: what its words stand for.
#pragma once

#include <string>
#include <vector>

#include "05-build/source_tree.hpp"

namespace slipway {

struct CopySource {
    std::string name;  ///< as it is called: "link/file"; empty: all of the tree
    Resolved found;    ///< where it is, symlinks followed
    /// With --parents, the part of the name that is made at the destination.
    std::string kept = {};
};

/// What a word names, one or (with wildcards) several. Throws NotFound when it
/// is nothing, and says why, and what was perhaps meant.
std::vector<CopySource> find_sources(const SourceTree& tree,
                                     const std::string& word, bool parents);

}  // namespace slipway
