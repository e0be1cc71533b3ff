// Where COPY --from and RUN --mount=from= take files: a stage, an image, a
// named context, the context itself.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "05-build/build_session.hpp"
#include "05-build/source_tree.hpp"

namespace slipway {

struct FromTree {
    std::shared_ptr<SourceTree> tree;
    /// Of a stage or an image: its layers.
    std::vector<ImageLayer> layers;
    bool has_layers = false;
};

/// `from`: a stage's name or number, a named context, an image; empty: the
/// context.
FromTree open_from(StageWork& work, const std::string& from);

}  // namespace slipway
