// Builder: from a Dockerfile to an image in the store.
//
//   Dockerfile ──▶ stages ──▶ instructions ──▶ layers and config ──▶ image
//                (at once, where none needs another)
//
// However it ends, what was made stays in the cache, and nothing else is left.
#pragma once

#include <string>
#include <vector>

#include "05-build/build_plan.hpp"
#include "05-build/context.hpp"
#include "05-build/dockerfile.hpp"
#include "05-build/stage_graph.hpp"
#include "05-build/stage_state.hpp"

namespace slipway {

struct BuiltImage {
    NamedImage image;  ///< of the first name, or of its ID
    Digest id;         ///< of its config
    ImageConfig config;
    std::vector<ImageLayer> layers;
    std::vector<std::string> cache_keys;  ///< of all its steps
};

/// An instruction failed, and BuildPlan::keep_failed was set.
class FailedStep : public Error {
  public:
    FailedStep(Error error, std::string image)
        : Error(std::move(error)), image_(std::move(image)) {}
    /// The state before it, as an image; empty when it could not be made.
    const std::string& image() const { return image_; }

  private:
    std::string image_;
};

/// Puts the image into the store under these names ("docker.io/library/a:b");
/// without any, under its ID. Throws the first error of any stage; there is no
/// image then.
BuiltImage build_image(ImageStore& store, const Dockerfile& dockerfile,
                       BuildContext& context, const BuildPlan& plan,
                       const std::vector<std::string>& names);

/// --build-arg without an ARG that takes it.
std::vector<std::string> unused_args(const Dockerfile& dockerfile,
                                     const BuildPlan& plan);

}  // namespace slipway
