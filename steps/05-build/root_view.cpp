#include "05-build/root_view.hpp"

#include <fcntl.h>

#include <filesystem>

#include "04-images/overlay.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

std::vector<std::string> layer_folders(const ImageStore& store,
                                       const std::vector<ImageLayer>& layers) {
    std::string empty = store.root + "/build/empty";
    std::filesystem::create_directories(empty);
    std::vector<std::string> folders = {empty};
    for (const ImageLayer& layer : layers)
        folders.push_back(store.snapshots.path(layer.diff_id));
    return folders;
}

UniqueFd open_root(const ImageStore& store,
                   const std::vector<ImageLayer>& layers) {
    std::vector<std::string> folders = layer_folders(store, layers);
    // The kernel makes no overlay of one layer without a writable one.
    if (folders.size() == 1)
        return UniqueFd(
            check(::open(folders[0].c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC),
                  "open ", folders[0]));
    OverlayPlan plan;
    plan.lower = std::move(folders);
    plan.user_xattr = store.user_xattr;
    return make_overlay(plan);
}

}  // namespace slipway
