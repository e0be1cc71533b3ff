// Making a container: what was typed and the image's config become a record,
// and its folder. Nothing runs yet.
#pragma once

#include "04-images/image_store.hpp"
#include "06-engine/engine/create_request.hpp"
#include "06-engine/engine/engine.hpp"
#include "06-engine/engine/record.hpp"

namespace slipway {

/// The image's config with what was typed over it. Throws InvalidArgument when
/// there is nothing to run.
RunConfig joined_config(const RunConfig& image, const CreateRequest& request);

/// Makes it, and leaves nothing behind when that fails. The image is kept in
/// the store as long as the container is there. A name that is empty is made
/// up. Throws NotFound for an image that the store does not have (then nothing
/// was done), Conflict for a name that is taken.
ContainerRecord new_container(const Engine& engine, ImageStore& images,
                              const CreateRequest& request);

/// The name of the pin that keeps its image.
/// The image of a request, for the platform that it asks for, or the one that
/// is there for another. Throws NotFound.
StoredImage image_of(const ImageStore& images, const CreateRequest& request);

std::string image_pin(const std::string& id);

}  // namespace slipway
