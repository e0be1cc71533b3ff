// What a COPY came to the last time, for trees that nobody has touched since.
//
//     ROOT/build/plans/HEX    the digest of a plan
//
// To plan a COPY of 20,000 files costs more than all the rest of a build that
// is cached. The name of the file is made of everything that the plan depends
// on: the request, the layers below, and what stat(2) says of each file. If
// that is as it was, so is the plan, and its layer is looked up at once.
#pragma once

#include <optional>
#include <string>

#include "05-build/copy_plan.hpp"
#include "05-build/source_trees.hpp"

namespace slipway {

struct PlanMemo {
    std::string file;  ///< empty: it cannot be told, or not be trusted
    std::optional<Digest> digest;  ///< of the plan, if it is known
};

/// Looks at all files of the request, and at no content. `parent`: the layers
/// below. A file that was changed a moment ago may change again and look the
/// same: then there is no memo (stat_index.hpp).
PlanMemo recall_plan(const std::string& store_root, const CopyRequest& request,
                     const FromTree& from,
                     const std::vector<ImageLayer>& parent);
void remember_plan(const PlanMemo& memo, const Digest& plan);

}  // namespace slipway
