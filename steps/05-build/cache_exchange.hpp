// The cache of a build, sent to another machine and taken from one.
//
// It travels as an image, so that registries and archives need not know of it:
// its layers are those of the steps, and a label says which step made which.
#pragma once

#include <string>

#include "04-images/repository.hpp"
#include "05-build/build_options.hpp"

namespace slipway {

/// Takes a cache in. One that is not there yet is no error, nor an image that
/// is none: false.
bool import_cache(ImageStore& store, const CacheExchange& from,
                  const BuildPlan& plan);

/// Sends the steps that made this image, and all others of the same build that
/// the store knows.
void export_cache(ImageStore& store, const CacheExchange& to,
                  const std::vector<std::string>& keys, const BuildPlan& plan);

}  // namespace slipway
